import { Type } from '../../language/type.js';
import { quantileOf } from '../../statistics/means.js';
import { fitOn } from './fit-on.js';
import { defineStage, type Transform } from '../stage.js';

/** `(x - centre) / width`, both as fitted; a width of 0, of values that never change, counts as 1. */
const scaled = (fit: NonNullable<Transform['fit']>): Transform => ({
  takesInputs: true,
  formula: { apply: '(x[t] - centre) / width', invert: 'y[t] * width + centre' },
  fit(values) {
    const { centre = 0, width = 1 } = fit(values);
    return { centre, width: width === 0 ? 1 : width };
  },
  apply: (math, x, { centre = 0, width = 1 }) => math.divide(math.subtract(x, centre), width),
  invert: (math, y, { centre = 0, width = 1 }) => math.add(math.multiply(y, width), centre),
});

/** Mean 0 and standard deviation 1 over what it is fitted on, `n` in the denominator, as scikit-learn's `StandardScaler`. */
export const standardize = defineStage({
  slot: 'transform',
  kind: 'standardize',
  version: 1,
  summary: 'Scales to mean 0 and standard deviation 1.',
  options: Type.Object(fitOn),
  plan: () => ({ lost: 0 }),
  create: () =>
    scaled((values) => {
      const centre = meanOf(values);
      return { centre, width: Math.sqrt(meanOf(values.map((value) => (value - centre) ** 2))) };
    }),
});

/** From the least to the most of what it is fitted on to a range of one's own, as scikit-learn's `MinMaxScaler`; other values may lie outside. */
export const minMax = defineStage({
  slot: 'transform',
  kind: 'min_max',
  version: 1,
  summary: 'Scales to a range, from the smallest value to the largest.',
  options: Type.Object({
    least: Type.Number({ default: 0, description: 'What the smallest value becomes.' }),
    most: Type.Number({ default: 1, description: 'What the largest value becomes.' }),
    ...fitOn,
  }),

  plan({ least, most }, _, report) {
    if (least >= most)
      report({ code: 'empty-range', path: ['most'], message: `most is ${most}, and least is ${least}`, help: 'write a larger most' });
    return { lost: 0 };
  },

  create(_, { least, most }) {
    const { fit, apply, invert } = scaled((values) => {
      const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
      return { centre: low, width: high - low };
    });
    return {
      takesInputs: true,
      formula: {
        apply: '(x[t] - centre) / width * (most - least) + least',
        invert: '(y[t] - least) / (most - least) * width + centre',
      },
      ...(fit && { fit }),
      apply: (math, x, fitted) => math.add(math.multiply(apply(math, x, fitted), most - least), least),
      invert: (math, y, fitted, past) => invert(math, math.divide(math.subtract(y, least), most - least), fitted, past),
    };
  },
});

/** Median 0 and the middle half of the values 1 wide, as scikit-learn's `RobustScaler`: what lies far out changes neither. */
export const robust = defineStage({
  slot: 'transform',
  kind: 'robust',
  version: 1,
  summary: 'Scales to median 0 and interquartile range 1: outliers count less.',
  options: Type.Object(fitOn),
  plan: () => ({ lost: 0 }),
  create: () => scaled((values) => ({ centre: quantileOf(values, 0.5), width: quantileOf(values, 0.75) - quantileOf(values, 0.25) })),
});

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
