import { mean, variance } from './moments.js';
import { studentTQuantile } from './student-t.js';

/** From, to. An end may be infinite. */
export type Interval = readonly [low: number, high: number];

export interface MeanInterval {
  readonly mean: number;
  readonly sd: number;
  /** Where the long-run mean is: m ∓ t s / √n. */
  readonly interval: Interval;
  /** Where one more run would fall: m ∓ t s √(1 + 1/n) (Hahn & Meeker 1991). */
  readonly runInterval: Interval;
}

/** Student's interval with `alpha` on each side, for at least two values. `extraVariance` is added to theirs: what rounding hides. */
export function meanInterval(values: readonly number[], alpha: number, extraVariance = 0): MeanInterval {
  const n = values.length;
  const center = mean(values);
  const sd = Math.sqrt(variance(values) + extraVariance);
  const reach = studentTQuantile(1 - alpha, n - 1) * sd;
  return { mean: center, sd, interval: around(center, reach / Math.sqrt(n)), runInterval: around(center, reach * Math.sqrt(1 + 1 / n)) };
}

/** As much of an interval as there can be: a share ends at 1, whatever a formula says. An end that is infinite stays so. */
export const within = ([low, high]: Interval, [least, most]: Interval): Interval => [
  Number.isFinite(low) ? Math.min(Math.max(low, least), Math.max(high, least)) : low,
  Number.isFinite(high) ? Math.max(Math.min(high, most), Math.min(low, most)) : high,
];

export const ANYWHERE: Interval = [-Infinity, Infinity];

export const around = (center: number, reach: number): Interval => [center - reach, center + reach];
