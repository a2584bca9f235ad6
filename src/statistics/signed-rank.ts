import { doubledMidranks, DUST, type ExactP, exactP, tied } from './ranks.js';

/** Besides the p-values, how many differences were left when those of zero had been dropped. */
interface SignedRank extends ExactP {
  readonly count: number;
}

/**
 * Wilcoxon 1945: exact p-values of the sum of the ranks of positive differences among all 2^n signs. Differences of zero are dropped, ties
 * get midranks.
 *
 * @param scales the sizes of the numbers that each difference was computed from: what is below 1e-12 of them is no difference, so that
 *   0.3 - 0.2 and 0.2 - 0.1 tie, and 0.3 - 0.2 - 0.1 is zero. The differences themselves, where left out.
 */
export function signedRank(differences: readonly number[], scales: readonly number[] = differences.map(Math.abs)): SignedRank {
  const kept = differences.flatMap((difference, index) => {
    const scale = scales[index] ?? 0;
    const isZero = Math.abs(difference) <= (Number.isFinite(scale) ? DUST * scale : 0);
    return isZero ? [] : [{ difference, scale }];
  });
  const sizes = tied(
    kept.map(({ difference }) => Math.abs(difference)),
    kept.map(({ scale }) => scale),
  );
  const ranks = doubledMidranks(sizes);
  const observed = ranks.filter((_, index) => (kept[index]?.difference ?? 0) > 0).reduce((total, rank) => total + rank, 0);
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
