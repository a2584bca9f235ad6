import { openStore } from '../../record/layout.js';
import { standingOf } from '../../sweep/prune.js';
import type { Options } from '../command.js';
import { EXIT } from '../exit.js';
import { runsFolder, shown } from '../folders.js';
import { refuseOutput } from '../output.js';
import type { Terminal } from '../terminal.js';
import { prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';
import { writeSweep } from './write-sweep.js';

/** A sweep from the records as they are, as one HTML page or in the form that the name of the file asks for. */
export async function reportSweep(file: string, options: Options, terminal: Terminal): Promise<number> {
  refuseOutput('sweep', options.output);
  const sweep = prepareSweep(file, options, terminal);
  const store = openStore(runsFolder(options.runs));
  const output = options.output ?? `${sweep.sweep.config.sweep}.html`;
  await writeSweep(output, { store, sweep, trials: standingOf(sweep, readStates(store, sweep)).results });
  terminal.out(shown(output));
  return EXIT.done;
}
