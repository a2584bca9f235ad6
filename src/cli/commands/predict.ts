import { jsonText } from '../../diagnostics/columns.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseOutput, writeReport } from '../../host/output.js';
import { dataFile } from '../../host/standard-input.js';
import { openStore } from '../../record/layout.js';
import { terminalTable } from '../../report/kit/tables.js';
import { more, predictionsTable, predictionsToJson } from '../../report/run/predictions.js';
import { theRun } from '../../run/find-runs.js';
import { predict } from '../../run/predict.js';
import { howTold } from '../../host/terminal.js';
import type { Run } from '../command.js';

/** What a trained model answers to data of the same columns, in the unit and the words of the file. */
export const run: Run = async ([reference = 'latest', file], options, terminal) => {
  await refuseOutput('prediction', options.output);
  const store = openStore(runsFolder(options.runs));
  const made = await predict({ store, head: theRun(store, reference), file: await dataFile(file) });
  for (const note of made.notes) terminal.err(`${terminal.color.yellow('note')}: ${note}`);
  if (options.json) terminal.data(jsonText(predictionsToJson(made)));
  else if (options.output === undefined) {
    const { bold: heading, dim: faint } = terminal.outColor;
    terminal.out(terminalTable(predictionsTable(made), { heading, faint }, howTold(terminal).width).join('\n'));
    const left = more(made);
    if (left !== undefined) terminal.out(faint(left));
  }
  if (options.output !== undefined) {
    await writeReport('prediction', made, options.output);
    terminal.err(`wrote ${shown(options.output)}`);
  }
  return EXIT.done;
};
