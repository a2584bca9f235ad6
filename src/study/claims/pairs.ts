import type { Series } from './samples.js';

/** Two cells' values at the same seed. */
export interface Pair {
  readonly seed: number;
  readonly a: number;
  readonly b: number;
}

export function pairsOf(a: Series, b: Series): readonly Pair[] {
  const others = new Map(b.finished.map(({ seed, value }) => [seed, value]));
  return a.finished.flatMap(({ seed, value }) => {
    const other = others.get(seed);
    return other === undefined ? [] : [{ seed, a: value, b: other }];
  });
}

/** A diverged seed as a value that ranks behind all others. */
export function withWorst(series: Series, better: 'lower' | 'higher'): Series {
  const worst = better === 'lower' ? Infinity : -Infinity;
  const finished = [...series.finished, ...series.diverged.map((seed) => ({ seed, value: worst }))].toSorted((x, y) => x.seed - y.seed);
  return { ...series, finished, diverged: [] };
}
