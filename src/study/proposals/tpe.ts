import type { Stream } from '../../random/streams.js';
import { normalCdf, normalQuantile } from '../../statistics/distributions.js';

/** What a coordinate in [0, 1) stands for: any number, one of so many neighbours, or one of so many that have no order. */
export type Dimension =
  | { readonly kind: 'continuous' }
  | { readonly kind: 'ordered'; readonly count: number }
  | { readonly kind: 'unordered'; readonly count: number };

/** A coordinate for each dimension. */
export type Point = readonly number[];

/** How many points are drawn from the better ones, of which the most promising is proposed. */
const CANDIDATES = 24;
/** Of how many points the newest count in full; older ones count less and less. */
const RECENT = 25;

/** How many of `count` points are the better ones. */
const betterOf = (count: number): number => Math.min(Math.ceil(0.1 * count), RECENT);

/**
 * A point to try next, by the tree-structured Parzen estimator of Bergstra et al. (2011): one density over the better tenth of the points that were
 * tried, one over the others, and of points drawn from the first the one at which it most exceeds the second. The densities are over all
 * dimensions at once, and their bandwidths and weights are those of Optuna 5's `TPESampler(multivariate=True)`. `tried`: in the order of their
 * proposals, with their ranks from 0, the best; a point without a rank is at work, and counts among the others, so that the next one lies elsewhere.
 * Points that `isOut` are never proposed; undefined where all that were drawn are.
 */
export function tpe(
  dimensions: readonly Dimension[],
  tried: readonly { readonly point: Point; readonly rank?: number }[],
  stream: Stream,
  isOut: (point: Point) => boolean = () => false,
): Point | undefined {
  const better = betterOf(tried.filter(({ rank }) => rank !== undefined).length);
  const isBetter = ({ rank = Infinity }: { readonly rank?: number }): boolean => rank < better;
  const pointsOf = (which: boolean): readonly Point[] => tried.filter((each) => isBetter(each) === which).map(({ point }) => point);
  const [good, bad] = [mixture(dimensions, pointsOf(true)), mixture(dimensions, pointsOf(false))];
  let best: { readonly point: Point; readonly gain: number } | undefined;
  for (let candidate = 0; candidate < CANDIDATES; candidate += 1) {
    const point = good.draw(stream);
    const gain = isOut(point) ? -Infinity : good.logDensity(point) - bad.logDensity(point);
    if (gain > (best?.gain ?? -Infinity)) best = { point, gain };
  }
  return best?.point;
}

/** One dimension of one of the kernels whose weighted sum is a density. */
interface Kernel {
  readonly logDensity: (x: number) => number;
  readonly draw: (stream: Stream) => number;
}

/** A kernel at each point, and one over the whole space: what nobody has tried is never out of reach. */
function mixture(dimensions: readonly Dimension[], points: readonly Point[]) {
  const widths = dimensions.map((_, axis) => widthsOf(points.map((point) => point[axis] ?? 0)));
  const kernels = [...points, undefined].map((point, index) =>
    dimensions.map((dimension, axis) => kernel(dimension, point?.[axis], widths[axis]?.[index] ?? 1, points.length + 1)),
  );
  const weights = [...weightsOf(points.length), 1];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    logDensity(point: Point): number {
      const terms = kernels.map(
        (of, index) =>
          Math.log((weights[index] ?? 0) / total) + of.reduce((sum, { logDensity }, axis) => sum + logDensity(point[axis] ?? 0), 0),
      );
      const largest = terms.reduce((a, b) => Math.max(a, b), -Infinity);
      return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
    },
    draw(stream: Stream): Point {
      let left = uniform(stream) * total;
      const chosen = weights.findIndex((weight) => (left -= weight) < 0);
      return (kernels.at(chosen) ?? []).map(({ draw }) => draw(stream));
    },
  };
}

/** The newest count in full, the oldest as one over their number. */
function weightsOf(count: number): readonly number[] {
  const older = Math.max(0, count - RECENT);
  return Array.from({ length: count }, (_, index) => (index >= older ? 1 : 1 / count + ((1 - 1 / count) * index) / Math.max(1, older - 1)));
}

/** How wide the kernel at each point is along one dimension: as far as the farther one of its neighbours. */
function widthsOf(coordinates: readonly number[]): readonly number[] {
  const order = coordinates.map((_, index) => index).toSorted((a, b) => (coordinates[a] ?? 0) - (coordinates[b] ?? 0));
  const sorted = order.map((index) => coordinates[index] ?? 0);
  const narrowest = 1 / Math.min(100, coordinates.length + 2);
  const widths = coordinates.map(() => 1);
  for (const [place, index] of order.entries()) {
    const [before, here = 0, after] = [sorted[place - 1], sorted[place], sorted[place + 1]];
    // A point alone reaches to the borders; else the outermost ones reach inwards.
    const gaps =
      sorted.length === 1 ? [here, 1 - here] : [before === undefined ? 0 : here - before, after === undefined ? 0 : after - here];
    widths[index] = Math.min(1, Math.max(narrowest, ...gaps));
  }
  return widths;
}

/** At `middle`, or over all values where there is none. */
const kernel = (dimension: Dimension, middle: number | undefined, width: number, kernels: number): Kernel =>
  dimension.kind === 'unordered'
    ? choiceKernel(dimension.count, middle, kernels)
    : normalKernel(middle ?? 0.5, width, dimension.kind === 'ordered' ? dimension.count : undefined);

/** A normal distribution within [0, 1], over cells where there are `cells` of them. */
function normalKernel(mean: number, sd: number, cells: number | undefined): Kernel {
  const below = (x: number): number => normalCdf((x - mean) / sd);
  const [low, high] = [below(0), below(1)];
  const draw = (stream: Stream): number =>
    Math.min(1 - EDGE, Math.max(0, mean + sd * normalQuantile(Math.min(1 - EDGE, Math.max(EDGE, low + uniform(stream) * (high - low))))));
  if (cells === undefined) {
    const scale = Math.log(sd * Math.sqrt(2 * Math.PI) * (high - low));
    return { logDensity: (x) => -(((x - mean) / sd) ** 2) / 2 - scale, draw };
  }
  const half = 1 / (2 * cells);
  return {
    logDensity: (x) => Math.log(Math.max(Number.MIN_VALUE, (below(x + half) - below(x - half)) / (high - low))),
    draw: (stream) => middleOf(Math.floor(draw(stream) * cells), cells),
  };
}

/** One more for the choice that was tried, on top of an equal share for each. */
function choiceKernel(count: number, middle: number | undefined, kernels: number): Kernel {
  const tried = middle === undefined ? -1 : Math.floor(middle * count);
  const weights = Array.from({ length: count }, (_, index) => 1 / kernels + (index === tried ? 1 : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    logDensity: (x) => Math.log((weights[Math.floor(x * count)] ?? 0) / total),
    draw(stream) {
      let left = uniform(stream) * total;
      return middleOf(
        weights.findIndex((weight) => (left -= weight) < 0),
        count,
      );
    },
  };
}

/** The coordinate that stands for one of `count` values. */
export const middleOf = (index: number, count: number): number => (Math.min(count - 1, Math.max(0, index)) + 0.5) / count;

const EDGE = 2 ** -33;
const uniform = (stream: Stream): number => stream.integer(2 ** 32) / 2 ** 32;
