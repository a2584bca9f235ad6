import type { Spec } from '../engine.js';
import type { Node, Shape } from './graph.js';
import { type Attributes, flagIn, listIn, numberIn, sizeOf } from './node.js';

const UNARY = new Set('Sigmoid Tanh Sqrt Exp Log Neg Relu Abs Round Floor Ceil Sign Reciprocal Erf Sin Cos Softplus Elu Not'.split(' '));
const BINARY = new Set('Add Sub Mul Div Min Max Pow'.split(' '));
const COMPARISON = new Set('Greater GreaterOrEqual Less LessOrEqual Equal And Or Xor'.split(' '));

/** One number out for each place, whatever its neighbours are; operands broadcast. `Sum` adds any number of terms. */
export const isElementwise = (op: string): boolean =>
  UNARY.has(op) || BINARY.has(op) || COMPARISON.has(op) || op === 'Sum' || op === 'Where';

export const isReduction = (op: string): boolean =>
  op === 'ReduceSum' || op === 'ReduceMean' || op === 'ReduceMax' || op === 'ReduceMin' || op === 'ReduceProd';

/**
 * Shape and dtype of an operation's value; undefined for operators that no pass builds: these carry what was recorded with them.
 *
 *     Reshape {shape}       Transpose {perm}           Concat {axis}                  Slice {axis, begin, size}
 *     Cast {to}             Reduce... {axes, keepdims}  Gemm {transposeA, transposeB}  MatMul (any rank)
 *     elementwise operators, `Sum` of any number of terms and `Where` with broadcasting
 *
 * Axes count from 0; flags are 0 or 1.
 */
export function infer(op: string, inputs: readonly Node[], attributes: Attributes): Spec | undefined {
  const [x, y, z] = inputs;
  if (!x) return undefined;
  const like = (shape: Shape): Spec => ({ shape, dtype: x.dtype });
  if (COMPARISON.has(op)) return { shape: broadcast(inputs), dtype: 'bool' };
  if (op === 'Where') return { shape: broadcast(inputs), dtype: (y ?? x).dtype };
  if (isElementwise(op)) return like(broadcast(inputs));
  if (isReduction(op)) {
    const axes = listIn(attributes, 'axes');
    const kept = flagIn(attributes, 'keepdims');
    return like(kept ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !axes.includes(i)));
  }
  switch (op) {
    case 'Cast':
      return { shape: x.shape, dtype: dtypeIn(attributes) };
    case 'Reshape': {
      const shape = listIn(attributes, 'shape');
      if (sizeOf(shape) !== sizeOf(x.shape)) throw new Error(`Reshape from [${x.shape}] to [${shape}]`);
      return like(shape);
    }
    case 'Transpose':
      return like(listIn(attributes, 'perm').map((axis) => x.shape[axis] ?? 1));
    case 'Concat': {
      const axis = numberIn(attributes, 'axis');
      return like(x.shape.map((d, i) => (i === axis ? inputs.reduce((sum, part) => sum + (part.shape[i] ?? 1), 0) : d)));
    }
    case 'Slice':
      return like(x.shape.map((d, i) => (i === attributes['axis'] ? numberIn(attributes, 'size') : d)));
    case 'Gemm': {
      if (!y || x.shape.length !== 2 || y.shape.length !== 2 || (z && z.shape.length > 2)) throw new Error('Gemm takes matrices');
      const [rows = 1, inner] = flagIn(attributes, 'transposeA') ? [x.shape[1], x.shape[0]] : x.shape;
      const [innerRight, columns = 1] = flagIn(attributes, 'transposeB') ? [y.shape[1], y.shape[0]] : y.shape;
      if (inner !== innerRight) throw new Error(`Gemm of [${x.shape}] and [${y.shape}]: inner lengths ${inner} and ${innerRight}`);
      return like([rows, columns]);
    }
    case 'MatMul': {
      if (!y || x.shape.length < 2 || y.shape.length < 2) throw new Error('MatMul takes tensors of rank 2 and more');
      const batch = broadcastShapes([x.shape.slice(0, -2), y.shape.slice(0, -2)]);
      return like([...batch, x.shape.at(-2) ?? 1, y.shape.at(-1) ?? 1]);
    }
    default:
      return undefined;
  }
}

const broadcast = (inputs: readonly Node[]): Shape => broadcastShapes(inputs.map((input) => input.shape));

/** Shapes aligned at their last axes; a length of 1 stretches. */
function broadcastShapes(shapes: readonly Shape[]): Shape {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [i, length] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (length === 1 || length === result[axis]) continue;
      if (result[axis] !== 1) throw new Error(`shapes don't broadcast: ${shapes.map((s) => `[${s}]`).join(' ')}`);
      result[axis] = length;
    }
  }
  return result;
}

function dtypeIn(attributes: Attributes): Spec['dtype'] {
  const to = attributes['to'];
  if (to === 'float32' || to === 'int32' || to === 'bool') return to;
  throw new Error(`Cast to ${String(to)}`);
}
