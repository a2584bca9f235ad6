import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tools } from './stage.js';

/**
 * The negative log probability of the right class, in nats: `output` `[..., classes]` are unnormalised log probabilities, `target` `[...]`
 * indices; the result has the target's shape. The largest output is subtracted first, so that nothing overflows.
 */
export function classNats({ tf }: Tools, output: Tensor, target: Tensor): Tensor {
  const classes = output.shape.at(-1) ?? 1;
  const right = tf.oneHot(target, classes, 1, 0, 'float32');
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(output), right), -1));
}
