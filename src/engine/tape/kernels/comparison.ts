import type { NamedTensorInfoMap, SelectInputs } from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { type Kernel, kernel, type Kernels } from '../kernel.js';
import type { Operations } from '../operations.js';

type One = Pick<NamedTensorInfoMap, 'x'>;
type Two = Pick<NamedTensorInfoMap, 'a' | 'b'>;

const compare = (op: string): Kernel => kernel<Two>(({ a, b }, _, o) => o.apply(op, o.number(a), o.number(b)));

const logical = (op: string): Kernel => kernel<Two>(({ a, b }, _, o) => o.apply(op, o.cast(a, 'bool'), o.cast(b, 'bool')));

const test = (body: (x: Node, o: Operations) => Node): Kernel => kernel<One>(({ x }, _, o) => body(o.cast(x, 'float32'), o));

export const comparison: Kernels = {
  Equal: compare('Equal'),
  NotEqual: kernel<Two>(({ a, b }, _, o) => o.not(o.apply('Equal', o.number(a), o.number(b)))),
  Greater: compare('Greater'),
  GreaterEqual: compare('GreaterOrEqual'),
  Less: compare('Less'),
  LessEqual: compare('LessOrEqual'),

  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalXor: logical('Xor'),
  LogicalNot: kernel<One>(({ x }, _, o) => o.not(o.cast(x, 'bool'))),
  BitwiseAnd: kernel<Two>(({ a, b }, _, o) => o.shaped('BitwiseAnd', [a, b], {}, o.apply('Less', a, b).shape)),

  IsNan: test((x, o) => o.test('IsNaN', x)),
  IsInf: test((x, o) => o.test('IsInf', x)),
  IsFinite: test((x, o) => o.not(o.apply('Or', o.test('IsNaN', x), o.test('IsInf', x)))),

  // A condition of rank 1 chooses whole rows.
  Select: kernel<SelectInputs>(({ condition, t, e }, _, o) => {
    const truth = o.cast(condition, 'bool');
    const rank = t.shape.length;
    const rows = truth.shape.length === 1 && rank > 1;
    const dtype = t.dtype === 'float32' || e.dtype === 'float32' ? 'float32' : t.dtype === e.dtype ? t.dtype : 'int32';
    return o.where(
      rows ? o.reshape(truth, [...truth.shape, ...new Array<number>(rank - 1).fill(1)]) : truth,
      o.cast(t, dtype),
      o.cast(e, dtype),
    );
  }),
};
