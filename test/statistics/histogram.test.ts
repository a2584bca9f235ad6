import { describe, expect, it } from 'vitest';
import { histogramOf } from '../../src/statistics/histogram.js';
import fc from '../support/properties.js';

const value = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((x) => (Math.abs(x) < 1e-9 ? 0 : x));

describe('histogramOf', () => {
  it('counts every value once, in the interval that it lies in', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
        const { from, width, counts } = histogramOf(values) ?? { from: Number.NaN, width: Number.NaN, counts: [] };
        expect(counts.reduce((a, b) => a + b, 0)).toBe(values.length);
        expect(counts.length).toBeLessThanOrEqual(42);
        expect(counts.at(0)).toBeGreaterThan(0);
        expect(counts.at(-1)).toBeGreaterThan(0);
        for (const [at, count] of counts.entries()) {
          const inside = values.filter((x) => Math.floor(x / width) === Math.round(from / width) + at).length;
          expect(count).toBe(inside);
        }
      }),
    );
  });

  it('has an edge at 0 and a width that is said in one digit', () => {
    const { from, width, counts } = histogramOf([-3.2, -1, -0.4, 0.1, 0.2, 0.9, 1.7, 2.4]) ?? { from: 0, width: 0, counts: [] };
    expect({ from, width, counts }).toEqual({ from: -4, width: 1, counts: [1, 0, 0, 2, 3, 1, 1] });
  });

  it('is one bar where all are equal, and none where nothing is finite', () => {
    expect(histogramOf([5, 5, 5])?.counts).toEqual([3]);
    expect(histogramOf([0, 0])?.counts).toEqual([2]);
    expect(histogramOf([Number.NaN, Infinity])).toBeUndefined();
  });
});
