import type { Interval } from './means.js';
import { type ExactP } from './ranks.js';
import { studentTCdf, studentTQuantile } from './distributions.js';

/** P(A > B) + P(A = B)/2, from two samples. */
interface Probability {
  readonly share: number;
  /** Standard error; 0 where one sample is above all of the other, or all values tie. */
  readonly se: number;
  readonly df: number;
}

/**
 * Brunner & Munzel 2000. With placements a_i, the share of B below each value of A (ties half), and b_j alike:
 *
 *     share   mean of a_i        se² = S_a + S_b,  S_a = var a / n_a,  S_b = var b / n_b
 *     df      (S_a + S_b)² / (S_a² / (n_a - 1) + S_b² / (n_b - 1))
 *
 * Spreads and shapes of the two need not be alike.
 */
export const brunnerMunzel = (a: readonly number[], b: readonly number[]): Probability => estimate(groupsOf(a, b), a.length, b.length);

/**
 * The interval of P(A > B) + P(A = B)/2 with `alpha` on each side. q are the quantiles of (share - 1/2) / se over all ways to deal the
 * pooled values out to two samples of these sizes (Neubert & Brunner 2007), so that small samples keep the level too; of Student's t with df
 * degrees of freedom, where there are more than 200,000 ways. An end is the farther of
 *
 *     share ∓ q se        and the same of the log odds,  ln(share / (1 - share)) ∓ q se / (share (1 - share))
 *
 * because a share near 1 is skewed; that it is not one half is for the first alone, which is a test of that. No sample proves more than one
 * that is wholly above the other, and that one proves alpha^(1/n), n the smaller size: where a part of A lies above all of B and the rest
 * below, so many runs are above by luck with probability part^n.
 */
export function probabilityInterval(a: readonly number[], b: readonly number[], alpha: number): Interval {
  const { share, se, df } = brunnerMunzel(a, b);
  const most = alpha ** (1 / Math.min(a.length, b.length));
  if (se === 0) return [share === 1 ? most : 0, share === 0 ? 1 - most : 1];
  const statistics = permuted(a, b);
  const [down, up] = statistics ? quantiles(statistics, alpha) : [-studentTQuantile(1 - alpha, df), studentTQuantile(1 - alpha, df)];
  const odds = share / (1 - share);
  const ofOdds = (q: number) => 1 / (1 + Math.exp((q * se) / (share * (1 - share))) / odds);
  const [low, high] = [share - up * se, share - down * se];
  const [lower, upper] = [Math.min(low, ofOdds(up)), Math.max(high, ofOdds(down))];
  return [
    Math.max(0, Math.min(most, low > 0.5 ? Math.max(0.5, lower) : lower)),
    Math.min(1, Math.max(1 - most, high < 0.5 ? Math.min(0.5, upper) : upper)),
  ];
}

/** p-values of the same test of a share of one half: exact over all ways to deal, or by Student's t where these are too many. */
export function brunnerMunzelTest(a: readonly number[], b: readonly number[]): ExactP {
  const { share, se, df } = brunnerMunzel(a, b);
  const observed = studentized(share, se);
  const statistics = permuted(a, b);
  const part = (isAsFar: (statistic: number) => boolean) =>
    (statistics ?? []).reduce((total, { statistic, weight }) => (isAsFar(statistic) ? total + weight : total), 0);
  const greater = statistics ? part((each) => each >= observed) : studentTCdf(-observed, df);
  const less = statistics ? part((each) => each <= observed) : studentTCdf(observed, df);
  return { greater, less, twoSided: Math.min(1, 2 * Math.min(greater, less)) };
}

/** Values that tie: how many of them are of A, and of both. In rising order. */
interface Group {
  readonly ofA: number;
  readonly size: number;
}

function groupsOf(a: readonly number[], b: readonly number[]): readonly Group[] {
  const values = [...a.map((value) => ({ value, ofA: 1 })), ...b.map((value) => ({ value, ofA: 0 }))];
  const groups = new Map<number, { ofA: number; size: number }>();
  for (const { value, ofA } of values.toSorted((x, y) => (x.value === y.value ? 0 : x.value - y.value))) {
    const group = groups.get(value) ?? { ofA: 0, size: 0 };
    groups.set(value, { ofA: group.ofA + ofA, size: group.size + 1 });
  }
  return Array.from(groups.values());
}

/** Doubled placements and their squares are whole numbers, so that equal orders give equal statistics to the last bit. */
interface Sums {
  readonly a: number;
  readonly aSquared: number;
  readonly bSquared: number;
  readonly ofA: number;
  readonly ofB: number;
}

const NONE: Sums = { a: 0, aSquared: 0, bSquared: 0, ofA: 0, ofB: 0 };

function withGroup(sums: Sums, ofA: number, ofB: number): Sums {
  const [placeA, placeB] = [2 * sums.ofB + ofB, 2 * sums.ofA + ofA];
  return {
    a: sums.a + ofA * placeA,
    aSquared: sums.aSquared + ofA * placeA ** 2,
    bSquared: sums.bSquared + ofB * placeB ** 2,
    ofA: sums.ofA + ofA,
    ofB: sums.ofB + ofB,
  };
}

const estimate = (groups: readonly Group[], n: number, m: number): Probability =>
  ofSums(
    groups.reduce((sums, { ofA, size }) => withGroup(sums, ofA, size - ofA), NONE),
    n,
    m,
  );

function ofSums({ a, aSquared, bSquared }: Sums, n: number, m: number): Probability {
  const b = 2 * n * m - a;
  const fromA = (n * aSquared - a * a) / (n * n * (n - 1) * 4 * m * m);
  const fromB = (m * bSquared - b * b) / (m * m * (m - 1) * 4 * n * n);
  const df = (fromA + fromB) ** 2 / (fromA ** 2 / (n - 1) + fromB ** 2 / (m - 1));
  return { share: a / (2 * n * m), se: Math.sqrt(fromA + fromB), df };
}

/** Infinite where there is no spread. */
const studentized = (share: number, se: number): number => (share === 0.5 ? 0 : (share - 0.5) / se);

interface Weighed {
  readonly statistic: number;
  readonly weight: number;
}

/** The statistic of every way to deal the pooled values out, rising, with its probability; undefined where there are too many. */
function permuted(a: readonly number[], b: readonly number[]): readonly Weighed[] | undefined {
  const [n, m] = [a.length, b.length];
  const total = choose(n + m, n);
  if (total > MOST_WAYS) return undefined;
  const sizes = groupsOf(a, b).map(({ size }) => size);
  const key = `${n} ${sizes.join(' ')}`;
  const known = KNOWN.get(key);
  if (known) return known;
  const found: Weighed[] = [];
  deal(0, n, m, NONE, 1 / total);
  found.sort((x, y) => (x.statistic === y.statistic ? 0 : x.statistic - y.statistic));
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  KNOWN.set(key, found);
  return found;

  function deal(group: number, leftA: number, leftB: number, sums: Sums, weight: number): void {
    const size = sizes[group];
    if (size === undefined) {
      const { share, se } = ofSums(sums, n, m);
      found.push({ statistic: studentized(share, se), weight });
      return;
    }
    for (let ofA = Math.max(0, size - leftB); ofA <= Math.min(size, leftA); ofA++) {
      deal(group + 1, leftA - ofA, leftB - (size - ofA), withGroup(sums, ofA, size - ofA), weight * choose(size, ofA));
    }
  }
}

/** The statistics beyond which, on either side, less than or just `alpha` lies. */
function quantiles(statistics: readonly Weighed[], alpha: number): readonly [down: number, up: number] {
  const edge = (rising: readonly Weighed[]) => {
    let beyond = 0;
    for (const { statistic, weight } of rising) {
      beyond += weight;
      if (beyond > alpha * (1 + 1e-9)) return statistic;
    }
    return 0;
  };
  return [edge(statistics), edge(statistics.toReversed())];
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
}

/** Without ties the statistics depend on the sizes alone: a table asks for the same again and again. */
const KNOWN = new Map<string, readonly Weighed[]>();
const MOST_KNOWN = 20;
const MOST_WAYS = 200_000;
