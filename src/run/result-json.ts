import type { Plan } from '../planning/plan.js';
import type { RunRecord } from '../report/run/run-record.js';
import type { WorkResult } from './work.js';

/** Counts up when a reader of the JSON would have to change. */
const VERSION = 1;

/** What `run --json` prints; `schemas/run-result.schema.json` describes it. A metric is its last value; what is not finite is text, as in `"NaN"`. */
export const resultToJson = (plan: Plan, result: WorkResult, report: RunRecord) => ({
  version: VERSION,
  experiment: plan.name,
  seed: plan.seed,
  work: plan.work.key,
  run: result.runId,
  outcome: result.outcome,
  repeated: result.repeated,
  ...(result.reason !== undefined && { reason: result.reason }),
  metrics: Object.fromEntries([...report.metrics].map(([key, points]) => [key, lastOf(points)])),
  record: report.folder,
});

function lastOf(points: readonly { readonly step: number; readonly value: number }[]) {
  const last = points.at(-1);
  return last && { epoch: last.step, value: Number.isFinite(last.value) ? last.value : String(last.value) };
}
