import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { meanOverCells } from './cells.js';
import { ERRORS } from './errors.js';
import { reportUnlessRead } from './values.js';

/**
 * `mean |(y - f) / y|` with `y` the target and `f` the output: 0.12 stands for 12 %, and nothing keeps it below 1. It has no unit. Where a single `y`
 * is exactly 0 it is not defined, and the value is NaN; near 0 it says little. scikit-learn, of which it is the `mean_absolute_percentage_error`,
 * divides by 2.2e-16 there; others leave such a step out, or multiply by 100.
 */
export const meanAbsolutePercentageError = defineStage({
  slot: 'metric',
  kind: 'mean_absolute_percentage_error',
  version: 1,
  summary: 'Mean absolute error as a share of the target: 0.12 means 12 %.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessRead('mean_absolute_percentage_error', upstream, report);
    return { better: 'lower', deterministic: true, unit: '', least: 0, collects: true };
  },

  create: (_tools, _options, _spec, { data }) =>
    meanOverCells(data, 'mean absolute percentage error', ERRORS.mean_absolute_percentage_error),
});

/**
 * `mean 2 |y - f| / (|y| + |f|)` with `y` the target and `f` the output, without a unit: from 0, where all is right, to 2, where all signs are wrong.
 * Two zeros are no error. As in the M3 and M4 competitions but for the factor of 100 that they multiply by; others leave out the 2, or write
 * `y + f` in the divisor.
 */
export const symmetricMeanAbsolutePercentageError = defineStage({
  slot: 'metric',
  kind: 'symmetric_mean_absolute_percentage_error',
  version: 1,
  summary: 'Mean absolute error as a share of the mean of target and output: from 0 to 2.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessRead('symmetric_mean_absolute_percentage_error', upstream, report);
    return { better: 'lower', deterministic: true, unit: '', least: 0, most: 2, collects: true };
  },

  create: (_tools, _options, _spec, { data }) =>
    meanOverCells(data, 'symmetric mean absolute percentage error', ERRORS.symmetric_mean_absolute_percentage_error),
});
