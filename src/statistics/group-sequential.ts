import { normalCdf, normalQuantile } from './distributions.js';

/**
 * The one-sided level at which each of several looks at accumulating data is judged, where the chance of an error over all of them is `alpha`:
 * one constant level (Pocock 1977), at numbers of seeds n_1 < … < n_K that need not be equally far apart.
 *
 *     P(Z_1 > c or … or Z_K > c) = alpha        Z_k the standardized mean of the first n_k values, corr(Z_i, Z_j) = √(n_i / n_j)
 *     level = P(Z > c)
 *
 * The looks share their data, so that this is more than alpha / K (Bonferroni): of 5, 10, 20 and 40 seeds 0.0169 in place of 0.0125 (alpha 0.05). It is exact
 * for normal values of known spread; tests that estimate the spread are held at this level too, by their own quantiles (Jennison and Turnbull
 * 2000, 4.4). One look has all of alpha.
 */
export function constantLevel(counts: readonly number[], alpha: number): number {
  const key = `${counts.join()} ${alpha}`;
  const level = LEVELS.get(key) ?? solve(counts, alpha);
  LEVELS.set(key, level);
  return level;
}

const LEVELS = new Map<string, number>();

/** Between Bonferroni's level and alpha itself, by false position (Illinois), whose end points move together. */
function solve(counts: readonly number[], alpha: number): number {
  if (counts.length === 1) return alpha;
  const excess = (level: number): number => chanceToCross(counts, -normalQuantile(level)) - alpha;
  let [low, high] = [alpha / counts.length, alpha];
  let [below, above] = [excess(low), excess(high)];
  for (let step = 0; step < MOST_STEPS && high - low > PRECISION * alpha; step++) {
    const level = (low * above - high * below) / (above - below);
    const found = excess(level);
    if (Math.abs(found) < PRECISION * alpha) return level;
    if (found < 0) {
      [low, below, above] = [level, found, above / 2];
    } else {
      [high, above, below] = [level, found, below / 2];
    }
  }
  return (low + high) / 2;
}

const MOST_STEPS = 60;
const PRECISION = 1e-12;

/**
 * The chance that one of Z_1 … Z_K passes the bound, by recursive integration (Armitage, McPherson and Rowe 1969): the density of Z_k where
 * nothing has passed before is that of Z_(k-1), below the bound, spread by the values that come in between.
 */
function chanceToCross(counts: readonly number[], bound: number): number {
  const narrowest = Math.min(1, ...counts.slice(1).map((count, index) => spreadOf(counts[index] ?? 0, count)));
  const grid = panels(LOWEST, bound, narrowest);
  let density = grid.points.map((z) => Math.exp(-(z * z) / 2) / ROOT_TWO_PI);
  for (let k = 1; k < counts.length - 1; k++) {
    const before = density;
    const [was, is] = [counts[k - 1] ?? 0, counts[k] ?? 0];
    const [shrunk, spread] = [Math.sqrt(was / is), spreadOf(was, is)];
    density = grid.points.map((z) =>
      grid.sumNear(z / shrunk, (REACH * spread) / shrunk, (u, index) => {
        const x = (z - u * shrunk) / spread;
        return ((before[index] ?? 0) * Math.exp(-(x * x) / 2)) / (ROOT_TWO_PI * spread);
      }),
    );
  }
  const [was, is] = [counts.at(-2) ?? 0, counts.at(-1) ?? 0];
  const [shrunk, spread] = [Math.sqrt(was / is), spreadOf(was, is)];
  return 1 - grid.sumNear(0, Infinity, (u, index) => (density[index] ?? 0) * normalCdf((bound - u * shrunk) / spread));
}

/** Standard deviation of Z_k where Z_(k-1) is known. */
const spreadOf = (was: number, is: number): number => Math.sqrt((is - was) / is);

/** Below this the normal distribution holds less than 1e-16, as it does beyond so many standard deviations of a step. */
const LOWEST = -8.3;
const REACH = 8.3;
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** Points and weights of Gauss and Legendre in panels of equal width, no wider than `most`. */
function panels(from: number, to: number, most: number) {
  const count = Math.ceil((to - from) / most);
  const width = (to - from) / count;
  const points = Array.from({ length: count * NODES.length }, (_, index) => {
    const { at = 0 } = NODES[index % NODES.length] ?? {};
    return from + width * (Math.floor(index / NODES.length) + (1 + at) / 2);
  });
  return {
    points,
    /** The integral of a function over the panels that lie within `reach` of a place. */
    sumNear(place: number, reach: number, value: (point: number, index: number) => number): number {
      const first = Math.max(0, Math.floor((place - reach - from) / width));
      const last = Math.min(count, Math.ceil((place + reach - from) / width));
      let sum = 0;
      for (let index = first * NODES.length; index < last * NODES.length; index++)
        sum += (NODES[index % NODES.length]?.weight ?? 0) * value(points[index] ?? 0, index);
      return (sum * width) / 2;
    },
  };
}

/** The 16 zeros of Legendre's polynomial in [-1, 1], by Newton's method from Chebyshev's, and the weights that go with them. */
const NODES = Array.from({ length: 16 }, (_, index) => {
  let at = Math.cos((Math.PI * (index + 0.75)) / 16.5);
  let slope = 1;
  for (let step = 0; step < 8; step++) {
    let [value, before] = [at, 1];
    for (let degree = 2; degree <= 16; degree++)
      [value, before] = [((2 * degree - 1) * at * value - (degree - 1) * before) / degree, value];
    slope = (16 * (at * value - before)) / (at * at - 1);
    at -= value / slope;
  }
  return { at, weight: 2 / ((1 - at * at) * slope * slope) };
});
