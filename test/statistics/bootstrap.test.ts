import { expect, test } from 'vitest';
import { createStreams } from '../../src/random/streams.js';
import { movingBlockInterval } from '../../src/statistics/bootstrap.js';

const { normal } = createStreams(3).stream('values');
const drawn = (count: number): Float64Array => Float64Array.from({ length: count }, () => normal());
const streamOf = (seed: number) => createStreams(seed).stream('blocks').integer;

test('is what drawing the places one by one comes to', () => {
  const [a, b] = [drawn(50).map((value) => 5 + value), drawn(50).map((value) => 9 + value)];
  const [length, draws] = [7, 200];
  const integer = streamOf(1);
  const ratios = Float64Array.from({ length: draws }, () => {
    const places: number[] = [];
    while (places.length < 50) {
      const start = integer(50 - length + 1);
      for (let i = 0; i < length && places.length < 50; i++) places.push(start + i);
    }
    const meanOf = (of: Float64Array): number => places.reduce((sum, at) => sum + (of[at] ?? 0), 0) / 50;
    return meanOf(a) / meanOf(b);
  }).toSorted();
  const [low, high] = movingBlockInterval([a, b], length, ([x = 0, y = 1]) => x / y, streamOf(1), { draws });
  expect(low).toBeCloseTo(ratios[Math.round(0.025 * 199)] ?? 0, 12);
  expect(high).toBeCloseTo(ratios[Math.round(0.975 * 199)] ?? 0, 12);
});

test('of independent values it is the interval of a mean, about two standard errors wide on either side', () => {
  const values = drawn(4000);
  const [low, high] = movingBlockInterval([values], 1, ([mean = 0]) => mean, streamOf(2));
  const standardError = 1 / Math.sqrt(4000);
  expect((high - low) / 2 / standardError).toBeGreaterThan(1.8);
  expect((high - low) / 2 / standardError).toBeLessThan(2.1);
});

test('where neighbours hang together, long blocks make it wider', () => {
  const walk = drawn(2000).reduce<number[]>((all, step) => [...all, 0.9 * (all.at(-1) ?? 0) + step], []);
  const width = (length: number): number => {
    const [low, high] = movingBlockInterval([Float64Array.from(walk)], length, ([mean = 0]) => mean, streamOf(3));
    return high - low;
  };
  expect(width(50)).toBeGreaterThan(2 * width(1));
});
