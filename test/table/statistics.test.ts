import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { brunnerMunzel, brunnerMunzelTest, probabilityInterval } from '../../src/statistics/brunner-munzel.js';
import { createStreams } from '../../src/random/streams.js';
import {
  betaQuantile,
  betaRegularized,
  logGamma,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
  studentTTwoSided,
} from '../../src/statistics/distributions.js';
import { binomialCdf, clopperPearson, fisherExact, holm, signTest, singleRunRank, type TwoByTwo } from '../../src/statistics/tests.js';
import {
  mean,
  meanInterval,
  median,
  medianAbsoluteDeviation,
  momentsOf,
  neededSeeds,
  noether,
  sum,
  variance,
  welchInterval,
} from '../../src/statistics/means.js';
import { hodgesLehmann, rankSum, shareAbove, signedRank } from '../../src/statistics/ranks.js';
import { roundAsPrinted } from '../../src/statistics/round-as-printed.js';
import { casesOf, referenceOf } from './cases.js';

/** 1e-9 relative, 1e-12 absolute near 0, through lists and objects; keys that `expected` doesn't have are not compared. */
function expectClose(actual: unknown, expected: unknown, path = ''): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const error = Math.abs(actual - expected);
    if (!(error <= 1e-12 || error <= 1e-9 * Math.abs(expected))) expect.fail(`${path}: ${actual} is not ${expected}`);
  } else if (expected !== null && typeof expected === 'object') {
    for (const [key, value] of Object.entries(expected)) expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
  } else expect(actual, path).toEqual(expected);
}

interface Sample {
  readonly x: readonly number[];
  readonly alpha: number;
}
interface Two {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly alpha: number;
}

/** By the name of the cases: our answer in their shape. */
const ours: Readonly<Record<string, (input: never) => unknown>> = {
  t_quantile: ({ p, df }: { p: number; df: number }) => studentTQuantile(p, df),
  t_cdf: ({ x, df }: { x: number; df: number }) => studentTCdf(x, df),
  normal_quantile: ({ p }: { p: number }) => normalQuantile(p),
  normal_cdf: ({ x }: { x: number }) => normalCdf(x),
  beta_regularized: ({ x, a, b }: { x: number; a: number; b: number }) => betaRegularized(x, a, b),
  clopper_pearson: ({ successes, n, alpha }: { successes: number; n: number; alpha: number }) => clopperPearson(successes, n, alpha),
  fisher_exact: ({ table }: { table: TwoByTwo }) => fisherExact(table),
  holm: ({ p }: { p: readonly number[] }) => holm(p),
  welch_interval({ a, b, alpha }: Two) {
    const { difference, se, df, interval, p } = welchInterval(momentsOf(a), momentsOf(b), alpha);
    return { t: difference / se, df, p, interval };
  },
  rank_sum_exact({ a, b }: Two) {
    const { greater, less, twoSided } = rankSum(a, b);
    return { greater, less, two_sided: twoSided };
  },
  hodges_lehmann: ({ a, b }: Two) => hodgesLehmann(a, b),
  signed_rank_exact({ d }: { d: readonly number[] }) {
    const { greater, less, twoSided, count } = signedRank(d);
    return { greater, less, two_sided: twoSided, n: count };
  },
  sign_flip_mean: ({ d }: { d: readonly number[] }) => enumerateSigns(d, d),
  interval({ x, alpha }: Sample) {
    const { mean: center, sd, interval, runInterval } = meanInterval(x, alpha);
    const t = center / (sd / Math.sqrt(x.length));
    return { mean: center, sd, interval, run_interval: runInterval, t, p: studentTTwoSided(t, x.length - 1) };
  },
  needed_seeds(input: { mean: number; sd: number; n: number; low: number; high: number; alpha: number; power: number; cap: number }) {
    return neededSeeds({ ...input, zone: [input.low, input.high] }) ?? { total: null, further: null, power: null };
  },
  noether: ({ share, alpha, power }: { share: number; alpha: number; power: number }) => noether(share, alpha, power) ?? null,
  single_run_rank({ x, reference }: { x: number; reference: string }) {
    const { upper, lower, twoSided } = singleRunRank(x, referenceOf(reference));
    return { upper, lower, two_sided: twoSided };
  },
};

/** An independent count over all 2^n signs: how often the sum of ±|weights| is as far up (down) as with the signs of `d`. */
function enumerateSigns(d: readonly number[], weights: readonly number[]): { readonly greater: number; readonly less: number } {
  const total = (signs: (index: number) => number) => d.reduce((all, _, i) => all + signs(i) * Math.abs(weights[i] ?? 0), 0);
  const observed = total((i) => Math.sign(d[i] ?? 0));
  let [greater, less] = [0, 0];
  for (let mask = 0; mask < 2 ** d.length; mask++) {
    const statistic = total((i) => ((mask >> i) & 1 ? 1 : -1));
    if (statistic >= observed - 1e-12) greater++;
    if (statistic <= observed + 1e-12) less++;
  }
  return { greater: greater / 2 ** d.length, less: less / 2 ** d.length };
}

describe.each(Object.entries(ours))('%s', (fn, answer) => {
  const cases = casesOf<never, unknown>(fn);
  test('has cases', () => expect(cases.length).toBeGreaterThan(5));
  test.each(cases.map((each) => [JSON.stringify(each.input).slice(0, 100), each] as const))('%s', (_, { input, output }) => {
    expectClose(answer(input), output);
  });
});

interface ProbabilityCase {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly share: number;
  readonly se: number;
  readonly t: number | null;
  readonly p: number | null;
  readonly greater?: number;
  readonly less?: number;
  readonly alpha?: number;
  readonly interval?: readonly [number, number];
}
interface SignCase {
  readonly above: number;
  readonly below: number;
  readonly greater: number;
  readonly less: number;
  readonly two_sided: number;
}
const { probability, signs } = JSON.parse(readFileSync(new URL('probability_cases.json', import.meta.url), 'utf8')) as {
  readonly probability: readonly ProbabilityCase[];
  readonly signs: readonly SignCase[];
};

describe('P(A > B), against scipy', () => {
  test.each(probability)('$a and $b', ({ a, b, share, se, t, p, greater, less, alpha, interval }) => {
    const found = brunnerMunzel(a, b);
    expectClose(found, { share, se });
    if (t !== null && p !== null) {
      expectClose((found.share - 0.5) / found.se, t);
      expectClose(studentTTwoSided(t, found.df), p);
    }
    if (greater !== undefined) expectClose(brunnerMunzelTest(a, b), { greater, less });
    if (alpha !== undefined) expectClose(probabilityInterval(a, b, alpha), interval);
    const [low, high] = probabilityInterval(a, b, 0.04);
    const mirrored = probabilityInterval(b, a, 0.04);
    expectClose(mirrored, [1 - high, 1 - low]);
    expect(low >= 0 && low <= high && high <= 1).toBe(true);
  });

  test('large samples go by t', () => {
    const [a, b] = [Array.from({ length: 30 }, (_, i) => (i * 7) % 31), Array.from({ length: 30 }, (_, i) => ((i * 11) % 37) - 2)];
    const { share, se, df } = brunnerMunzel(a, b);
    const { greater, less } = brunnerMunzelTest(a, b);
    expectClose(greater, studentTCdf(-(share - 0.5) / se, df));
    expectClose(greater + less, 1);
  });

  test('more cannot be proved than by samples that are wholly apart', () => {
    const apart = probabilityInterval([6, 7, 8, 9, 10], [1, 2, 3, 4, 5], 0.04);
    expectClose(apart, [0.04 ** 0.2, 1]);
    expect(probabilityInterval([5, 7, 8, 9, 10], [1, 2, 3, 4, 6], 0.04)[0]).toBeLessThanOrEqual(apart[0]);
    expect(probabilityInterval([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], 0.04)).toEqual([0, 1]);
  });

  test.each(signs)('signs $above to $below', ({ above, below, greater, less, two_sided }) => {
    const found = signTest(above, below);
    expectClose([found.greater, found.less], [greater, less]);
    expectClose(found.twoSided, two_sided);
  });
});

describe('laws', () => {
  const dfs = [0.5, 1, 2, 4.7522, 30, 1e4, 1e6];
  const ps = [1e-10, 1e-4, 0.025, 0.2499, 0.2501, 0.49, 0.5, 0.5000001, 0.9, 0.999];

  test('quantiles undo their distributions', () => {
    for (const df of dfs) for (const p of ps) expectClose(studentTCdf(studentTQuantile(p, df), df), p, `t(${df}) at ${p}`);
    for (const p of ps) expectClose(normalCdf(normalQuantile(p)), p, `normal at ${p}`);
    for (const p of ps) expectClose(betaRegularized(betaQuantile(p, 2.5, 7), 2.5, 7), p, `beta at ${p}`);
  });

  /** scipy.stats.t.cdf of scipy 1.17; the two farthest by mpmath's quadrature, from which scipy is off by 1e-11. */
  test.each([
    [-8.6, 2272, 7.29950929867873e-18],
    [-9, 100, 7.680385257375236e-15],
    [-0.6, 2272, 0.27428303531795656],
    [-1.2, 3, 0.15813105734905258],
    [-5, 1e4, 2.9151633068313295e-7],
    [-9, 1e6, 1.1304865167464308e-19],
    [-30, 1e3, 7.687343721907879e-142],
    [-2, 1e6, 0.02275026692565962],
    [-0.51, 1e6, 0.3050257871763672],
    [-0.9, 0.5, 0.31357063604626606],
    [-35, 5e3, 1.5159076283869893e-240],
  ])('a tail keeps its digits: t(%f, %d)', (t, df, tail) => {
    expect(Math.abs(studentTCdf(t, df) / tail - 1)).toBeLessThan(1e-9);
  });

  test('the middle is exactly 0, the ends are infinite', () => {
    expect([studentTQuantile(0.5, 3), normalQuantile(0.5)]).toEqual([0, 0]);
    expect([studentTQuantile(0, 3), studentTQuantile(1, 3), normalQuantile(0), normalQuantile(1)]).toEqual([
      -Infinity,
      Infinity,
      -Infinity,
      Infinity,
    ]);
    expect([normalCdf(-Infinity), normalCdf(Infinity)]).toEqual([0, 1]);
  });

  test('one degree of freedom is the Cauchy distribution', () => {
    for (const t of [-1e6, -3, 0.01, 1, 50]) expectClose(studentTCdf(t, 1), 0.5 + Math.atan(t) / Math.PI);
  });

  test('the incomplete beta is a binomial sum', () => {
    const [n, share] = [12, 0.3];
    const choose = (k: number) => Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((all, factor) => all * factor, 1);
    let below = 0;
    for (let k = 0; k <= n; k++) {
      below += choose(k) * share ** k * (1 - share) ** (n - k);
      expectClose(binomialCdf(k, n, share), below, `at most ${k}`);
    }
  });

  test('gamma of whole and half numbers', () => {
    expectClose(Math.exp(logGamma(7)), 720);
    expectClose(logGamma(0.5), Math.log(Math.PI) / 2);
    expectClose(logGamma(171), 706.5730622457874);
  });

  test('the number of seeds that decide is the first of all that do', () => {
    const stream = createStreams(3).stream('power', 1);
    for (let i = 0; i < 300; i++) {
      const question = { mean: stream.normal(), sd: 2 * stream.uniform(), n: 2 + stream.integer(9), alpha: 0.025, cap: 60 };
      const zone = [[-1, 1] as const, [0, Infinity] as const, [-Infinity, 0.5] as const][stream.integer(3)] ?? [0, 1];
      const asked = { ...question, zone, fixedVariance: stream.integer(2) === 0 ? 0 : 0.01 };
      const one = (total: number) => neededSeeds({ ...asked, n: total - 1, cap: total });
      const first = Array.from({ length: 60 - question.n }, (_, k) => question.n + 1 + k).find((total) => one(total));
      expect(neededSeeds(asked)?.total).toBe(first);
    }
  });

  test('signed ranks agree with the count over all signs', () => {
    const d = [0.3, -0.1, 0.25, 0.7, -0.6, 0.05, 0.4];
    const ranks = d.map((x) => d.filter((y) => Math.abs(y) <= Math.abs(x)).length);
    expectClose(signedRank(d), enumerateSigns(d, ranks));
  });

  test('rank sums agree with the count over all choices, with ties', () => {
    const [a, b] = [
      [1.1, 1.2, 1.2],
      [1.2, 1.0, 1.3, 1.1],
    ];
    const all = [...a, ...b];
    const rank = (x: number) => all.filter((y) => y < x).length + (all.filter((y) => y === x).length + 1) / 2;
    const total = (values: readonly number[]) => values.reduce((s, x) => s + rank(x), 0);
    const choices = all.flatMap((x, i) => all.flatMap((y, j) => all.flatMap((z, k) => (i < j && j < k ? [total([x, y, z])] : []))));
    const greater = choices.filter((s) => s >= total(a) - 1e-9).length / choices.length;
    const less = choices.filter((s) => s <= total(a) + 1e-9).length / choices.length;
    expectClose(rankSum(a, b), { greater, less });
    expectClose(rankSum(b, a), { greater: less, less: greater });
  });

  test('all ties and all zeros prove nothing', () => {
    expect(rankSum([1, 1, 1], [1, 1])).toEqual({ greater: 1, less: 1, twoSided: 1 });
    expect(signedRank([0, -0, 0])).toEqual({ greater: 1, less: 1, twoSided: 1, count: 0 });
    expect(shareAbove([1, 1], [1])).toBe(0.5);
    expect(shareAbove([Infinity], [Infinity, 1])).toBe(0.75);
  });

  test('sums keep what adding one by one loses', () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(mean([0.1, 0.2, 0.3])).toBeCloseTo(0.2, 15);
    expect(variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBe(30);
    expect(variance([5])).toBe(0);
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])]).toEqual([2, 2.5, 1]);
  });

  test.each([
    [1.25, 0.1, 1.2],
    [1.35, 0.1, 1.4],
    [1.45, 0.1, 1.4],
    [-1.25, 0.1, -1.2],
    [0.125, 0.01, 0.12],
    [0.375, 0.01, 0.38],
    [2.5, 1, 2],
    [3.5, 1, 4],
    [1234, 100, 1200],
    [65, 10, 60],
    [75, 10, 80],
    [-65, 10, -60],
    [-75, 10, -80],
    [1250, 100, 1200],
    [1350, 100, 1400],
    [64.99999999999999, 10, 60],
    [65.00000000000001, 10, 70],
    [4, 10, 0],
    [-4, 10, 0],
    [0.175, 0.05, 0.2],
    [0.125, 0.05, 0.1],
    [-0.125, 0.05, -0.1],
    [0.1 + 0.2, 0.1, 0.3],
    [3, 2, 4],
    [5, 2, 4],
    [0.98734, 0, 0.98734],
    [0.30002, 1 / 20000, 0.3],
    [Infinity, 0.1, Infinity],
  ])('%f prints in units of %f as %f', (value, unit, printed) => expect(roundAsPrinted(value, unit)).toBe(printed));
});
