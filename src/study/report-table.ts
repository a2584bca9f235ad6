import { openStore } from '../record/layout.js';
import { EXIT } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { refuseOutput } from '../host/output.js';
import type { StudyRequest } from './request.js';
import type { Terminal } from '../host/terminal.js';
import { prepareTable } from './prepare-table.js';
import { judgeRecords } from './verdicts.js';
import { writeTable } from './write-table.js';

/** A table from the records as they are, as one HTML page or in the form that the name of the file asks for. It is no look: `judge` is. */
export async function reportTable({ file, changes, root }: StudyRequest, given: string | undefined, terminal: Terminal): Promise<number> {
  await refuseOutput('table', given);
  const prepared = prepareTable(file, changes, terminal);
  const store = openStore(root);
  const { judged, settled } = judgeRecords(store, prepared);
  const output = given ?? `${prepared.table.config.table}.html`;
  await writeTable(output, { store, prepared, settled, judged });
  terminal.out(shown(output));
  return EXIT.done;
}
