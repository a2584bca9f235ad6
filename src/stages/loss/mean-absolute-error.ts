import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { reportUnlessValues, weighted } from './scores.js';

/** The mean over all elements of `|output - target|`, as `torch.nn.L1Loss`. */
export const meanAbsoluteErrorLoss = defineStage({
  slot: 'loss',
  kind: 'mean_absolute_error',
  version: 1,
  summary: 'Mean absolute error over all elements.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessValues('mean_absolute_error', upstream, report);
    return { reading: 'values', least: 0 };
  },

  create: (tools) => ({
    score: (output, target, weight) => weighted(tools, tools.tf.abs(tools.tf.sub(output, target)), weight),
  }),
});
