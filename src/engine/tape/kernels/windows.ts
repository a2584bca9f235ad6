import type { Node, Shape } from '../../graph/graph.js';
import { tf } from '../../tf.js';
import type { Operations } from '../operations.js';

type Info2 = ReturnType<typeof tf.backend_util.computeConv2DInfo>;
type Info3 = ReturnType<typeof tf.backend_util.computeConv3DInfo>;

/** How a window moves over space; every list has one number an axis of space. */
export interface Window {
  readonly kernel: Shape;
  readonly strides: Shape;
  readonly dilations: Shape;
  /** Padding before the first element. What follows the last is found from the wanted output, so that roundings can't disagree. */
  readonly before: Shape;
  readonly in: Shape;
  readonly out: Shape;
}

export interface Geometry extends Window {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly group: number;
  readonly channelsLast: boolean;
}

type Pad = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
type Rounding = 'floor' | 'round' | 'ceil' | undefined;

export function geometry2(
  x: Shape,
  filter: Shape,
  attributes: {
    readonly strides: [number, number] | number;
    readonly dilations?: [number, number] | number;
    readonly pad: Pad;
    readonly dataFormat?: string;
    readonly dimRoundingMode?: Rounding;
  },
  depthwise = false,
): Geometry {
  const info = tf.backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    depthwise,
    attributes.dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  );
  return { ...window2(info), group: depthwise ? info.inChannels : 1 };
}

export function geometry3(
  x: Shape,
  filter: Shape,
  attributes: {
    readonly strides: [number, number, number] | number;
    readonly dilations?: [number, number, number] | number;
    readonly pad: 'valid' | 'same';
  },
): Geometry {
  const info = tf.backend_util.computeConv3DInfo(
    x as [number, number, number, number, number],
    filter as [number, number, number, number, number],
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
  );
  return window3(info);
}

export const window2 = (info: Info2): Geometry => ({
  kernel: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  before: [info.padInfo.top, info.padInfo.left],
  in: [info.inHeight, info.inWidth],
  out: [info.outHeight, info.outWidth],
  batch: info.batchSize,
  inChannels: info.inChannels,
  outChannels: info.outChannels,
  group: 1,
  channelsLast: info.dataFormat !== 'channelsFirst',
});

/** TensorFlow.js gives a negative padding before where a stride exceeds its window; in two dimensions it doesn't, and it shouldn't. */
export const window3 = (info: Info3): Geometry => ({
  kernel: [info.filterDepth, info.filterHeight, info.filterWidth],
  strides: [info.strideDepth, info.strideHeight, info.strideWidth],
  dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
  before: [info.padInfo.front, info.padInfo.top, info.padInfo.left].map((pad) => Math.max(0, pad)),
  in: [info.inDepth, info.inHeight, info.inWidth],
  out: [info.outDepth, info.outHeight, info.outWidth],
  batch: info.batchSize,
  inChannels: info.inChannels,
  outChannels: info.outChannels,
  group: 1,
  channelsLast: info.dataFormat !== 'channelsFirst',
});

/** From the first element of the first window to the last of the last one. */
export const fullSize = (w: Window): Shape =>
  w.out.map((out, i) => (out - 1) * (w.strides[i] ?? 1) + ((w.kernel[i] ?? 1) - 1) * (w.dilations[i] ?? 1) + 1);

/** Padding after the last element; negative where no window reaches the end. */
export const endPads = (w: Window): Shape => fullSize(w).map((full, i) => full - (w.in[i] ?? 1) - (w.before[i] ?? 0));

/** Without what no window reaches. Channels first. */
export function crop(x: Node, w: Window, o: Operations): Node {
  const after = endPads(w);
  const space = w.in.map((length, i) => length + Math.min(0, after[i] ?? 0));
  return o.slice(
    x,
    x.shape.map(() => 0),
    [...x.shape.slice(0, 2), ...space],
  );
}

export function channelsFirst(x: Node, g: { readonly channelsLast: boolean }, o: Operations): Node {
  const rank = x.shape.length;
  const value = o.cast(x, 'float32');
  return g.channelsLast ? o.transpose(value, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]) : value;
}

export function channelsLast(x: Node, g: { readonly channelsLast: boolean }, o: Operations): Node {
  const rank = x.shape.length;
  return g.channelsLast ? o.transpose(x, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]) : x;
}

/** Where a NaN is passed by, it is the least of all. */
export function withoutNaN(x: Node, o: Operations): Node {
  const value = o.cast(x, 'float32');
  return o.where(o.test('IsNaN', value), o.scalar(-Infinity), value);
}
