import { mean, median } from './moments.js';
import { doubledMidranks, type ExactP, exactP } from './ranks.js';

/**
 * Wilcoxon 1945, Mann & Whitney 1947: exact p-values of a's rank sum among all choices of |a| ranks out of |a| + |b|, ties by midranks. The
 * choices are counted by dynamic programming over doubled ranks: exact as long as their number is below 2^53, and to 15 digits beyond.
 */
export function rankSum(a: readonly number[], b: readonly number[]): ExactP {
  if (a.length > b.length) return mirrored(rankSum(b, a));
  const ranks = doubledMidranks([...a, ...b]);
  const observed = ranks.slice(0, a.length).reduce((total, rank) => total + rank, 0);
  return exactP(choices(ranks, a.length), observed);
}

/** P(A > B) + P(A = B) / 2: how often a value of a is above one of b. */
export function shareAbove(a: readonly number[], b: readonly number[]): number {
  const points = a.flatMap((x) => b.map((y) => (1 + Math.sign(x - y || 0)) / 2));
  return mean(points);
}

/** The shift that goes with the test: the median of all differences a - b (Hodges & Lehmann 1963). */
export const hodgesLehmann = (a: readonly number[], b: readonly number[]): number => median(a.flatMap((x) => b.map((y) => x - y)));

/** In how many ways `size` of the ranks sum up to s: ties are taken together, k of a group of g equal ranks in (g over k) ways. */
function choices(ranks: readonly number[], size: number): Float64Array {
  const groups = new Map<number, number>();
  for (const rank of ranks) groups.set(rank, (groups.get(rank) ?? 0) + 1);
  const largest = ranks
    .toSorted((x, y) => y - x)
    .slice(0, size)
    .reduce((total, rank) => total + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(largest + 1));
  const most = new Array<number>(size + 1).fill(-1); // the largest sum so far of so many
  ways[0]?.fill(1, 0, 1);
  most[0] = 0;
  for (const [rank, count] of groups) {
    for (let chosen = size; chosen >= 1; chosen--) {
      const these = ways[chosen] ?? NO_WAYS;
      let combinations = 1;
      for (let k = 1; k <= Math.min(count, chosen); k++) {
        combinations *= (count - k + 1) / k;
        const fewer = ways[chosen - k] ?? NO_WAYS;
        const end = most[chosen - k] ?? -1;
        if (end >= 0) most[chosen] = Math.max(most[chosen] ?? -1, Math.min(largest, end + k * rank));
        for (let total = Math.min(end, largest - k * rank); total >= 0; total--) {
          these[total + k * rank] = (these[total + k * rank] ?? 0) + combinations * (fewer[total] ?? 0);
        }
      }
    }
  }
  return ways[size] ?? NO_WAYS;
}

const mirrored = ({ greater, less, twoSided }: ExactP): ExactP => ({ greater: less, less: greater, twoSided });
const NO_WAYS = new Float64Array(0);
