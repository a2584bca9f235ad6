import { Type } from '../../language/type.js';
import { quantileOf } from '../../statistics/means.js';
import { fitOn } from './fit-on.js';
import { defineStage } from '../stage.js';

/**
 * What lies outside is moved to the border: of numbers that are written, or of quantiles of what it is fitted on. Nothing brings back what was cut off,
 * so forecasts lie inside; they are compared with the values as they were.
 */
export const clip = defineStage({
  slot: 'transform',
  kind: 'clip',
  version: 1,
  summary: 'Moves values beyond a limit to that limit.',
  options: Type.Object({
    least: Type.Optional(Type.Number({ otherwise: 'the quantile of share', examples: [0], description: 'The lower limit.' })),
    most: Type.Optional(Type.Number({ otherwise: 'the quantile of 1 - share', examples: [1], description: 'The upper limit.' })),
    share: Type.Number({
      minimum: 0,
      exclusiveMaximum: 0.5,
      default: 0.01,
      description: 'Where a limit is left out: the share of the values that lies beyond it.',
    }),
    ...fitOn,
  }),

  plan({ least = -Infinity, most = Infinity }, _, report) {
    if (least >= most)
      report({ code: 'empty-range', path: ['most'], message: `most is ${most}, and least is ${least}`, help: 'write a larger most' });
    return { lost: 0 };
  },

  create: (_, { least, most, share }) => ({
    takesInputs: true,
    formula: { apply: 'min(max(x[t], least), most)', invert: 'y[t]' },
    fit: (values) => ({ least: least ?? quantileOf(values, share), most: most ?? quantileOf(values, 1 - share) }),
    apply: (math, x, { least: low = 0, most: high = 0 }) => math.minimum(math.maximum(x, low), high),
    invert: (_math, y) => y,
  }),
});
