export interface Extent {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export const extent = (values: readonly number[]): Extent => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
