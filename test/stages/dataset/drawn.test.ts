import { describe, expect, test } from 'vitest';
import { adding } from '../../../src/stages/dataset/adding.js';
import { copy } from '../../../src/stages/dataset/copy.js';
import type { Batch } from '../../../src/stages/stage.js';
import { dataBy } from '../support.js';

const files = { read: () => new Uint8Array() };
const request = { files, seed: 1, batchSize: 32, shuffle: false };

/** Input and target of every example, batch by batch. */
const examplesOf = (batches: Iterable<Batch>) =>
  [...batches].flatMap(({ inputs: { input }, target, weight }) => {
    const [wide, long] = [input.length / weight.length, target.length / weight.length];
    return [...weight.keys()].flatMap((row) =>
      weight[row] === 1
        ? [{ input: [...input.subarray(row * wide, (row + 1) * wide)], target: [...target.subarray(row * long, (row + 1) * long)] }]
        : [],
    );
  });
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('adding', () => {
  const options = { steps: 12, train: 3000, test: 3000 };
  const { data, dataset } = dataBy(adding, options, request);
  const train = examplesOf(dataset().batches('train', 1));

  test('two steps are marked, anywhere, and the target is the sum of their numbers', () => {
    expect(train).toHaveLength(3000);
    const places = new Set<number>();
    for (const { input, target } of train) {
      const marked = Array.from({ length: 12 }, (_, step) => step).filter((step) => input[2 * step + 1] === 1);
      expect(marked).toHaveLength(2);
      for (const step of marked) places.add(step);
      expect(target).toEqual([Math.fround(marked.reduce((sum, step) => sum + (input[2 * step] ?? 0), 0))]);
      expect(input.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
    expect(places.size).toBe(12);
  });

  test('who answers 1 is as far off as the plan says', () => {
    const off = examplesOf(dataset().batches('test', 1)).map(({ target: [sum = 0] }) => Math.abs(sum - 1));
    // Standard errors of 3,000 examples: 0.0043 and 0.0036.
    expect(Math.abs(meanOf(off) - (data.chance['test/mean_absolute_error'] ?? 0))).toBeLessThan(0.013);
    expect(Math.abs(Math.sqrt(meanOf(off.map((each) => each ** 2))) - (data.chance['test/root_mean_squared_error'] ?? 0))).toBeLessThan(
      0.011,
    );
  });
});

describe('copy', () => {
  const options = { delay: 7, train: 50, validation: 40, test: 2000 };
  const { data, dataset } = dataBy(copy, options, request);

  test('the ten symbols come again behind the mark, and all else is blank', () => {
    const train = examplesOf(dataset().batches('train', 1));
    for (const { input, target } of train) {
      const read = Array.from({ length: 27 }, (_, step) => input.slice(10 * step, 10 * step + 10));
      for (const step of read) expect(step.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
      const symbols = read.map((step) => step.indexOf(1));
      expect(symbols.slice(0, 10).every((symbol) => symbol >= 1 && symbol <= 8)).toBe(true);
      expect(symbols.slice(10)).toEqual([0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      expect(target).toEqual([...Array<number>(17).fill(0), ...symbols.slice(0, 10)]);
    }
    expect(new Set(train.flatMap(({ target }) => target.slice(17))).size).toBe(8);
  });

  test('who remembers nothing is as often right as the plan says, and as unsure', () => {
    const { chance } = data;
    expect(chance['test/accuracy']).toBeCloseTo((17 + 10 / 8) / 27, 12);
    // 17 of 27 steps are known, at the other ten the nats of one of eight.
    expect(Math.log(chance['validation/perplexity'] ?? 0)).toBeCloseTo((10 * Math.log(8)) / 27, 12);
    const guessed = examplesOf(dataset().batches('test', 1)).flatMap(({ target }) =>
      target.map((symbol, step) => symbol === (step < 17 ? 0 : 1)),
    );
    expect(Math.abs(meanOf(guessed.map(Number)) - (chance['test/accuracy'] ?? 0))).toBeLessThan(0.003);
  });
});

test.each([
  [adding, { steps: 9, train: 70, test: 70 }],
  [copy, { delay: 3, train: 70, test: 70 }],
] as const)('an example is what its number says: in any order, and in no other split', (stage, options) => {
  const build = (changed: object = {}, shuffle = false, seed = 1) =>
    dataBy(stage as typeof adding, { ...options, ...changed } as Parameters<typeof adding.plan>[0], {
      ...request,
      seed,
      shuffle,
    }).dataset();
  const texts = (made: ReturnType<typeof build>, split: string, epoch = 1) =>
    examplesOf(made.batches(split, epoch)).map((each) => JSON.stringify(each));
  const plain = texts(build(), 'train');
  const shuffled = build({}, true);
  expect(texts(shuffled, 'train')).not.toEqual(plain);
  expect(texts(shuffled, 'train').toSorted()).toEqual(plain.toSorted());
  expect(texts(shuffled, 'train', 2)).not.toEqual(texts(shuffled, 'train', 1));
  expect(texts(build({ train: 90 }), 'train').slice(0, 70)).toEqual(plain);
  expect(texts(build(), 'test').some((each) => plain.includes(each))).toBe(false);
  expect(texts(build({}, false, 2), 'train')).not.toEqual(plain);
});
