import { Type, type Static } from '../../language/type.js';

const from = Type.Number({ exclusiveMinimum: 0, examples: [0.01], description: 'The learning rate at the beginning, after the warm-up.' });
const to = Type.Number({ minimum: 0, examples: [0.0001], description: 'The learning rate at the end, and from then on.' });
const aboveZero = Type.Number({ exclusiveMinimum: 0, examples: [0.0001], description: 'The learning rate at the end, and from then on.' });
const over = Type.Number({ exclusiveMinimum: 0, examples: [20], description: 'How many epochs it takes from the first rate to the last.' });
const warmup = Type.Number({
  minimum: 0,
  default: 0,
  description: 'Warm-up: epochs at the beginning in which the rate rises evenly from zero.',
});

/** A number, or how it changes: counted in epochs and moved at every step. */
export const learningRateOption = Type.Either(
  [
    Type.Number({ exclusiveMinimum: 0, examples: [0.001] }),
    Type.Tagged({
      step: Type.Object({ from, to, over, warmup }, { description: 'The first rate, and all at once the other one.' }),
      cosine: Type.Object({ from, to, over, warmup }, { description: 'Down along half a wave of a cosine.' }),
      linear: Type.Object({ from, to, over, warmup }, { description: 'Evenly from one to the other.' }),
      exponential: Type.Object({ from, to: aboveZero, over, warmup }, { description: 'By the same factor at every step.' }),
    }),
  ],
  { description: 'Step size: a number, or a schedule in epochs: step, cosine, linear or exponential.' },
);

export type LearningRate = Static<typeof learningRateOption>;
export type Schedule = Exclude<LearningRate, number>;

/**
 * The rate of a step that begins after `epochs` epochs (0.5: in the middle of the first) and is `step` of an epoch long. With `s` the share of
 * `over` that has gone by since the warm-up, at most 1:
 *
 *     step         from, and `to` when s = 1        cosine         to + (from - to) (1 + cos(pi s)) / 2
 *     linear       from (1 - s) + to s              exponential    from (to / from)^s
 */
export function rateAt({ kind, from, to, over, warmup }: Schedule, epochs: number, step: number): number {
  if (epochs < warmup) return from * Math.min(1, (epochs + step) / warmup);
  const share = Math.min(1, (epochs - warmup) / over);
  switch (kind) {
    case 'step':
      return share < 1 ? from : to;
    case 'cosine':
      return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
    case 'linear':
      return from * (1 - share) + to * share;
    case 'exponential':
      return from * (to / from) ** share;
    default:
      return kind satisfies never;
  }
}
