import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { weighted } from '../weighted.js';
import { reportUnlessBits, rightBits } from './bits.js';

/** Share of examples of which every output, read as a bit, is right. */
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
      const right = rightBits(tools, loss.reading, output, target);
      return weighted(tools, tools.tf.min(tools.tf.reshape(right, [output.shape[0] ?? 1, -1]), 1), weight);
    },
    finish: ({ sum, count }) => sum / count,
  }),
});
