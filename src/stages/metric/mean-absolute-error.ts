import { Type } from '../../language/type.js';
import { weighted } from '../loss/scores.js';
import { defineStage } from '../stage.js';
import { meanOverCells } from './cells.js';
import { ERRORS } from './errors.js';
import { reportUnlessRead } from './values.js';

/**
 * The mean over all elements of `|output - target|`, in the target's own unit. Of a forecast it is taken in double over the whole split, and shown
 * for each step ahead and each target.
 */
export const meanAbsoluteErrorMetric = defineStage({
  slot: 'metric',
  kind: 'mean_absolute_error',
  version: 1,
  summary: 'Mean absolute error over all elements.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessRead('mean_absolute_error', upstream, report);
    return { better: 'lower', deterministic: true, unit: '', least: 0, ...(upstream.data.outputs && { collects: true }) };
  },

  create: (tools, _options, { collects }, { data }) =>
    collects
      ? meanOverCells(data, 'mean absolute error', ERRORS.mean_absolute_error)
      : {
          score: (output, target, weight) => weighted(tools, tools.tf.abs(tools.tf.sub(output, target)), weight),
          finish: ({ sum, count }) => sum / count,
        },
});
