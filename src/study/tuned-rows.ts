import { dirname } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { plural } from '../diagnostics/numbers.js';
import type { Given } from '../language/load.js';
import { fileFrom } from '../language/resolve.js';
import { isInvalid } from '../language/source.js';
import { nameConfiguration } from '../planning/name-configuration.js';
import type { Plan } from '../planning/plan.js';
import { roleOf } from '../planning/recorded.js';
import type { Store } from '../record/layout.js';
import type { Changes } from '../run/prepare.js';
import type { Tuning } from './claims/facts.js';
import type { Table } from './claims/load.js';
import * as messages from './claims/messages.js';
import { readNamed } from './load-base.js';
import { examineSweep, type PreparedSweep } from './prepare-sweep.js';
import { givenBy } from './proposals/plan-trials.js';
import { labelOf, variedPaths } from './proposals/propose.js';
import { epochsOf, unfold } from './proposals/prune.js';
import { type Cell, isLeft, summarize, type TrialResult } from './proposals/results.js';
import { seedsOf } from './replicates.js';
import { readStates } from './sweep-trials.js';

/** A row whose configuration a sweep selects, and how that sweep stands. */
export interface TunedRow {
  readonly sweep: PreparedSweep;
  readonly trials: readonly TrialResult[];
  /** All of the sweep's trials have come to an end. */
  readonly isFinished: boolean;
  /** The configuration that a finished sweep selects; none where no configuration came to a number. */
  readonly selected?: Cell;
  /** What the sweep changes in its base, and the selected configuration with it; of a sweep that is not finished, its first configuration stands for that. */
  readonly given: readonly Given[];
}

/**
 * The rows of a table that name a sweep, by row. Without a `store` no trial has run. What is wrong with a sweep is a mistake of its own document; one
 * that can't be read is a mistake of the row.
 */
export function tuneRows(
  { doc, config }: Table,
  file: string,
  changes: Changes,
  store: Store | undefined,
): { readonly tuned: ReadonlyMap<string, TunedRow>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const sweeps = new Map<string, Omit<TunedRow, 'given'> | undefined>();
  const tuned = new Map<string, TunedRow>();
  for (const [row, { sweep: name, set = {} }] of Object.entries(config.rows)) {
    if (name === undefined) continue;
    const at = fileFrom(dirname(file), name);
    if (!sweeps.has(at)) sweeps.set(at, open(at, row));
    const found = sweeps.get(at);
    if (!found) continue;
    const { sweep } = found.sweep;
    const varied = new Set(variedPaths(sweep.config).flat());
    for (const path of Object.keys(set)) {
      if (!varied.has(path)) continue;
      diagnostics.push({ ...messages.selectedIsSet(path, name), severity: 'error', place: doc.place(['rows', row, 'set', path], 'key') });
    }
    const { assignments = [] } = found.selected?.configuration ?? found.sweep.configurations[0] ?? {};
    tuned.set(row, { ...found, given: givenBy(sweep, assignments) });
  }
  return { tuned, diagnostics };

  function open(at: string, row: string): Omit<TunedRow, 'given'> | undefined {
    const read = readNamed(doc, ['rows', row, 'sweep'], at, 'sweep', SELECTS);
    const examined = 'diagnostics' in read ? read : examineSweep(at, withoutOwn(changes), read);
    if (isInvalid(examined)) {
      diagnostics.push(...examined.diagnostics);
      return undefined;
    }
    const { warnings, ...prepared } = examined;
    diagnostics.push(...warnings);
    const { sweep, results: trials } = unfold(prepared, (grown) =>
      store ? readStates(store, grown) : grown.trials.map((trial) => ({ trial, state: { kind: 'needed' } })),
    );
    const isFinished = !isLeft(sweep, trials);
    const { best } = summarize(sweep, trials);
    return { sweep, trials, isFinished, ...(isFinished && best && { selected: best }) };
  }
}

/** What a command that is about a table changes in the sweeps of its rows: where they are trained, and nothing of what they say. */
export function withoutOwn({ engine, device, threads }: Changes): Changes {
  return { ...(engine !== undefined && { engine }), ...(device !== undefined && { device }), ...(threads !== undefined && { threads }) };
}

const SELECTS = 'the configuration of this row is selected by a sweep';

/** The selected configuration by what tells it apart: `hidden_size 32, learning_rate 0.01`; null where none is selected. */
export const selectedLabel = ({ sweep, selected }: TunedRow): string | null =>
  selected ? labelOf(sweep.sweep.config)(selected.configuration.assignments) : null;

/** How the configuration of a row came to be, in plain data. `set`: what the row changes in it. */
export function tuningOf(row: TunedRow, { data }: Plan, set: Readonly<Record<string, unknown>> = {}): Tuning {
  const { sweep: plan, trials, isFinished } = row;
  const { config } = plan.sweep;
  const label = selectedLabel(row);
  const { metric, at } = config.select;
  const { counts, cells } = summarize(plan, trials);
  const done = counts.finished + counts.diverged + counts.pruned;
  const later = plan.later === 0 ? '' : `, and ${plural(plan.later, 'configuration')} to be proposed after them`;
  const failed = counts.failed === 0 ? '' : `, ${counts.failed} failed`;
  const missing = isFinished
    ? `the sweep ${plan.file} selects nothing: none of its configurations came to a number`
    : `the sweep ${plan.file} is not finished: ${done} of ${plural(trials.length, 'trial')} done${failed}${later}`;
  return {
    sweep: plan.file,
    by: `${metric} ${at === 'last' ? 'after the last epoch' : at === 'best' ? 'at its best epoch' : `after epoch ${at}`}`,
    isOnTest: roleOf(data, metric) === 'test',
    configurations: plan.configurations.length,
    pruned: cells.filter(({ pruned }) => pruned).length,
    trials: trials.length,
    epochs: Math.round(epochsOf(plan).pruned),
    seeds: seedsOf(config),
    selected: label === null ? { missing } : { label },
    set: nameConfiguration(Object.entries(set).map(([path, value]) => ({ path, value }))),
  };
}
