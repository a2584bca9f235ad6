import type { BroadcastArgsInputs, DiagInputs, FillAttrs, LinSpaceAttrs, NamedTensorInfoMap, RangeAttrs } from '@tensorflow/tfjs-core';
import { EngineError } from '../../engine.js';
import type { DType } from '../../graph/graph.js';
import { dataOf, isConstant, sizeOf } from '../../graph/node.js';
import { tf } from '../../tf.js';
import { kernel, type Kernels } from '../kernel.js';

type One = Pick<NamedTensorInfoMap, 'x'>;

/** Tensors that need no operand: constants of the program. */
export const creation: Kernels = {
  Fill: kernel<object, FillAttrs>((_, { shape, value, dtype }, o) => {
    if (typeof value !== 'number') throw new Error('tensors of text are not known');
    return o.filled(value, shape, known(dtype));
  }),
  ZerosLike: kernel<One>(({ x }, _, o) => o.filled(0, x.shape, x.dtype)),
  OnesLike: kernel<One>(({ x }, _, o) => o.filled(1, x.shape, x.dtype)),
  Range: kernel<object, RangeAttrs>((_, { start, stop, step, dtype }, o) => {
    const values = arithmetic(start, stop, step);
    return o.constant(dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), [values.length], known(dtype));
  }),
  LinSpace: kernel<object, LinSpaceAttrs>((_, { start, stop, num }, o) => {
    const gap = (stop - start) / (num - 1);
    return o.constant(
      Float32Array.from({ length: num }, (_, i) => start + i * gap),
      [num],
    );
  }),
  // Shapes are known while recording, so what they broadcast to is.
  BroadcastArgs: kernel<BroadcastArgsInputs>(({ s0, s1 }, _, o) => {
    if (!isConstant(s0) || !isConstant(s1)) {
      throw new EngineError('broadcastArgs is given shapes that only the running program knows', { operation: 'BroadcastArgs' });
    }
    const shape = tf.backend_util.assertAndGetBroadcastShape([...dataOf(s0)], [...dataOf(s1)]);
    return o.constant(Int32Array.from(shape), [shape.length], 'int32');
  }),
  Diag: kernel<DiagInputs>(({ x }, _, o) => {
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
