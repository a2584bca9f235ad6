import { studentTQuantile } from './distributions.js';
import { around, type Interval, mean, type SampleMoments, sum, type WelchInterval, welchInterval } from './means.js';
import { binomialCdf } from './tests.js';

const rising = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => (a === b ? 0 : a - b));

/**
 * Where the long-run median is, with `alpha` at most on each side, whatever the shape: the narrowest pair of order statistics x(r), x(n + 1 - r) with
 *
 *     P(B <= r - 1) <= alpha,  B ~ Binomial(n, 1/2)
 *
 * Undefined where even the least and the largest value are too few for that. Equal values only make it surer.
 */
export function medianInterval(values: readonly number[], alpha: number): Interval | undefined {
  const n = values.length;
  let rank = 0;
  while (2 * (rank + 1) <= n && binomialCdf(rank, n, 0.5) <= alpha * (1 + 1e-9)) rank++;
  return orderPair(values, rank);
}

/** The fewest values that have an interval of their median: n with 2^-n <= alpha. */
export const fewestForMedian = (alpha: number): number => Math.ceil(-Math.log2(alpha) - 1e-9);

/**
 * Where one more value falls, with `alpha` at most on each side, whatever the shape: below x(r) it falls with probability r / (n + 1), so r is the largest
 * with r <= alpha (n + 1) (Hahn & Meeker 1991, 5.4). Undefined where that is none.
 */
export const orderPrediction = (values: readonly number[], alpha: number): Interval | undefined =>
  orderPair(values, Math.floor(alpha * (values.length + 1) + 1e-9));

/** The fewest values with a prediction of one more: n + 1 >= 1 / alpha. */
export const fewestForPrediction = (alpha: number): number => Math.ceil(1 / alpha - 1e-9) - 1;

function orderPair(values: readonly number[], rank: number): Interval | undefined {
  if (rank < 1) return undefined;
  const sorted = rising(values);
  return [sorted[rank - 1] ?? Number.NaN, sorted[values.length - rank] ?? Number.NaN];
}

/** One-sided p-values of a median below `high`, and above `low`: how far out the order statistics are that leave them out. */
export function medianOutside(values: readonly number[], [low, high]: Interval): number {
  const n = values.length;
  const p = (onThatSide: number) => binomialCdf(onThatSide, n, 0.5);
  return Math.min(1, p(values.filter((value) => value >= low).length), p(values.filter((value) => value <= high).length));
}

/** What is left of a sample once a quarter is cut off at each end. */
interface TrimmedMoments {
  /** The interquartile mean. */
  readonly mean: number;
  /** Of that mean. */
  readonly se: number;
  readonly df: number;
}

/** How many of n values are cut off at each end: a quarter, rounded down, so that of 5 to 7 one is, and of 3 none. */
const trimmedOf = (n: number): number => Math.floor(n / 4);

/**
 * The interquartile mean: of n values the g = ⌊n / 4⌋ least and largest are left out, and the h = n - 2 g others are averaged. Its standard error is that
 * of Tukey & McLaughlin (1963), of values w whose outer g on each side are set to the nearest that is kept:
 *
 *     se² = Σ (w - w̄)² / (h (h - 1))        df = h - 1
 *
 * scipy's `mstats.trimmed_mean_ci` has (1 - 2/4)² n (n - 1) in place of h (h - 1), which is another number where n is no multiple of 4. rliable trims
 * alike, but takes the runs of all tasks together, and its intervals are drawn (bootstrap).
 */
export function trimmedMoments(values: readonly number[]): TrimmedMoments {
  const sorted = rising(values);
  const n = sorted.length;
  const cut = trimmedOf(n);
  const kept = sorted.slice(cut, n - cut);
  const [least = Number.NaN] = kept;
  const most = kept.at(-1) ?? Number.NaN;
  const winsorised = sorted.map((value) => Math.min(most, Math.max(least, value)));
  const center = mean(winsorised);
  const h = kept.length;
  const squares = sum(winsorised.map((value) => (value - center) ** 2));
  return { mean: mean(kept), se: Math.sqrt(squares / (h * (h - 1))), df: h - 1 };
}

/** The interval of an interquartile mean, with `alpha` on each side: Student's quantile with h - 1 degrees of freedom. */
export function trimmedInterval(values: readonly number[], alpha: number): TrimmedMoments & { readonly interval: Interval } {
  const moments = trimmedMoments(values);
  return { ...moments, interval: around(moments.mean, studentTQuantile(1 - alpha, moments.df) * moments.se) };
}

/**
 * The difference of two interquartile means, with `alpha` on each side (Yuen 1974):
 *
 *     se² = A + B,  A = se_a²,  B = se_b²        df = (A + B)² / (A² / (h_a - 1) + B² / (h_b - 1))        as of two means (Welch)
 */
export const yuenInterval = (a: TrimmedMoments, b: TrimmedMoments, alpha: number): WelchInterval =>
  welchInterval(asMean(a), asMean(b), alpha);

/** As one value whose variance is that of the interquartile mean. */
const asMean = ({ mean: center, se, df }: TrimmedMoments): SampleMoments => ({ mean: center, variance: se ** 2, count: 1, df });
