import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { reportUnlessValues, weighted } from './scores.js';

/**
 * The mean over all elements of `max(q d, (q - 1) d)`, `d = target - output` (Koenker and Bassett 1978): least where a share `q` of the targets lies below
 * the output. As scikit-learn's `mean_pinball_loss`; at 0.5 it is half of the mean absolute error, and others double it.
 */
export const quantile = defineStage({
  slot: 'loss',
  kind: 'quantile',
  version: 1,
  summary: 'Pinball loss: it makes the output a quantile of the target.',
  options: Type.Object({
    quantile: Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      examples: [0.9],
      description: 'The quantile: with 0.9 the model learns a value that 90 % of the targets lie below.',
    }),
  }),

  plan(_, upstream, report) {
    reportUnlessValues('quantile', upstream, report);
    return { reading: 'values', least: 0 };
  },

  create: (tools, { quantile: q }) => ({
    score(output, target, weight) {
      const { tf } = tools;
      const d = tf.sub(target, output);
      return weighted(tools, tf.maximum(tf.mul(d, q), tf.mul(d, q - 1)), weight);
    },
  }),
});
