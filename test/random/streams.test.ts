import { describe, expect, test } from 'vitest';
import { createStreams, type Stream } from '../../src/random/streams.js';

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const uniforms = (stream: Stream, count = 8): number[] => draw(count, stream.uniform);

describe('a stream is a function of seed, name and counters', () => {
  const reference = uniforms(createStreams(1).stream('shuffle', 3));

  test('equal on repeat', () => expect(uniforms(createStreams(1).stream('shuffle', 3))).toEqual(reference));

  test.each([
    ['seed', createStreams(2).stream('shuffle', 3)],
    ['name', createStreams(1).stream('masks', 3)],
    ['counter', createStreams(1).stream('shuffle', 4)],
    ['number of counters', createStreams(1).stream('shuffle', 3, 0)],
    ['place of the counter', createStreams(1).stream('shuffle3')],
  ])('another %s gives other numbers', (_, stream) => expect(uniforms(stream)).not.toEqual(reference));

  test('drawing from one stream does not shift another', () => {
    const streams = createStreams(1);
    const [shuffle, masks] = [streams.stream('shuffle', 3), streams.stream('masks')];
    const interleaved = draw(8, () => (masks.normal(), masks.integer(10), shuffle.uniform()));
    expect(interleaved).toEqual(reference);
  });

  test('the numbers themselves are part of every recorded result', () => {
    const stream = createStreams(1).stream('golden');
    expect([stream.integer(2 ** 32), stream.integer(1000), stream.uniform(), stream.normal()]).toMatchInlineSnapshot(`
      [
        2936137412,
        369,
        0.2604915499687195,
        -0.8436538444839935,
      ]
    `);
  });
});

describe('moments', () => {
  const count = 200_000;

  test('uniform: mean 1/2, variance 1/12, every value a float32 in [0, 1)', () => {
    const values = uniforms(createStreams(7).stream('moments'), count);
    expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(mean(values.map((u) => (u - 1 / 2) ** 2)) - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / count));
    expect(values.every((u) => u >= 0 && u < 1 && u === Math.fround(u))).toBe(true);
  });

  test('normal: mean 0, variance 1, kurtosis 3, neighbours uncorrelated', () => {
    const values = draw(count, createStreams(7).stream('moments').normal);
    expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(mean(values.map((z) => z ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(mean(values.map((z) => z ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    expect(Math.abs(mean(values.slice(1).map((z, i) => z * (values[i] ?? 0))))).toBeLessThan(4 / Math.sqrt(count));
  });

  test('integer: every value equally often, also where 2^32 is no multiple', () => {
    const counts = new Array<number>(7).fill(0);
    const stream = createStreams(7).stream('moments');
    for (let i = 0; i < count; i++) {
      const drawn = stream.integer(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    const expected = count / 7;
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(22.5); // 99.9 % point for 6 degrees of freedom
    const wide = draw(1000, () => stream.integer(3 * 2 ** 30));
    expect(mean(wide.map((n) => (n < 2 ** 31 ? 1 : 0)))).toBeCloseTo(2 / 3, 1); // a plain remainder would give 3/4
  });

  test.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])('integer below %s is refused', (below) => {
    expect(() => createStreams(1).stream('x').integer(below)).toThrow(RangeError);
  });
});

describe('shuffle', () => {
  const shuffled = (items: readonly number[], stream: Stream): readonly number[] => {
    const array = Int32Array.from(items);
    stream.shuffle(array);
    return [...array];
  };

  test('is a permutation', () => {
    const items = Array.from({ length: 100_000 }, (_, i) => i);
    const result = shuffled(items, createStreams(1).stream('shuffle', 1));
    expect(result).not.toEqual(items);
    expect(result.toSorted((a, b) => a - b)).toEqual(items);
  });

  test('gives all orders equally often', () => {
    const streams = createStreams(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffled([0, 1, 2], streams.stream('shuffle', i)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(20.5); // 99.9 % point for 5 degrees of freedom
  });
});
