import type { DataSpec, Fact } from '../../stage.js';
import type { Options } from './options.js';
import { heldOutCount, pairCount, type Pairs } from './pairs.js';

export function describe(options: Options, { train, test }: { train: Pairs; test: Pairs }): readonly Fact[] {
  const { bits, held_out } = options;
  const name = (pairs: Pairs, i: number): number => (pairs.a[i] ?? 0) * 2 ** (bits - 1) + (pairs.b[i] ?? 0);
  const trained = new Set<number>();
  for (let i = 0; i < train.a.length; i++) trained.add(name(train, i));
  let repeated = 0;
  for (let i = 0; i < test.a.length; i++) if (trained.has(name(test, i))) repeated++;
  const overlap = test.a.length === 0 ? 0 : repeated / test.a.length;
  return [
    { key: 'possible-pairs', name: 'distinct possible pairs', value: pairCount(bits) },
    { key: 'train-pairs', name: 'distinct training pairs', value: trained.size },
    ...(held_out > 0 ? [{ key: 'held-out-pairs', name: 'pairs held out for the test', value: heldOutCount(options) }] : []),
    {
      key: 'test-pairs-in-train',
      name: 'share of test pairs that occur in training',
      value: overlap,
      ...(overlap > 0.5
        ? { note: 'The test curve measures memory, not generalisation: hold pairs out with held_out to measure that.' }
        : {}),
    },
  ];
}

/**
 * What answering every question alike reaches, as the law of the sums has it: the likeliest sum `2^(bits-1) - 1` is that of 1 in `2^(bits-1)` pairs,
 * and each bit is 0 as often as 1, but for the highest: a carry, it is 0 in `1/2 + 2^-bits` of the pairs.
 */
export const chanceOf = (split: string, bits: number): DataSpec['chance'] => ({
  [`${split}/exact_match`]: 2 ** (1 - bits),
  [`${split}/bit_accuracy`]: 0.5 + 2 ** -bits / bits,
});
