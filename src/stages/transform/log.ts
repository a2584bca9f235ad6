import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';

/** `log(x + offset)`, natural, where growth is a share of the level. Back again: `exp(y) - offset`; a mean of logarithms is a median then. */
export const log = defineStage({
  slot: 'transform',
  kind: 'log',
  version: 1,
  summary: 'The natural logarithm, for values that grow by a percentage.',
  options: Type.Object({
    offset: Type.Number({ default: 0, description: 'Added before the logarithm is taken, so that every value is above 0.' }),
  }),

  plan: () => ({ lost: 0 }),

  create: (_, { offset }) => ({
    takesInputs: true,
    formula: { apply: 'log(x[t] + offset)', invert: 'exp(y[t]) - offset' },
    refuses: (value) => (value + offset > 0 ? undefined : `no logarithm of ${value + offset}`),
    apply: (math, x) => math.log(math.add(x, offset)),
    invert: (math, y) => math.subtract(math.exp(y), offset),
  }),
});
