import { setTimeout as wait } from 'node:timers/promises';
import { openStore } from '../../record/layout.js';
import type { Run } from '../command.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import { nameIn } from '../../language/read.js';
import { type AllAtWork, allAtWork, type RunAtWork } from '../../study/at-work.js';

/** Milliseconds: a step may take long, and a sweep waits for its workers. */
const PATIENCE = { look: 100, atMost: 40_000 };

/**
 * Asks the process that trains a run, a sweep or a table to stop, as Ctrl-C in its terminal would, and waits for it. For work whose terminal is
 * closed. Without a name: the one thing that trains.
 */
export const run: Run = async ([reference], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const machine = machineHere();
  const { run, by } = theOneAtWork(allAtWork(store, machine), reference, shown(store.root));
  const short = run.id.slice(0, 8);
  if (by.host !== machine.self.host) {
    throw new Refusal(`${run.name} is at work on ${by.host}, as process ${by.pid}`, {
      status: EXIT.failed,
      help: `give this command on ${by.host}`,
    });
  }
  if (!terminate(by.pid)) {
    throw new Refusal(`process ${by.pid}, which trains ${run.name}, may be stopped by its own user only`, { status: EXIT.failed });
  }
  terminal.err(`asked process ${by.pid} to stop ${run.name}, run ${short}`);
  const until = performance.now() + PATIENCE.atMost;
  while (machine.startOf(by.pid) === by.started) {
    if (performance.now() > until) {
      throw new Refusal(`process ${by.pid} has not stopped yet`, {
        status: EXIT.failed,
        help: `kill -9 ${by.pid} ends it; the record stays whole`,
      });
    }
    await wait(PATIENCE.look);
  }
  terminal.out(`${run.name} is stopped; what was recorded stays, and the command that began it goes on with it`);
  return EXIT.done;
};

/** False where the process is another user's; one that has ended meanwhile needs no signal. */
function terminate(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGTERM');
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Trials of a sweep or a table that is at work are left out: one that is stopped alone would be given to another worker. */
function theOneAtWork({ own, members }: AllAtWork, reference: string | undefined, root: string): RunAtWork {
  const name = reference === undefined ? undefined : nameIn(reference);
  const isMeant = ({ run }: RunAtWork): boolean =>
    name === undefined || run.id.startsWith(name) || run.name === name || run.experiment === name;
  const found = own.filter(isMeant);
  const exactly = found.filter(({ run }) => run.name === name);
  const [only, another] = exactly.length === 1 ? exactly : found;
  const listed = own.map(({ run }) => `${run.id.slice(0, 8)} ${run.name}`).join(', ');
  if (!only) {
    const [trial, parent] = [...members].find(([each]) => isMeant(each)) ?? [];
    if (trial && parent) {
      throw new Refusal(`run ${trial.run.id.slice(0, 8)} is a part of ${parent.run.name}, which would begin it again`, {
        help: `retable stop ${parent.run.id.slice(0, 8)} stops all of it`,
      });
    }
    throw new Refusal(name === undefined ? `nothing trains in ${root}` : `nothing called "${name}" trains in ${root}`, {
      ...(own.length > 0 && { help: `at work: ${listed}` }),
    });
  }
  if (another) throw new Refusal('several are at work: say which', { help: listed });
  return only;
}
