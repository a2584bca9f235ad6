import { betaRegularized } from './beta.js';
import type { ExactP } from './ranks.js';

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
