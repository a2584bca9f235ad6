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
export function exactP(counts: Float64Array, observed: number): ExactP {
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
