import type { Tensor } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Spec } from '../../../src/engine/engine.js';
import { type Case, caseOf, int } from './cases.js';

type TF = typeof TensorFlow;

/*
 * What the steps of experiments come to hand to kernels, and tests of single kernels seldom do: numbers as large as a diverging net makes them,
 * ties, minus zero, whole numbers and truth values where floats are usual, nothing at all, axes counted from the end.
 */
export const edgeCases: Case[] = [];
const add = (...given: Parameters<typeof caseOf>): void => void edgeCases.push(caseOf(...given));
const named = <F>(tf: TF, name: string): F => (tf as unknown as Record<string, F>)[name] as F;
type Unary = (x: Tensor, ...rest: unknown[]) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;
const bool = (...shape: number[]): Spec => ({ shape, dtype: 'bool' });
const float = (...shape: number[]): Spec => ({ shape, dtype: 'float32' });
const SPECS = { float32: float, int32: int, bool } as const;

/** Rows of logits: large ones alone, mixed with small ones, tied, of both signs, of one class that is out of the question. */
const LOGITS = [
  [1e30, 0, -1e30, 1],
  [1e30, 1e30, -1e30, -1e30],
  [-1e30, -1e30, -1e30, -1e30],
  [1e30, 1e30, 1e30, 1e30],
  [0, 0, 0, 0],
  [-0, 0, -0, 0],
  [88, 89, -88, -104],
  [1e4, -1e4, 1e4, 3],
  [-1e30, 2, 2, -3],
  [1e-30, -1e-30, 1e-38, 0],
];
const logits = { a: Float32Array.from(LOGITS.flat()) };
const FIRST =
  'elu exp expm1 leakyRelu log1p logSigmoid relu relu6 selu sigmoid softplus tanh abs neg sign square sqrt rsqrt log erf reciprocal';
for (const name of FIRST.split(' '))
  add(`${name} of large numbers`, [[10, 4]], (tf, a) => named<Unary>(tf, name)(a), { values: logits, gradient: false });
for (const name of ['softplus', 'sigmoid', 'tanh', 'logSigmoid', 'elu', 'relu', 'abs'] as const) {
  add(`gradient of ${name} at large numbers`, [[10, 4]], (tf, a) => named<Unary>(tf, name)(a), { values: logits });
}
for (const name of ['softmax', 'logSoftmax'] as const)
  add(`${name} of large numbers`, [[10, 4]], (tf, a) => tf[name](a), { values: logits });
for (const name of ['logSumExp', 'max', 'min', 'argMax', 'argMin', 'sum', 'mean'] as const) {
  for (const axis of [-1, -2]) {
    const rest = { values: logits, gradient: false } as const;
    add(`${name} of large numbers over ${axis}`, [[10, 4]], (tf, a) => named<Unary>(tf, name)(a, axis), rest);
  }
}
for (const name of 'add sub mul div maximum minimum squaredDifference greater less equal'.split(' ')) {
  add(`${name} of large numbers`, [[10, 4], [4]], (tf, a, b) => named<Binary>(tf, name)(a, b), {
    values: { ...logits, b: Float32Array.of(1e30, -0, -1e30, 3) },
    gradient: false,
  });
}
add(
  'matMul of large numbers',
  [
    [10, 4],
    [4, 3],
  ],
  (tf, a, b) => tf.matMul(a, b),
  { values: logits, gradient: false },
);
const MANY = { a: Float32Array.from({ length: 1 << 12 }, (_, i) => 0.1 + ((i * 7919) % 1000) / 1000) };
for (const name of ['sum', 'mean', 'logSumExp'] as const) {
  add(`${name} of many numbers`, [[1 << 12]], (tf, a) => tf[name](tf.square(a)), { values: MANY, gradient: false });
  add(`${name} of many numbers, by columns`, [[1 << 8, 16]], (tf, a) => tf[name](tf.square(a), 0), { values: MANY, gradient: false });
}
add('clip of large numbers', [[10, 4]], (tf, a) => tf.clipByValue(a, 0, 1), { values: logits });

// Indices
const INDICES = { a: Int32Array.of(0, 2, -1, 3, 1, 2) };
for (const dtype of ['float32', 'int32', 'bool'] as const) {
  add(`oneHot as ${dtype}`, [int(2, 3)], (tf, a) => tf.oneHot(a, 3, 1, 0, dtype), { values: INDICES });
  add(`oneHot as ${dtype}, in sums`, [int(2, 3)], (tf, a) => tf.sum(tf.cast(tf.oneHot(a, 3, 1, 0, dtype), 'float32'), -1), {
    values: INDICES,
  });
}
add('oneHot as float32, other numbers', [int(2, 3)], (tf, a) => tf.oneHot(a, 3, 0.9, -0.25, 'float32'), { values: INDICES });
add('oneHot times a matrix', [int(6), float(4, 2)], (tf, a, b) => tf.matMul(tf.oneHot(a, 4, 1, 0, 'float32'), b), { values: INDICES });
for (const [name, spec] of Object.entries(SPECS)) {
  const rest = { values: { b: Int32Array.of(1, 0, 1) }, gradient: false } as const;
  add(`gather of ${name}`, [spec(2, 3), int(3)], (tf, a, b) => tf.gather(a, b), rest);
  add(`gather of ${name} along the last axis`, [spec(3, 2), int(3)], (tf, a, b) => tf.gather(a, b, -1), rest);
}

// Every dtype through what only moves numbers.
const MOVES: Readonly<Record<string, (tf: TF, a: Tensor) => Tensor | readonly Tensor[]>> = {
  transpose: (tf, a) => tf.transpose(a, [1, 2, 0]),
  'reverse from the end': (tf, a) => tf.reverse(a, -1),
  'reverse of time': (tf, a) => tf.reverse(a, 0),
  concat: (tf, a) => tf.concat([a, a], -1),
  stack: (tf, a) => tf.stack([a, a], -1),
  unstack: (tf, a) => tf.unstack(a, -2),
  slice: (tf, a) => tf.slice(a, [0, 1, 0], [-1, 2, 1]),
  'slice of nothing': (tf, a) => tf.slice(a, [0, 1, 0], [2, 0, 2]),
  split: (tf, a) => tf.split(a, [1, 2], 1),
  'split from the end': (tf, a) => tf.split(a, 2, -1),
  pad: (tf, a) =>
    tf.pad(a, [
      [0, 1],
      [1, 0],
      [0, 0],
    ]),
  tile: (tf, a) => tf.tile(a, [1, 2, 1]),
  'expandDims, squeeze': (tf, a) => tf.squeeze(tf.expandDims(a, -1), [-1]),
  reshape: (tf, a) => tf.reshape(a, [-1]),
  stridedSlice: (tf, a) => tf.stridedSlice(a, [0, 0, 0], [2, 3, 2], [1, 2, 1]),
  broadcastTo: (tf, a) => tf.broadcastTo(tf.slice(a, [0, 0, 0], [1, 3, 2]), [4, 3, 2]),
  clone: (tf, a) => tf.clone(a),
  zerosLike: (tf, a) => tf.zerosLike(a),
  onesLike: (tf, a) => tf.onesLike(a),
  where: (tf, a) => tf.where(tf.greater(tf.cast(a, 'float32'), 0), a, tf.zerosLike(a)),
};
for (const [name, run] of Object.entries(MOVES)) {
  for (const [dtype, spec] of Object.entries(SPECS)) add(`${name} of ${dtype}`, [spec(2, 3, 2)], run, { gradient: false });
}

// Whole numbers and truth values in arithmetic.
const BINARY = 'add sub mul div floorDiv maximum minimum squaredDifference mod pow equal notEqual greater greaterEqual less lessEqual';
for (const name of BINARY.split(' ')) {
  const values = { a: Int32Array.of(7, -7, 0, 3, 1000, 5), b: Int32Array.of(2, 3, 1) };
  add(`${name} of whole numbers, stretched`, [int(2, 3), int(3)], (tf, a, b) => named<Binary>(tf, name)(a, b), { values, gradient: false });
  if (/^(floorDiv|mod|pow|div)$/.test(name)) continue;
  add(`${name} of numbers, both stretched`, [float(2, 1, 3), float(4, 1)], (tf, a, b) => named<Binary>(tf, name)(a, b), {
    gradient: false,
  });
}
for (const name of 'sum mean max min prod argMax argMin all any'.split(' ')) {
  const spec = /^(all|any)$/.test(name) ? bool : int;
  for (const axis of [-1, 0, [0, -1]]) {
    if (typeof axis !== 'number' && name.startsWith('arg')) continue;
    add(`${name} of whole numbers over ${axis}`, [spec(2, 3, 2)], (tf, a) => named<Unary>(tf, name)(a, axis), { gradient: false });
  }
}
add('sum of truth values', [bool(2, 3)], (tf, a) => tf.sum(a, -1), { gradient: false });
add('logicalNot, logicalAnd, stretched', [bool(2, 1, 3), bool(2, 1)], (tf, a, b) => tf.logicalAnd(tf.logicalNot(a), b), {
  gradient: false,
});
for (const axis of [-1, -2]) {
  add(`cumsum from the end, ${axis}`, [[2, 3]], (tf, a) => tf.cumsum(a, axis));
  add(`cumprod from the end, ${axis}`, [[2, 3]], (tf, a) => tf.cumprod(a, axis), { gradient: false });
}
add('cumsum of whole numbers', [int(2, 3)], (tf, a) => tf.cumsum(a, 1), { gradient: false });
add('where, stretched', [bool(2, 1), float(2, 3), float(1, 3)], (tf, q, a, b) => tf.where(q, a, b));
add('where of whole numbers', [bool(2, 3), int(2, 3), int(2, 3)], (tf, q, a, b) => tf.where(q, a, b), { gradient: false });
const ROUND = { a: Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, -0, 1e30, 16777217) };
for (const name of ['round', 'floor', 'ceil', 'sign', 'step', 'isNaN', 'isFinite'] as const) {
  add(`${name} of halves`, [[8]], (tf, a) => named<Unary>(tf, name)(a), { values: ROUND, gradient: false });
}
const WIDE = { a: Float32Array.of(0.9, -0.9, 1.9, -1.9, 300, -300, 2e9, -2e9) };
for (const dtype of ['int32', 'bool', 'float32'] as const) {
  add(`cast of wide numbers to ${dtype}`, [[8]], (tf, a) => tf.cast(a, dtype), { values: WIDE, gradient: false });
  add(`cast to ${dtype} and on`, [[8]], (tf, a) => tf.mul(tf.cast(tf.cast(a, dtype), 'float32'), 2), { values: WIDE, gradient: false });
}

// Nothing at all.
for (const name of ['tanh', 'relu', 'exp', 'neg'] as const)
  add(`${name} of nothing`, [[0, 3]], (tf, a) => tf[name](a), { gradient: false });
add('add of nothing', [[0, 3], [3]], (tf, a, b) => tf.add(a, b), { gradient: false });
add('sum of nothing', [[0, 3]], (tf, a) => [tf.sum(a), tf.sum(a, 0), tf.sum(a, 1)], { gradient: false });
add(
  'matMul with nothing',
  [
    [2, 0],
    [0, 3],
  ],
  (tf, a, b) => tf.matMul(a, b),
  { gradient: false },
);
add(
  'transpose and concat of nothing',
  [
    [0, 3],
    [0, 3],
  ],
  (tf, a, b) => tf.transpose(tf.concat([a, b], 0)),
  { gradient: false },
);

// Constants of every dtype, from arrays of other types than theirs.
add(
  'constants from other arrays',
  [[2]],
  (tf, a) => [
    tf.cast(tf.tensor(Float32Array.of(1, 2, 3), [3], 'int32'), 'float32'),
    tf.cast(tf.tensor(Float32Array.of(1, 0, 1), [3], 'bool'), 'float32'),
    tf.cast(tf.tensor(Int32Array.of(1, 0, 1), [3], 'bool'), 'float32'),
    tf.tensor(Int32Array.of(1, -2, 3), [3], 'float32'),
    tf.tensor(Uint8Array.of(1, 2, 3), [3], 'float32'),
    tf.cast(tf.scalar(3, 'int32'), 'float32'),
    tf.onesLike(tf.scalar(3, 'int32')),
    tf.zeros([2], 'bool'),
    tf.ones([2], 'int32'),
    tf.range(0, 4, 1, 'int32'),
    tf.reshape(a, [1, 2]),
  ],
  { gradient: false },
);

// As the steps of experiments put them together.
add('cross entropy', [[10, 4], int(10)], (tf, a, b) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(a), tf.oneHot(b, 4, 1, 0, 'float32')), -1)), {
  values: { ...logits, b: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3, 0, 1) },
});
add('accuracy', [[10, 4], int(10)], (tf, a, b) => tf.cast(tf.equal(tf.argMax(a, -1), b), 'float32'), {
  values: { ...logits, b: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3, 0, 1) },
  gradient: false,
});
add('batchNorm of large numbers', [[10, 4], [4], [4], [4], [4]], (tf, a, b, c, d, e) => tf.batchNorm(a, b, tf.square(c), d, e), {
  values: logits,
  gradient: false,
});
