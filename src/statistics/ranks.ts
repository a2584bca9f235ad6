import { mean, median } from './means.js';

/** Exact p-values of a rank test: of seeing something at least as large, at least as small, and twice the smaller. */
export interface ExactP {
  readonly greater: number;
  readonly less: number;
  readonly twoSided: number;
}

/** Ranks from 1, doubled so that the midranks of ties are whole numbers: `[3, 1, 3]` -> `[5, 2, 5]`. */
export function doubledMidranks(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => (a === b ? 0 : a - b));
  const doubled = new Map<number, number>();
  sorted.forEach((value, index) => {
    if (!doubled.has(value)) doubled.set(value, index + 2 + sorted.lastIndexOf(value));
  });
  return values.map((value) => doubled.get(value) ?? Number.NaN);
}

/**
 * Values that differ by what binary arithmetic makes of equal ones, made equal: 0.3 - 0.2 and 0.1. `scales` are the sizes of the numbers
 * that each value was computed from: the error of a difference is in proportion to what was subtracted, not to what is left.
 */
export function tied(values: readonly number[], scales: readonly number[]): readonly number[] {
  const dust = (index: number) => (Number.isFinite(scales[index]) ? DUST * (scales[index] ?? 0) : 0);
  const order = values.map((value, index) => ({ value, index })).toSorted((a, b) => (a.value === b.value ? 0 : a.value - b.value));
  const result = values.slice();
  order.forEach(({ value, index }, position) => {
    const before = order[position - 1];
    if (before && value - before.value <= Math.max(dust(index), dust(before.index))) result[index] = result[before.index] ?? value;
  });
  return result;
}

/** Relative to the numbers that were subtracted. */
export const DUST = 1e-12;

/** `counts[s]`: in how many equally likely ways the statistic is s. */
function exactP(counts: Float64Array, observed: number): ExactP {
  let below = 0;
  let above = 0;
  let total = 0;
  counts.forEach((ways, statistic) => {
    total += ways;
    if (statistic <= observed) below += ways;
    if (statistic >= observed) above += ways;
  });
  const greater = above / total;
  const less = below / total;
  return { greater, less, twoSided: Math.min(1, 2 * Math.min(greater, less)) };
}

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

/** Counted choices by the ranks that they are of: cells of a table have equal numbers of runs, and mostly no ties. */
const counted = new Map<string, Float64Array>();
const MOST_COUNTED = 64;

/** In how many ways `size` of the ranks sum up to s. */
function choices(ranks: readonly number[], size: number): Float64Array {
  const sorted = ranks.toSorted((x, y) => x - y);
  const key = `${size} of ${sorted.join()}`;
  const found = counted.get(key) ?? countChoices(sorted, size);
  if (counted.size >= MOST_COUNTED) counted.clear();
  counted.set(key, found);
  return found;
}

/** Ties are taken together, k of a group of g equal ranks in (g over k) ways. */
function countChoices(ranks: readonly number[], size: number): Float64Array {
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
