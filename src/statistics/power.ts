import type { Interval } from './interval.js';
import { normalCdf, normalQuantile } from './normal.js';
import { studentTQuantile } from './student-t.js';

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
