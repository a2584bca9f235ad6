import { Type } from '../../language/type.js';
import { type Arithmetic, defineStage } from '../stage.js';

/** `y[t] = x[t] - x[t - lag]`: what has changed since the step before, or since as many steps as a season has. The first `lag` values have none. */
export const difference = defineStage({
  slot: 'transform',
  kind: 'difference',
  version: 1,
  summary: 'The difference from the value some steps before.',
  options: Type.Object({
    lag: Type.Integer({ minimum: 1, default: 1, description: 'How many steps back: 1, or the length of the season.' }),
  }),

  plan: ({ lag }) => ({ lost: lag }),

  create: (_, { lag }) => ({
    takesInputs: true,
    formula: { apply: 'x[t] - x[t - lag]', invert: 'y[t] + x[t - lag]' },
    apply: (math, x) => math.subtract(math.slice(x, lag), math.slice(x, 0, math.length(x) - lag)),
    invert: (math, y, _fitted, past) => undone(math, y, past, lag),
  }),
});

/** Sums them up again, `lag` values at a time: each block is known once the one before it is. `past` ends where `y` begins. */
function undone<T>(math: Arithmetic<T>, y: T, past: T, lag: number): T {
  const length = math.length(y);
  let known = math.slice(past, math.length(past) - lag);
  let all: T | undefined;
  for (let from = 0; from < length; from += lag) {
    const block = math.slice(y, from, Math.min(from + lag, length));
    const values = math.add(block, math.slice(known, 0, math.length(block)));
    all = all === undefined ? values : math.join(all, values);
    known = values;
  }
  return all ?? y;
}
