import { quantileOf } from './means.js';

/** How often values lie in each of several intervals of equal width, the first of which begins at `from`. */
interface Histogram {
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
}

/**
 * Intervals about as wide as IQR / n^(1/3), half of what Freedman and Diaconis (1981) have, rounded up to 1, 2 or 5 times a power of ten and begun at a
 * multiple of it, so that 0 is never inside of one. Values that are not finite are left out; undefined where none is left.
 */
export function histogramOf(values: readonly number[]): Histogram | undefined {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  const [low, high] = finite.reduce<readonly [number, number]>(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  );
  const quarters = quantileOf(finite, 0.75) - quantileOf(finite, 0.25);
  const rough = Math.max(quarters / Math.cbrt(finite.length), (high - low) / MOST);
  const width = niceStep(rough > 0 ? rough : Math.abs(low) || 1);
  const first = Math.floor(low / width);
  const counts = new Array<number>(Math.floor(high / width) - first + 1).fill(0);
  for (const value of finite) {
    const at = Math.floor(value / width) - first;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { from: first * width, width, counts };
}

/** Intervals of one picture. */
const MOST = 40;

/** 1, 2 or 5 times a power of ten, at least about so large. */
export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.99) ?? 10;
  return digit * power;
}
