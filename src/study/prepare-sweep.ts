import { dirname } from 'node:path';
import { setArgument } from '../diagnostics/shell.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { andThen, type Invalid, inOrder, isInvalid } from '../language/invalid.js';
import { fileFrom } from '../language/paths.js';
import { readDocument } from '../language/read.js';
import { passwordsIn } from '../language/rules.js';
import { seedsOf } from './proposals/document.js';
import { loadSweep, mistake, type Sweep } from './proposals/load.js';
import { baseOfOtherKind, baseUnreadable } from './proposals/messages.js';
import type { SweepPlan } from './proposals/plan.js';
import { planTrials } from './proposals/plan-trials.js';
import { documentKind } from '../language/document-kind.js';
import { refuseSeed } from './own-seeds.js';
import { acceptWithWarnings, type Changes, loadWithStages, toolsFor } from '../run/prepare.js';
import type { Terminal } from '../host/terminal.js';

/** A sweep that holds no mistake, neither by itself nor in any of its trials. */
export interface PreparedSweep extends SweepPlan {
  /** The sweep's document, as typed. */
  readonly file: string;
  /** The document of the sweep's base, as a person would type it. */
  readonly base: string;
  /** The `on_finish` command of its base, which is run once, at the end of the sweep. */
  readonly onFinish?: string;
}

/** Reads and plans all trials. All mistakes are thrown in one InputError; warnings are printed. */
export function prepareSweep(file: string, changes: Changes, terminal: Terminal): PreparedSweep {
  return acceptWithWarnings(examineSweep(file, changes), terminal);
}

type Examined = PreparedSweep & { readonly warnings: readonly Diagnostic[] };

/** A sweep checked with its base, for a caller that goes on to the next file: its mistakes are given back. */
export function examineSweep(file: string, changes: Changes): Examined | Invalid<Examined> {
  const read = readDocument(file);
  if ('diagnostics' in read) return read;
  return andThen(loadSweep({ file, bytes: read.bytes, sets: changes.set ?? [] }), (sweep): Examined | Invalid<Examined> => {
    if (changes.seed !== undefined)
      refuseSeed('sweep', seedsOf(sweep.config), changes.seed, `or ${setArgument('seeds=10')} for ten of them`);
    const base = fileFrom(dirname(file), sweep.config.base);
    const loaded = loadBase(sweep, base, changes);
    if (isInvalid(loaded)) return { diagnostics: loaded.diagnostics };
    const planned = planTrials(sweep, loaded.doc, toolsFor(base, loaded));
    if ('diagnostics' in planned) return planned;
    const { on_finish: onFinish } = loaded.resolved.values;
    const warnings = [...inOrder(sweep.doc, passwordsIn(sweep.config)), ...planned.warnings];
    return { ...planned.plan, file, base, ...(onFinish !== undefined && { onFinish }), warnings };
  });
}

/** The base alone must be right: its mistakes are shown where they stand. */
function loadBase(sweep: Sweep, file: string, changes: Changes): ReturnType<typeof loadWithStages> {
  const read = readDocument(file);
  if ('diagnostics' in read)
    return { diagnostics: read.diagnostics.map(({ message, help }) => mistake(sweep, baseUnreadable(message, help), ['base'])) };
  const kind = documentKind(file);
  if (kind !== 'experiment') return { diagnostics: [mistake(sweep, baseOfOtherKind(file, kind), ['base'])] };
  return loadWithStages(file, read.bytes, { ...changes, set: [] });
}
