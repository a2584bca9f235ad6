import { join } from 'node:path';
import { isPlanJson, PLAN_JSON_VERSION, type PlanJson, versionOfPlan } from '../planning/plan-json.js';
import { readJsonIfThere } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import { EXIT, Refusal } from '../host/exit.js';

/** The plan that a run keeps; a run without one, with one of another version or with one that was cut is refused. */
export function planOfRecord({ files }: Store, { folder, runId }: RunPlace): PlanJson {
  const name = `run ${runId.slice(0, 8)}`;
  const plan = readJsonIfThere<object>(
    files,
    join(folder, 'artifacts', 'plan.json'),
    (value) => typeof value === 'object' && value !== null,
  );
  if (plan === null) throw new Refusal(`${name} has no plan.json: it was not made by retable`);
  if (isPlanJson(plan)) return plan;
  const version = versionOfPlan(plan);
  throw new Refusal(
    version === PLAN_JSON_VERSION || typeof version !== 'number'
      ? `the plan.json of ${name} is damaged`
      : `the plan.json of ${name} is of version ${version}, and this version of retable reads version ${PLAN_JSON_VERSION}`,
    { status: EXIT.failed, help: 'retable run FILE --fresh trains it anew with this version' },
  );
}
