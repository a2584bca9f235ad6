import { describe, expect, test } from 'vitest';
import { drawParameter } from '../../src/random/initialize.js';
import { createStreams } from '../../src/random/streams.js';
import type { Initializer } from '../../src/stages/stage.js';

const draw = (shape: readonly number[], initializer: Initializer, name = 'W', seed = 1): Float32Array =>
  drawParameter({ name, shape, initializer }, createStreams(seed));

test('zeros and constants', () => {
  expect([...draw([2, 2], { kind: 'zeros' })]).toEqual([0, 0, 0, 0]);
  expect([...draw([3], { kind: 'constant', value: 1 })]).toEqual([1, 1, 1]);
  expect([...draw([], { kind: 'constant', value: 2 })]).toEqual([2]);
});

test('uniform stays within its limit and has its variance', () => {
  const values = draw([100, 300], { kind: 'uniform', limit: 0.25 });
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.25);
  expect(variance(values)).toBeCloseTo(0.25 ** 2 / 3, 3);
});

test('normal has its standard deviation', () => {
  expect(Math.sqrt(variance(draw([100, 300], { kind: 'normal', stddev: 0.01 })))).toBeCloseTo(0.01, 3);
});

describe.each([
  [6, 6],
  [5, 12],
  [12, 5],
])('orthogonal [%i, %i]', (rows, columns) => {
  const values = draw([rows, columns], { kind: 'orthogonal' });
  const at = (row: number, column: number): number => values[row * columns + column] ?? Number.NaN;

  test('has orthonormal rows or columns, the fewer of them', () => {
    const count = Math.min(rows, columns);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let product = 0;
        for (let k = 0; k < Math.max(rows, columns); k++) product += rows < columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 6);
      }
    }
  });
});

test('parts of one orthogonal matrix are drawn as it is, each under its own name', () => {
  const whole = draw([3, 12], { kind: 'orthogonal' }, 'Wh');
  const parts = [0, 1, 2, 3].map((index) => draw([3, 3], { kind: 'orthogonal', part: { of: 'Wh', index, count: 4 } }, `Wh${index}`));
  const joined = [0, 1, 2].flatMap((row) => parts.flatMap((part) => [...part.subarray(3 * row, 3 * row + 3)]));
  expect(joined).toEqual([...whole]);
});

test('blocks are drawn side by side along the last axis', () => {
  const values = draw([2, 4], {
    kind: 'blocks',
    blocks: [
      { kind: 'constant', value: 1 },
      { kind: 'constant', value: 2 },
    ],
  });
  expect([...values]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  expect(() => draw([3], { kind: 'blocks', blocks: [{ kind: 'zeros' }, { kind: 'zeros' }] })).toThrow(RangeError);
});

test('a parameter has its own stream: name and seed decide', () => {
  const uniform: Initializer = { kind: 'uniform', limit: 1 };
  expect(draw([4], uniform)).toEqual(draw([4], uniform));
  expect(draw([4], uniform)).not.toEqual(draw([4], uniform, 'V'));
  expect(draw([4], uniform)).not.toEqual(draw([4], uniform, 'W', 2));
});

function variance(values: Float32Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
}
