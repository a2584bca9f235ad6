import type * as TF from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { type Kernel, kernel, type Kernels, type Operations } from '../operations.js';
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
  kernel<TF.ResizeBilinearInputs, TF.ResizeBilinearAttrs>(({ images }, { size: [height, width], alignCorners, halfPixelCenters }, o) => {
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
  kernel<TF.ResizeBilinearGradInputs, TF.ResizeBilinearAttrs>(({ images, dy }, { alignCorners }, o) => {
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

/**
 * Boxes `[y1, x1, y2, x2]`, in shares of the image, cut out and resized: the places of the new pixels are computed in the program, and each is
 * made of the old pixels around it, or of the nearest one.
 */
export const crop: Kernels = {
  CropAndResize: kernel<TF.CropAndResizeInputs, TF.CropAndResizeAttrs>(
    ({ image, boxes, boxInd }, { cropSize, method, extrapolationValue }, o) => {
      const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
      const count = boxes.shape[0] ?? 0;
      const [rows, columns] = cropSize;
      const edge = (k: number): Node => o.slice(o.cast(boxes, 'float32'), [0, k], [count, 1]);
      const y = o.reshape(places(edge(0), edge(2), rows, height, o), [count, rows, 1]);
      const x = o.reshape(places(edge(1), edge(3), columns, width, o), [count, 1, columns]);
      const within = (place: Node, length: number): Node =>
        o.apply('And', o.apply('GreaterOrEqual', place, o.scalar(0)), o.apply('LessOrEqual', place, o.scalar(length - 1)));
      const inside = o.reshape(o.apply('And', within(y, height), within(x, width)), [count, rows, columns, 1]);

      const pixels = o.reshape(o.cast(image, 'float32'), [batch * height * width, channels]);
      const whole = (place: Node, length: number): Node =>
        o.cast(o.shaped('Clip', [place, o.scalar(0), o.scalar(length - 1)], {}, place.shape), 'int32');
      const first = o.reshape(o.apply('Mul', o.cast(boxInd, 'int32'), o.scalar(height * width, 'int32')), [count, 1, 1]);
      const at = (row: Node, column: Node): Node => {
        const line = o.add(first, o.apply('Mul', whole(row, height), o.scalar(width, 'int32')));
        return gather(pixels, o.add(line, whole(column, width)), 0, o);
      };
      if (method === 'nearest') {
        const nearest = (place: Node): Node => o.apply('Floor', o.add(place, o.scalar(0.5)));
        return o.where(inside, at(nearest(y), nearest(x)), o.scalar(extrapolationValue));
      }
      const [top, left] = [o.apply('Floor', y), o.apply('Floor', x)];
      const [bottom, right] = [o.apply('Ceil', y), o.apply('Ceil', x)];
      const mix = (from: Node, to: Node, share: Node): Node => o.add(from, o.apply('Mul', o.apply('Sub', to, from), share));
      const down = o.reshape(o.apply('Sub', y, top), [count, rows, 1, 1]);
      const along = o.reshape(o.apply('Sub', x, left), [count, 1, columns, 1]);
      const mixed = mix(mix(at(top, left), at(top, right), along), mix(at(bottom, left), at(bottom, right), along), down);
      return o.where(inside, mixed, o.scalar(extrapolationValue));
    },
  ),
};

/** `[boxes, length]`: evenly from the low edge to the high one; the middle where one pixel is wanted. */
function places(low: Node, high: Node, length: number, size: number, o: Operations): Node {
  if (length === 1) return o.apply('Mul', o.add(low, high), o.scalar((size - 1) / 2));
  const step = o.apply('Mul', o.apply('Sub', high, low), o.scalar((size - 1) / (length - 1)));
  return o.add(o.apply('Mul', low, o.scalar(size - 1)), o.apply('Mul', o.range(length, [1, length], 'float32'), step));
}
