import { betaQuantile, betaRegularized, logGamma, studentTQuantile } from './distributions.js';
import type { ExactP } from './ranks.js';

/** Bounds of a share of which `successes` of `n` were seen, each wrong with probability `alpha` at most (Clopper & Pearson 1934). */
export function clopperPearson(successes: number, n: number, alpha: number): { readonly lower: number; readonly upper: number } {
  return {
    lower: successes === 0 ? 0 : betaQuantile(alpha, successes, n - successes + 1),
    upper: successes === n ? 1 : betaQuantile(1 - alpha, successes + 1, n - successes),
  };
}

/** What was seen of a cluster: `hits` of `all`. */
interface Hits {
  readonly hits: number;
  readonly all: number;
}

/**
 * Bounds of a share whose tries hang together in clusters, each wrong with probability `alpha`: those of Clopper and Pearson for as many single tries as
 * would vary like the clusters do (Korn and Graubard 1998). Of c clusters with h_i of a_i, n tries and the share p in all:
 *
 *     v = c / (c - 1) Σ ((h_i - p a_i) / n)²        n* = p (1 - p) / v, at most n        x* = p n*
 *
 * Their n* is made smaller by the quantiles of Student's t, (t(n - 1) / t(c - 1))², for v is itself a guess of few clusters. Clusters of one try each are
 * single tries. Where all tries end alike nothing tells how they hang together, and the clusters are counted.
 */
export function clusteredShare(clusters: readonly Hits[], alpha: number): { readonly lower: number; readonly upper: number } {
  const [hits, n] = [clusters.reduce((sum, each) => sum + each.hits, 0), clusters.reduce((sum, { all }) => sum + all, 0)];
  const count = clusters.filter(({ all }) => all > 0).length;
  if (count === n) return clopperPearson(hits, n, alpha);
  const share = hits / n;
  if (count < 2) return clopperPearson(share, 1, alpha);
  const variance = (count / (count - 1)) * clusters.reduce((sum, each) => sum + ((each.hits - share * each.all) / n) ** 2, 0);
  const binomial = share * (1 - share);
  const unsure = (studentTQuantile(1 - alpha, n - 1) / studentTQuantile(1 - alpha, count - 1)) ** 2;
  const single = binomial === 0 || variance === 0 ? count : Math.min(n, (binomial / variance) * unsure);
  return clopperPearson(share * single, single, alpha);
}

/** P(at most `successes` of `n`) where each succeeds with probability `share`. */
export const binomialCdf = (successes: number, n: number, share: number): number =>
  successes >= n ? 1 : betaRegularized(1 - share, n - successes, successes + 1, share);

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

/**
 * The sign test (Arbuthnott 1710): exact p-values of seeing so many of `above + below` differences on one side, if each side were as likely.
 * It holds for differences of any shape; that of signed ranks needs them to be symmetric.
 */
export function signTest(above: number, below: number): ExactP {
  const n = above + below;
  const atLeast = (k: number) => (k === 0 ? 1 : betaRegularized(0.5, k, n - k + 1));
  const [greater, less] = [atLeast(above), atLeast(below)];
  return { greater, less, twoSided: Math.min(1, 2 * Math.min(greater, less)) };
}

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

/** Adjusted p-values, in the order given: reject where one is at most alpha, and any of all rejections is wrong with probability alpha (Holm 1979). */
export function holm(p: readonly number[]): readonly number[] {
  const order = p.map((value, index) => ({ value, index })).toSorted((x, y) => x.value - y.value);
  const adjusted = p.slice();
  let largest = 0;
  order.forEach(({ value, index }, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * value));
    adjusted[index] = largest;
  });
  return adjusted;
}
