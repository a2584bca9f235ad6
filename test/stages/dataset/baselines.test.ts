import { describe, expect, test } from 'vitest';
import { createStreams } from '../../../src/random/streams.js';
import { ngramPerplexities, unigramPerplexity } from '../../../src/stages/dataset/baselines.js';
import { text } from '../../../src/stages/dataset/text.js';
import { dataBy } from '../support.js';

/** Words drawn one by one from a distribution of Zipf's: nothing can guess them better than its perplexity. */
function randomWords(count: number, kinds: number, seed = 1): { readonly words: Int32Array; readonly best: number } {
  const weights = Array.from({ length: kinds }, (_, rank) => 1 / (rank + 1));
  const total = weights.reduce((a, b) => a + b);
  const until: number[] = [];
  weights.reduce((sum, weight) => (until.push((sum + weight) / total), sum + weight), 0);
  const { uniform } = createStreams(seed).stream('words');
  const draw = (): number => {
    const u = uniform();
    return 1 + until.findIndex((end) => u < end);
  };
  const nats = weights.reduce((sum, weight) => sum - (weight / total) * Math.log(weight / total), 0);
  return { words: Int32Array.from({ length: count }, draw), best: Math.exp(nats) };
}

describe('n-grams know nothing of what they are measured on', () => {
  const { words, best } = randomWords(20_000, 2000);

  test.each([
    ['each token left out of the counts', ngramPerplexities(words, 2001, 3)],
    ['tokens held out', ngramPerplexities(words.subarray(0, 16_000), 2001, 3, words.subarray(16_000))],
  ])('%s: of random words no order is told better than is possible, nor far worse', (_, perplexities) => {
    expect(perplexities).toHaveLength(4);
    for (const perplexity of perplexities) {
      expect(perplexity).toBeGreaterThan(0.97 * best);
      expect(perplexity).toBeLessThan(1.35 * best);
    }
  });

  test('what a text repeats is learnt', () => {
    const periodic = Int32Array.from({ length: 3000 }, (_, i) => 1 + (i % 7));
    const [unigram = 0, bigram = 0, trigram = 0] = ngramPerplexities(periodic, 8, 2);
    expect(unigram).toBeCloseTo(7, 1);
    expect(bigram).toBeLessThan(1.01);
    expect(trigram).toBeLessThan(1.01);
  });

  test('probabilities of the next token add up to 1, after what was counted and after what never was', () => {
    const counted = randomWords(300, 6).words;
    const nats = (order: number, ...tokens: number[]): number =>
      tokens.length * Math.log(ngramPerplexities(counted, 8, order, Int32Array.from(tokens))[order] ?? 0);
    for (const context of [
      [1, 2],
      [2, 1],
      [6, 6],
      [7, 7],
    ]) {
      const sum = Array.from({ length: 8 }, (_, token) => Math.exp(nats(2, ...context) - nats(2, ...context, token)));
      expect(sum.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
    }
  });

  test('little text, none, and tokens that were never counted give numbers where there is something to measure', () => {
    expect(ngramPerplexities(Int32Array.of(1), 4, 2)).toEqual([4, 4, 4].map((value) => expect.closeTo(value, 10)));
    for (const value of ngramPerplexities(Int32Array.of(1, 1, 1), 4, 2, Int32Array.of(3, 3))) expect(value).toBeGreaterThan(4);
    expect(ngramPerplexities(Int32Array.of(1, 2), 4, 2, Int32Array.of())).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('what is told of a text of random words', () => {
  const { words, best } = randomWords(12_000, 1500, 2);
  const content = [...words].map((word) => `w${word}`).join(' ');
  const plan = (validation: number) => {
    const options = { file: 'w.txt', tokens: 'words', minimum_count: 1, normalize: 'none', time_steps: 8, validation } as const;
    const files = { read: () => new TextEncoder().encode(content) };
    return dataBy(text, options, { files, batchSize: 4 }).data;
  };

  test.each([0, 0.1])('validation %d: bigram and trigram are no better than is possible, in facts and in pictures', (validation) => {
    const { facts, baselines = {} } = plan(validation);
    const told = facts.flatMap(({ key, value }) => (/^(bi|tri)gram-perplexity$/.test(key) ? [Number(value)] : []));
    const drawn = Object.values(baselines).flatMap(({ bigram = 0, trigram = 0 }) => [bigram, trigram]);
    expect(told).toEqual(drawn);
    expect(told).toHaveLength(2);
    for (const perplexity of told) expect(perplexity).toBeGreaterThan(0.97 * best);
    expect(Object.keys(baselines)).toEqual([validation === 0 ? 'train/perplexity' : 'validation/perplexity']);
  });

  test('chance on what validates is that of what trains', () => {
    const { chance } = plan(0.1);
    const validation = words.subarray(words.length - 1200);
    // Counted on the 1,200 words themselves it would be far better than anything that is possible.
    expect(unigramPerplexity(validation)).toBeLessThan(0.8 * best);
    expect(chance['validation/perplexity']).toBeGreaterThan(0.97 * best);
    // The most frequent word of the training text, not of these.
    expect(chance['validation/accuracy']).toBe(validation.filter((word) => word === 1).length / 1200);
  });
});
