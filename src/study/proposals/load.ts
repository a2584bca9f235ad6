import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import * as languageMessages from '../../diagnostics/messages.js';
import type { Words } from '../../diagnostics/words.js';
import { andThen, type Invalid, inOrder } from '../../language/invalid.js';
import type { Path } from '../../language/located.js';
import { type LoadRequest, readOverridden } from '../../language/load.js';
import { complete } from '../../language/resolve.js';
import type { SourceDoc } from '../../language/source.js';
import { validateAs } from '../../language/validate.js';
import { type SweepConfig, sweepSchema } from './document.js';
import { brokenRules } from './rules.js';

/** A sweep's document without a mistake of its own; what it says about its base is looked at with the base. */
export interface Sweep {
  readonly doc: SourceDoc;
  readonly config: SweepConfig;
}

/** Bytes to a sweep in which everything is said: the same arrows as for an experiment, with a schema and rules of its own. */
export function loadSweep(request: Omit<LoadRequest, 'stages'>): Sweep | Invalid<Sweep> {
  const read = readOverridden(request);
  if ('diagnostics' in read) return read;
  const { doc } = read;
  if (doc.kind !== 'sweep') {
    const words = languageMessages.otherDocumentKind('sweep', doc.kind);
    return { diagnostics: [{ ...words, severity: 'error', place: doc.place([], 'key') }] };
  }
  return andThen(validateAs(doc, sweepSchema), (valid): Sweep | Invalid<Sweep> => {
    const { values: config } = complete<SweepConfig>(valid);
    const problems = brokenRules(config);
    return problems.length > 0 ? { diagnostics: inOrder(valid.doc, problems) } : { doc: valid.doc, config };
  });
}

/** A mistake at a place of the sweep's document. */
export const mistake = ({ doc }: Sweep, words: Words, path: Path, at?: 'key' | 'value'): Diagnostic => ({
  ...words,
  severity: 'error',
  place: doc.place(path, at),
});
