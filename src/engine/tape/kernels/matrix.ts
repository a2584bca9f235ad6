import type * as TF from '@tensorflow/tfjs-core';
import { type Node, sizeOf } from '../../graph/graph.js';
import { tf } from '../../tf.js';
import { described, kernel, type Kernels, type Operations } from '../operations.js';

export const matrix: Kernels = {
  BatchMatMul: kernel<TF.BatchMatMulInputs, TF.BatchMatMulAttrs>(({ a, b }, { transposeA, transposeB }, o) =>
    product(a, b, transposeA, transposeB, o),
  ),

  _FusedMatMul: kernel<TF._FusedMatMulInputs, TF._FusedMatMulAttrs>((given, { transposeA, transposeB, activation, leakyreluAlpha }, o) => {
    const whole = product(given.a, given.b, transposeA, transposeB, o);
    // Left out by TensorFlow.js where there is none.
    const bias: Node | undefined = given.bias;
    return activate(bias ? o.add(whole, bias) : whole, activation, given.preluActivationWeights, leakyreluAlpha ?? 0.2, o);
  }),

  Einsum: kernel<TF.EinsumInputs, TF.EinsumAttrs>((operands, { equation }, o) => {
    const [left = '', right = ''] = equation.replace(/\s/g, '').split('->');
    const length = new Map(left.split(',').flatMap((letters, i) => [...letters].map((letter, j) => [letter, operands[i]?.shape[j] ?? 1])));
    const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, operands.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, operands.map(described) as unknown as TF.Tensor[]);
    const shape = [...right].map((letter) => length.get(letter) ?? 1);
    return o.shaped('Einsum', operands, { equation: plainLetters(`${left}->${right}`) }, shape);
  }),
};

function product(a: Node, b: Node, transposeA: boolean, transposeB: boolean, o: Operations): Node {
  const [rows, inner] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
  const [innerRight, columns] = transposeB ? [b.shape.at(-1), b.shape.at(-2)] : [b.shape.at(-2), b.shape.at(-1)];
  tf.util.assert(
    a.shape.length > 1 && b.shape.length > 1,
    () => `Error in matMul: inputs must have the same rank of at least 2, got ranks ${a.shape.length} and ${b.shape.length}.`,
  );
  tf.util.assert(
    inner === innerRight,
    () =>
      `Error in matMul: inner shapes (${inner}) and (${innerRight}) of Tensors with shapes ${a.shape} and ${b.shape} ` +
      `and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows ?? 1, columns ?? 1];
  if (inner === 0 || sizeOf(shape) === 0) return o.filled(0, shape, 'float32');
  return o.cast(o.product(o.cast(a, 'float32'), o.cast(b, 'float32'), transposeA, transposeB), a.dtype);
}

/** The activations that TensorFlow.js fuses with a product or a convolution. */
export function activate(x: Node, activation: string | undefined, slope: Node | undefined, leak: number, o: Operations): Node {
  switch (activation) {
    case undefined:
    case null:
    case 'linear':
      return x;
    case 'relu':
      return o.apply('Relu', x);
    case 'sigmoid':
      return o.apply('Sigmoid', x);
    case 'tanh':
      return o.apply('Tanh', x);
    case 'elu':
      return o.apply('Elu', x);
    case 'relu6':
      return o.shaped('Clip', [x, o.scalar(0), o.scalar(6)], {}, x.shape);
    case 'leakyrelu':
      return o.shaped('LeakyRelu', [x], { alpha: leak }, x.shape);
    case 'prelu':
      if (slope) return o.where(o.apply('Less', x, o.scalar(0)), o.apply('Mul', x, slope), x);
  }
  throw new Error(`the fused activation ${activation} isn't known`);
}

/** ONNX takes the letters a to z; TensorFlow.js capitals as well. */
function plainLetters(equation: string): string {
  const names = new Map<string, string>();
  return equation.replace(/[A-Za-z]/g, (letter) => {
    const name = names.get(letter) ?? String.fromCharCode(97 + names.size);
    names.set(letter, name);
    return name;
  });
}
