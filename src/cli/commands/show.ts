import { jsonText } from '../../diagnostics/columns.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder } from '../../host/folders.js';
import { howTold } from '../../host/terminal.js';
import { openStore } from '../../record/layout.js';
import { runToJson } from '../../report/run/run-page.js';
import { describeRun } from '../../report/run/summary.js';
import { theRun } from '../../run/find-runs.js';
import { readReport } from '../../run/read-report.js';
import type { Run } from '../command.js';

/** One run: how it ended, its numbers, its curve, and where its files are. */
export const run: Run = async ([reference = 'latest'], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const report = readReport(store, theRun(store, reference));
  if (!options.json) {
    terminal.out(describeRun(report, howTold(terminal)).trimEnd());
    return EXIT.done;
  }
  terminal.data(jsonText(runToJson(report)));
  return EXIT.done;
};
