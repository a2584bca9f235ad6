import { expect, it } from 'vitest';
import { mean, variance } from '../../src/statistics/means.js';
import { twoLevels } from '../../src/statistics/two-levels.js';

// numpy: MSW = var(axis=1, ddof=1).mean(), MSB = 3 var(means, ddof=1), √MSW and √((MSB - MSW) / 3); statsmodels' anova_lm gives MSW 0.000767 and MSB
// 0.010011, and its MixedLM (REML) 0.02768875 and 0.0555110.
const GROUPS = [
  [0.61, 0.58, 0.64],
  [0.71, 0.69, 0.66],
  [0.52, 0.57, 0.55],
  [0.63, 0.6, 0.66],
];

it('gives the variances of a balanced design as an analysis of variance does', () => {
  const found = twoLevels(GROUPS);
  expect(found?.within).toBeCloseTo(0.027688746209726913, 12);
  expect(found?.between).toBeCloseTo(0.05551109331909688, 12);
  expect(found?.shareWithin).toBeCloseTo(0.07658157602663704, 12);
  expect(found?.size).toBe(3);
});

it('both together are the variance of the means of the groups, where that is larger than what their values make it', () => {
  const { between = 0, within = 0 } = twoLevels(GROUPS) ?? {};
  expect(between ** 2 + within ** 2 / 3).toBeCloseTo(variance(GROUPS.map(mean)), 12);
});

it('finds nothing between groups that differ less than their values do', () => {
  const found = twoLevels([
    [1, 2],
    [2, 1],
    [1.1, 2],
  ]);
  expect(found?.between).toBe(0);
  expect(found?.shareWithin).toBe(1);
});

it('says nothing of one group, of single values, and of groups of two sizes', () => {
  expect(twoLevels([[1, 2]])).toBeUndefined();
  expect(twoLevels([[1], [2]])).toBeUndefined();
  expect(twoLevels([[1, 2], [2]])).toBeUndefined();
  expect(twoLevels([])).toBeUndefined();
});
