import { classNats, reportUnlessClasses, weighted } from './scores.js';
import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';

/**
 * Mean negative log probability of the right class, in nats: `-log softmax(output)[target]`, over examples, and over time where every step is
 * read. As `torch.nn.CrossEntropyLoss`; Keras wants `from_logits=True` for the same.
 *
 * With label smoothing e (Szegedy et al. 2016) a share of the target is spread evenly over all K classes, as in PyTorch and Keras:
 *
 *     (1 - e) (-log p[target]) + e mean_k (-log p[k])
 *
 * It is then no likelihood any more; `log_loss` and `perplexity` measure without it.
 */
export const crossEntropy = defineStage({
  slot: 'loss',
  kind: 'cross_entropy',
  version: 1,
  summary: 'Cross-entropy: the negative log probability of the right class, in nats.',
  options: Type.Object({
    label_smoothing: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        otherwise: 'none',
        examples: [0.1],
        description: 'Share of the target that is spread evenly over all classes.',
      }),
    ),
  }),

  plan(_, upstream, report) {
    reportUnlessClasses('cross_entropy', upstream, report);
    return { reading: 'class_logits', least: 0 };
  },

  create: (tools, { label_smoothing: smoothing }) => ({
    score(output, target, weight) {
      const { tf } = tools;
      const nats = classNats(tools, output, target);
      if (smoothing === undefined) return weighted(tools, nats, weight);
      const spread = tf.neg(tf.mean(tf.logSoftmax(output), -1));
      return weighted(tools, tf.add(tf.mul(nats, 1 - smoothing), tf.mul(spread, smoothing)), weight);
    },
  }),
});
