import { Type } from '../../language/type.js';
import { defineStage, type Data } from '../stage.js';
import { meanOverCells } from './cells.js';
import { reportUnlessRead } from './values.js';

/**
 * `mean |y - f| / q` with `y` the target, `f` the output, and `q` the mean of `|y[t] - y[t - m]|` over training data, `m` the season and 1 without one
 * (Hyndman and Koehler 2006). It has no unit; of several targets each is divided by its own `q`, and the mean is taken over all. Below 1 the errors
 * are smaller than those of the seasonal naive forecast one season ahead, over training data. `q` comes with the dataset (`fitted.naiveErrors`)
 * and never from what is forecast, which is where others take it from.
 */
export const meanAbsoluteScaledError = defineStage({
  slot: 'metric',
  kind: 'mean_absolute_scaled_error',
  version: 1,
  summary: 'Mean absolute error, divided by that of a naive forecast on the training data: below 1 is better than that.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessRead('mean_absolute_scaled_error', upstream, report);
    const errors = naiveErrors(upstream.data);
    // Of no training data it is no number, and that is told of the data.
    const wrong = errors.find(({ error }) => error === undefined || error <= 0);
    if (wrong || errors.length === 0) {
      const noDivisor = wrong?.error === undefined;
      report({
        code: 'no-naive-error',
        path: ['kind'],
        message: noDivisor
          ? 'mean_absolute_scaled_error divides by the error of a naive forecast of the training data, and the dataset gives none'
          : `mean_absolute_scaled_error divides by the error of a naive forecast of the training data, which is ${wrong.error} for ${JSON.stringify(wrong.name)}`,
        help: noDivisor ? 'the dataset series gives it; of others, write kind: mean_absolute_error' : 'write kind: mean_absolute_error',
      });
    }
    return { better: 'lower', deterministic: true, unit: '', least: 0, collects: true };
  },

  create(_tools, _options, _spec, { data }) {
    const errors = naiveErrors(data);
    return meanOverCells(
      data,
      'mean absolute scaled error',
      (y, f, cell) => Math.abs(y - f) / (errors[cell % errors.length]?.error ?? Number.NaN),
    );
  },
});

/** What each target is divided by, in the order of the targets. */
const naiveErrors = ({ outputs, fitted }: Data): readonly { readonly name: string; readonly error: number | undefined }[] =>
  outputs?.names.map((name) => ({ name, error: fitted.naiveErrors?.[name] })) ?? [];
