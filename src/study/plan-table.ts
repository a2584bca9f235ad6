import { jsonText } from '../diagnostics/columns.js';
import { openStore, type Store } from '../record/layout.js';
import { describeTablePlan, tablePlanReport, tablePlanToJson } from '../report/study/table-plan.js';
import { planTable } from './claims/plan-table.js';
import { EXIT } from '../host/exit.js';
import type { AlikeWorks } from './measure-works.js';
import { workersOf } from '../launch/orders.js';
import { writePlan } from '../host/output.js';
import type { HowToPlan, StudyRequest } from './request.js';
import { styleOf } from '../host/style.js';
import type { Terminal } from '../host/terminal.js';
import { onlyCells } from './named.js';
import { type PreparedTable, prepareTable } from './prepare-table.js';
import { readSettled } from './settled.js';
import { leftOf, trialsOf } from './works.js';

/** Every cell with what is done and what is missing, what the seeds can decide, and with `--measure` how long the rest would take here. */
export async function planTableFile(request: StudyRequest, { measure, json, output }: HowToPlan, terminal: Terminal): Promise<number> {
  const { file, changes, root, launch, only } = request;
  const prepared = prepareTable(file, changes, terminal);
  const { claims, works } = prepared;
  const { config } = prepared.table;
  const store = openStore(root);
  const plan = planTable(config, claims, readSettled(store, prepared), onlyCells(config, only));
  const measuring = measure ? await import('./measure-works.js') : undefined;
  const measured = await measuring?.measureWorks(alikeWorks(store, prepared, request), workersOf(launch, config.run_on.workers));
  const told = measuring && measured && measuring.describeMeasuredWorks(measured);
  const table = { config, claims, plan, keys: new Map(works.map(({ id, work }) => [id, work])) };
  const all = { ...tablePlanToJson(table), ...(measured && { measured }) };
  await writePlan(tablePlanReport(table, told, all), output, terminal);
  if (json) terminal.out(jsonText(all));
  else {
    const style = styleOf(terminal.outColor);
    terminal.out(describeTablePlan(table, style));
    if (told !== undefined) terminal.out(`${style.heading('measured')}  ${told}`);
  }
  return EXIT.done;
}

/** Row by row: its seeds take the same time. */
function alikeWorks(store: Store, prepared: PreparedTable, { only, launch }: StudyRequest): readonly AlikeWorks[] {
  const { left } = leftOf(store, prepared, only ? { only } : {});
  const { trials, orderOf } = trialsOf(prepared, left, store.root, launch);
  const rows = new Set(trials.map(({ configuration }) => configuration));
  return Array.from(rows).flatMap((row) => {
    const alike = trials.filter(({ configuration }) => configuration === row);
    return alike[0] ? [{ order: orderOf(alike[0]), works: alike.length }] : [];
  });
}
