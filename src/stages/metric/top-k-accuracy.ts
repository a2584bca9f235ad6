import { Type } from '../../language/type.js';
import { weighted } from '../loss/scores.js';
import { defineStage } from '../stage.js';
import { reportUnlessClasses } from './classes.js';

/** Share of targets among the `k` most probable classes. Of equally probable ones the later come first, as in scikit-learn's `top_k_accuracy_score`. */
export const topKAccuracy = defineStage({
  slot: 'metric',
  kind: 'top_k_accuracy',
  version: 1,
  summary: 'Share of targets that are among the k most probable classes.',
  options: Type.Object({ k: Type.Integer({ minimum: 1, default: 5, description: 'How many of the most probable classes count: k.' }) }),

  plan({ k }, upstream, report) {
    reportUnlessClasses('top_k_accuracy', upstream, report);
    const { classes } = upstream.data;
    if (classes !== undefined && k >= classes) {
      report({
        code: 'always-right',
        path: ['k'],
        message: `of ${classes} classes the right one is always among ${k}`,
        help: classes > 2 ? `write k: ${Math.min(classes - 1, 3)}` : 'write kind: accuracy',
      });
    }
    return { better: 'higher', deterministic: true, unit: 'share' };
  },

  create: (tools, { k }) => ({
    score(output, target, weight) {
      const { tf } = tools;
      const classes = output.shape.at(-1) ?? 1;
      const right = tf.oneHot(target, classes, 1, 0, 'float32');
      const score = tf.sum(tf.mul(output, right), -1, true);
      const index = tf.range(0, classes, 1, 'int32');
      const isLater = tf.greater(index, tf.expandDims(target, -1));
      const isBefore = tf.logicalOr(tf.greater(output, score), tf.logicalAnd(tf.equal(output, score), isLater));
      const before = tf.sum(tf.cast(isBefore, 'float32'), -1);
      return weighted(tools, tf.cast(tf.less(before, k), 'float32'), weight);
    },
    finish: ({ sum, count }) => sum / count,
  }),
});
