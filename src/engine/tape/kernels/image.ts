import type { ResizeBilinearAttrs, ResizeBilinearGradInputs, ResizeBilinearInputs } from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { type Kernel, kernel, type Kernels } from '../kernel.js';
import type { Operations } from '../operations.js';
import { gather } from './shape.js';
import { channelsFirst, channelsLast } from './windows.js';

/** Of which old pixels a new one is made along one axis: `low + share (high - low)`; of `low` alone where there is no share. */
interface Source {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}
type Sources = (from: number, to: number, alignCorners: boolean, halfPixelCenters: boolean) => readonly Source[];

const LAST = { channelsLast: true };

/** Old pixels are picked, so that one that isn't a number spoils only what is made of it. `mix` puts two neighbours together. */
const resize = (sources: Sources, mix: ((low: Node, high: Node, share: Node, o: Operations) => Node) | undefined): Kernel =>
  kernel<ResizeBilinearInputs, ResizeBilinearAttrs>(({ images }, { size: [height, width], alignCorners, halfPixelCenters }, o) => {
    const along = (x: Node, axis: 1 | 2, to: number): Node => {
      const made = sources(x.shape[axis] ?? 1, to, alignCorners, halfPixelCenters);
      const pick = (which: 'low' | 'high'): Node =>
        gather(
          x,
          o.constant(
            Int32Array.from(made, (source) => source[which]),
            [to],
            'int32',
          ),
          axis,
          o,
        );
      const shares = Float32Array.from(made, ({ share }) => share);
      return mix ? mix(pick('low'), pick('high'), o.constant(shares, axis === 1 ? [to, 1, 1] : [to, 1]), o) : pick('low');
    };
    return along(along(mix ? o.cast(images, 'float32') : images, 2, width), 1, height);
  });

/** The gradient gathers what `resize` spreads: products with the transposed matrices of shares. */
const resizeGradient = (sources: Sources): Kernel =>
  kernel<ResizeBilinearGradInputs, ResizeBilinearAttrs>(({ images, dy }, { alignCorners }, o) => {
    const [, from = 1, fromWidth = 1] = images.shape;
    const [, height = 1, width = 1] = dy.shape;
    const rows = o.constant(matrix(sources(from, height, alignCorners, false), from), [height, from]);
    const columns = o.constant(matrix(sources(fromWidth, width, alignCorners, false), fromWidth), [width, fromWidth]);
    return channelsLast(o.product(o.product(rows, channelsFirst(dy, LAST, o), true), columns), LAST, o);
  });

const scaleOf = (from: number, to: number, alignCorners: boolean): number => (alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);

const bilinear: Sources = (from, to, alignCorners, halfPixelCenters) =>
  Array.from({ length: to }, (_, pixel) => {
    const scale = scaleOf(from, to, alignCorners);
    const place = halfPixelCenters ? scale * (pixel + 0.5) - 0.5 : scale * pixel;
    const low = Math.max(0, Math.floor(place));
    return { low, high: Math.min(from - 1, Math.ceil(place)), share: place - low };
  });

const nearest: Sources = (from, to, alignCorners, halfPixelCenters) =>
  Array.from({ length: to }, (_, pixel) => {
    const scale = scaleOf(from, to, alignCorners);
    const place = halfPixelCenters ? scale * (pixel + 0.5) : scale * pixel;
    const low = Math.max(0, Math.min(from - 1, alignCorners ? Math.round(place) : Math.floor(place)));
    return { low, high: low, share: 0 };
  });

/** `[to, from]` */
function matrix(sources: readonly Source[], from: number): Float32Array {
  const shares = new Float32Array(sources.length * from);
  const add = (index: number, share: number): void => void (shares[index] = (shares[index] ?? 0) + share);
  for (const [row, { low, high, share }] of sources.entries()) {
    add(row * from + low, 1 - share);
    add(row * from + high, share);
  }
  return shares;
}

const mixed = (low: Node, high: Node, share: Node, o: Operations): Node => o.add(low, o.apply('Mul', o.apply('Sub', high, low), share));

export const image: Kernels = {
  ResizeBilinear: resize(bilinear, mixed),
  ResizeBilinearGrad: resizeGradient(bilinear),
  ResizeNearestNeighbor: resize(nearest, undefined),
  ResizeNearestNeighborGrad: resizeGradient(nearest),
};
