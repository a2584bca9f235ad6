import type * as TF from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { type Kernel, kernel, type Kernels, type Operations } from '../operations.js';

type One = Pick<TF.NamedTensorInfoMap, 'x'>;
type Two = Pick<TF.NamedTensorInfoMap, 'a' | 'b'>;

/** ONNX has these for floats only, and so has TensorFlow.js: whole numbers become floats. */
const float = (op: string): Kernel => kernel<One>(({ x }, _, o) => o.apply(op, o.cast(x, 'float32')));

/** Rounding leaves whole numbers alone. */
const rounding = (op: string): Kernel => kernel<One>(({ x }, _, o) => (x.dtype === 'float32' ? o.apply(op, x) : x));

/** Keeps the element type; truth values are counted as 0 and 1. */
const same = (body: (x: Node, o: Operations) => Node): Kernel => kernel<One>(({ x }, _, o) => o.cast(body(o.number(x), o), x.dtype));

const binary = (op: string): Kernel => kernel<Two>(({ a, b }, _, o) => o.cast(o.apply(op, o.number(a), o.number(b)), a.dtype));

export const elementwise: Kernels = {
  Sigmoid: float('Sigmoid'),
  Tanh: float('Tanh'),
  Sqrt: float('Sqrt'),
  Exp: float('Exp'),
  Log: float('Log'),
  Sin: float('Sin'),
  Cos: float('Cos'),
  Tan: float('Tan'),
  Asin: float('Asin'),
  Acos: float('Acos'),
  Atan: float('Atan'),
  Sinh: float('Sinh'),
  Cosh: float('Cosh'),
  Asinh: float('Asinh'),
  Acosh: float('Acosh'),
  Atanh: float('Atanh'),
  Erf: float('Erf'),
  Elu: float('Elu'),
  Selu: float('Selu'),
  Softplus: float('Softplus'),
  Reciprocal: float('Reciprocal'),
  // In double precision: exp(x) - 1 and log(1 + x) in float32 lose every digit of a small x.
  Expm1: float('Expm1'),
  Log1p: float('Log1p'),
  Rsqrt: kernel<One>(({ x }, _, o) => o.apply('Reciprocal', o.apply('Sqrt', o.cast(x, 'float32')))),

  Floor: rounding('Floor'),
  Ceil: rounding('Ceil'),
  Round: rounding('Round'),

  Neg: same((x, o) => o.apply('Neg', x)),
  Abs: same((x, o) => o.apply('Abs', x)),
  Relu: same((x, o) => o.apply('Relu', x)),
  Square: same((x, o) => o.apply('Mul', x, x)),
  Relu6: same((x, o) => clip(x, 0, 6, o)),
  Sign: same((x, o) => (x.dtype === 'float32' ? o.where(o.test('IsNaN', x), o.scalar(0), o.apply('Sign', x)) : o.apply('Sign', x))),
  ClipByValue: kernel<One, TF.ClipByValueAttrs>(({ x }, { clipValueMin, clipValueMax }, o) =>
    clip(o.number(x), clipValueMin, clipValueMax, o),
  ),
  LeakyRelu: kernel<One, TF.LeakyReluAttrs>(({ x }, { alpha }, o) => {
    const value = o.cast(x, 'float32');
    return o.shaped('LeakyRelu', [value], { alpha }, value.shape);
  }),
  Step: kernel<One, TF.StepAttrs>(({ x }, { alpha }, o) => {
    const value = o.cast(x, 'float32');
    const stepped = o.where(o.apply('Greater', value, o.scalar(0)), o.scalar(1), o.scalar(alpha));
    return o.cast(o.where(o.test('IsNaN', value), value, stepped), x.dtype);
  }),
  Prelu: kernel<TF.PreluInputs>(({ x, alpha }, _, o) => {
    const [value, slope] = [o.cast(x, 'float32'), o.cast(alpha, 'float32')];
    return o.where(o.apply('Less', value, o.scalar(0)), o.apply('Mul', slope, value), value);
  }),
  EluGrad: kernel<TF.EluGradInputs>(({ dy, y }, _, o) => {
    const negative = o.apply('Mul', dy, o.add(y, o.scalar(1)));
    return o.where(o.apply('GreaterOrEqual', y, o.scalar(0)), dy, negative);
  }),

  Add: kernel<Two>(({ a, b }, _, o) => o.cast(o.add(a, b), a.dtype)),
  AddN: kernel<TF.AddNInputs>((terms, _, o) => addAll(terms, o)),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  Minimum: binary('Min'),
  Maximum: binary('Max'),
  Pow: binary('Pow'),
  RealDiv: kernel<Two>(({ a, b }, _, o) => o.apply('Div', o.cast(a, 'float32'), o.cast(b, 'float32'))),
  FloorDiv: kernel<Two>(({ a, b }, _, o) => {
    const { shape } = o.apply('Less', a, b);
    return o.shaped('FloorDiv', [o.number(a), o.number(b)], {}, shape, 'int32');
  }),
  Mod: kernel<Two>(({ a, b }, _, o) => {
    if (a.dtype === 'int32' && b.dtype === 'int32') return wholeRemainder(a, b, o);
    const [x, y] = [o.cast(a, 'float32'), o.cast(b, 'float32')];
    const { shape } = o.apply('Less', x, y);
    const remainder = (p: Node, q: Node): Node => o.shaped('Mod', [p, q], { fmod: 1 }, shape);
    const rest = remainder(x, y);
    const zero = o.scalar(0);
    const sameSign = o.apply('Equal', o.cast(o.apply('Less', x, zero), 'int32'), o.cast(o.apply('Less', y, zero), 'int32'));
    return o.cast(o.where(sameSign, rest, remainder(o.add(rest, y), y)), a.dtype);
  }),
  SquaredDifference: kernel<Two>(({ a, b }, _, o) => {
    const difference = o.apply('Sub', o.number(a), o.number(b));
    return o.apply('Mul', difference, difference);
  }),
  // The angle of the first quadrant, mirrored: so zeros and infinities of either sign come out right.
  Atan2: kernel<Two>(({ a, b }, _, o) => {
    const [y, x] = [o.cast(a, 'float32'), o.cast(b, 'float32')];
    const [up, out] = [o.apply('Abs', y), o.apply('Abs', x)];
    const slope = o.where(o.apply('Equal', up, out), o.apply('Sign', up), o.apply('Div', up, out));
    const angle = o.apply('Atan', slope);
    const right = o.where(isNegative(x, o), o.apply('Sub', o.scalar(Math.PI), angle), angle);
    return o.where(isNegative(y, o), o.apply('Neg', right), right);
  }),
};

/** Of the divisor's sign, as `x - floor(x / y) y`; 0 where that is 0. */
function wholeRemainder(x: Node, y: Node, o: Operations): Node {
  const quotient = o.shaped('FloorDiv', [x, y], {}, o.apply('Less', x, y).shape, 'int32');
  const zero = o.scalar(0, 'int32');
  return o.where(o.apply('Equal', y, zero), zero, o.apply('Sub', x, o.apply('Mul', quotient, y)));
}

/** True of -0 as well. */
const isNegative = (x: Node, o: Operations): Node =>
  o.apply('Or', o.apply('Less', x, o.scalar(0)), o.apply('Less', o.apply('Reciprocal', x), o.scalar(0)));

const clip = (x: Node, least: number, most: number, o: Operations): Node =>
  o.shaped('Clip', [x, o.scalar(least, x.dtype), o.scalar(most, x.dtype)], {}, x.shape);

function addAll(terms: readonly Node[], o: Operations): Node {
  const [first, ...rest] = terms;
  if (!first) throw new Error('AddN needs a term');
  return first.dtype === 'float32' ? o.make('Sum', terms) : rest.reduce((sum, term) => o.add(sum, term), first);
}

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
  Select: kernel<TF.SelectInputs>(({ condition, t, e }, _, o) => {
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
