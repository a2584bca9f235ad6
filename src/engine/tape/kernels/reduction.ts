import type * as TF from '@tensorflow/tfjs-core';
import { type DType, type Node, sizeOf } from '../../graph/graph.js';
import { tf } from '../../tf.js';
import { type Kernel, kernel, type Kernels, type Operations } from '../operations.js';

type One = Pick<TF.NamedTensorInfoMap, 'x'>;
interface Axes {
  readonly axis?: number | number[];
  /** `Max` names its axes so. */
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}
type Reduction = 'Sum' | 'Prod' | 'Mean' | 'Max' | 'Min';

/** `empty`: the value of a reduction over no element at all. */
const reduction = (
  op: Reduction,
  empty: number,
  prepare: (x: Node, o: Operations) => Node,
  finish: (reduced: Node, x: Node, reduce: (op: Reduction, x: Node) => Node, o: Operations) => Node = (reduced) => reduced,
): Kernel =>
  kernel<One, Axes>(({ x: given }, { axis, reductionIndices, keepDims }, o) => {
    const x = prepare(given, o);
    const axes = tf.util.parseAxisParam(axis ?? reductionIndices ?? given.shape.map((_, i) => i), [...given.shape]);
    const shape = keepDims ? x.shape.map((length, i) => (axes.includes(i) ? 1 : length)) : x.shape.filter((_, i) => !axes.includes(i));
    const reduce = (op: Reduction, x: Node): Node => o.reduce(op, x, axes, keepDims ?? false);
    return sizeOf(x.shape) === 0
      ? finish(o.filled(empty, shape, x.dtype), x, (_, y) => o.filled(0, shape, y.dtype), o)
      : finish(reduce(op, x), x, reduce, o);
  });

const as =
  (dtype: DType) =>
  (x: Node, o: Operations): Node =>
    o.cast(x, dtype);
const number = (x: Node, o: Operations): Node => o.number(x);

/** ONNX Runtime drops a NaN that isn't the first; TensorFlow.js and sense keep it. */
const keepNaN = (reduced: Node, x: Node, reduce: (op: Reduction, x: Node) => Node, o: Operations): Node => {
  if (x.dtype !== 'float32') return reduced;
  const some = o.cast(reduce('Max', o.cast(o.test('IsNaN', x), 'int32')), 'bool');
  return o.where(some, o.scalar(NaN), reduced);
};

/** The first of several. A NaN is chosen where it comes first, and nowhere else: nothing is larger or smaller. */
const argument = (op: 'ArgMax' | 'ArgMin', best: number): Kernel =>
  kernel<One, TF.ArgMaxAttrs>(({ x }, { axis }, o) => {
    const [along = 0] = tf.util.parseAxisParam(axis, [...x.shape]);
    const value = o.number(x);
    const places = Float32Array.from({ length: x.shape[along] ?? 1 }, (_, place) => (place === 0 ? best : -best));
    const instead = o.constant(places, [places.length, ...x.shape.slice(along + 1).map(() => 1)]);
    const seen = value.dtype === 'float32' ? o.where(o.test('IsNaN', value), instead, value) : value;
    const shape = x.shape.filter((_, i) => i !== along);
    return o.shaped(op, [seen], { axis: along, keepdims: 0 }, shape, 'int32');
  });

export const reductions: Kernels = {
  Sum: reduction('Sum', 0, number),
  Prod: reduction('Prod', 1, number),
  Mean: reduction('Mean', NaN, as('float32')),
  Max: reduction('Max', -Infinity, number, keepNaN),
  Min: reduction('Min', Infinity, number, keepNaN),
  All: reduction('Min', 1, as('int32'), (reduced, _, __, o) => o.cast(reduced, 'bool')),
  Any: reduction('Max', 0, as('int32'), (reduced, _, __, o) => o.cast(reduced, 'bool')),
  ArgMax: argument('ArgMax', Infinity),
  ArgMin: argument('ArgMin', -Infinity),

  Softmax: kernel<TF.SoftmaxInputs, TF.SoftmaxAttrs>(({ logits }, { dim }, o) =>
    o.shaped('Softmax', [o.cast(logits, 'float32')], { axis: positive(dim, logits) }, logits.shape),
  ),
  LogSoftmax: kernel<TF.LogSoftmaxInputs, TF.LogSoftmaxAttrs>(({ logits }, { axis }, o) =>
    o.shaped('LogSoftmax', [o.cast(logits, 'float32')], { axis: positive(axis, logits) }, logits.shape),
  ),

  Cumsum: kernel<One, TF.CumsumAttrs>(({ x }, { axis, exclusive, reverse }, o) => {
    const value = o.number(x);
    const flags = { axis: positive(axis, x), exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
    return x.shape.length === 0 ? value : o.shaped('CumSum', [value], flags, x.shape);
  }),
  // ONNX has no cumulative product: the running product doubles its reach at every turn.
  Cumprod: kernel<One, TF.CumprodAttrs>(({ x }, { axis, exclusive, reverse }, o) => {
    const along = positive(axis, x);
    const length = x.shape[along] ?? 1;
    const turned = (value: Node): Node => (reverse ? o.shaped('Reverse', [value], { axes: [along] }, value.shape) : value);
    const shifted = (value: Node, by: number): Node => {
      const begin = x.shape.map(() => 0);
      return o.slice(
        o.pad(
          value,
          x.shape.map((_, i) => (i === along ? [by, 0] : [0, 0])),
          1,
        ),
        begin,
        x.shape,
      );
    };
    if (x.shape.length === 0) return o.number(x);
    let product = turned(o.number(x));
    if (exclusive) product = shifted(product, 1);
    for (let reach = 1; reach < length; reach *= 2) product = o.apply('Mul', product, shifted(product, reach));
    return turned(product);
  }),

  TopK: kernel<One, TF.TopKAttrs>(({ x }, { k }, o) => {
    const shape = [...x.shape.slice(0, -1), k];
    return [o.shaped('TopKValues', [x], { k }, shape), o.shaped('TopKIndices', [x], { k }, shape, 'int32')];
  }),
};

const positive = (axis: number, x: Node): number => (axis < 0 ? axis + x.shape.length : axis);

export const normalisation: Kernels = {
  /** `(x - mean) / sqrt(variance + epsilon) * scale + offset` */
  FusedBatchNorm: kernel<TF.FusedBatchNormInputs, TF.FusedBatchNormAttrs>((given, { varianceEpsilon }, o) => {
    // Left out by TensorFlow.js where there is none.
    const scale: Node | undefined = given.scale;
    const offset: Node | undefined = given.offset;
    const spread = o.apply('Reciprocal', o.apply('Sqrt', o.add(given.variance, o.scalar(varianceEpsilon ?? 0.001))));
    const factor = scale ? o.apply('Mul', spread, scale) : spread;
    const made = o.apply('Mul', o.apply('Sub', given.x, given.mean), factor);
    return offset ? o.add(made, offset) : made;
  }),

  /** `x / (bias + alpha * sum of squares of the neighbouring channels) ^ beta` */
  LRN: kernel<TF.LRNInputs, TF.LRNAttrs>(({ x }, { depthRadius, bias, alpha, beta }, o) =>
    o.apply('Mul', x, o.apply('Pow', spreadOf(x, depthRadius, bias, alpha, o), o.scalar(-beta))),
  ),
  LRNGrad: kernel<TF.LRNGradInputs, TF.LRNGradAttrs>(({ x, y, dy }, { depthRadius, bias, alpha, beta }, o) => {
    const spread = spreadOf(x, depthRadius, bias, alpha, o);
    const shared = neighbours(o.apply('Div', o.apply('Mul', dy, y), spread), depthRadius, o);
    const own = o.apply('Mul', dy, o.apply('Pow', spread, o.scalar(-beta)));
    return o.apply('Sub', own, o.apply('Mul', o.apply('Mul', x, shared), o.scalar(2 * alpha * beta)));
  }),
};

const spreadOf = (x: Node, radius: number, bias: number, alpha: number, o: Operations): Node =>
  o.add(o.apply('Mul', neighbours(o.apply('Mul', x, x), radius, o), o.scalar(alpha)), o.scalar(bias));

/** The sum over the channels at most `radius` away. */
function neighbours(x: Node, radius: number, o: Operations): Node {
  const last = x.shape.length - 1;
  const wide = o.pad(
    x,
    x.shape.map((_, i) => (i === last ? [radius, radius] : [0, 0])),
    0,
  );
  const shifted = Array.from({ length: 2 * radius + 1 }, (_, k) =>
    o.slice(
      wide,
      x.shape.map((__, i) => (i === last ? k : 0)),
      x.shape,
    ),
  );
  return shifted.length === 1 ? x : o.make('Sum', shifted);
}
