import type { Dilation2DAttrs, Dilation2DBackpropInputInputs, Dilation2DInputs } from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { sizeOf } from '../../graph/node.js';
import { tf } from '../../tf.js';
import { kernel, type Kernels } from '../kernel.js';
import type { Operations } from '../operations.js';
import { transposed } from './convolution.js';
import { channelsLast, endPads, type Geometry, window2, withoutNaN } from './windows.js';

/**
 * Grey dilation: `out[y, x, c] = max over i, j of in[y stride + i dilation, x stride + j dilation, c] + filter[i, j, c]`. What isn't a number is
 * passed by, as TensorFlow.js does; where nothing else is there, it says -9007199254740991, and this -infinity.
 */
export const dilation: Kernels = {
  Dilation2D: kernel<Dilation2DInputs, Dilation2DAttrs>(({ x, filter }, attributes, o) => {
    const [first, ...rest] = candidates(x, filter, geometry(x, filter, attributes), o);
    if (!first) throw new Error('a filter without an element');
    return o.cast(
      rest.reduce((most, candidate) => o.apply('Max', most, candidate), first),
      x.dtype,
    );
  }),
  /** Back to the place that gave the maximum, the first of equal ones: a transposed convolution with a filter for each place. */
  Dilation2DBackpropInput: kernel<Dilation2DBackpropInputInputs, Dilation2DAttrs>(({ x, filter, dy }, attributes, o) => {
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
  Dilation2DBackpropFilter: kernel<Dilation2DBackpropInputInputs, Dilation2DAttrs>(({ x, filter, dy }, attributes, o) => {
    const shares = sharesOf(dy, candidates(x, filter, geometry(x, filter, attributes), o), o);
    return o.cast(o.reshape(o.reduce('Sum', shares, [1, 2, 3], false), filter.shape), filter.dtype);
  }),
};

const geometry = (x: Node, filter: Node, { strides, pad, dilations }: Dilation2DAttrs): Geometry =>
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
