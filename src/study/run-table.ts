import { openStore } from '../record/layout.js';
import { tableStanding } from './claims/plan-table.js';
import { type PreparedTable, prepareTable } from './prepare-study.js';
import { runStudy, type Standing, type StudyEnd, type StudyRequest, type Watching } from './run-study.js';
import { type JudgedRecords, lookAtTable, ownRunOf } from './verdicts.js';
import { leftOf, namedWorks, timesPairs, trialsOf } from './works.js';

/** Does what is left of a table, and judges all of it. */
export async function runTable(
  { file, changes, root, launch, only, fresh = false }: StudyRequest & { readonly fresh?: boolean },
  watching: Watching<JudgedRecords>,
): Promise<StudyEnd<JudgedRecords>> {
  const prepared = prepareTable(file, changes, watching.observe);
  const store = openStore(root);
  const { config, doc } = prepared.table;
  let isBegun = false;

  function look(): Standing<JudgedRecords> {
    const { planned, left } = leftOf(store, prepared, { fresh, ...(only && { only }) });
    return {
      standing: tableStanding(planned),
      isLeft: false,
      members: () => namedWorks(store, prepared, left).map(({ name, ...work }) => ({ configuration: name, ...work })),
      next() {
        // All of it is one batch.
        if (left.length === 0 || isBegun) return undefined;
        isBegun = true;
        const trials = trialsOf(prepared, left, root, launch);
        return { ...trials, all: planned.length, done: planned.length - left.length, inOrder: timesPairs(prepared) };
      },
      conclude: (own) => lookAtTable(store, prepared, 'run', watching.observe, own),
    };
  }

  return runStudy({ own: ownRunOf(prepared), doc, runOn: config.run_on, look, commands: commandsOf(prepared) }, store, launch, watching);
}

/** Once each, however many of the rows that train share a base. */
function commandsOf({ rows, table }: PreparedTable) {
  const all = Object.values(rows).flatMap(({ base, plan, known }) => {
    const { on_finish: command } = plan.config.values;
    return command === undefined || known ? [] : [{ command, base, facts: { EXPERIMENT: plan.name, TABLE: table.config.table } }];
  });
  return Array.from(new Map(all.map((each) => [JSON.stringify([each.command, each.base]), each])).values());
}
