import type { Form } from '../form.js';
import { toCsv } from '../../formats/csv.js';
import { predictionsToCsv } from '../../run/prediction-report.js';
import { forecastToCsv } from '../run/forecast.js';
import { evaluationToCsv } from '../run/predictions.js';
import { runCsv, viewCsvs } from '../run/run-page.js';
import { resultRows } from '../study/sweep-table.js';
import { tableToCsv } from '../study/table-texts.js';

/** Every number with all of its digits, for spreadsheets and statistics; what a metric of a run shows stands beside it in files of its own. */
export const csv: Form = {
  ending: '.csv',
  write: {
    run: (run, name) => ({
      content: runCsv(run),
      beside: new Map(viewCsvs(run).map((view) => [`${name}.${view.name}.csv`, view.csv])),
    }),
    sweep: ({ plan, results }) => `${toCsv(resultRows(plan, results))}\n`,
    table: ({ config, judged }) => tableToCsv(config, judged),
    forecast: forecastToCsv,
    prediction: predictionsToCsv,
    evaluation: evaluationToCsv,
  },
};
