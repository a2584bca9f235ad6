import { dirname } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { setArgument } from '../diagnostics/words.js';
import type { DocumentBytes } from '../language/read.js';
import { fileFrom } from '../language/resolve.js';
import { type Invalid, isInvalid } from '../language/source.js';
import type { Observer } from '../run/observer.js';
import { acceptWithWarnings, type Changes, toolsFor } from '../run/prepare.js';
import { examineStudy, loadBase } from './examine-study.js';
import { loadSweep } from './proposals/load.js';
import { planTrials } from './proposals/plan-trials.js';
import type { SweepPlan } from './proposals/plan.js';

/** A sweep that holds no mistake, neither by itself nor in any of its trials. */
export interface PreparedSweep extends SweepPlan {
  /** The sweep's document, as typed. */
  readonly file: string;
  /** The document of the sweep's base, as a person would type it. */
  readonly base: string;
  /** The `on_finish` command of its base, which is run once, at the end of the sweep. */
  readonly onFinish?: string;
}

/** Reads and plans all trials. All mistakes are thrown in one InputError; warnings are told. */
export const prepareSweep = (file: string, changes: Changes, observe: Observer): PreparedSweep =>
  acceptWithWarnings(examineSweep(file, changes), observe);

type Examined = PreparedSweep & { readonly warnings: readonly Diagnostic[] };

/** A sweep checked with its base, for a caller that goes on to the next file: its mistakes are given back. */
export function examineSweep(file: string, changes: Changes, read?: DocumentBytes): Examined | Invalid<Examined> {
  return examineStudy(
    file,
    changes,
    loadSweep,
    `or ${setArgument('seeds=10')} for ten of them`,
    (sweep): Examined | Invalid<Examined> => {
      const base = fileFrom(dirname(file), sweep.config.base);
      const loaded = loadBase(sweep.doc, ['base'], base, changes, 'a sweep varies an experiment');
      if (isInvalid(loaded)) return { diagnostics: loaded.diagnostics };
      const planned = planTrials(sweep, loaded.doc, toolsFor(base, loaded));
      if ('diagnostics' in planned) return planned;
      const { on_finish: onFinish } = loaded.resolved.values;
      const warnings = [...sweep.warnings, ...planned.warnings];
      return { ...planned.plan, file, base, ...(onFinish !== undefined && { onFinish }), warnings };
    },
    read,
  );
}
