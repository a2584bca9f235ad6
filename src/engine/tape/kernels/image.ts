import type * as TF from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { tf } from '../../tf.js';
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

  // Which old pixel each new one is depends on the angle alone, which is known while recording.
  RotateWithOffset: kernel<TF.RotateWithOffsetInputs, TF.RotateWithOffsetAttrs>(({ image }, { radians, fillValue, center }, o) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
    const [centerX, centerY] = tf.backend_util.getImageCenter(center, height, width);
    const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
    const sources = Array.from({ length: height * width }, (_, place) => {
      const [x, y] = [(place % width) - centerX, Math.floor(place / width) - centerY];
      const column = Math.round(x * cos - y * sin + centerX);
      const row = Math.round(x * sin + y * cos + centerY);
      return column >= 0 && column < width && row >= 0 && row < height ? row * width + column : -1;
    });
    const flat = [height * width];
    const inside = o.constant(
      Uint8Array.from(sources, (source) => Number(source >= 0)),
      [...flat, 1],
      'bool',
    );
    const chosen = gather(
      o.reshape(image, [batch, ...flat, channels]),
      o.constant(
        Int32Array.from(sources, (source) => Math.max(0, source)),
        flat,
        'int32',
      ),
      1,
      o,
    );
    // Of four channels the last one is opacity.
    const fill = (_: unknown, channel: number): number =>
      typeof fillValue === 'number' ? fillValue : channel === 3 ? 255 : (fillValue[channel] ?? NaN);
    const around = o.constant(Float32Array.from({ length: channels }, fill), [channels]);
    return o.reshape(o.where(inside, chosen, around), image.shape);
  }),

  /**
   * The new pixel (x, y) is the old one at `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)` with `k = c0 x + c1 y + 1`, for each image's
   * `[a0, a1, a2, b0, b1, b2, c0, c1]`, or one for all. In single precision, as TensorFlow's own; eager-js computes places in double.
   */
  Transform: kernel<TF.TransformInputs, TF.TransformAttrs>(
    ({ image, transforms }, { interpolation, fillMode, fillValue, outputShape }, o) => {
      const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
      const [rows, columns] = outputShape ?? [height, width];
      const count = transforms.shape[0] ?? 1;
      const coefficient = (k: number): Node => o.reshape(o.slice(transforms, [0, k], [count, 1]), [count, 1, 1]);
      const [x, y] = [o.range(columns, [1, 1, columns], 'float32'), o.range(rows, [1, rows, 1], 'float32')];
      const plane = (a: number, last: Node): Node =>
        o.add(o.add(o.apply('Mul', coefficient(a), x), o.apply('Mul', coefficient(a + 1), y)), last);
      const divisor = plane(6, o.scalar(1));
      const along = (a: number, length: number): Node =>
        extended(o.apply('Div', plane(a, coefficient(a + 2)), divisor), length, fillMode, o);
      const [column, row] = [along(0, width), along(3, height)];

      const pixels = o.reshape(image, [batch * height * width, channels]);
      const first = o.range(batch, [batch, 1, 1], 'int32');
      const fill = o.scalar(fillValue);
      const within = (place: Node, length: number): Node =>
        o.apply('And', o.apply('GreaterOrEqual', place, o.scalar(0)), o.apply('Less', place, o.scalar(length)));
      const at = (line: Node, place: Node): Node => {
        const inside = o.apply('And', within(line, height), within(place, width));
        const whole = (each: Node): Node => o.cast(o.where(inside, each, o.scalar(0)), 'int32');
        const index = o.add(o.apply('Mul', whole(line), o.scalar(width, 'int32')), whole(place));
        const chosen = gather(pixels, o.add(o.apply('Mul', first, o.scalar(height * width, 'int32')), index), 0, o);
        return o.where(o.reshape(inside, [...inside.shape, 1]), chosen, fill);
      };
      const mixed = (): Node => {
        const [top, left] = [o.apply('Floor', row), o.apply('Floor', column)];
        const [bottom, right] = [o.add(top, o.scalar(1)), o.add(left, o.scalar(1))];
        const mix = (low: Node, high: Node, place: Node, from: Node, to: Node): Node => {
          const share = (a: Node, b: Node): Node => o.reshape(o.apply('Sub', a, b), [...place.shape, 1]);
          return o.add(o.apply('Mul', share(to, place), low), o.apply('Mul', share(place, from), high));
        };
        const lineAt = (line: Node): Node => mix(at(line, left), at(line, right), column, left, right);
        return mix(lineAt(top), lineAt(bottom), row, top, bottom);
      };
      const nearestTo = (place: Node): Node => o.apply('Floor', o.add(place, o.scalar(0.5)));
      tf.util.assert(
        interpolation === 'bilinear' || interpolation === 'nearest',
        () => `Error in Transform: Expect 'nearest' or 'bilinear', but got ${interpolation}`,
      );
      const made = interpolation === 'bilinear' ? mixed() : at(nearestTo(row), nearestTo(column));
      // What lies infinitely far away.
      const nowhere = o.apply('Equal', divisor, o.scalar(0));
      return o.where(o.reshape(nowhere, [...nowhere.shape, 1]), fill, made);
    },
  ),
};

/** Where a place outside of `length` pixels is found, for each way to go on beyond the edge. */
function extended(place: Node, length: number, mode: TF.TransformAttrs['fillMode'], o: Operations): Node {
  if (mode !== 'nearest' && mode !== 'reflect' && mode !== 'wrap') return place;
  const last = length - 1;
  const clamped = (x: Node): Node =>
    o.where(o.apply('Less', x, o.scalar(0)), o.scalar(0), o.where(o.apply('Greater', x, o.scalar(last)), o.scalar(last), x));
  if (mode === 'nearest' || length <= 1) return clamped(place);
  const times = (x: Node, factor: number): Node => o.apply('Mul', x, o.scalar(factor));
  /** How many whole `period`s fit into `x`, at least 0. */
  const wholes = (x: Node, period: number): Node => o.apply('Floor', o.apply('Div', x, o.scalar(period)));
  const back = o.apply('Neg', place);
  const [below, above] = mode === 'wrap' ? wrapped() : reflected();
  const outside = o.where(o.apply('Greater', place, o.scalar(last)), above, place);
  return clamped(o.where(o.apply('Less', place, o.scalar(0)), below, outside));

  function wrapped(): readonly [Node, Node] {
    const below = o.add(place, times(o.add(wholes(back, last), o.scalar(1)), length));
    return [below, o.apply('Sub', place, times(wholes(place, last), length))];
  }
  function reflected(): readonly [Node, Node] {
    const [period, one] = [2 * length, o.scalar(1)];
    const near = o.add(times(wholes(back, period), period), place);
    const mirrored = o.apply('Sub', o.apply('Neg', near), one);
    const below = o.where(o.apply('Less', near, o.scalar(-length)), o.add(near, o.scalar(period)), mirrored);
    const rest = o.apply('Sub', place, times(wholes(place, period), period));
    const above = o.where(o.apply('GreaterOrEqual', rest, o.scalar(length)), o.apply('Sub', o.scalar(period - 1), rest), rest);
    return [below, above];
  }
}

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
