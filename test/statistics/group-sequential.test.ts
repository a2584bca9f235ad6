import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/statistics/distributions.js';
import { constantLevel } from '../../src/statistics/group-sequential.js';

interface Case {
  readonly counts: readonly number[];
  readonly alpha: number;
  readonly level: number;
}
const { cases } = JSON.parse(readFileSync(new URL('../table/group_sequential_cases.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

const equal = (looks: number): readonly number[] => Array.from({ length: looks }, (_, index) => 5 * (index + 1));
const bound = (counts: readonly number[], alpha: number): number => -normalQuantile(constantLevel(counts, alpha));

describe('one level for several looks', () => {
  it.each(cases)('$counts at $alpha, as scipy integrates it', ({ counts, alpha, level }) => {
    expect(Math.abs(constantLevel(counts, alpha) - level)).toBeLessThan(1e-9);
  });

  // Jennison and Turnbull 2000, table 2.1, C_P(K, 0.05): to pass both bounds of two sides is too rare to move a third decimal.
  it.each([
    [2, 2.178],
    [3, 2.289],
    [4, 2.361],
    [5, 2.413],
  ])('%i equal looks, two-sided 0.05, have the constant of Pocock %f', (looks, constant) => {
    expect(bound(equal(looks), 0.025)).toBeCloseTo(constant, 3);
  });

  // The same table at 0.1.
  it.each([
    [2, 1.875],
    [3, 1.992],
    [4, 2.067],
    [5, 2.122],
  ])('%i equal looks, two-sided 0.1, have the constant of Pocock %f', (looks, constant) => {
    expect(bound(equal(looks), 0.05)).toBeCloseTo(constant, 3);
  });

  it('lies between its parts and the whole, whatever the looks: one look has all of it', () => {
    expect(constantLevel([7], 0.05)).toBe(0.05);
    for (const counts of [
      [3, 4],
      [100, 101],
      [3, 10_000],
      [9999, 10_000],
      [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560],
    ]) {
      const level = constantLevel(counts, 0.05);
      expect(level, counts.join()).toBeGreaterThan(0.05 / counts.length);
      expect(level, counts.join()).toBeLessThan(0.05);
    }
    // Two looks at nearly the same data cost nearly nothing; at unrelated ones the product rule is all there is.
    expect(constantLevel([9999, 10_000], 0.05)).toBeGreaterThan(0.0495);
    expect(constantLevel([3, 10_000], 0.05)).toBeCloseTo(1 - Math.sqrt(0.95), 3);
  });

  it('depends on the ratios of the looks alone', () => {
    expect(constantLevel([6, 12, 18], 0.05)).toBeCloseTo(constantLevel([20, 40, 60], 0.05), 12);
  });
});
