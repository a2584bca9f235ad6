import { jsonText } from '../../diagnostics/columns.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseOutput, writeReport } from '../../host/output.js';
import { dataFile } from '../../host/standard-input.js';
import { openStore } from '../../record/layout.js';
import { terminalTable } from '../../report/kit/tables.js';
import { forecastTable, forecastToJson } from '../../report/run/forecast.js';
import { theRun } from '../../run/find-runs.js';
import { forecast } from '../../run/forecast.js';
import { howTold } from '../../host/terminal.js';
import type { Run } from '../command.js';

/** What a trained model says of the steps after the end of the data, in the unit of the file. */
export const run: Run = async ([reference = 'latest', file], options, terminal) => {
  await refuseOutput('forecast', options.output);
  const steps = options.steps === undefined ? undefined : stepsOf(options.steps);
  const store = openStore(runsFolder(options.runs));
  const made = await forecast({ store, head: theRun(store, reference), file: await dataFile(file), steps });
  for (const note of made.notes) terminal.err(`${terminal.color.yellow('note')}: ${note}`);
  if (options.json) terminal.data(jsonText(forecastToJson(made)));
  else {
    const { bold: heading, dim: faint } = terminal.outColor;
    terminal.out(terminalTable(forecastTable(made), { heading, faint }, howTold(terminal).width).join('\n'));
  }
  if (options.output !== undefined) {
    await writeReport('forecast', made, options.output);
    terminal.err(`wrote ${shown(options.output)}`);
  }
  return EXIT.done;
};

function stepsOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text.trim())) return Number(text);
  throw new Refusal(`--steps can't be ${JSON.stringify(text)}`, { help: 'give a whole number, at least 1' });
}
