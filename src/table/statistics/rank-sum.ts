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

/** In how many ways `size` of the ranks sum up to s. */
function choices(ranks: readonly number[], size: number): Float64Array {
  const largest = ranks
    .toSorted((x, y) => y - x)
    .slice(0, size)
    .reduce((total, rank) => total + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(largest + 1));
  ways.slice(0, 1).forEach((none) => none.fill(1, 0, 1));
  for (const rank of ranks) {
    for (let chosen = size; chosen >= 1; chosen--) {
      const [fewer, these] = [ways[chosen - 1] ?? NO_WAYS, ways[chosen] ?? NO_WAYS];
      for (let total = largest; total >= rank; total--) these[total] = (these[total] ?? 0) + (fewer[total - rank] ?? 0);
    }
  }
  return ways[size] ?? NO_WAYS;
}

const mirrored = ({ greater, less, twoSided }: ExactP): ExactP => ({ greater: less, less: greater, twoSided });
const NO_WAYS = new Float64Array(0);
