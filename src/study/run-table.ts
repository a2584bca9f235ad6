import { dirname } from 'node:path';
import { quietly } from '../record/files.js';
import { openStore } from '../record/layout.js';
import { EXIT } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { machineHere } from '../host/is-running.js';
import { workersOf } from '../launch/orders.js';
import { trainWorks } from '../launch/train-works.js';
import { launcherTo, whereToTrain } from '../launch/where.js';
import { refuseOutput } from '../host/output.js';
import type { Presentation, StudyRequest } from './request.js';
import type { Terminal } from '../host/terminal.js';
import { sendRun, trackingTarget } from '../run/tracking.js';
import { lookAround } from '../run/surroundings.js';
import { worksLine } from '../report/study/table-plan.js';
import { prepareTable } from './prepare-table.js';
import { showVerdicts } from './show-verdicts.js';
import { openTableRun, tableRunId } from './table-run.js';
import { leftOf, namedWorks, timesPairs, trialsOf } from './works.js';

/**
 * Does what is left of a table, and judges all of it:
 *
 *     plan every row ─▶ what do the records say? ─▶ train what isn't settled, as a sweep does ─▶ the records again ─▶ verdicts
 */
export async function runTable(
  { file, changes, root, launch, only }: StudyRequest,
  { fresh, ...how }: Presentation & { readonly fresh: boolean },
  terminal: Terminal,
): Promise<number> {
  await refuseOutput('table', how.output);
  const prepared = prepareTable(file, changes, terminal);
  const store = openStore(root);
  const { planned, left } = leftOf(store, prepared, { fresh, ...(only && { only }) });
  terminal.err(`${terminal.color.bold(prepared.table.config.table)}; ${worksLine(planned)}; records in ${shown(root)}`);
  const where = whereToTrain(prepared.table.config.run_on, launch);
  if (left.length === 0) return showVerdicts(store, prepared, how, terminal);

  // An address that can't be used is refused here, not in every trial.
  const target = trackingTarget(launch.track, undefined, terminal);
  const machine = machineHere();
  const own = await openTableRun(store, prepared, { machine, around: await lookAround(dirname(file)) });
  const { config, doc } = prepared.table;
  const trainAndShow = async () => {
    own?.keepMembers(namedWorks(store, prepared, left));
    const place = { store, run: tableRunId(config.table), title: config.table, doc, launch, terminal };
    const works = {
      ...trialsOf(prepared, left, root, launch),
      all: planned.length,
      done: planned.length - left.length,
      workers: workersOf(launch, where.workers),
      failFast: launch.failFast,
      wait: launch.wait,
      inOrder: timesPairs(prepared),
    };
    const trained = await trainWorks(works, launcherTo(where, place), terminal);
    return { ...trained, status: await showVerdicts(store, prepared, how, terminal, own) };
  };
  const { failed, stopped, status } = await trainAndShow().catch((refused: unknown) => {
    quietly(() => own?.finish('KILLED'));
    throw refused;
  });
  own?.finish(stopped !== undefined ? 'KILLED' : failed.length > 0 ? 'FAILED' : 'FINISHED');
  await sendRun(target, tableRunId(config.table), { store, machine, terminal });
  if (stopped === undefined) return failed.length > 0 ? EXIT.failed : status;
  terminal.err('what was recorded stays. The same command does what is left');
  return failed.length > 0 ? EXIT.failed : stopped;
}
