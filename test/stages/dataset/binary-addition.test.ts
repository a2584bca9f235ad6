import { describe, expect, test } from 'vitest';
import { createStreams } from '../../../src/random/streams.js';
import { binaryAddition } from '../../../src/stages/dataset/binary-addition.js';
import type { Batch, DataSpec, Dataset } from '../../../src/stages/stage.js';
import { planned, trained } from '../../support/experiment.js';
import { dataBy, problemsOf } from '../support.js';

type Options = Parameters<typeof binaryAddition.plan>[0];
const reference: Options = { bits: 8, examples: 100_000, train_fraction: 0.8, layout: 'numbers', held_out: 0 };
const small: Options = { ...reference, bits: 4, examples: 50 };
const files = { read: () => new Uint8Array() };

const inspect = (options: Options, seed = 1) => binaryAddition.look?.(options, { files, streams: createStreams(seed) }) ?? unreachable();

function build(options: Options, { seed = 1, batchSize = 8, shuffle = false } = {}): { spec: DataSpec; dataset: Dataset } {
  const { data, dataset } = dataBy(binaryAddition, options, { files, seed, batchSize, shuffle });
  return { spec: data, dataset: dataset() };
}

/** The sums that a split asks for, read from its bits: `a, b, s` of every example of weight 1. */
function read({ spec, dataset }: { spec: DataSpec; dataset: Dataset }, { bits, layout }: Options, split: string, epoch = 1): number[][] {
  const fromBits = (values: readonly number[]): number =>
    (layout === 'numbers' ? values : values.toReversed()).reduce((n, bit) => 2 * n + bit, 0);
  return [...dataset.batches(split, epoch)].flatMap(({ inputs: { input }, target, weight }) =>
    [...weight.keys()]
      .filter((row) => weight[row] === 1)
      .map((row) => {
        const x = [...input.subarray(row * 2 * bits, (row + 1) * 2 * bits)];
        const step = (number: 0 | 1) => x.filter((_, i) => (layout === 'numbers' ? Math.floor(i / bits) : i % 2) === number);
        expect(spec.splits[split]?.batchSize).toBe(weight.length);
        return [fromBits(step(0)), fromBits(step(1)), fromBits([...target.subarray(row * bits, (row + 1) * bits)])];
      }),
  );
}

describe.each(['numbers', 'bits'] as const)('layout %s', (layout) => {
  const options = { ...small, layout };

  test.each(['train', 'test'])('%s: every sum is right, every number in range', (split) => {
    const sums = read(build(options, { batchSize: 7 }), options, split);
    expect(sums).toHaveLength(split === 'train' ? 40 : 10);
    for (const [a = -1, b = -1, s] of sums) {
      expect(s).toBe(a + b);
      expect(Math.max(a, b)).toBeLessThan(8);
    }
  });

  test('arrays have the planned shapes, the last one filled up with weight 0', () => {
    const { spec, dataset } = build(options, { batchSize: 7 });
    const {
      inputs: { input },
      target,
      batches,
    } = spec.splits['train'] ?? unreachable();
    const made = [...dataset.batches('train', 1)];
    expect(made).toHaveLength(batches);
    for (const batch of made)
      expect([batch.inputs.input.length, batch.target.length]).toEqual([7 * volume(input.shape), 7 * volume(target.shape)]);
    expect([...(made.at(-1)?.weight ?? [])]).toEqual([1, 1, 1, 1, 1, 0, 0]);
    expect([...(made.at(-1)?.inputs.input.subarray(5 * 8) ?? [])]).toEqual(new Array(2 * 8).fill(0));
  });
});

test('what the two layouts look like: 5 + 6 = 11 of 4 bits', () => {
  const find = (options: Options): Batch => {
    const { dataset } = build(options, { batchSize: 1 });
    const index = read(build(options, { batchSize: 1 }), options, 'train').findIndex(([a, b]) => a === 5 && b === 6);
    return [...dataset.batches('train', 1)][index] ?? unreachable();
  };
  const options = { ...small, examples: 1000 };
  const numbers = find(options);
  expect([[...numbers.inputs.input], [...numbers.target]]).toEqual([
    [0, 1, 0, 1, 0, 1, 1, 0],
    [1, 0, 1, 1],
  ]);
  const bits = find({ ...options, layout: 'bits' });
  expect([[...bits.inputs.input], [...bits.target]]).toEqual([
    [1, 0, 0, 1, 1, 1, 0, 0],
    [1, 1, 0, 1],
  ]);
});

describe('the order of examples', () => {
  const shuffled = build(small, { shuffle: true });
  const sums = (epoch: number) => read(shuffled, small, 'train', epoch);

  test('is that of the draw unless shuffled; each epoch has its own', () => {
    const drawn = read(build(small), small, 'train');
    expect(sums(1)).not.toEqual(drawn);
    expect(sums(2)).not.toEqual(sums(1));
    expect(sums(1).map(String).toSorted()).toEqual(drawn.map(String).toSorted());
  });

  test('of an epoch is the same whenever asked; the test split is never shuffled', () => {
    const again = sums(2);
    expect(sums(2)).toEqual(again);
    expect(read(shuffled, small, 'test', 2)).toEqual(read(build(small), small, 'test', 1));
  });
});

test('the seed decides', () => {
  expect(read(build(small), small, 'train')).toEqual(read(build(small), small, 'train'));
  expect(read(build(small), small, 'train')).not.toEqual(read(build(small, { seed: 2 }), small, 'train'));
});

describe('facts', () => {
  const fact = (options: Options, name: string, seed = 1) => inspect(options, seed).facts.find((f) => f.name === name);

  test('in the reference setting 99.2 % of the test pairs occur in training, and it is said what that means', () => {
    expect(fact(reference, 'distinct possible pairs')?.value).toBe(16_384);
    for (const seed of [1, 2, 3]) {
      const overlap = fact(reference, 'share of test pairs that occur in training', seed);
      expect(Number(overlap?.value)).toBeCloseTo(1 - (1 - 1 / 16_384) ** 80_000, 2);
      expect(overlap?.note).toMatch(/^99\.\d+ % of the test pairs were trained on/);
    }
  });

  test.each([2, 3, 5, 8])('chance on sums of %i bits is that of the one answer that is best over all pairs', (bits) => {
    const numbers = Array.from({ length: 2 ** (bits - 1) }, (_, i) => i);
    const sums = numbers.flatMap((a) => numbers.map((b) => a + b));
    const best = (values: readonly number[]): number => {
      const counts = new Map<number, number>();
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      return Math.max(...counts.values()) / values.length;
    };
    const { chance } = build({ ...small, bits }).spec;
    expect(chance['test/exact_match']).toBeCloseTo(best(sums), 12);
    const shares = Array.from({ length: bits }, (_, position) => best(sums.map((sum) => (sum >> position) & 1)));
    expect(chance['test/bit_accuracy']).toBeCloseTo(shares.reduce((a, b) => a + b) / bits, 12);
  });

  test('the digest knows every option and the seed', () => {
    const changes: readonly Partial<Options>[] = [
      {},
      { bits: 5 },
      { examples: 60 },
      { train_fraction: 0.5 },
      { layout: 'bits' },
      { held_out: 0.2 },
      { validation_fraction: 0.1 },
    ];
    const digests = [...changes.map((change) => inspect({ ...small, ...change }).digest), inspect(small, 2).digest];
    expect(new Set(digests).size).toBe(digests.length);
    expect(inspect(small).digest).toBe(digests[0]);
    expect(digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
  });
});

describe('held-out pairs', () => {
  const options = { ...reference, examples: 5000, bits: 6, held_out: 0.25 };
  const pairs = (split: string): Set<string> => new Set(read(build(options), options, split).map(([a, b]) => `${a}+${b}`));

  test('never train, and only they are tested', () => {
    const [train, tested] = [pairs('train'), pairs('test')];
    expect([...tested].filter((pair) => train.has(pair))).toEqual([]);
    expect(tested.size).toBeLessThanOrEqual(256);
    expect(tested.size).toBeGreaterThan(220);
    expect(train.size).toBeLessThanOrEqual(768);
    expect(inspect(options).facts).toContainEqual({
      key: 'test-pairs-in-train',
      name: 'share of test pairs that occur in training',
      value: 0,
    });
  });
});

describe('pairs that validate', () => {
  const pairs = (options: Options, split: string): readonly string[] => read(build(options), options, split).map(([a, b]) => `${a}+${b}`);

  test('stand behind those that train, and change none of them', () => {
    const without = { ...reference, examples: 500 };
    const options = { ...without, validation_fraction: 0.1 };
    const tested = pairs(without, 'test');
    expect(pairs(options, 'train')).toEqual(pairs(without, 'train'));
    expect([...pairs(options, 'validation'), ...pairs(options, 'test')]).toEqual(tested);
    expect(pairs(options, 'validation')).toHaveLength(50);
    expect(Object.keys(build(options).spec.splits)).toEqual(['train', 'validation', 'test']);
    expect(build(options).spec.chance['validation/exact_match']).toBe(1 / 128);
  });

  test('of held-out ones neither train nor test', () => {
    const options = { ...reference, examples: 5000, bits: 6, held_out: 0.25, validation_fraction: 0.1 };
    const [train, validation, tested] = ['train', 'validation', 'test'].map((split) => new Set(pairs(options, split)));
    expect(validation?.size).toBeGreaterThan(100);
    for (const pair of validation ?? []) expect(train?.has(pair) || tested?.has(pair)).toBe(false);
    for (const pair of tested ?? []) expect(train?.has(pair)).toBe(false);
  });
});

describe('misfits', () => {
  const problems = (options: Partial<Options>) => {
    const all = { ...small, ...options };
    return problemsOf((report) => dataBy(binaryAddition, all, { files, batchSize: 4 }, report));
  };

  test.each([
    [{ examples: 2, train_fraction: 0.9 }, 'empty-split', 'train_fraction', '0.9 of 2 examples leaves none for the test'],
    [{ examples: 2, train_fraction: 0.1 }, 'empty-split', 'train_fraction', '0.1 of 2 examples leaves none for training'],
    [
      { examples: 100, train_fraction: 0.8, validation_fraction: 0.3 },
      'empty-split',
      'validation_fraction',
      '0.3 of 100 examples beside 0.8 that train leaves none for the test',
    ],
    [
      { examples: 100, validation_fraction: 0.001 },
      'empty-split',
      'validation_fraction',
      '0.001 of 100 examples beside 0.8 that train leaves none for validation',
    ],
    [
      { examples: 1000, train_fraction: 0.8, held_out: 0.02, validation_fraction: 0.01 },
      'empty-split',
      'validation_fraction',
      'of 1 held-out pair none is left for validation',
    ],
    [{ held_out: 0.001 }, 'empty-split', 'held_out', '0.001 of 64 pairs leaves none for the test'],
    [{ held_out: 0.999 }, 'empty-split', 'held_out', '0.999 of 64 pairs leaves none for training'],
    [{ bits: 20, held_out: 0.1 }, 'too-many-pairs', 'held_out', 'pairs can be held out for up to 12 bits'],
  ] as const)('%j', (options, code, key, message) => {
    expect(problems(options)).toMatchObject([{ code, path: [key], message }]);
  });

  test('none in the reference', () => expect(problems(reference)).toEqual([]));
});

const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
function unreachable(): never {
  throw new Error('expected a value');
}

describe('tests of other lengths', () => {
  const options: Options = { ...small, layout: 'bits', test_bits: [9, 3] };

  test('are splits of their own, with sums of so many bits', () => {
    const built = build(options);
    expect(
      Object.entries(built.spec.splits).map(
        ([
          name,
          {
            inputs: { input },
            target,
          },
        ]) => [name, input.shape, target.shape],
      ),
    ).toEqual([
      ['train', [4, 2], [4, 1]],
      ['test', [4, 2], [4, 1]],
      ['test_9_bits', [9, 2], [9, 1]],
      ['test_3_bits', [3, 2], [3, 1]],
    ]);
    for (const [split, bits] of [
      ['test_9_bits', 9],
      ['test_3_bits', 3],
    ] as const) {
      const sums = read(built, { ...options, bits }, split);
      expect(sums).toHaveLength(10);
      for (const [a = -1, b = -1, s] of sums) expect(s).toBe(a + b);
      expect(Math.max(...sums.map(([a = 0, b = 0]) => Math.max(a, b)))).toBeLessThan(2 ** (bits - 1));
    }
    expect(Math.max(...read(built, { ...options, bits: 9 }, 'test_9_bits').flat())).toBeGreaterThan(2 ** 7);
  });

  test('change no other split, and have a chance level', () => {
    const alone = build({ ...small, layout: 'bits' });
    for (const split of ['train', 'test']) expect(read(build(options), options, split)).toEqual(read(alone, options, split));
    expect(Object.keys(build(options).spec.chance)).toEqual(
      ['test', 'test_9_bits', 'test_3_bits'].flatMap((split) => [`${split}/exact_match`, `${split}/bit_accuracy`]),
    );
    expect(inspect(options).digest).not.toBe(inspect({ ...small, layout: 'bits' }).digest);
  });

  test('need the layout of bits', () => {
    const wrong: Options = { ...options, layout: 'numbers' };
    expect(problemsOf((report) => dataBy(binaryAddition, wrong, { files, batchSize: 8 }, report))).toMatchObject([
      { path: ['test_bits'], help: 'write layout: bits, or leave test_bits out' },
    ]);
  });

  test('a net that carries bits adds longer numbers than it has seen', async () => {
    const set = [
      'dataset.examples=2500',
      'dataset.test_bits=[16]',
      'training.epochs=12',
      'optimizer.learning_rate=0.01',
      'model.hidden_size=16',
    ];
    const { epochs } = await trained(planned('experiments/lstm_addition_bitwise.yaml', { set }));
    expect(epochs.at(-1)?.[1].get('test_16_bits/bit_accuracy')).toBeGreaterThan(0.95);
  });
});
