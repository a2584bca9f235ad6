import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { reportUnlessValues, weighted } from './scores.js';

/**
 * Mean negative log probability of bits, in nats. The output `z` is the log odds of a 1, the target `t` is 0 or 1 (or a probability):
 *
 *     -t log(sigmoid(z)) - (1 - t) log(1 - sigmoid(z)) = log(1 + e^z) - t z
 *
 * The right side is what is computed: it overflows nowhere. As `torch.nn.BCEWithLogitsLoss`.
 */
export const binaryCrossEntropy = defineStage({
  slot: 'loss',
  kind: 'binary_cross_entropy',
  version: 1,
  summary: 'Cross-entropy of bits, in nats; the outputs are read as logits.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessValues('binary_cross_entropy', upstream, report);
    return { reading: 'logits', least: 0 };
  },

  create: (tools) => ({
    score(output, target, weight) {
      const { tf } = tools;
      return weighted(tools, tf.sub(tf.softplus(output), tf.mul(target, output)), weight);
    },
  }),
});
