import { Type, type Static } from '../../../language/type.js';

export const options = Type.Object({
  bits: Type.Integer({ minimum: 2, maximum: 31, default: 8, description: 'Bits of the sum; the numbers have one less.' }),
  examples: Type.Integer({
    minimum: 2,
    maximum: 10_000_000,
    default: 100_000,
    description: 'Pairs drawn, for training and test together.',
  }),
  train_fraction: Type.Number({
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: 0.8,
    description: 'Share of the examples, the first ones, that train.',
  }),
  layout: Type.Enum(['numbers', 'bits'], {
    default: 'numbers',
    description: 'A number a step, most significant bit first, or a bit position of both a step, least significant first.',
  }),
  held_out: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: 'Share of all pairs that never train; if not 0, only they are tested.',
  }),
  test_bits: Type.Optional(
    Type.Array(Type.Integer({ minimum: 2, maximum: 31 }), {
      minItems: 1,
      uniqueItems: true,
      description: 'Further tests on sums of so many bits, each a split of its own (16: test_16_bits); layout bits only.',
    }),
  ),
});
export type Options = Static<typeof options>;

export function splitSizes({ examples, train_fraction }: Options): { train: number; test: number } {
  const train = Math.round(examples * train_fraction);
  return { train, test: examples - train };
}

/** What is measured: sums as long as those that train, then longer or shorter ones. */
export const testsOf = ({ bits, test_bits = [] }: Options): readonly { readonly split: string; readonly bits: number }[] => [
  { split: 'test', bits },
  ...test_bits.map((others) => ({ split: `test_${others}_bits`, bits: others })),
];
