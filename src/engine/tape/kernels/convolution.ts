import type * as TF from '@tensorflow/tfjs-core';
import { type Node, sizeOf } from '../../graph/graph.js';
import { tf } from '../../tf.js';
import { type Kernel, kernel, type Kernels, type Operations } from '../operations.js';
import { activate } from './matrix.js';
import {
  channelsFirst,
  channelsLast,
  crop,
  endPads,
  fullSize,
  type Geometry,
  geometry2,
  geometry3,
  type Window,
  window2,
  withoutNaN,
} from './windows.js';

/**
 * Convolutions and their gradients. TensorFlow.js keeps channels last, `[batch, ...space, channels]` with filters `[...space, in, out]`;
 * ONNX channels first, `[batch, channels, ...space]` with filters `[out, in, ...space]`.
 */
export const convolution: Kernels = {
  Conv2D: kernel<TF.Conv2DInputs, TF.Conv2DAttrs>(({ x, filter }, attributes, o) =>
    convolve(x, filter, geometry2(x.shape, filter.shape, attributes), o),
  ),
  FusedConv2D: fused((x, filter, attributes) => geometry2(x.shape, filter.shape, attributes)),
  Conv2DBackpropInput: kernel<TF.Conv2DBackpropInputInputs, TF.Conv2DBackpropInputAttrs>(({ dy, filter }, attributes, o) =>
    inputGradient(dy, filter, geometry2(attributes.inputShape, filter.shape, attributes), o),
  ),
  Conv2DBackpropFilter: kernel<TF.Conv2DBackpropFilterInputs, TF.Conv2DBackpropFilterAttrs>(({ x, dy }, attributes, o) =>
    filterGradient(x, dy, geometry2(x.shape, attributes.filterShape, attributes), o),
  ),

  Conv3D: kernel<TF.Conv2DInputs, TF.Conv3DAttrs>(({ x, filter }, attributes, o) =>
    convolve(x, filter, geometry3(x.shape, filter.shape, attributes), o),
  ),
  Conv3DBackpropInputV2: kernel<TF.Conv2DBackpropInputInputs, TF.Conv3DBackpropInputV2Attrs>(({ dy, filter }, attributes, o) =>
    inputGradient(dy, filter, geometry3(attributes.inputShape, filter.shape, attributes), o),
  ),
  Conv3DBackpropFilterV2: kernel<TF.Conv2DBackpropFilterInputs, TF.Conv3DBackpropFilterV2Attrs>(({ x, dy }, attributes, o) =>
    filterGradient(x, dy, geometry3(x.shape, attributes.filterShape, attributes), o),
  ),

  DepthwiseConv2dNative: kernel<TF.Conv2DInputs, TF.DepthwiseConv2dNativeAttrs>(({ x, filter }, attributes, o) =>
    convolve(x, filter, geometry2(x.shape, filter.shape, attributes, true), o),
  ),
  FusedDepthwiseConv2D: fused((x, filter, attributes) => geometry2(x.shape, filter.shape, attributes, true)),
  DepthwiseConv2dNativeBackpropInput: kernel<TF.Conv2DBackpropInputInputs, TF.DepthwiseConv2dNativeBackpropInputAttrs>(
    ({ dy, filter }, attributes, o) => inputGradient(dy, filter, geometry2(attributes.inputShape, filter.shape, attributes, true), o),
  ),
  DepthwiseConv2dNativeBackpropFilter: kernel<TF.Conv2DBackpropFilterInputs, TF.DepthwiseConv2dNativeBackpropFilterAttrs>(
    ({ x, dy }, attributes, o) => filterGradient(x, dy, geometry2(x.shape, attributes.filterShape, attributes, true), o),
  ),
};

function fused(geometryOf: (x: Node, filter: Node, attributes: TF.FusedConv2DAttrs) => Geometry): Kernel {
  return kernel<TF.FusedConv2DInputs, TF.FusedConv2DAttrs>((given, attributes, o) => {
    const g = geometryOf(given.x, given.filter, attributes);
    // Left out by TensorFlow.js where there is none. Of channels first, one number a channel is stretched over space.
    const bias: Node | undefined = given.bias;
    const slope: Node | undefined = given.preluActivationWeights;
    const perChannel = (x: Node): Node =>
      g.channelsLast || x.shape.length !== 1 || sizeOf(x.shape) === 1 ? x : o.reshape(x, [sizeOf(x.shape), 1, 1]);
    const made = convolve(given.x, given.filter, g, o);
    const biased = bias ? o.add(made, perChannel(bias)) : made;
    return activate(biased, attributes.activation, slope && perChannel(slope), attributes.leakyreluAlpha ?? 0.2, o);
  });
}

function convolve(x: Node, filter: Node, g: Geometry, o: Operations): Node {
  return channelsLast(conv(channelsFirst(x, g, o), outwards(filter, g, o), g, g.group, o), g, o);
}

/** The transposed convolution of all that the window covers, cut where the padding was and filled up where no window came. */
function inputGradient(dy: Node, filter: Node, g: Geometry, o: Operations): Node {
  const gradient = channelsFirst(dy, g, o);
  // TensorFlow.js lets the gradient be larger than the forward output was.
  const used = o.slice(
    gradient,
    gradient.shape.map(() => 0),
    [g.batch, g.outChannels, ...g.out],
  );
  return channelsLast(transposed(used, outwards(filter, g, o), g, o), g, o);
}

export function transposed(dy: Node, filter: Node, g: Geometry, o: Operations): Node {
  const full = fullSize(g);
  const spread = o.shaped(
    'ConvTranspose',
    [dy, filter],
    { strides: g.strides, dilations: g.dilations, pads: [...full, ...full].map(() => 0), kernel_shape: g.kernel, group: g.group },
    [g.batch, g.inChannels, ...full],
  );
  const taken = full.map((length, i) => Math.min(length - (g.before[i] ?? 0), g.in[i] ?? 1));
  const cut = o.slice(spread, [0, 0, ...g.before], [g.batch, g.inChannels, ...taken]);
  return o.pad(cut, [[0, 0], [0, 0], ...taken.map((length, i): [number, number] => [0, (g.in[i] ?? 1) - length])], 0);
}

/** A convolution again: of x with dy, batch and channels changing places, as strides and dilations do. */
function filterGradient(x: Node, dy: Node, g: Geometry, o: Operations): Node {
  const swap = (value: Node): Node => o.transpose(value, [1, 0, ...g.kernel.map((_, i) => i + 2)]);
  const space = g.kernel.map((_, i) => i + 2);
  const window: Window = { ...g, strides: g.dilations, dilations: g.strides, kernel: g.out, out: g.kernel };
  const [input, gradient] = [swap(channelsFirst(x, g, o)), swap(channelsFirst(dy, g, o))];
  if (g.group === 1) {
    const made = conv(input, gradient, { ...window, batch: g.inChannels, inChannels: g.batch, outChannels: g.outChannels }, 1, o);
    return o.transpose(made, [...space, 0, 1]);
  }
  // Depthwise: every channel is a group, of as many channels as the batch has items.
  const many = o.reshape(input, [1, g.inChannels * g.batch, ...g.in]);
  const each = { ...window, batch: 1, inChannels: g.inChannels * g.batch, outChannels: g.outChannels };
  const made = conv(many, gradient, each, g.inChannels, o);
  return o.transpose(o.reshape(made, [g.inChannels, g.outChannels / g.inChannels, ...g.kernel]), [...space, 0, 1]);
}

/** A filter as ONNX has it. Depthwise ones come as `[...space, in, multiplier]` and go as `[in * multiplier, 1, ...space]`. */
function outwards(filter: Node, g: Geometry, o: Operations): Node {
  const rank = g.kernel.length;
  const space = g.kernel.map((_, i) => i);
  const value = o.cast(filter, 'float32');
  if (g.group === 1) return o.transpose(value, [rank + 1, rank, ...space]);
  return o.reshape(o.transpose(value, [rank, rank + 1, ...space]), [g.outChannels, 1, ...g.kernel]);
}

/** Channels first. ONNX refuses negative padding: what lies beyond the last window is cut off before. */
export function conv(
  x: Node,
  filter: Node,
  w: Window & { readonly batch: number; readonly inChannels: number; readonly outChannels: number },
  group: number,
  o: Operations,
): Node {
  const after = endPads(w);
  const attributes = {
    strides: w.strides,
    dilations: w.dilations,
    pads: [...w.before, ...after.map((pad) => Math.max(0, pad))],
    kernel_shape: w.kernel,
    group,
  };
  return o.shaped('Conv', [crop(x, w, o), filter], attributes, [w.batch, w.outChannels, ...w.out]);
}

/**
 * Grey dilation: `out[y, x, c] = max over i, j of in[y stride + i dilation, x stride + j dilation, c] + filter[i, j, c]`. What isn't a number is
 * passed by, as TensorFlow.js does; where nothing else is there, it says -9007199254740991, and this -infinity.
 */
export const dilation: Kernels = {
  Dilation2D: kernel<TF.Dilation2DInputs, TF.Dilation2DAttrs>(({ x, filter }, attributes, o) => {
    const [first, ...rest] = candidates(x, filter, geometry(x, filter, attributes), o);
    if (!first) throw new Error('a filter without an element');
    return o.cast(
      rest.reduce((most, candidate) => o.apply('Max', most, candidate), first),
      x.dtype,
    );
  }),
  /** Back to the place that gave the maximum, the first of equal ones: a transposed convolution with a filter for each place. */
  Dilation2DBackpropInput: kernel<TF.Dilation2DBackpropInputInputs, TF.Dilation2DAttrs>(({ x, filter, dy }, attributes, o) => {
    const g = geometry(x, filter, attributes);
    const places = sizeOf(g.kernel);
    const channels = g.inChannels;
    const shares = o.transpose(sharesOf(dy, candidates(x, filter, g, o), o), [1, 4, 0, 2, 3]);
    const each = o.reshape(shares, [g.batch, channels * places, ...g.out]);
    const filters = Float32Array.from({ length: channels * places * places }, (_, i) =>
      Number(i % places === Math.floor(i / places) % places),
    );
    const spread = transposed(each, o.constant(filters, [channels * places, 1, ...g.kernel]), { ...g, group: channels }, o);
    return o.cast(channelsLast(spread, g, o), x.dtype);
  }),
  Dilation2DBackpropFilter: kernel<TF.Dilation2DBackpropInputInputs, TF.Dilation2DAttrs>(({ x, filter, dy }, attributes, o) => {
    const shares = sharesOf(dy, candidates(x, filter, geometry(x, filter, attributes), o), o);
    return o.cast(o.reshape(o.reduce('Sum', shares, [1, 2, 3], false), filter.shape), filter.dtype);
  }),
};

const geometry = (x: Node, filter: Node, { strides, pad, dilations }: TF.Dilation2DAttrs): Geometry =>
  window2(
    tf.backend_util.computeDilation2DInfo(
      x.shape as [number, number, number, number],
      filter.shape as [number, number, number],
      strides,
      pad,
      'NHWC',
      dilations,
    ),
  );

/** For each place of the filter what it would give everywhere: `[batch, height, width, channels]`. */
function candidates(x: Node, filter: Node, g: Geometry, o: Operations): readonly Node[] {
  const [rows, columns] = g.before.map((before, i): [number, number] => [before, Math.max(0, endPads(g)[i] ?? 0)]);
  const wide = o.pad(o.cast(x, 'float32'), [[0, 0], rows ?? [0, 0], columns ?? [0, 0], [0, 0]], -Infinity);
  const weights = o.reshape(o.cast(filter, 'float32'), [sizeOf(g.kernel), g.inChannels]);
  const width = g.kernel[1] ?? 1;
  return Array.from({ length: sizeOf(g.kernel) }, (_, place) => {
    const from = [Math.floor(place / width), place % width].map((step, i) => step * (g.dilations[i] ?? 1));
    const to = from.map((begin, i) => begin + ((g.out[i] ?? 1) - 1) * (g.strides[i] ?? 1) + 1);
    const bounds = { begin: [0, ...from, 0], end: [g.batch, ...to, g.inChannels], strides: [1, ...g.strides, 1] };
    const part = o.shaped('StridedSlice', [wide], bounds, [g.batch, ...g.out, g.inChannels]);
    return withoutNaN(o.add(part, o.slice(weights, [place, 0], [1, g.inChannels])), o);
  });
}

/** The gradient where a candidate was the maximum, 0 elsewhere: `[places, batch, height, width, channels]`. */
function sharesOf(dy: Node, places: readonly Node[], o: Operations): Node {
  const stacked = o.concat(
    places.map((place) => o.reshape(place, [1, ...place.shape])),
    0,
  );
  const chosen = o.shaped('ArgMax', [stacked], { axis: 0, keepdims: 1 }, [1, ...dy.shape], 'int32');
  const is = o.apply('Equal', chosen, o.range(places.length, [places.length, 1, 1, 1, 1]));
  return o.where(is, o.cast(dy, 'float32'), o.scalar(0));
}
