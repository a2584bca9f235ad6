import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fUpperTail, studentizedRangeQuantile } from '../../src/statistics/distributions.js';
import { criticalDifference, friedman, smallestFriedmanP } from '../../src/statistics/friedman.js';

interface Case {
  readonly values: readonly (readonly number[])[];
  readonly ranks: readonly number[];
  readonly chiSquared: number;
  readonly f: number;
  readonly pOfF: number;
  readonly p?: number;
}
const { cases, quantiles } = JSON.parse(readFileSync(new URL('../table/friedman_cases.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
  readonly quantiles: readonly { readonly p: number; readonly k: number; readonly q: number }[];
};

const close = (found: number, expected: number): void => expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
/** All data sets rank the methods in one order. */
const alike = (n: number, k: number): readonly (readonly number[])[] =>
  Array.from({ length: n }, () => Array.from({ length: k }, (_, method) => method));

describe("Friedman's test", () => {
  it.each(cases.map((each) => ({ ...each, size: `${each.values.length} x ${each.ranks.length}` })))(
    '$size, χ² $chiSquared, as scipy and an enumeration have it',
    ({ values, ranks, chiSquared, f, pOfF, p }) => {
      const found = friedman(values);
      found.ranks.forEach((rank, method) => close(rank, ranks[method] ?? Number.NaN));
      close(found.chiSquared, chiSquared);
      close(found.f, f);
      const [n, k] = [values.length, ranks.length];
      close(fUpperTail(f, k - 1, (k - 1) * (n - 1)), pOfF);
      if (found.isExact && p !== undefined) close(found.p, p);
      if (!found.isExact) close(found.p, pOfF);
    },
  );

  it('counts where that is cheap, and compares with an enumeration in most cases', () => {
    const exact = cases.filter(({ values, p }) => p !== undefined && friedman(values).isExact);
    expect(exact.length).toBeGreaterThanOrEqual(18);
    expect([100, 101].map((n) => friedman(alike(n, 3)).isExact)).toEqual([true, false]);
    expect([8, 9].map((n) => friedman(alike(n, 5)).isExact)).toEqual([true, false]);
  });

  // Siegel 1956, table N.
  it.each([
    { sums: '6, 3 sets of 3', values: alike(3, 3), p: 0.028 },
    { sums: '8, 4 sets of 3', values: alike(4, 3), p: 0.0046 },
    { sums: '6, 2 sets of 4', values: alike(2, 4), p: 0.042 },
  ])('χ² $sums has the p of the tables', ({ values, p }) => expect(friedman(values).p).toBeCloseTo(p, 3));

  it('one order on all data sets has one chance in k! of each further one, counted or not', () => {
    close(friedman(alike(4, 3)).p, 6 ** -3);
    const many = friedman(alike(12, 6));
    expect(many).toMatchObject({ isExact: false, f: Infinity });
    close(many.p, 720 ** -11);
    close(smallestFriedmanP(12, 6), 720 ** -11);
  });

  it('methods that tie everywhere do not differ, and do not depend on the order of methods or data sets', () => {
    expect(friedman([[1, 1, 1], [2, 2, 2]])).toEqual({ ranks: [2, 2, 2], chiSquared: 0, f: 0, p: 1, isExact: true }); // prettier-ignore
    const [{ values } = { values: [] }] = cases;
    const turned = values.toReversed().map((row) => row.toReversed());
    close(friedman(turned).p, friedman(values).p);
    close(friedman(turned).chiSquared, friedman(values).chiSquared);
  });
});

describe('the studentized range with infinite degrees of freedom', () => {
  it.each(quantiles)('of $k at $p', ({ p, k, q }) => {
    close(studentizedRangeQuantile(p, k), q);
  });

  // Demšar 2006, table 5 (a): q / √2 of two to ten methods at 0.05.
  it.each([1.96, 2.343, 2.569, 2.728, 2.85, 2.949, 3.031, 3.102, 3.164].map((q, index) => ({ k: index + 2, q })))(
    'gives the table of Nemenyi for $k methods',
    ({ k, q }) => expect(Math.abs(studentizedRangeQuantile(0.95, k) / Math.SQRT2 - q)).toBeLessThan(0.001),
  );

  // The same, section 3.2.2.
  it.each([
    [0.05, 1.25],
    [0.1, 1.12],
  ])("four methods over 14 data sets have Demšar's critical difference at %f", (alpha, expected) =>
    expect(criticalDifference(14, 4, alpha)).toBeCloseTo(expected, 2),
  );

  it('has ends', () => {
    expect(studentizedRangeQuantile(0, 3)).toBe(0);
    expect(studentizedRangeQuantile(1, 3)).toBe(Infinity);
    expect(fUpperTail(0, 2, 4)).toBe(1);
    expect(fUpperTail(Infinity, 2, 4)).toBe(0);
  });
});
