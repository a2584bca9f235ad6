import type { Tensor } from '@tensorflow/tfjs-core';
import type { Sums, Tools } from './stage.js';

/**
 * Sum and number of scores, each counted by its weight: `scores` is `[batch, ...]`, `weight` `[batch]` or `[batch, time]`, and a weight holds
 * for all scores behind its axes.
 */
export function weighted({ tf }: Tools, scores: Tensor, weight: Tensor): Sums {
  const shared = tf.reshape(weight, [...weight.shape, ...scores.shape.slice(weight.rank).map(() => 1)]);
  return {
    sum: tf.sum(tf.mul(scores, shared)),
    count: tf.mul(tf.sum(weight), scores.size / weight.size),
  };
}
