import { logGamma } from './beta.js';

/** Two rows of counts. */
export type TwoByTwo = readonly [readonly [number, number], readonly [number, number]];

/**
 * Fisher's exact test, two-sided: the probability, given the margins, of all tables that are no likelier than this one. Ties of
 * probability count as equal within 1e-7, as in R and scipy.
 */
export function fisherExact([[a, b], [c, d]]: TwoByTwo): number {
  const least = Math.max(0, a - d);
  const most = Math.min(a + b, a + c);
  const logWays = (k: number) => logChoose(a + b, k) + logChoose(c + d, a + c - k);
  const total = logChoose(a + b + c + d, a + c);
  const tables = Array.from({ length: most - least + 1 }, (_, i) => Math.exp(logWays(least + i) - total));
  const ours = Math.exp(logWays(a) - total);
  return Math.min(
    1,
    tables.filter((p) => p <= ours * (1 + 1e-7)).reduce((sum, p) => sum + p, 0),
  );
}

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
