import type { DataSpec, Fact } from '../../stage.js';
import type { Options } from './options.js';
import { bit, heldOutCount, pairCount, type Pairs } from './pairs.js';

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

export const chanceOf = (split: string, { exactMatch, bitAccuracy }: { exactMatch: number; bitAccuracy: number }): DataSpec['chance'] => ({
  [`${split}/exact_match`]: exactMatch,
  [`${split}/bit_accuracy`]: bitAccuracy,
});

/** What answering every question alike can reach: with the most frequent sum, and with the more frequent value of each bit. */
export function bestConstantAnswer({ a, b }: Pairs, bits: number): { exactMatch: number; bitAccuracy: number } {
  if (a.length === 0) return { exactMatch: 0, bitAccuracy: 0 };
  const sums = new Map<number, number>();
  for (let i = 0; i < a.length; i++) {
    const sum = (a[i] ?? 0) + (b[i] ?? 0);
    sums.set(sum, (sums.get(sum) ?? 0) + 1);
  }
  let right = 0;
  for (let position = 0; position < bits; position++) {
    let ones = 0;
    for (const [sum, count] of sums) ones += count * bit(sum, position);
    right += Math.max(ones, a.length - ones);
  }
  const mostFrequent = [...sums.values()].reduce((most, count) => Math.max(most, count));
  return { exactMatch: mostFrequent / a.length, bitAccuracy: right / (a.length * bits) };
}
