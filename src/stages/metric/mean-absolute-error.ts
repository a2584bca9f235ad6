import { Type } from '../../language/type.js';
import { reportUnlessValues, weighted } from '../loss/scores.js';
import { defineStage } from '../stage.js';

/** The mean over all elements of `|output - target|`, in the target's own unit. */
export const meanAbsoluteErrorMetric = defineStage({
  slot: 'metric',
  kind: 'mean_absolute_error',
  version: 1,
  summary: 'Mean of absolute differences over all elements.',
  options: Type.Object({}),

  plan(_, { loss, ...upstream }, report) {
    if (loss.reading !== 'values') {
      report({
        code: 'metric-mismatch',
        path: ['kind'],
        message: 'mean_absolute_error compares values, and the output is read as log probabilities',
        help: loss.reading === 'logits' ? 'write kind: bit_accuracy' : 'write kind: accuracy',
      });
    } else {
      reportUnlessValues('mean_absolute_error', upstream, report);
    }
    return { better: 'lower', deterministic: true, unit: '', least: 0 };
  },

  create: (tools) => ({
    score: (output, target, weight) => weighted(tools, tools.tf.abs(tools.tf.sub(output, target)), weight),
    finish: ({ sum, count }) => sum / count,
  }),
});
