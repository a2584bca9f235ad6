import { mean, variance } from './means.js';

/** Where the spread of values in groups comes from: standard deviations. */
export interface TwoLevels {
  readonly between: number;
  readonly within: number;
  /** Values in each group. */
  readonly size: number;
  /** Of the variance of the mean of all values, the part that more values in each group would take away, 0 to 1. */
  readonly shareWithin: number;
}

/**
 * The two variances of k groups of n values each, y = m + a_group + e, by the method of moments (Searle, Casella & McCulloch 1992, section 3.5; what an
 * analysis of variance gives):
 *
 *     within²   the mean of the variances of the groups
 *     between²  max(0, variance of the means of the groups - within² / n)
 *
 * The variance of the mean of all is (between² + within² / n) / k. More values in each group make the second term smaller and leave the first. Undefined
 * of fewer than two groups, of fewer than two values in one, and of groups that are not of one size.
 */
export function twoLevels(groups: readonly (readonly number[])[]): TwoLevels | undefined {
  const [{ length: size } = []] = groups;
  if (groups.length < 2 || size < 2 || groups.some(({ length }) => length !== size)) return undefined;
  const within = mean(groups.map(variance));
  const between = Math.max(0, variance(groups.map(mean)) - within / size);
  const all = between + within / size;
  if (!Number.isFinite(all)) return undefined;
  return { between: Math.sqrt(between), within: Math.sqrt(within), size, shareWithin: all === 0 ? 0 : within / size / all };
}
