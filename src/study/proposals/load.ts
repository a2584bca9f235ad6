import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import type { Words } from '../../diagnostics/words.js';
import { loadAs, type LoadedAs, type LoadRequest, passwordsIn } from '../../language/load.js';
import type { Invalid } from '../../language/source.js';
import type { Path } from '../../language/located.js';
import { type SweepConfig, sweepSchema } from './document.js';
import { brokenRules } from './rules.js';

/** A sweep's document without a mistake of its own; what it says about its base is looked at with the base. */
export type Sweep = LoadedAs<SweepConfig>;

export const loadSweep = (request: Omit<LoadRequest, 'stages'>): Sweep | Invalid<Sweep> =>
  loadAs<SweepConfig>(request, {
    kind: 'sweep',
    schema: sweepSchema,
    problemsOf: (config) => [...brokenRules(config), ...passwordsIn(config)],
    // A sweep of too many trials is not even counted further.
    goesOn: false,
  });

/** A mistake at a place of the sweep's document. */
export const mistake = ({ doc }: Pick<Sweep, 'doc'>, words: Words, path: Path, at?: 'key' | 'value'): Diagnostic => ({
  ...words,
  severity: 'error',
  place: doc.place(path, at),
});
