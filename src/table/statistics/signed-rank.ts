import { doubledMidranks, type ExactP, exactP } from './ranks.js';

/** Besides the p-values, how many differences were left when those of zero had been dropped. */
export interface SignedRank extends ExactP {
  readonly count: number;
}

/**
 * Wilcoxon 1945: exact p-values of the sum of the ranks of positive differences among all 2^n signs. Differences of zero are dropped, ties
 * get midranks; differences are rounded to twelve digits first, so that 0.3 - 0.2 and 0.2 - 0.1 tie.
 */
export function signedRank(differences: readonly number[]): SignedRank {
  const kept = differences.map((difference) => Number(difference.toPrecision(12))).filter((difference) => difference !== 0);
  const ranks = doubledMidranks(kept.map(Math.abs));
  const observed = ranks.filter((_, index) => (kept[index] ?? 0) > 0).reduce((total, rank) => total + rank, 0);
  return { ...exactP(signs(ranks), observed), count: kept.length };
}

/** In how many ways some of the ranks sum up to s. */
function signs(ranks: readonly number[]): Float64Array {
  const ways = new Float64Array(1 + ranks.reduce((total, rank) => total + rank, 0));
  ways[0] = 1;
  for (const rank of ranks) {
    for (let total = ways.length - 1; total >= rank; total--) ways[total] = (ways[total] ?? 0) + (ways[total - rank] ?? 0);
  }
  return ways;
}
