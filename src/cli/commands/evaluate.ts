import { jsonText } from '../../diagnostics/columns.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseOutput, writeReport } from '../../host/output.js';
import { dataFile } from '../../host/standard-input.js';
import { openStore } from '../../record/layout.js';
import { terminalTable, textBlocks, wrap } from '../../report/kit/tables.js';
import { evaluationHeadline, evaluationTable, evaluationToJson } from '../../report/run/predictions.js';
import { evaluate } from '../../run/predict.js';
import { theRun } from '../../run/find-runs.js';
import { howTold } from '../../host/terminal.js';
import type { Run } from '../command.js';

const WIDTH = 100;

/** How good a trained model is on data of the same columns, by every metric that it was trained with. */
export const run: Run = async ([reference = 'latest', file], options, terminal) => {
  await refuseOutput('evaluation', options.output);
  const store = openStore(runsFolder(options.runs));
  const made = await evaluate({ store, head: theRun(store, reference), file: await dataFile(file) });
  for (const note of made.notes) terminal.err(`${terminal.color.yellow('note')}: ${note}`);
  if (options.json) terminal.data(jsonText(evaluationToJson(made)));
  else {
    const { bold: heading, dim: faint } = terminal.outColor;
    const table = terminalTable(evaluationTable(made), { heading, faint }, howTold(terminal).width);
    terminal.out(textBlocks([[evaluationHeadline(made)], table, made.findings.flatMap((finding) => wrap(finding, WIDTH))]));
  }
  if (options.output !== undefined) {
    await writeReport('evaluation', made, options.output);
    terminal.err(`wrote ${shown(options.output)}`);
  }
  return EXIT.done;
};
