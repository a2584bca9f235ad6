import { openStore } from '../record/layout.js';
import { standingOf } from './proposals/prune.js';
import { EXIT } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { refuseOutput } from '../host/output.js';
import type { StudyRequest } from './request.js';
import type { Terminal } from '../host/terminal.js';
import { prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';
import { writeSweep } from './write-sweep.js';

/** A sweep from the records as they are, as one HTML page or in the form that the name of the file asks for. */
export async function reportSweep({ file, changes, root }: StudyRequest, given: string | undefined, terminal: Terminal): Promise<number> {
  await refuseOutput('sweep', given);
  const sweep = prepareSweep(file, changes, terminal);
  const store = openStore(root);
  const output = given ?? `${sweep.sweep.config.sweep}.html`;
  await writeSweep(output, { store, sweep, trials: standingOf(sweep, readStates(store, sweep)).results });
  terminal.out(shown(output));
  return EXIT.done;
}
