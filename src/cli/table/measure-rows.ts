import type { TablePlan } from '../../table/plan-table.js';
import { measure } from '../work/measure.js';
import type { PreparedTable } from './prepare-table.js';

export interface MeasuredRows {
  /** One run of a row from its beginning to its end, by row; of those that lack one. */
  readonly secondsByRow: ReadonlyMap<string, number>;
  readonly missing: number;
  readonly workers: number;
  /** All that is missing, shared among the workers. */
  readonly seconds: number;
}

/** What the missing runs would take here: each row that lacks one is trained for a moment, one after the other; nothing is recorded. */
export async function measureRows({ rows }: PreparedTable, plan: TablePlan, workers: number): Promise<MeasuredRows> {
  const missing = plan.works.filter(({ isSettled }) => !isSettled);
  const secondsByRow = new Map<string, number>();
  let seconds = 0;
  for (const work of missing) {
    const [row = ''] = work.rows;
    const planned = rows[row];
    if (!planned) continue;
    const each = secondsByRow.get(row) ?? (await measure(planned.plan, planned.stages, planned.files)).total_seconds;
    for (const name of work.rows) secondsByRow.set(name, each);
    seconds += each;
  }
  const used = Math.max(1, Math.min(workers, missing.length));
  return { secondsByRow, missing: missing.length, workers: used, seconds: seconds / used };
}
