import { openStore, refuseNewerStore } from '../../record/layout.js';
import { removeRun } from '../../record/lease.js';
import type { Run } from '../command.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import { theRun } from '../../run/find-runs.js';

/** Puts runs into the trash; all of them are looked up before the first one goes. */
export const run: Run = async (references, options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  refuseNewerStore(store);
  const machine = machineHere();
  for (const { id, experiment, place } of references.map((reference) => theRun(store, reference))) {
    const short = id.slice(0, 8);
    const holder = removeRun(store, place, machine, Date.now());
    if (holder) {
      throw new Refusal(`process ${holder.pid} on ${holder.host} is working on run ${short}`, {
        status: EXIT.failed,
        help: 'stop it first',
      });
    }
    terminal.out(`run ${short} of ${experiment} is in the trash; retable restore ${short} takes it out, retable store gc deletes it`);
  }
  return EXIT.done;
};
