import type { Tensor } from '@tensorflow/tfjs-core';
import { Type } from '../../language/type.js';
import { reportUnlessValues, weighted } from '../loss/scores.js';
import { defineStage, type Reading, type Report, type Slots, type Tools } from '../stage.js';
import { trainSplit } from '../tensors.js';

/**
 * 1 where the output, read as a bit, is the target, else 0; of the output's shape. Values are rounded to the nearest integer, halves to the
 * even one, so that 1.6 is 2 and wrong; log odds above 0 are a 1.
 */
function rightBits({ tf }: Tools, reading: Reading, output: Tensor, target: Tensor): Tensor {
  const bits = reading === 'logits' ? tf.cast(tf.greater(output, 0), 'float32') : tf.round(output);
  return tf.cast(tf.equal(bits, target), 'float32');
}

/** A metric over bits: output and target are numbers of one shape. */
function reportUnlessBits(kind: string, { loss, ...upstream }: Slots['metric']['upstream'], report: Report): void {
  if (loss.reading !== 'class_logits' && trainSplit(upstream.data).target.dtype === 'float32') {
    reportUnlessValues(kind, upstream, report);
    return;
  }
  report({
    code: 'metric-mismatch',
    path: ['kind'],
    message: `${kind} reads bits, and the output is read as classes`,
    help: 'write kind: accuracy',
  });
}

/** Share of all outputs that, read as bits, are right. */
export const bitAccuracy = defineStage({
  slot: 'metric',
  kind: 'bit_accuracy',
  version: 1,
  summary: 'Share of the bits that are right.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessBits('bit_accuracy', upstream, report);
    return { better: 'higher', deterministic: true, unit: 'share' };
  },

  create: (tools, _options, _spec, { loss }) => ({
    score: (output, target, weight) => weighted(tools, rightBits(tools, loss.reading, output, target), weight),
    finish: ({ sum, count }) => sum / count,
  }),
});

/**
 * 1 where the outputs whose target is 1 are all higher than those whose target is 0, else 0: the last axis is gone. A tie is wrong. With `k` ones
 * in the target, these are the `k` highest outputs, in whatever order.
 */
function rightSets({ tf }: Tools, output: Tensor, target: Tensor): Tensor {
  const isOne = tf.greater(target, 0.5);
  const lowestOne = tf.min(tf.where(isOne, output, tf.fill(output.shape, Infinity)), -1);
  const highestZero = tf.max(tf.where(isOne, tf.fill(output.shape, -Infinity), output), -1);
  return tf.cast(tf.greater(lowestOne, highestZero), 'float32');
}

/**
 * Share of examples of which every output, read as a bit, is right; steps of weight 0 are passed over. By rank, it is the share of the examples in
 * which at every step the bits that are 1 have the highest outputs, which is how Hochreiter and Schmidhuber 1997 count success in their
 * experiment 1.
 */
export const exactMatch = defineStage({
  slot: 'metric',
  kind: 'exact_match',
  version: 1,
  summary: 'Share of the examples in which every bit is right.',
  options: Type.Object({
    by: Type.Optional(
      Type.Enum(['threshold', 'rank'], {
        otherwise: 'threshold',
        description:
          'How outputs are read as bits: threshold, each by itself; rank, the highest ones are 1, as many as the target has at that step, and a tie is wrong.',
      }),
    ),
  }),

  plan(_, upstream, report) {
    reportUnlessBits('exact_match', upstream, report);
    return { better: 'higher', deterministic: true, unit: 'share' };
  },

  create: (tools, { by }, _spec, { loss }) => ({
    score(output, target, weight) {
      const { tf } = tools;
      const bits = by === 'rank' ? rightSets(tools, output, target) : rightBits(tools, loss.reading, output, target);
      const right = tf.reshape(bits, [output.shape[0] ?? 1, weight.shape[1] ?? 1, -1]);
      if (weight.rank === 1) return weighted(tools, tf.min(right, [1, 2]), weight);
      const rightOrPassed = tf.maximum(tf.min(right, 2), tf.cast(tf.equal(weight, 0), 'float32'));
      return weighted(tools, tf.min(rightOrPassed, 1), tf.max(weight, 1));
    },
    finish: ({ sum, count }) => sum / count,
  }),
});
