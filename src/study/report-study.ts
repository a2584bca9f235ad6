import { EXIT } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { refuseOutput } from '../host/output.js';
import type { Terminal } from '../host/terminal.js';
import { openStore } from '../record/layout.js';
import { prepareSweep } from './prepare-sweep.js';
import { prepareTable } from './prepare-table.js';
import { standingOf } from './proposals/prune.js';
import type { StudyRequest } from './request.js';
import { readStates } from './states.js';
import { judgeRecords } from './verdicts.js';
import { writeSweep } from './write-sweep.js';
import { writeTable } from './write-table.js';

/** A study from the records as they are, as one HTML page or in the form that the name of the file asks for. Of a table it is no look: `judge` is. */
export async function reportStudy(
  kind: 'sweep' | 'table',
  request: StudyRequest,
  output: string | undefined,
  terminal: Terminal,
): Promise<number> {
  await refuseOutput(kind, output);
  const file = await (kind === 'sweep' ? reportSweep : reportTable)(request, output, terminal);
  terminal.out(shown(file));
  return EXIT.done;
}

async function reportSweep({ file, changes, root }: StudyRequest, given: string | undefined, terminal: Terminal): Promise<string> {
  const sweep = prepareSweep(file, changes, terminal);
  const store = openStore(root);
  const output = given ?? `${sweep.sweep.config.sweep}.html`;
  await writeSweep(output, { store, sweep, trials: standingOf(sweep, readStates(store, sweep)).results });
  return output;
}

async function reportTable({ file, changes, root }: StudyRequest, given: string | undefined, terminal: Terminal): Promise<string> {
  const prepared = prepareTable(file, changes, terminal);
  const store = openStore(root);
  const { judged, settled } = judgeRecords(store, prepared);
  const output = given ?? `${prepared.table.config.table}.html`;
  await writeTable(output, { store, prepared, settled, judged });
  return output;
}
