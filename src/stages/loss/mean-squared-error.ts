import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { reportUnlessValues, weighted } from './scores.js';

/** The mean over all elements of `(output - target)^2`, as `torch.nn.MSELoss`; Keras takes the mean of each example's mean, which is the same. */
export const meanSquaredError = defineStage({
  slot: 'loss',
  kind: 'mean_squared_error',
  version: 1,
  summary: 'Mean squared error over all elements.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessValues('mean_squared_error', upstream, report);
    return { reading: 'values', least: 0 };
  },

  create: (tools) => ({
    score: (output, target, weight) => weighted(tools, tools.tf.squaredDifference(output, target), weight),
  }),
});
