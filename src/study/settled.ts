import { isSettled } from '../record/works.js';
import { readIfThere } from '../record/files.js';
import { keyFile, type Store } from '../record/layout.js';
import { type MetricPoint, parsePoints } from '../record/reader.js';
import { selectValue } from './proposals/results.js';
import type { SettledWork } from './claims/plan-table.js';
import { attemptsByWork, outcomeOf, type TriedRun } from '../run/attempt.js';
import { median } from '../statistics/means.js';
import { betterOf, type PreparedTable } from './prepare-table.js';

/** What runs of the present code and data are called, whichever the engine's numerics: only they are judged. */
export const TODAY = 'today';

/** With the key under which it stands in the records, and the count of the engine's numerics that this means. */
export interface SettledRun extends SettledWork {
  readonly run: string;
  readonly work: string;
  readonly numerics: number;
}

/**
 * What the records say of every work of a table, in one walk over the store. A work that was not begun, or goes on, is not among them. Where
 * today's engine has not finished it, an earlier one's run stands for it, and has that as its difference.
 */
export function readSettled(store: Store, prepared: PreparedTable): readonly SettledRun[] {
  const attempts = attemptsByWork(store, new Set(prepared.works.flatMap(({ counted }) => counted.map(({ key }) => key))));
  return prepared.works.flatMap(({ id, counted, rows: [row = ''] }): readonly SettledRun[] => {
    const tried = counted.flatMap(({ key, numerics }) => (attempts.get(key) ?? []).map((run) => ({ run, work: key, numerics })));
    const found = tried.find(({ run }) => isSettled(run)) ?? tried[0];
    const outcome = found && outcomeOf(found.run);
    if (!outcome || outcome === 'stopped') return [];
    const { run, work, numerics } = found;
    const now = counted[0]?.numerics;
    return [
      {
        id,
        outcome: outcome === 'failed' ? 'crashed' : outcome,
        values: outcome === 'finished' ? valuesOf(store, prepared, row, run) : {},
        procedure: TODAY,
        run: run.id,
        work,
        numerics,
        ...(numerics !== now && { difference: otherNumerics(numerics, now) }),
        ...(run.endTime !== null && { endedAt: run.endTime }),
      },
    ];
  });
}

export const otherNumerics = (then: unknown, now: unknown): string => `numerics ${String(then)} of the engine, now ${String(now)}`;

/** By column: its metric at its epoch, where the run recorded it. */
function valuesOf(store: Store, { table, rows }: PreparedTable, row: string, { place }: TriedRun): Readonly<Record<string, number>> {
  const planned = rows[row];
  return Object.fromEntries(
    Object.entries(table.config.columns).flatMap(([column, { metric, at = 'last' }]) => {
      const text = readIfThere(store.files, keyFile(place, 'metrics', metric));
      if (text === null || !planned) return [];
      const points = parsePoints(text);
      const value = at === 'median' ? medianOf(points) : selectValue(points, at, betterOf(planned, metric));
      return value === undefined ? [] : [[column, value] as const];
    }),
  );
}

/** Of a speed: one slow epoch, while something else ran, changes nothing. Where an epoch gave no number, there is none of all. */
function medianOf(points: readonly MetricPoint[]): number | undefined {
  const values = points.map(({ value }) => value);
  if (values.length === 0) return undefined;
  return values.some(Number.isNaN) ? Number.NaN : median(values);
}
