import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { meanOverCells } from './cells.js';
import { ERRORS } from './errors.js';
import { reportUnlessRead } from './values.js';

/**
 * `sqrt(mean (y - f)^2)` with `y` the target and `f` the output, in the target's own unit: one mean over all elements of the split, and one root of
 * it. scikit-learn's `root_mean_squared_error` takes a root for each output and the mean of these, which is less; of one output both are the same.
 */
export const rootMeanSquaredError = defineStage({
  slot: 'metric',
  kind: 'root_mean_squared_error',
  version: 1,
  summary: 'Square root of the mean squared error over all elements.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessRead('root_mean_squared_error', upstream, report);
    return { better: 'lower', deterministic: true, unit: '', least: 0, collects: true };
  },

  create: (_tools, _options, _spec, { data }) => meanOverCells(data, 'root mean squared error', ERRORS.root_mean_squared_error, Math.sqrt),
});
