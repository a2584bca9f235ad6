import { normalCdf, normalQuantile, studentTQuantile, studentTTwoSided } from './distributions.js';

type Numbers = readonly number[] | Float64Array;

/** The sum without the rounding errors of adding one by one (Neumaier 1974). */
export function sum(values: Numbers): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

export const mean = (values: Numbers): number => sum(values) / values.length;

/** The value below which a share of the others lies, between two of them in proportion, as numpy and most others have it by default. */
export function quantileOf(values: Float64Array | readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN];
  return low + (high - low) * (place - Math.floor(place));
}

/** With n - 1 in the divisor; 0 for a single value. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const center = mean(values);
  return sum(values.map((value) => (value - center) ** 2)) / (values.length - 1);
}

export const standardDeviation = (values: readonly number[]): number => Math.sqrt(variance(values));

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The median distance from the median. */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const center = median(values);
  return median(values.map((value) => Math.abs(value - center)));
}

/** From, to. An end may be infinite. */
export type Interval = readonly [low: number, high: number];

export interface MeanInterval {
  readonly mean: number;
  readonly sd: number;
  /** Where the long-run mean is: m ∓ t s / √n. */
  readonly interval: Interval;
  /** Where one more run would fall: m ∓ t √(s_r² + s²/n) (Hahn & Meeker 1991), s_r² = s² where the values are single runs. */
  readonly runInterval: Interval;
}

/**
 * Student's interval with `alpha` on each side, for at least two values. `extraVariance` is added to theirs: what rounding hides.
 * `ofRun`: by how much more the variance of a single run is, where the values are means of runs.
 */
export function meanInterval(values: readonly number[], alpha: number, extraVariance = 0, ofRun = 0): MeanInterval {
  const n = values.length;
  const center = mean(values);
  const sd = Math.sqrt(variance(values) + extraVariance);
  const t = studentTQuantile(1 - alpha, n - 1);
  const reach = t * sd;
  const reachOfRun = ofRun === 0 ? reach * Math.sqrt(1 + 1 / n) : t * Math.sqrt(sd ** 2 * (1 + 1 / n) + ofRun);
  return { mean: center, sd, interval: around(center, reach / Math.sqrt(n)), runInterval: around(center, reachOfRun) };
}

/** As much of an interval as there can be: a share ends at 1, whatever a formula says. An end that is infinite stays so. */
export const within = ([low, high]: Interval, [least, most]: Interval): Interval => [
  Number.isFinite(low) ? Math.min(Math.max(low, least), Math.max(high, least)) : low,
  Number.isFinite(high) ? Math.max(Math.min(high, most), Math.min(low, most)) : high,
];

export const ANYWHERE: Interval = [-Infinity, Infinity];

export const around = (center: number, reach: number): Interval => [center - reach, center + reach];

/** What a sample says of its mean: `variance` of one value, and the degrees of freedom that this variance has. */
export interface SampleMoments {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
  readonly df: number;
}

export interface WelchInterval {
  readonly difference: number;
  /** Standard error of the difference. */
  readonly se: number;
  readonly df: number;
  readonly interval: Interval;
  /** Two-sided, of no difference. */
  readonly p: number;
}

export const momentsOf = (values: readonly number[]): SampleMoments => ({
  mean: mean(values),
  variance: variance(values),
  count: values.length,
  df: values.length - 1,
});

/**
 * The difference of two means whose variances need not be equal, with `alpha` on each side (Welch 1947):
 *
 *     se² = A + B,  A = v_a / n_a,  B = v_b / n_b        df = (A + B)² / (A² / df_a + B² / df_b)
 */
export function welchInterval(a: SampleMoments, b: SampleMoments, alpha: number): WelchInterval {
  const fromA = a.variance / a.count;
  const fromB = b.variance / b.count;
  const se = Math.sqrt(fromA + fromB);
  const df = (fromA + fromB) ** 2 / (fromA ** 2 / a.df + fromB ** 2 / b.df);
  const difference = a.mean - b.mean;
  if (se === 0) return { difference, se, df: Infinity, interval: [difference, difference], p: difference === 0 ? 1 : 0 };
  const reach = studentTQuantile(1 - alpha, df) * se;
  return { difference, se, df, interval: around(difference, reach), p: studentTTwoSided(difference / se, df) };
}

interface NeededSeeds {
  readonly total: number;
  readonly further: number;
  /** The chance of a decision with so many, if what was seen were the truth. */
  readonly power: number;
}

export interface PowerQuestion {
  /** Mean (or difference) and spread of one value, taken as the truth. */
  readonly mean: number;
  readonly sd: number;
  /** How many there are. */
  readonly n: number;
  readonly zone: Interval;
  readonly alpha: number;
  /** Variance that more seeds of ours do not shrink: that of a reference's mean. */
  readonly fixedVariance?: number;
  readonly power?: number;
  readonly cap?: number;
}

/**
 * The smallest N > n with which the interval falls inside or outside of the zone with probability 0.8; normal approximation with the t
 * quantile of N. Undefined where even `cap` are too few. More seeds make the interval narrower, so the chance grows with N and is searched by
 * halving.
 */
export function neededSeeds(question: PowerQuestion): NeededSeeds | undefined {
  const { n, power = 0.8, cap = 1000 } = question;
  const decides = (total: number) => decisionChance(question, total) >= power;
  if (n >= cap || !decides(cap)) return undefined;
  let [low, high] = [n, cap];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (decides(middle)) high = middle;
    else low = middle;
  }
  return { total: high, further: high - n, power: decisionChance(question, high) };
}

function decisionChance({ mean, sd, zone: [low, high], alpha, fixedVariance = 0 }: PowerQuestion, total: number): number {
  const se = Math.sqrt(sd ** 2 / total + fixedVariance);
  const reach = quantile(alpha, total - 1) * se;
  const inside = normalCdf((high - reach - mean) / se) - normalCdf((low + reach - mean) / se);
  const outside = normalCdf(-(high + reach - mean) / se) + normalCdf((low - reach - mean) / se);
  return Math.max(0, inside) + outside;
}

/** Student's quantile, kept: one question asks for up to a thousand of them, and all questions for the same. */
function quantile(alpha: number, df: number): number {
  const known = QUANTILES.get(alpha) ?? [];
  QUANTILES.set(alpha, known);
  return (known[df] ??= studentTQuantile(1 - alpha, df));
}

const QUANTILES = new Map<number, number[]>();

/**
 * Seeds on each side for the rank sum test to show a share P(A > B) with the given chance, at least 4 (Noether 1987). Undefined at a share
 * of one half.
 */
export function noether(share: number, alpha: number, power = 0.8): number | undefined {
  if (share === 0.5) return undefined;
  return Math.max(4, Math.ceil((normalQuantile(1 - alpha) + normalQuantile(power)) ** 2 / (6 * (share - 0.5) ** 2)));
}

/** Half the width of the interval of a mean over n values, in their standard deviations: t(1 - alpha, n - 1) / √n. */
export const halfWidthInSd = (n: number, alpha: number): number => studentTQuantile(1 - alpha, n - 1) / Math.sqrt(n);
