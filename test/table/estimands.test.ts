import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { noncentralTCdf } from '../../src/statistics/distributions.js';
import { cliffsDelta, hedgesG, hedgesGOfPairs } from '../../src/statistics/effect-sizes.js';
import { medianInterval, orderPrediction, trimmedInterval, trimmedMoments, yuenInterval } from '../../src/statistics/robust.js';
import { differenceInterval, differenceP, scoreOf } from '../../src/statistics/shares.js';

interface Two {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly interval: readonly number[];
}
interface Effect extends Two {
  readonly g: number;
  readonly delta: number;
  readonly pairs?: { readonly g: number; readonly interval: readonly number[] };
}
interface Shares {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly barnard: number;
  readonly score: number | null;
  readonly differences: readonly { readonly difference: number; readonly p: number }[];
}

/** Made with scipy by estimand_cases.py. */
const cases = JSON.parse(readFileSync(new URL('estimand_cases.json', import.meta.url), 'utf8')) as {
  readonly medians: readonly {
    readonly x: readonly number[];
    readonly alpha: number;
    readonly interval: readonly number[] | null;
    readonly prediction: readonly number[] | null;
  }[];
  readonly trimmed: readonly {
    readonly x: readonly number[];
    readonly mean: number;
    readonly se: number;
    readonly df: number;
    readonly interval: readonly number[];
  }[];
  readonly yuen: readonly (Two & { readonly t: number; readonly df: number; readonly p: number })[];
  readonly shares: readonly Shares[];
  readonly effects: readonly Effect[];
  readonly noncentral: readonly { readonly t: number; readonly df: number; readonly shift: number; readonly p: number }[];
};

/** 1e-9 relative, 1e-12 absolute near 0. */
function expectClose(actual: number | undefined, expected: number | undefined): void {
  const error = Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN));
  if (!(error <= 1e-12 || error <= 1e-9 * Math.abs(expected ?? 0))) expect.fail(`${actual} is not ${expected}`);
}
const expectEach = (actual: readonly number[] | undefined, expected: readonly number[]): void =>
  expected.forEach((each, index) => expectClose(actual?.[index], each));

describe('a median', () => {
  test.each(cases.medians)('of $x at $alpha', ({ x, alpha, interval, prediction }) => {
    expect(medianInterval(x, alpha) ?? null).toEqual(interval);
    expect(orderPrediction(x, alpha) ?? null).toEqual(prediction);
  });

  test('holds the truth as often as it says, with the fewest values that can', () => {
    expect(medianInterval([1, 2, 3, 4, 5], 0.025)).toBeUndefined();
    expect(medianInterval([1, 2, 3, 4, 5, 6], 0.025)).toEqual([1, 6]);
    expect(medianInterval([1, 2, 3, 4, 5], 0.04)).toEqual([1, 5]);
  });
});

describe('an interquartile mean', () => {
  test.each(cases.trimmed)('of $x', ({ x, mean, se, df, interval }) => {
    const ours = trimmedInterval(x, 0.025);
    expectEach([ours.mean, ours.se, ours.df, ...ours.interval], [mean, se, df, ...interval]);
  });

  test.each(cases.yuen)('of $a beside $b', ({ a, b, t, df, p, interval }) => {
    const ours = yuenInterval(trimmedMoments(a), trimmedMoments(b), 0.025);
    expectEach([ours.difference / ours.se, ours.df, ours.p, ...ours.interval], [t, df, p, ...interval]);
  });
});

describe('two shares', () => {
  const count = ([hits, all]: readonly [number, number]) => ({ hits, all });

  test.each(cases.shares)('$a and $b', ({ a, b, barnard, score, differences }) => {
    if (score !== null) expectClose(scoreOf(count(a), count(b), 0), score);
    expectClose(differenceP(count(a), count(b), 0), barnard);
    for (const { difference, p } of differences) expectClose(differenceP(count(a), count(b), difference), p);
  });

  test.each(cases.shares.slice(0, 6))('the interval of $a less $b ends where the test does', ({ a, b }) => {
    const [low, high] = differenceInterval(count(a), count(b), 0.025);
    expect(low).toBeLessThanOrEqual(high);
    if (low > -1) expect(differenceP(count(a), count(b), low)).toBeLessThanOrEqual(0.025);
    if (high < 1) expect(differenceP(count(b), count(a), -high)).toBeLessThanOrEqual(0.025);
    expect(differenceP(count(a), count(b), low + 1e-6)).toBeGreaterThan(0.025);
    expect(differenceP(count(b), count(a), -(high - 1e-6))).toBeGreaterThan(0.025);
  });

  test('a difference that is smaller still is no more likely: the edge is the worst case', () => {
    const [a, b] = [count([8, 8]), count([3, 6])];
    const seen = scoreOf(a, b, 0.1);
    const chance = (pa: number, pb: number) => {
      let total = 0;
      for (let x = 0; x <= 8; x++)
        for (let y = 0; y <= 6; y++)
          if (scoreOf({ hits: x, all: 8 }, { hits: y, all: 6 }, 0.1) >= seen - 1e-9) total += binomial(8, x, pa) * binomial(6, y, pb);
      return total;
    };
    let most = 0;
    for (let pa = 0; pa <= 1.0001; pa += 0.02)
      for (let pb = Math.max(0, pa - 0.1); pb <= 1.0001; pb += 0.02) most = Math.max(most, chance(pa, pb));
    expect(most).toBeGreaterThan(0.04);
    expect(most).toBeLessThanOrEqual(differenceP(a, b, 0.1) + 1e-12);
  });
});

function binomial(n: number, k: number, p: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways * p ** k * (1 - p) ** (n - k);
}

describe('effect sizes', () => {
  test.each(cases.noncentral)('the noncentral t at $t, $df, $shift', ({ t, df, shift, p }) => expectClose(noncentralTCdf(t, df, shift), p));

  test.each(cases.effects)('$a beside $b', ({ a, b, g, interval, delta, pairs }) => {
    const ours = hedgesG(a, b, 0.025);
    expectEach([ours?.value ?? Number.NaN, ...(ours?.interval ?? [])], [g, ...interval]);
    const cliff = cliffsDelta(a, b, 0.025);
    expectClose(cliff.value, delta);
    expect(cliff.interval[0]).toBeLessThanOrEqual(delta);
    expect(cliff.interval[1]).toBeGreaterThanOrEqual(delta);
    if (!pairs) return;
    const ofPairs = hedgesGOfPairs(
      a.map((x, index) => x - (b[index] ?? 0)),
      0.025,
    );
    expectEach([ofPairs?.value ?? Number.NaN, ...(ofPairs?.interval ?? [])], [pairs.g, ...pairs.interval]);
  });
});
