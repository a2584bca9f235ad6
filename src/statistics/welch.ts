import { around, type Interval } from './interval.js';
import { mean, variance } from './moments.js';
import { studentTQuantile, studentTTwoSided } from './student-t.js';

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
