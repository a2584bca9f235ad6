import type * as TF from '@tensorflow/tfjs-core';
import { EngineError } from '../../engine.js';
import { dataOf, type DType, isConstant, type Node, sizeOf } from '../../graph/graph.js';
import { tf } from '../../tf.js';
import { described, kernel, type Kernels, type Operations } from '../operations.js';

type One = Pick<TF.NamedTensorInfoMap, 'x'>;

/** Shape operations. `Identity`, `Reshape` and `ExpandDims` share data and belong to the recorder. */
export const shape: Kernels = {
  Cast: kernel<One, TF.CastAttrs>(({ x }, { dtype }, o) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw new Error(`cast to ${dtype} isn't known`);
    if (dtype !== 'int32' || x.dtype !== 'float32') return o.cast(x, dtype);
    // What no int32 holds is what the processor makes of it; TensorFlow.js says 0 for NaN and infinities.
    const finite = o.apply('Less', o.apply('Abs', x), o.scalar(Infinity));
    return o.where(finite, o.cast(x, 'int32'), o.scalar(0, 'int32'));
  }),
  Transpose: kernel<One, TF.TransposeAttrs>(({ x }, { perm }, o) => o.transpose(x, [...perm])),
  BroadcastTo: kernel<One, TF.BroadCastToAttrs>(({ x }, { shape }, o) => o.shaped('Expand', [x], { shape: [...shape] }, shape)),
  Tile: kernel<One, TF.TileAttrs>(({ x }, { reps }, o) =>
    o.shaped(
      'Tile',
      [x],
      { repeats: [...reps] },
      x.shape.map((length, i) => length * (reps[i] ?? 1)),
    ),
  ),

  Slice: kernel<One, TF.SliceAttrs>(({ x }, { begin, size }, o) => {
    const [from = [], length = []] = tf.slice_util.parseSliceParams(described(x), begin, size);
    tf.slice_util.assertParamsValid(described(x), from, length);
    return o.slice(x, from, length);
  }),
  StridedSlice: kernel<One, TF.StridedSliceAttrs>(
    ({ x }, { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask }, o) => {
      const info = tf.slice_util.sliceInfo(
        [...x.shape],
        begin,
        end,
        strides,
        beginMask,
        endMask,
        ellipsisMask,
        newAxisMask,
        shrinkAxisMask,
      );
      if (sizeOf(info.finalShape) === 0) return o.filled(0, info.finalShape, x.dtype);
      if (info.isIdentity) return o.reshape(x, info.finalShape);
      const steps = { begin: info.begin, end: info.end, strides: info.strides };
      return o.reshape(
        o.shaped('StridedSlice', [x], steps, tf.slice_util.computeOutShape(info.begin, info.end, info.strides)),
        info.finalShape,
      );
    },
  ),
  SplitV: kernel<One, TF.SplitVAttrs>(({ x }, { numOrSizeSplits, axis }, o) => {
    const [along = 0] = tf.util.parseAxisParam(axis, [...x.shape]);
    const sizes = tf.backend_util.prepareSplitSize(described(x), numOrSizeSplits, along);
    return o.split(x, sizes, along);
  }),
  Unpack: kernel<TF.UnpackInputs, TF.UnpackAttrs>(({ value }, { axis }, o) => {
    const along = axis < 0 ? axis + value.shape.length : axis;
    const rest = value.shape.filter((_, i) => i !== along);
    return o.split(value, new Array<number>(value.shape[along] ?? 0).fill(1), along).map((part) => o.reshape(part, rest));
  }),
  Concat: kernel<TF.ConcatInputs, TF.ConcatAttrs>((parts, { axis }, o) => {
    const shapes = parts.map(({ shape }) => [...shape]);
    const [along = 0] = tf.util.parseAxisParam(axis, shapes[0] ?? []);
    tf.backend_util.assertParamsConsistent(shapes, along);
    const full = parts.filter(({ shape }) => sizeOf(shape) > 0);
    const [first] = parts;
    if (full.length > 0 || !first) return o.concat(full, along);
    return o.filled(0, tf.backend_util.computeOutShape(shapes, along), first.dtype);
  }),
  Pack: kernel<TF.PackInputs, TF.PackAttrs>((parts, { axis }, o) => {
    const [first] = parts;
    if (!first) throw new Error('stack needs a tensor');
    for (const part of parts) {
      tf.util.assertShapesMatch([...first.shape], [...part.shape], 'All tensors passed to stack must have matching shapes');
      tf.util.assert(part.dtype === first.dtype, () => 'All tensors passed to stack must have matching dtypes');
    }
    const along = axis < 0 ? axis + first.shape.length + 1 : axis;
    const shape = first.shape.toSpliced(along, 0, 1);
    return o.concat(
      parts.map((part) => o.reshape(part, shape)),
      along,
    );
  }),

  PadV2: kernel<One, TF.PadV2Attrs>(({ x }, { paddings, constantValue }, o) => {
    if (sizeOf(x.shape) > 0) return o.pad(x, paddings, constantValue);
    return o.filled(
      constantValue,
      x.shape.map((length, i) => length + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0)),
      x.dtype,
    );
  }),
  // By constant indices: ONNX has no symmetric padding and bounds the width of the reflecting one.
  MirrorPad: kernel<One, TF.MirrorPadAttrs>(({ x }, { paddings, mode }, o) => {
    const edge = mode === 'reflect' ? 0 : 1;
    return paddings.reduce((value, [before, after], axis) => {
      const length = x.shape[axis] ?? 1;
      if (before === 0 && after === 0) return value;
      const indices = Int32Array.from({ length: before + length + after }, (_, i) => mirrored(i - before, length, edge));
      return gather(value, o.constant(indices, [indices.length], 'int32'), axis, o);
    }, x);
  }),
  Reverse: kernel<One, TF.ReverseAttrs>(({ x }, { dims }, o) => reversed(x, tf.util.parseAxisParam(dims, [...x.shape]), o)),
  FlipLeftRight: kernel<TF.FlipLeftRightInputs>(({ image }, _, o) => reversed(image, [2], o)),

  DepthToSpace: kernel<One, TF.DepthToSpaceAttrs>(({ x }, { blockSize, dataFormat }, o) => {
    const last = dataFormat === 'NHWC';
    const value = last ? o.transpose(x, [0, 3, 1, 2]) : x;
    const [batch = 1, channels = 1, height = 1, width = 1] = value.shape;
    const depth = channels / blockSize ** 2;
    const rows = o.reshape(value, [batch, blockSize, blockSize, depth, height, width]);
    const spread = o.reshape(o.transpose(rows, [0, 3, 4, 1, 5, 2]), [batch, depth, height * blockSize, width * blockSize]);
    return last ? o.transpose(spread, [0, 2, 3, 1]) : spread;
  }),
  BatchToSpaceND: kernel<One, TF.BatchToSpaceNDAttrs>(({ x }, { blockShape, crops }, o) => {
    const { backend_util, slice_util } = tf;
    const block = sizeOf(blockShape);
    const shape = [...x.shape];
    const apart = backend_util.getReshaped(shape, blockShape, block);
    const perm = backend_util.getPermuted(apart.length, blockShape.length);
    const together = backend_util.getReshapedPermuted(shape, blockShape, block);
    const begin = backend_util.getSliceBeginCoords(crops, blockShape.length);
    const size = backend_util.getSliceSize(together, crops, blockShape.length);
    const spread = o.reshape(o.transpose(o.reshape(x, apart), perm), together);
    const [from = [], length = []] = slice_util.parseSliceParams(described(spread), begin, size);
    return o.slice(spread, from, length);
  }),
  SpaceToBatchND: kernel<One, TF.SpaceToBatchNDAttrs>(({ x }, { blockShape, paddings }, o) => {
    const { backend_util } = tf;
    const block = sizeOf(blockShape);
    const rest = x.shape.slice(1 + blockShape.length).map((): [number, number] => [0, 0]);
    const padded = o.pad(x, [[0, 0], ...paddings.map(([before, after]): [number, number] => [before ?? 0, after ?? 0]), ...rest], 0);
    const apart = backend_util.getReshaped([...padded.shape], blockShape, block, false);
    const perm = backend_util.getPermuted(apart.length, blockShape.length, false);
    const together = backend_util.getReshapedPermuted([...padded.shape], blockShape, block, false);
    return o.reshape(o.transpose(o.reshape(padded, apart), perm), together);
  }),
};

export const gather = (x: Node, indices: Node, axis: number, o: Operations): Node =>
  o.shaped('Gather', [x, indices], { axis }, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);

const reversed = (x: Node, axes: readonly number[], o: Operations): Node =>
  axes.length === 0 ? x : o.shaped('Reverse', [x], { axes: [...axes] }, x.shape);

/** Where an index beyond an end falls when the axis is mirrored there; `edge` 1 repeats the element at the end. */
function mirrored(index: number, length: number, edge: number): number {
  if (index < 0) return -index - edge;
  return index < length ? index : 2 * (length - 1) - index + edge;
}

/** Tensors that need no operand: constants of the program. */
export const creation: Kernels = {
  Fill: kernel<object, TF.FillAttrs>((_, { shape, value, dtype }, o) => {
    if (typeof value !== 'number') throw new Error('tensors of text are not known');
    return o.filled(value, shape, known(dtype));
  }),
  ZerosLike: kernel<One>(({ x }, _, o) => o.filled(0, x.shape, x.dtype)),
  OnesLike: kernel<One>(({ x }, _, o) => o.filled(1, x.shape, x.dtype)),
  Range: kernel<object, TF.RangeAttrs>((_, { start, stop, step, dtype }, o) => {
    const values = arithmetic(start, stop, step);
    return o.constant(dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), [values.length], known(dtype));
  }),
  LinSpace: kernel<object, TF.LinSpaceAttrs>((_, { start, stop, num }, o) => {
    const gap = (stop - start) / (num - 1);
    return o.constant(
      Float32Array.from({ length: num }, (_, i) => start + i * gap),
      [num],
    );
  }),
  // Shapes are known while recording, so what they broadcast to is.
  BroadcastArgs: kernel<TF.BroadcastArgsInputs>(({ s0, s1 }, _, o) => {
    if (!isConstant(s0) || !isConstant(s1)) {
      throw new EngineError('broadcastArgs is given shapes that only the running program knows', { operation: 'BroadcastArgs' });
    }
    const shape = tf.backend_util.assertAndGetBroadcastShape([...dataOf(s0)], [...dataOf(s1)]);
    return o.constant(Int32Array.from(shape), [shape.length], 'int32');
  }),
  Diag: kernel<TF.DiagInputs>(({ x }, _, o) => {
    const length = sizeOf(x.shape);
    const [row, column] = [o.range(length, [length, 1]), o.range(length)];
    return o.reshape(o.where(o.apply('Equal', row, column), o.reshape(x, [length, 1]), o.scalar(0, x.dtype)), [...x.shape, ...x.shape]);
  }),
};

/** As TensorFlow.js counts: the sums of rounded terms, a step of 1 turned around where it leads away. */
function arithmetic(start: number, stop: number, step: number): readonly number[] {
  if (start === stop || (start < stop && step < 0) || (stop < start && step > 1)) return [];
  const values = [start];
  const stride = stop < start && step === 1 ? -1 : step;
  const length = Math.abs(Math.ceil((stop - start) / step));
  for (let i = 1; i < length; i++) values.push((values[i - 1] ?? 0) + stride);
  return values;
}

const known = (dtype: string): DType => (dtype === 'int32' || dtype === 'bool' ? dtype : 'float32');
