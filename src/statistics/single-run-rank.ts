/** How one run ranks among the runs of a reference. Never 0: the run counts among those at least as extreme (Phipson & Smyth 2010). */
interface SingleRunRank {
  /** (1 + #{y >= x}) / (m + 1). */
  readonly upper: number;
  readonly lower: number;
  readonly twoSided: number;
}

export function singleRunRank(x: number, reference: readonly number[]): SingleRunRank {
  const share = (count: number) => (1 + count) / (reference.length + 1);
  const upper = share(reference.filter((y) => y >= x).length);
  const lower = share(reference.filter((y) => y <= x).length);
  return { upper, lower, twoSided: Math.min(1, 2 * Math.min(upper, lower)) };
}
