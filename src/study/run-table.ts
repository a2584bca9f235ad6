import { refuseOutput } from '../host/output.js';
import type { Terminal } from '../host/terminal.js';
import { openStore } from '../record/layout.js';
import { worksLine } from '../report/study/table-plan.js';
import { type PreparedTable, prepareTable } from './prepare-table.js';
import type { Presentation, StudyRequest } from './request.js';
import { runStudy, type Standing } from './run-study.js';
import { ownRunOf, showVerdicts } from './show-verdicts.js';
import { leftOf, namedWorks, timesPairs, trialsOf } from './works.js';

/** Does what is left of a table, and judges all of it. */
export async function runTable(
  { file, changes, root, launch, only }: StudyRequest,
  { fresh, ...how }: Presentation & { readonly fresh: boolean },
  terminal: Terminal,
): Promise<number> {
  await refuseOutput('table', how.output);
  const prepared = prepareTable(file, changes, terminal);
  const store = openStore(root);
  const { config, doc } = prepared.table;
  let isBegun = false;

  function look(): Standing {
    const { planned, left } = leftOf(store, prepared, { fresh, ...(only && { only }) });
    return {
      line: worksLine(planned),
      isLeft: false,
      members: () => namedWorks(store, prepared, left).map(({ name, seed, work }) => ({ work, configuration: name, seed })),
      next() {
        // All of it is one batch.
        if (left.length === 0 || isBegun) return undefined;
        isBegun = true;
        const trials = trialsOf(prepared, left, root, launch);
        return { ...trials, all: planned.length, done: planned.length - left.length, inOrder: timesPairs(prepared) };
      },
      conclude: (own) => showVerdicts(store, prepared, how, terminal, own),
    };
  }

  return runStudy({ own: ownRunOf(prepared), doc, runOn: config.run_on, look, commands: commandsOf(prepared) }, store, launch, terminal);
}

/** Once each, however many rows share a base. */
function commandsOf({ rows, table }: PreparedTable) {
  const all = Object.values(rows).flatMap(({ base, plan }) => {
    const { on_finish: command } = plan.config.values;
    return command === undefined ? [] : [{ command, base, facts: { EXPERIMENT: plan.name, TABLE: table.config.table } }];
  });
  return Array.from(new Map(all.map((each) => [JSON.stringify([each.command, each.base]), each])).values());
}
