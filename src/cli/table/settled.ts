import { isSettled } from '../../record/attempt.js';
import { readIfThere } from '../../record/files.js';
import { keyFile, type Store } from '../../record/layout.js';
import { type MetricPoint, parsePoints } from '../../record/series.js';
import { selectValue } from '../../sweep/results.js';
import type { SettledWork } from '../../table/plan-table.js';
import { attemptsByWork, outcomeOf, type TriedRun } from '../work/attempt.js';
import { median } from '../../table/statistics/moments.js';
import { betterOf, type PreparedTable } from './prepare-table.js';

/** What runs of the present code, engine and data are called: only they are judged. */
export const TODAY = 'today';

/** What the records say of every work of a table, in one walk over the store. A work that was not begun, or goes on, is not among them. */
export function readSettled(store: Store, prepared: PreparedTable): readonly SettledWork[] {
  const attempts = attemptsByWork(store, new Set(prepared.works.map(({ work }) => work)));
  return prepared.works.flatMap(({ id, work, rows: [row = ''] }): readonly SettledWork[] => {
    const tried = attempts.get(work) ?? [];
    const settled = tried.find(isSettled);
    if (settled) {
      const outcome = outcomeOf(settled) === 'diverged' ? 'diverged' : 'finished';
      const values = outcome === 'finished' ? valuesOf(store, prepared, row, settled) : {};
      return [{ id, outcome, values, procedure: TODAY, run: settled.id, ...(settled.endTime !== null && { endedAt: settled.endTime }) }];
    }
    const [newest] = tried;
    return newest && outcomeOf(newest) === 'failed' ? [{ id, outcome: 'crashed', values: {}, procedure: TODAY, run: newest.id }] : [];
  });
}

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

/** Of a speed: one slow epoch, while something else ran, changes nothing. */
function medianOf(points: readonly MetricPoint[]): number | undefined {
  const values = points.map(({ value }) => value).filter(Number.isFinite);
  return values.length === 0 ? undefined : median(values);
}
