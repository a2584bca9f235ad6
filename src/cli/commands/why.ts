import { jsonText } from '../../diagnostics/columns.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder } from '../../host/folders.js';
import { openStore } from '../../record/layout.js';
import { viewTable } from '../../report/study/table-view.js';
import { describeWhy, isAbout } from '../../report/study/why.js';
import { readEvidence } from '../../study/evidence.js';
import { prepareTable } from '../../study/prepare-study.js';
import { lookAtTable } from '../../study/verdicts.js';
import { namedCell } from '../../study/works.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { tableStyle } from '../studies.js';
import { changesOf } from './requests.js';

/** Walks back from one number of a table to all that it rests on. It prints verdicts, so it is a look. */
export const run: Run = async ([file = '', row = '', column], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const prepared = prepareTable(file, changesOf(options), observeOn(terminal), store);
  const { config } = prepared.table;
  const cell = namedCell(config, row, column);
  const { judged, settled } = await lookAtTable(store, prepared, 'why', observeOn(terminal));
  const evidence = readEvidence(store, prepared, settled);
  if (options.json) {
    const { judgements, cells } = judged;
    const about = judgements.filter(({ claim }) => isAbout(claim, ...cell));
    const { environments, records, rows } = evidence;
    const found = cells.find(({ name }) => name[0] === cell[0] && name[1] === cell[1]);
    const row = rows.find((each) => each.row === cell[0]);
    terminal.data(jsonText({ row: cell[0], column: cell[1], cell: found, claims: about, ...row, environments, records }));
  } else {
    const why = { config, judged, view: viewTable(config, judged), evidence, cell };
    terminal.out(describeWhy(why, tableStyle(terminal.outColor), terminal.outWidth).trimEnd());
  }
  return EXIT.done;
};
