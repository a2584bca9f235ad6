import { expect, it } from 'vitest';
import { axesChart, importances, parallelChart } from '../../src/report/study/sweep-axes-chart.js';
import type { SweepPicture } from '../../src/report/study/sweep-chart.js';

const picture = (meanOf: (a: number, b: number, c: string) => number | undefined): SweepPicture => ({
  title: 's',
  measure: 'validation/loss',
  better: 'lower',
  axes: ['a', 'b', 'c'],
  cells: [1, 2, 3].flatMap((a) =>
    [10, 20, 30].flatMap((b) => ['x', 'y'].map((c) => ({ at: [a, b, c], mean: meanOf(a, b, c), interval: undefined }))),
  ),
});

it('gives the whole variance to the one axis that decides, and none to the others', () => {
  expect(importances(picture((a) => a))).toEqual([1, 0, 0]);
  expect(importances(picture((_a, _b, c) => (c === 'x' ? 1 : 2)))?.[2]).toBe(1);
});

it('is epsilon squared of the means by an axis', () => {
  const [a = 0, b = 0, c = 0] = importances(picture((first, _second, third) => first + (third === 'x' ? 0 : 1))) ?? [];
  // SS of a: 6·(1+0+1) = 12; of c: 18·0.25 = 4.5; total 16.5. Errors: 4.5/15 = 0.3 and 12/16 = 0.75.
  expect(a).toBeCloseTo((12 - 2 * 0.3) / 16.5, 12);
  expect(b).toBe(0);
  expect(c).toBeCloseTo((4.5 - 0.75) / 16.5, 12);
});

it('says nothing of few configurations, and leaves out what came to no number', () => {
  expect(importances({ ...picture(() => 1), cells: picture((a) => a).cells.slice(0, 7) })).toBeUndefined();
  const some = picture((a, b) => (b === 10 ? undefined : a));
  expect(importances(some)?.[0]).toBe(1);
  const { concat } = axesChart(some) as unknown as {
    readonly concat: readonly { readonly data: { readonly values: readonly unknown[] } }[];
  };
  expect(concat.map(({ data }) => data.values.length)).toEqual([12, 12, 12]);
  const { data } = parallelChart(some) as unknown as { readonly data: { readonly values: readonly { readonly share: number }[] } };
  expect(data.values.length).toBe(12 * 4);
  expect(data.values.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
});
