import { jsonText } from '../../diagnostics/columns.js';
import type { Form } from '../form.js';
import { forecastToJson } from '../run/forecast.js';
import { evaluationToJson, predictionsToJson } from '../run/predictions.js';
import { runToJson } from '../run/run-page.js';
import { sweepToJson } from '../study/sweep-table.js';
import { tableToJson } from '../study/table-texts.js';

const text = (value: unknown): string => `${jsonText(value)}\n`;

/** For programs; the same objects as commands print with `--json`. */
export const json: Form = {
  ending: '.json',
  write: {
    plan: (plan) => text(plan.json),
    run: (run) => text(runToJson(run)),
    sweep: ({ plan, trials, results }) => text(sweepToJson(plan, trials, results)),
    table: ({ config, judged }) => text(tableToJson(config, judged)),
    forecast: (forecast) => text(forecastToJson(forecast)),
    prediction: (prediction) => text(predictionsToJson(prediction)),
    evaluation: (evaluation) => text(evaluationToJson(evaluation)),
  },
};
