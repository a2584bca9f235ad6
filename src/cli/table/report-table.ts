import { openStore } from '../../record/layout.js';
import type { Options } from '../command.js';
import { EXIT } from '../exit.js';
import { runsFolder, shown } from '../folders.js';
import { refuseOutput } from '../output.js';
import type { Terminal } from '../terminal.js';
import { prepareTable } from './prepare-table.js';
import { judgeRecords } from './verdicts.js';
import { writeTable } from './write-table.js';

/** A table from the records as they are, as one HTML page or in the form that the name of the file asks for. It is no look: `judge` is. */
export async function reportTable(file: string, options: Options, terminal: Terminal): Promise<number> {
  refuseOutput('table', options.output);
  const prepared = prepareTable(file, options, terminal);
  const store = openStore(runsFolder(options.runs));
  const { judged, settled } = judgeRecords(store, prepared);
  const output = options.output ?? `${prepared.table.config.table}.html`;
  await writeTable(output, { store, prepared, settled, judged });
  terminal.out(shown(output));
  return EXIT.done;
}
