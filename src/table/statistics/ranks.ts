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
