import type { Spec } from '../engine.js';
import type { DType, Node, Shape, TypedArray } from './graph.js';
import { type Attributes, arrayOf, dataOf, listIn, numberIn, sizeOf } from './node.js';

/** Folding a tensor larger than this would trade a moment of the runtime's time for memory in the program. */
const LARGEST = 1 << 16;

/**
 * The value of an operation on constants; undefined where it is left to the runtime.
 *
 * Float arithmetic is done in double precision and rounded once, which for + - * / and square roots gives the very digits of float32.
 */
export function fold(op: string, inputs: readonly Node[], attributes: Attributes, made: Spec): TypedArray | undefined {
  const [x] = inputs;
  if (!x || sizeOf(made.shape) > LARGEST) return undefined;
  if (op === 'Cast') return cast(dataOf(x), x.dtype, made.dtype);
  if (op === 'Transpose') return moved(x, made, strided(x.shape, listIn(attributes, 'perm')), 0);
  if (op === 'Slice') {
    const axis = numberIn(attributes, 'axis');
    const every = x.shape.map((_, i) => i);
    return moved(x, made, strided(x.shape, every), numberIn(attributes, 'begin') * sizeOf(x.shape.slice(axis + 1)));
  }
  if (op === 'Concat') return joined(inputs, made, numberIn(attributes, 'axis'));
  const one = UNARY[op];
  if (one && x.dtype === 'float32') return Float32Array.from(dataOf(x) as Float32Array, one);
  const two = (x.dtype === 'float32' ? FLOAT : INTEGER)[op];
  return two && inputs.length > 1 ? combined(inputs, made, two) : undefined;
}

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Tanh: Math.tanh,
  Sqrt: Math.sqrt,
  Exp: Math.exp,
  Log: Math.log,
  Neg: (x) => -x,
  Relu: (x) => Math.max(x, 0),
  Abs: Math.abs,
  Reciprocal: (x) => 1 / x,
};

type Two = (a: number, b: number) => number;

const FLOAT: Readonly<Record<string, Two>> = {
  Sum: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Min: Math.min,
  Max: Math.max,
  Pow: (a, b) => a ** b,
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Equal: (a, b) => Number(a === b),
};

/** Division is absent: what dividing by zero gives is the runtime's matter. */
const INTEGER: Readonly<Record<string, Two>> = {
  Add: (a, b) => (a + b) | 0,
  Sub: (a, b) => (a - b) | 0,
  Mul: Math.imul,
};

function combined(inputs: readonly Node[], made: Spec, two: Two): TypedArray {
  const [first, ...rest] = inputs.map((input) => spread(input, made.shape));
  const result = arrayOf(made.dtype, sizeOf(made.shape));
  for (let i = 0; i < result.length; i++) result[i] = rest.reduce((value, next) => two(value, next(i)), first?.(i) ?? NaN);
  return result;
}

/** Reads a constant as if it had been stretched to `shape`. */
function spread(constant: Node, shape: Shape): (index: number) => number {
  const data = dataOf(constant);
  if (data.length === 1) return () => data[0] ?? NaN;
  if (data.length === sizeOf(shape)) return (index) => data[index] ?? NaN;
  const lead = shape.length - constant.shape.length;
  return (index) => {
    let rest = index;
    let place = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= lead; axis--) {
      const length = shape[axis] ?? 1;
      const own = constant.shape[axis - lead] ?? 1;
      if (own !== 1) place += (rest % length) * stride;
      rest = Math.floor(rest / length);
      stride *= own;
    }
    return data[place] ?? NaN;
  };
}

/** The strides of a tensor's axes, in the order `axes`. */
function strided(shape: Shape, axes: readonly number[]): readonly number[] {
  return axes.map((axis) => sizeOf(shape.slice(axis + 1)));
}

function moved(x: Node, made: Spec, strides: readonly number[], begin: number): TypedArray {
  const data = dataOf(x);
  const result = arrayOf(made.dtype, sizeOf(made.shape));
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let place = begin;
    for (let axis = made.shape.length - 1; axis >= 0; axis--) {
      const length = made.shape[axis] ?? 1;
      place += (rest % length) * (strides[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    result[i] = data[place] ?? NaN;
  }
  return result;
}

function joined(inputs: readonly Node[], made: Spec, axis: number): TypedArray {
  const result = arrayOf(made.dtype, sizeOf(made.shape));
  const row = sizeOf(made.shape.slice(axis));
  let begin = 0;
  for (const input of inputs) {
    const width = sizeOf(input.shape.slice(axis));
    const data = dataOf(input);
    for (let from = 0, to = begin; from < data.length; from += width, to += row) result.set(data.subarray(from, from + width), to);
    begin += width;
  }
  return result;
}

function cast(data: TypedArray, from: DType, to: DType): TypedArray | undefined {
  if (to === 'bool') return Uint8Array.from(data as Float32Array, (v) => Number(v !== 0));
  if (to === 'float32') return Float32Array.from(data as Float32Array);
  return from === 'float32' && data.some((v) => !(Math.abs(v) < 2 ** 31)) ? undefined : Int32Array.from(data as Float32Array);
}
