import { openStore, type Store } from '../../record/layout.js';
import type { Options, Run } from '../command.js';
import { documentKind } from '../../language/read.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import type { LauncherKind } from '../../launch/launcher.js';
import { launchers } from '../../launch/run-on.js';
import { refuseIdle } from '../options-by-kind.js';
import type { Terminal } from '../../host/terminal.js';
import { changesOf } from './requests.js';

/** How far a sweep or a table is, and who is at what, from the records and, where there is one, Slurm's queue: nothing is trained or written. */
export const run: Run = async ([reference = ''], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const runs = await tell(store, reference, options, terminal);
  if (options.json) return EXIT.done;
  for (const id of runs) for (const line of await describeJobs(store, id)) terminal.out(line);
  return EXIT.done;
};

const describeJobs = async (store: Store, run: string): Promise<readonly string[]> => {
  const told = Object.values(launchers).flatMap(({ describeJobs: of }: LauncherKind) => of?.(store, run) ?? []);
  return (await Promise.all(told)).flat();
};

/** Gives the ids of the runs of what it told about. */
async function tell(store: Store, reference: string, options: Options, terminal: Terminal): Promise<readonly string[]> {
  const { statusByName, statusOfSweep, statusOfTable } = await import('../../study/status-study.js');
  const json = options.json === true;
  if (!/\.ya?ml$/.test(reference)) {
    refuseIdle('status', 'name', options);
    const runs = statusByName(store, reference, json, terminal);
    if (runs.length > 0) return runs;
    throw new Refusal(`no sweep or table called "${reference}" was run in ${shown(store.root)}`, {
      help: 'name the file of one instead',
    });
  }
  switch (documentKind(reference)) {
    case 'sweep':
      return [statusOfSweep(store, reference, changesOf(options), json, terminal)];
    case 'table':
      return [statusOfTable(store, reference, changesOf(options), json, terminal)];
    default:
      throw new Refusal(`status is about a sweep or a table, and ${reference} is neither`, {
        help: 'npx retable show NAME tells of its runs',
      });
  }
}
