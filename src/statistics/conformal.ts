/**
 * Split conformal prediction (Lei et al. 2018): of n absolute residuals of data that trained nothing, the k-th smallest, k = ceil((n + 1) level), is
 * how far from a forecast the truth lies at most with probability `level`, where it is as it was before. Undefined where k is above n.
 */
export const conformalReach = (residuals: readonly number[], level: number): number | undefined =>
  residuals.toSorted((a, b) => a - b)[rankOf(level, residuals.length) - 1];

/** The fewest residuals that say anything at this level: 19 at 0.95. */
export const fewestResiduals = (level: number): number => Math.ceil(rounded(level / (1 - level)));

const rankOf = (level: number, count: number): number => Math.ceil(rounded((count + 1) * level));

/** Without what binary fractions leave: 20 times 0.95 is 19 and no more. */
const rounded = (value: number): number => Number(value.toFixed(9));
