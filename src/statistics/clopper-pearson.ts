import { betaQuantile, betaRegularized } from './beta.js';

/** Bounds of a share of which `successes` of `n` were seen, each wrong with probability `alpha` at most (Clopper & Pearson 1934). */
export function clopperPearson(successes: number, n: number, alpha: number): { readonly lower: number; readonly upper: number } {
  return {
    lower: successes === 0 ? 0 : betaQuantile(alpha, successes, n - successes + 1),
    upper: successes === n ? 1 : betaQuantile(1 - alpha, successes + 1, n - successes),
  };
}

/** P(at most `successes` of `n`) where each succeeds with probability `share`. */
export const binomialCdf = (successes: number, n: number, share: number): number =>
  successes >= n ? 1 : betaRegularized(1 - share, n - successes, successes + 1, share);
