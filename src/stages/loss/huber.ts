import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { reportUnlessValues, weighted } from './scores.js';

/**
 * The mean over all elements of a square near 0 and a line further out, `d = output - target`:
 *
 *     0.5 d^2 where |d| <= delta        delta (|d| - 0.5 delta) elsewhere
 *
 * With `m = min(|d|, delta)` both are `m (|d| - 0.5 m)`, which is what is computed: no square of a large number is taken. As `torch.nn.HuberLoss` and
 * Keras' `Huber`; PyTorch's `SmoothL1Loss` is this divided by `delta`. Half of the squared error where delta is large.
 */
export const huber = defineStage({
  slot: 'loss',
  kind: 'huber',
  version: 1,
  summary: 'Squared error for small differences, absolute error for large ones: outliers count less.',
  options: Type.Object({
    delta: Type.Number({
      exclusiveMinimum: 0,
      default: 1,
      description: 'The difference at which the squared error ends and the absolute error begins.',
    }),
  }),

  plan(_, upstream, report) {
    reportUnlessValues('huber', upstream, report);
    return { reading: 'values', least: 0 };
  },

  create: (tools, { delta }) => ({
    score(output, target, weight) {
      const { tf } = tools;
      const distance = tf.abs(tf.sub(output, target));
      const near = tf.minimum(distance, delta);
      return weighted(tools, tf.mul(near, tf.sub(distance, tf.mul(near, 0.5))), weight);
    },
  }),
});
