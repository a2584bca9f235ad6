import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { weighted } from '../weighted.js';
import { reportUnlessBits, rightBits } from './bits.js';

/** Share of examples of which every output, read as a bit, is right; steps of weight 0 are passed over. */
export const exactMatch = defineStage({
  slot: 'metric',
  kind: 'exact_match',
  version: 1,
  summary: 'Share of examples with every bit right.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessBits('exact_match', upstream, report);
    return { better: 'higher', deterministic: true, unit: 'share' };
  },

  create: (tools, _options, _spec, { loss }) => ({
    score(output, target, weight) {
      const { tf } = tools;
      const right = tf.reshape(rightBits(tools, loss.reading, output, target), [output.shape[0] ?? 1, output.shape[1] ?? 1, -1]);
      if (weight.rank === 1) return weighted(tools, tf.min(right, [1, 2]), weight);
      const rightOrPassed = tf.maximum(tf.min(right, 2), tf.cast(tf.equal(weight, 0), 'float32'));
      return weighted(tools, tf.min(rightOrPassed, 1), tf.max(weight, 1));
    },
    finish: ({ sum, count }) => sum / count,
  }),
});
