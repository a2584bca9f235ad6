import type * as TF from '@tensorflow/tfjs-core';
import { dataOf, type DType, isConstant, type Node, sameList, type Shape, sizeOf, type TypedArray } from '../../graph/graph.js';
import { tf } from '../../tf.js';
import { described, kernel, type Kernels, type Operations } from '../operations.js';
import { gather } from './shape.js';

/** Choosing by index. Indices out of range are refused: when they are known, at once, else when the program runs. */
export const selection: Kernels = {
  // Not ONNX's OneHot: that wraps negative indices around, and has no int32.
  OneHot: kernel<TF.OneHotInputs, TF.OneHotAttrs>(({ indices }, { depth, onValue, offValue, dtype }, o) => {
    const chosen = o.apply('Equal', o.reshape(o.cast(indices, 'int32'), [...indices.shape, 1]), o.range(depth));
    const type: DType = dtype === 'int32' || dtype === 'bool' ? dtype : 'float32';
    if (onValue === 1 && offValue === 0) return o.cast(chosen, type);
    return o.where(chosen, o.scalar(onValue, type), o.scalar(offValue, type));
  }),

  GatherV2: kernel<TF.GatherV2Inputs, TF.GatherV2Attrs>(({ x, indices }, { axis, batchDims }, o) => {
    const [along = 0] = tf.util.parseAxisParam(axis, [...x.shape]);
    const info = tf.backend_util.segment_util.collectGatherOpShapeInfo(described(x), described(indices), along, batchDims ?? 0);
    const whole = o.cast(indices, 'int32');
    if (isConstant(whole)) refuseBeyond(dataOf(whole), info.dimSize);
    if (sizeOf(info.outputShape) === 0) return o.filled(0, info.outputShape, x.dtype);
    if (info.batchSize === 1) return o.reshape(gather(x, o.reshape(whole, [sizeOf(whole.shape)]), along, o), info.outputShape);
    const each = sizeOf(indices.shape) / info.batchSize;
    const rows = o.transpose(o.reshape(x, [info.batchSize, info.outerSize, info.dimSize, info.sliceSize]), [0, 2, 1, 3]);
    const chosen = o.shaped('GatherND', [rows, o.reshape(whole, [info.batchSize, each, 1])], { batch_dims: 1 }, [
      info.batchSize,
      each,
      info.outerSize,
      info.sliceSize,
    ]);
    return o.reshape(o.transpose(chosen, [0, 2, 1, 3]), info.outputShape);
  }),
  GatherNd: kernel<TF.GatherNdInputs>(({ params, indices }, _, o) => {
    tf.backend_util.prepareAndValidate(described(params), described(indices));
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1) ?? 0)];
    return o.shaped('GatherND', [params, o.cast(indices, 'int32')], { batch_dims: 0 }, shape);
  }),

  ScatterNd: kernel<TF.ScatterNdInputs, TF.ScatterNdAttrs>(({ indices, updates }, { shape }, o) => {
    const dtype = updates.dtype === 'bool' ? 'int32' : updates.dtype;
    return o.cast(scatter(o.filled(0, shape, dtype), indices, o.cast(updates, dtype), 'add', o), updates.dtype);
  }),
  TensorScatterUpdate: kernel<TF.TensorScatterUpdateInputs>(({ tensor, indices, updates }, _, o) =>
    scatter(tensor, indices, updates, 'none', o),
  ),
  SparseToDense: kernel<TF.SparseToDenseInputs, TF.SparseToDenseAttrs>(
    ({ sparseIndices, sparseValues, defaultValue }, { outputShape }, o) => {
      const base = o.shaped('Expand', [defaultValue], { shape: [...outputShape] }, outputShape);
      const count = sparseIndices.shape.length > 0 ? (sparseIndices.shape[0] ?? 1) : 1;
      const values = sparseValues.shape.length === 0 ? o.shaped('Expand', [sparseValues], { shape: [count] }, [count]) : sparseValues;
      return scatter(base, sparseIndices, values, 'none', o);
    },
  ),

  // A product with the matrix of who belongs where; ids that are negative or too large fall out, as TensorFlow.js wants.
  UnsortedSegmentSum: kernel<TF.UnsortedSegmentSumInputs, TF.UnsortedSegmentSumAttrs>(({ x, segmentIds }, { numSegments }, o) => {
    const rest = x.shape.slice(segmentIds.shape.length);
    const count = sizeOf(segmentIds.shape);
    const rows = o.cast(o.reshape(x, [count, sizeOf(rest)]), 'float32');
    return o.cast(o.reshape(o.product(membership(segmentIds, numSegments, o), rows), [numSegments, ...rest]), x.dtype);
  }),
  Bincount: kernel<TF.BincountInputs, TF.BincountAttrs>(({ x, weights }, { size }, o) => {
    const count = sizeOf(x.shape);
    const weight = sizeOf(weights.shape) > 0 ? o.reshape(o.cast(weights, 'float32'), [count, 1]) : o.filled(1, [count, 1], 'float32');
    return o.cast(o.reshape(o.product(membership(x, size, o), weight), [size]), weights.dtype);
  }),
  DenseBincount: kernel<TF.DenseBincountInputs, TF.DenseBincountAttrs>(({ x, weights }, { size, binaryOutput }, o) => {
    const [rows, count] = x.shape.length === 1 ? [1, x.shape[0] ?? 0] : [x.shape[0] ?? 0, x.shape[1] ?? 0];
    const hit = o.cast(o.apply('Equal', o.range(size, [1, size, 1]), o.reshape(o.cast(x, 'int32'), [rows, 1, count])), 'float32');
    const weighted = sizeOf(weights.shape) > 0 && !binaryOutput;
    const each = weighted ? o.apply('Mul', hit, o.reshape(o.cast(weights, 'float32'), [rows, 1, count])) : hit;
    const counted = o.reduce(binaryOutput ? 'Max' : 'Sum', each, [2], false);
    return o.cast(o.reshape(counted, x.shape.length === 1 ? [size] : [rows, size]), weights.dtype);
  }),
  SearchSorted: kernel<TF.SearchSortedInputs, TF.SearchSortedAttrs>(({ sortedSequence, values }, { side }, o) => {
    const [rows = 1, length = 1] = sortedSequence.shape;
    const wanted = values.shape[1] ?? 1;
    const below = o.apply(
      side === 'left' ? 'Less' : 'LessOrEqual',
      o.reshape(o.number(sortedSequence), [rows, 1, length]),
      o.reshape(o.number(values), [rows, wanted, 1]),
    );
    return o.reduce('Sum', o.cast(below, 'int32'), [2], false);
  }),
};

/** Indices that are known while recording needn't wait for the program to run. */
function refuseBeyond(indices: TypedArray, length: number): void {
  const wrong = indices.find((index) => index < 0 || index >= length);
  if (wrong !== undefined) throw new Error(`GatherV2: the index value ${wrong} is not in [0, ${length - 1}]`);
}

/** `[groups, items]`: 1 where the item has the group's number. */
const membership = (ids: Node, groups: number, o: Operations): Node =>
  o.cast(o.apply('Equal', o.range(groups, [groups, 1]), o.reshape(o.cast(ids, 'int32'), [1, sizeOf(ids.shape)])), 'float32');

/** One by one: of ONNX Runtime's ScatterND, several threads write to one place at once, and sums lose terms. */
function scatter(base: Node, indices: Node, updates: Node, reduction: 'add' | 'none', o: Operations): Node {
  const { sliceRank, numUpdates, sliceSize, strides } = tf.backend_util.calculateShapes(described(updates), described(indices), [
    ...base.shape,
  ]);
  const coordinates = o.reshape(o.cast(indices, 'int32'), [numUpdates, sliceRank]);
  const steps = o.constant(Int32Array.from(strides.slice(0, sliceRank)), [1, sliceRank], 'int32');
  const places = o.reduce('Sum', o.apply('Mul', coordinates, steps), [1], true);
  const size = [numUpdates, sliceSize];
  const rows = o.reshape(base, [sizeOf(base.shape) / sliceSize, sliceSize]);
  const operands = [rows, stretched(places, size, o), o.reshape(updates, size)];
  return o.reshape(o.shaped('ScatterElements', operands, { axis: 0, reduction }, rows.shape), base.shape);
}

const stretched = (x: Node, shape: Shape, o: Operations): Node =>
  sameList(x.shape, shape) ? x : o.shaped('Expand', [x], { shape }, shape);
