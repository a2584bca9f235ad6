import type * as TF from '@tensorflow/tfjs-core';
import { LEAST_FLOAT, type Node, sameList, type Shape, sizeOf } from '../../graph/graph.js';
import { tf } from '../../tf.js';
import { kernel, type Kernels, type Operations } from '../operations.js';
import { conv, transposed } from './convolution.js';
import { channelsFirst, channelsLast, crop, endPads, type Geometry, window2, window3, withoutNaN } from './windows.js';

/**
 * Maxima and means of windows, and their gradients. Of maxima, NaN is none: TensorFlow.js passes it by, ONNX Runtime unless it comes first. A
 * window of nothing but NaN and -infinity has the maximum -infinity, at no place, and hands no gradient on.
 */
export const pooling: Kernels = {
  MaxPool: kernel<TF.MaxPoolInputs, TF.MaxPoolAttrs>(({ x }, attributes, o) => maxima(x, pool2(x.shape, attributes), o)),
  AvgPool: kernel<TF.AvgPoolInputs, TF.AvgPoolAttrs>(({ x }, attributes, o) => means(x, pool2(x.shape, attributes), o)),
  MaxPoolWithArgmax: kernel<TF.MaxPoolWithArgmaxInputs, TF.MaxPoolWithArgmaxAttrs>(({ x }, { includeBatchInIndex, ...attributes }, o) => {
    const g = pool2(x.shape, attributes);
    return [maxima(x, g, o), placesOf(x, g, includeBatchInIndex, o)];
  }),
  MaxPoolGrad: kernel<TF.MaxPoolGradInputs, TF.MaxPoolGradAttrs>(({ dy, input }, attributes, o) =>
    maximaGradient(dy, input, pool2(input.shape, attributes), o),
  ),
  AvgPoolGrad: kernel<TF.AvgPoolGradInputs, TF.AvgPoolGradAttrs>(({ dy, input }, attributes, o) =>
    meansGradient(dy, pool2(input.shape, attributes), o),
  ),
  MaxPool3D: kernel<TF.MaxPoolInputs, TF.MaxPool3DAttrs>(({ x }, attributes, o) => maxima(x, pool3(x.shape, attributes), o)),
  AvgPool3D: kernel<TF.AvgPoolInputs, TF.AvgPool3DAttrs>(({ x }, attributes, o) => means(x, pool3(x.shape, attributes), o)),
  MaxPool3DGrad: kernel<TF.MaxPoolGradInputs, TF.MaxPool3DGradAttrs>(({ dy, input }, attributes, o) =>
    maximaGradient(dy, input, pool3(input.shape, attributes), o),
  ),
  AvgPool3DGrad: kernel<TF.AvgPoolGradInputs, TF.AvgPool3DGradAttrs>(({ dy, input }, attributes, o) =>
    meansGradient(dy, pool3(input.shape, attributes), o),
  ),
};

type Rounding = 'floor' | 'round' | 'ceil' | undefined;

interface Pool<Sizes> {
  readonly filterSize: Sizes | number;
  readonly strides: Sizes | number;
  readonly pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dilations?: Sizes | number;
  readonly dimRoundingMode?: Rounding;
}

const pool2 = (x: Shape, { filterSize, strides, dilations, pad, dimRoundingMode }: Pool<[number, number]>): Geometry =>
  window2(
    tf.backend_util.computePool2DInfo(x as [number, number, number, number], filterSize, strides, dilations ?? 1, pad, dimRoundingMode),
  );

const pool3 = (
  x: Shape,
  {
    filterSize,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    dataFormat,
  }: Pool<[number, number, number]> & { readonly dataFormat?: 'NDHWC' | 'NCDHW' },
): Geometry => {
  if (Array.isArray(pad)) throw new Error('pooling in three dimensions takes one padding for all sides');
  const shape = x as [number, number, number, number, number];
  return window3(tf.backend_util.computePool3DInfo(shape, filterSize, strides, dilations ?? 1, pad, dimRoundingMode, dataFormat));
};

function maxima(x: Node, g: Geometry, o: Operations): Node {
  if (changesNothing(g)) return x;
  const { value, pads } = padded(channelsFirst(withoutNaN(x, o), g, o), g, o);
  const made = o.shaped('MaxPool', [value], { ...moves(g), dilations: g.dilations, pads }, [g.batch, g.inChannels, ...g.out]);
  // ONNX Runtime begins at the least float, or at -infinity.
  const most = o.where(o.apply('Greater', made, o.scalar(LEAST_FLOAT)), made, o.scalar(-Infinity));
  return o.cast(channelsLast(most, g, o), x.dtype);
}

/** ONNX wants a padding smaller than its window; a larger one is put on before. */
function padded(x: Node, g: Geometry, o: Operations): { readonly value: Node; readonly pads: Shape } {
  const after = endPads(g).map((pad) => Math.max(0, pad));
  const value = crop(x, g, o);
  const pads = [...g.before, ...after];
  if (pads.every((pad, i) => pad < (g.kernel[i % g.kernel.length] ?? 1))) return { value, pads };
  return { value: o.pad(value, paddings(g.before, after), -Infinity), pads: pads.map(() => 0) };
}

/**
 * The input with its padding put on, and where in it, counted from its first element, each maximum is: the first of equal ones; -1 where there is
 * none. Channels first.
 */
function found(input: Node, g: Geometry, o: Operations): { readonly wide: Node; readonly places: Node } {
  const after = endPads(g).map((pad) => Math.max(0, pad));
  const wide = o.pad(channelsFirst(withoutNaN(input, o), g, o), paddings(g.before, after), -Infinity);
  const attributes = { ...moves(g), dilations: g.dilations, pads: [...g.before, ...after].map(() => 0) };
  return { wide, places: o.shaped('MaxPoolIndices', [wide], attributes, [g.batch, g.inChannels, ...g.out], 'int32') };
}

/** Where each maximum is in `[batch, height, width, channels]`, or in its own image. */
function placesOf(x: Node, g: Geometry, acrossBatch: boolean, o: Operations): Node {
  const { wide, places } = found(x, g, o);
  const [height = 1, width = 1] = wide.shape.slice(2);
  const [top = 0, left = 0] = g.before;
  const [rows = 1, columns = 1] = g.in;
  const whole = (a: number): Node => o.scalar(a, 'int32');
  const planes = o.range(g.batch * g.inChannels, [g.batch, g.inChannels, 1, 1]);
  const inPlane = o.apply('Sub', places, o.apply('Mul', planes, whole(height * width)));
  const row = o.apply('Div', inPlane, whole(width));
  const column = o.apply('Sub', inPlane, o.apply('Mul', row, whole(width)));
  const pixel = o.add(o.apply('Mul', o.apply('Sub', row, whole(top)), whole(columns)), o.apply('Sub', column, whole(left)));
  const inImage = o.add(o.apply('Mul', pixel, whole(g.inChannels)), o.range(g.inChannels, [1, g.inChannels, 1, 1]));
  const images = o.apply('Mul', o.range(g.batch, [g.batch, 1, 1, 1]), whole(rows * columns * g.inChannels));
  const place = acrossBatch ? o.add(images, inImage) : inImage;
  return channelsLast(o.where(isNone(places, o), whole(-1), place), g, o);
}

/** Each gradient goes to where the maximum was. */
function maximaGradient(dy: Node, input: Node, g: Geometry, o: Operations): Node {
  const { wide, places } = found(input, g, o);
  const count = sizeOf(places.shape);
  const none = isNone(places, o);
  const gradients = o.reshape(o.where(none, o.scalar(0), channelsFirst(dy, g, o)), [count]);
  const size = sizeOf(wide.shape);
  const flat = o.shaped(
    'ScatterElements',
    [o.filled(0, [size], 'float32'), o.reshape(o.where(none, o.scalar(0, 'int32'), places), [count]), gradients],
    { axis: 0, reduction: 'add' },
    [size],
  );
  const whole = o.slice(o.reshape(flat, wide.shape), [0, 0, ...g.before], [g.batch, g.inChannels, ...g.in]);
  return channelsLast(whole, g, o);
}

const isNone = (places: Node, o: Operations): Node => o.apply('Less', places, o.scalar(0, 'int32'));

/** Means over what lies inside; padding isn't counted. */
function means(x: Node, g: Geometry, o: Operations): Node {
  if (changesNothing(g)) return x;
  const value = channelsFirst(x, g, o);
  const after = endPads(g).map((pad) => Math.max(0, pad));
  const pads = [...g.before, ...after];
  const plain = g.dilations.every((dilation) => dilation === 1) && pads.every((pad, i) => pad < (g.kernel[i % g.kernel.length] ?? 1));
  if (plain) {
    const shape = [g.batch, g.inChannels, ...g.out];
    return channelsLast(o.shaped('AveragePool', [crop(value, g, o)], { ...moves(g), pads, count_include_pad: 0 }, shape), g, o);
  }
  // Before version 19 ONNX has no dilated mean: a sum by convolution, and how many it was of.
  const ones = o.filled(1, [g.inChannels, 1, ...g.kernel], 'float32');
  const sum = conv(value, ones, g, g.inChannels, o);
  const counted = conv(o.filled(1, value.shape, 'float32'), ones, g, g.inChannels, o);
  return channelsLast(o.apply('Div', sum, o.apply('Max', counted, o.scalar(1))), g, o);
}

/** As TensorFlow.js has it: a share of the whole window, also at the border, where the forward mean is over fewer. */
function meansGradient(dy: Node, g: Geometry, o: Operations): Node {
  const share = o.filled(1 / sizeOf(g.kernel), [g.inChannels, 1, ...g.kernel], 'float32');
  return channelsLast(transposed(channelsFirst(dy, g, o), share, { ...g, group: g.inChannels }, o), g, o);
}

/** TensorFlow.js hands a tensor through where the window is one element and the shape stays. */
const changesNothing = (g: Geometry): boolean => g.kernel.length === 2 && sizeOf(g.kernel) === 1 && sameList(g.in, g.out);

const moves = (g: Geometry): { readonly kernel_shape: Shape; readonly strides: Shape } => ({ kernel_shape: g.kernel, strides: g.strides });

const paddings = (before: Shape, after: Shape): readonly (readonly [number, number])[] => [
  [0, 0],
  [0, 0],
  ...before.map((pad, i): readonly [number, number] => [pad, after[i] ?? 0]),
];
