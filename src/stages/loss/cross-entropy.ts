import type { Tensor } from '@tensorflow/tfjs-core';
import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { classWeight, classWeights } from './class-weight.js';
import { classNats, classRows, reportUnlessClasses, weighted } from './scores.js';

/**
 * Mean negative log probability of the right class, in nats: `-log softmax(output)[target]`, over examples, and over time where every step is
 * read. As `torch.nn.CrossEntropyLoss`; Keras wants `from_logits=True` for the same.
 *
 * With label smoothing e (Szegedy et al. 2016) a share of the target is spread evenly over all K classes, as in PyTorch and Keras:
 *
 *     (1 - e) (-log p[target]) + e mean_k (-log p[k])
 *
 * With a weight w of each class (King and Zeng 2001) the mean is divided by the weights of the targets of a batch, as in PyTorch; Keras'
 * `class_weight` divides by their number, so that its steps are larger in a batch of rare classes:
 *
 *     sum_i (1 - e) w[target_i] (-log p_i[target_i]) + e mean_k w[k] (-log p_i[k])        over        sum_i w[target_i]
 *
 * Both hold on every split, so that the losses of train and test can be compared. It is then no likelihood any more; `log_loss` and
 * `perplexity` measure without either.
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
    class_weight: Type.Optional(classWeight),
  }),

  plan({ class_weight: asked }, upstream, report) {
    reportUnlessClasses('cross_entropy', upstream, report);
    const weights = asked !== undefined && upstream.data.classes !== undefined && classWeights(asked, upstream.data, report);
    return { reading: 'class_logits', least: 0, ...(weights && { classWeights: weights }) };
  },

  create: (tools, { label_smoothing: smoothing = 0 }, { classWeights: weights }) => ({
    score(output, target, weight) {
      const { tf } = tools;
      const ofClasses = weights && tf.tensor1d(weights.map((each) => each.weight));
      const weighed = (nats: Tensor, each: Tensor | undefined): Tensor => (each ? tf.mul(nats, each) : nats);
      const ofTarget = ofClasses && tf.sum(tf.mul(classRows(tools, output, target), ofClasses), -1);
      const right = weighed(classNats(tools, output, target), ofTarget);
      const spread = (): Tensor => tf.neg(tf.mean(weighed(tf.logSoftmax(output), ofClasses), -1));
      const nats = smoothing === 0 ? right : tf.add(tf.mul(right, 1 - smoothing), tf.mul(spread(), smoothing));
      const { sum, count } = weighted(tools, nats, weight);
      return { sum, count: ofTarget ? weighted(tools, ofTarget, weight).sum : count };
    },
  }),
});
