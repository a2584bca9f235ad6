import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { weighted } from '../weighted.js';
import { reportUnlessBits, rightBits } from './bits.js';

/** Share of all outputs that, read as bits, are right. */
export const bitAccuracy = defineStage({
  slot: 'metric',
  kind: 'bit_accuracy',
  version: 1,
  summary: 'Share of bits that are right.',
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
