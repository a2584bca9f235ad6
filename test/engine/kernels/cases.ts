import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Arrays, Spec, Specs } from '../../../src/engine/engine.js';
import { numbers } from '../steps/addition.js';

type TF = typeof TensorFlow;

/** One use of the public API; every output is compared, and the gradient of its weighted sum with respect to each float input. */
export interface Case {
  readonly name: string;
  readonly inputs: Specs;
  readonly run: (tf: TF, ...tensors: Tensor[]) => Tensor | readonly Tensor[];
  /** Numbers to feed, where any in [-2, 2) won't do. */
  readonly values?: Arrays;
  /** TensorFlow.js has no gradient, or one that isn't comparable. */
  readonly gradient?: false;
  /** No answer is right for NaN and infinities, or none is comparable. */
  readonly spoil?: false;
  /** Inputs that stay finite where others don't. */
  readonly ordinary?: readonly string[];
}

/** Inputs are `a`, `b`, `c` and on; what is told by its shape alone is float32. */
export function caseOf(name: string, shapes: readonly (readonly number[] | Spec)[], run: Case['run'], rest: Partial<Case> = {}): Case {
  const inputs = Object.fromEntries(
    shapes.map((spec, i): [string, Spec] => ['abcde'.charAt(i), 'dtype' in spec ? spec : { shape: spec, dtype: 'float32' }]),
  );
  return { name, inputs, run, ...rest };
}

export const cases: Case[] = [];
const add = (...given: Parameters<typeof caseOf>): void => void cases.push(caseOf(...given));

export const int = (...shape: number[]): Spec => ({ shape, dtype: 'int32' });
const bool = (...shape: number[]): Spec => ({ shape, dtype: 'bool' });
const SPECIAL = { a: Float32Array.of(NaN, Infinity, -Infinity, 0, -0, 1e30, -1.5, 2.5) };

// Elementwise
const UNARY =
  'abs acos acosh asin asinh atan atanh ceil cos cosh elu erf exp expm1 floor isFinite isInf isNaN leakyRelu log log1p logSigmoid neg ' +
  'reciprocal relu relu6 round rsqrt selu sigmoid sign sin sinh softplus sqrt square step tan tanh';
for (const name of UNARY.split(' ')) {
  const run = (tf: TF, x: Tensor): Tensor => (tf as unknown as Record<string, (x: Tensor) => Tensor>)[name]?.(x) ?? x;
  add(name, [[3, 4]], run);
  if (!/^(leakyRelu|logSigmoid)$/.test(name)) add(`${name} of special values`, [[8]], run, { values: SPECIAL, gradient: false });
}
for (const name of ['abs', 'neg', 'sign', 'square', 'relu', 'round', 'step', 'exp', 'isNaN'] as const) {
  add(`${name} of whole numbers`, [int(3, 4)], (tf, a) => tf[name](a), { gradient: false });
}
for (const name of 'add sub mul div maximum minimum squaredDifference atan2'.split(' ')) {
  const run = (tf: TF, a: Tensor, b: Tensor): Tensor =>
    (tf as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name]?.(a, b) ?? a;
  add(
    name,
    [
      [3, 4],
      [3, 4],
    ],
    run,
  );
  // Of the others TensorFlow.js gives a gradient of the wrong shape.
  add(
    `${name} broadcast`,
    [
      [2, 1, 4],
      [3, 1],
    ],
    run,
    /^(max|min|sq)/.test(name) ? { gradient: false } : {},
  );
  if (name !== 'atan2') add(`${name} of whole numbers`, [int(3, 4), int(4)], run, { gradient: false });
}
for (const name of 'equal notEqual greater greaterEqual less lessEqual'.split(' ')) {
  const run = (tf: TF, a: Tensor, b: Tensor): Tensor =>
    (tf as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name]?.(a, b) ?? a;
  add(name, [int(3, 4), int(4)], run, { gradient: false });
  add(`${name} of truth values`, [bool(3, 4), bool(3, 4)], run, { gradient: false });
  add(`${name} of special values`, [[8], [8]], run, {
    values: { ...SPECIAL, b: Float32Array.of(NaN, Infinity, 0, 0, 0, 1, -1.5, NaN) },
    gradient: false,
  });
}
for (const name of 'logicalAnd logicalOr logicalXor'.split(' ')) {
  add(name, [bool(3, 4), bool(4)], (tf, a, b) => (tf as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name]?.(a, b) ?? a, {
    gradient: false,
  });
}
const POSITIVE = { a: numbers(12, 3).map(Math.abs), b: numbers(12, 4, 2) };
add('logicalNot', [bool(5)], (tf, a) => tf.logicalNot(a), { gradient: false });
add('bitwiseAnd', [int(5), int(5)], (tf, a, b) => tf.bitwiseAnd(a, b), { gradient: false });
add(
  'pow',
  [
    [3, 4],
    [3, 4],
  ],
  (tf, a, b) => tf.pow(a, b),
  { values: POSITIVE },
);
add('pow of whole numbers', [int(4), int(4)], (tf, a, b) => tf.pow(a, b), {
  values: { a: Int32Array.of(2, -3, 0, 5), b: Int32Array.of(3, 3, 2, 0) },
  gradient: false,
});
add('mod', [[4, 3], [3]], (tf, a, b) => tf.mod(a, b), { gradient: false });
add('floorDiv', [int(6), int(6)], (tf, a, b) => tf.floorDiv(a, b), {
  values: { a: Int32Array.of(7, -7, 7, -7, 0, -2147483648), b: Int32Array.of(2, 2, -2, -2, 5, 1) },
  gradient: false,
});
// ONNX Runtime ends the process for the last two of these, and raises an error for zero, where they are divided as whole numbers.
const HARD = { a: Int32Array.of(7, -7, 0, -2147483648, 5), b: Int32Array.of(0, 0, 0, -1, -1) };
add('floorDiv by zero, and of the least number', [int(5), int(5)], (tf, a, b) => tf.floorDiv(a, b), { values: HARD, gradient: false });
add('mod of large whole numbers', [int(3), int(3)], (tf, a, b) => tf.mod(a, b), {
  values: { a: Int32Array.of(2147483647, -16777217, 123456789), b: Int32Array.of(10, 10, -1000) },
  gradient: false,
});
add('mod by zero, and of the least number', [int(5), int(5)], (tf, a, b) => tf.mod(a, b), { values: HARD, gradient: false });
add('div by zero, and of the least number', [int(5), int(5)], (tf, a, b) => tf.div(tf.cast(a, 'float32'), b), {
  values: HARD,
  gradient: false,
});
add('clip', [[3, 4]], (tf, a) => tf.clipByValue(a, -0.5, 0.5));
add('clip of special values', [[8]], (tf, a) => tf.clipByValue(a, -2, 2), { values: SPECIAL, gradient: false });
add('prelu', [[3, 4], [4]], (tf, a, b) => tf.prelu(a, b));
add('leakyRelu 1', [[3, 4]], (tf, a) => tf.leakyRelu(a, 1));
add('addN', [[3], [3], [3]], (tf, ...terms) => tf.addN(terms));
add('addN of whole numbers', [int(3), int(3)], (tf, ...terms) => tf.addN(terms), { gradient: false });
add('where', [bool(3, 4), [3, 4], [3, 4]], (tf, q, a, b) => tf.where(q, a, b));
add('where of truth values', [bool(3, 4), bool(3, 4), bool(3, 4)], (tf, q, a, b) => tf.where(q, a, b), { gradient: false });
for (const to of ['int32', 'bool', 'float32'] as const) {
  add(`cast float32 to ${to}`, [[3, 4]], (tf, a) => tf.cast(a, to), { gradient: false });
  add(`cast int32 to ${to}`, [int(3, 4)], (tf, a) => tf.cast(a, to), { gradient: false });
  add(`cast bool to ${to}`, [bool(3, 4)], (tf, a) => tf.cast(a, to), { gradient: false });
}
add('cast NaN to int32', [[2]], (tf, a) => tf.cast(a, 'int32'), { values: { a: Float32Array.of(NaN, -3.7) }, gradient: false });

// Reductions
for (const name of 'sum mean max min prod logSumExp'.split(' ')) {
  const run =
    (axis?: number | number[], keep?: boolean) =>
    (tf: TF, a: Tensor): Tensor =>
      (tf as unknown as Record<string, (a: Tensor, axis?: number | number[], keep?: boolean) => Tensor>)[name]?.(a, axis, keep) ?? a;
  add(name, [[3, 4, 2]], run());
  add(`${name} of one axis`, [[3, 4, 2]], run(1));
  add(`${name} of two axes, kept`, [[3, 4, 2]], run([0, -1], true), name === 'prod' ? { gradient: false } : {});
  add(`${name} of special values`, [[2, 4]], run(1), { values: SPECIAL, gradient: false });
  if (name !== 'logSumExp') add(`${name} of whole numbers`, [int(3, 4)], run(1), { gradient: false });
}
for (const name of ['all', 'any'] as const) add(name, [bool(3, 4)], (tf, a) => tf[name](a, 1), { gradient: false });
for (const name of ['argMax', 'argMin'] as const) {
  add(name, [[3, 4, 2]], (tf, a) => tf[name](a, 1), { gradient: false });
  add(`${name} with NaN and ties`, [[4, 2]], (tf, a) => tf[name](a, 0), {
    values: { a: Float32Array.of(1, 1, NaN, NaN, 2, 0, 2, 0) },
    gradient: false,
  });
}
for (const exclusive of [false, true]) {
  for (const reverse of [false, true]) {
    add(`cumsum ${exclusive} ${reverse}`, [[3, 5]], (tf, a) => tf.cumsum(a, 1, exclusive, reverse));
    add(`cumprod ${exclusive} ${reverse}`, [[3, 5]], (tf, a) => tf.cumprod(a, 1, exclusive, reverse), { gradient: false });
  }
}
add('softmax', [[3, 4]], (tf, a) => tf.softmax(a));
add('logSoftmax', [[3, 4]], (tf, a) => tf.logSoftmax(a));
// eager-js orders NaN among numbers as its search happens to meet them.
add('topk', [[3, 6]], (tf, a) => tf.topk(a, 3).values, { spoil: false });
add('topk, where', [[3, 6]], (tf, a) => tf.topk(a, 3).indices, { gradient: false, spoil: false });
add('moments', [[3, 6]], (tf, a) => Object.values(tf.moments(a, 0)));
add('norm', [[3, 6]], (tf, a) => tf.norm(a));

// Products
add(
  'matMul',
  [
    [3, 4],
    [4, 2],
  ],
  (tf, a, b) => tf.matMul(a, b),
);
for (const ta of [false, true]) {
  for (const tb of [false, true]) {
    add(`matMul ${ta} ${tb}`, [ta ? [4, 3] : [3, 4], tb ? [2, 4] : [4, 2]], (tf, a, b) => tf.matMul(a, b, ta, tb));
    add(`matMul of batches ${ta} ${tb}`, [ta ? [5, 4, 3] : [5, 3, 4], tb ? [5, 2, 4] : [5, 4, 2]], (tf, a, b) => tf.matMul(a, b, ta, tb));
  }
}
add(
  'matMul, broadcast',
  [
    [5, 3, 4],
    [4, 2],
  ],
  (tf, a, b) => tf.matMul(a, b),
  { gradient: false },
);
add('dot', [[4], [4]], (tf, a, b) => tf.dot(a, b));
add('outerProduct', [[3], [4]], (tf, a, b) => tf.outerProduct(a as never, b as never));
add(
  'einsum',
  [
    [2, 3, 4],
    [4, 5],
  ],
  (tf, a, b) => tf.einsum('bij,jK->bKi', a, b),
);
for (const activation of ['linear', 'relu', 'sigmoid', 'elu', 'relu6'] as const) {
  add(`fused matMul ${activation}`, [[3, 4], [4, 2], [2]], (tf, a, b, bias) => tf.fused.matMul({ a, b, bias, activation: activation }), {
    gradient: false,
  });
}

// Shapes
add('reshape', [[3, 4]], (tf, a) => tf.reshape(a, [2, -1]));
add('expandDims, squeeze', [[3, 1, 4]], (tf, a) => tf.expandDims(tf.squeeze(a), -1));
add('transpose', [[2, 3, 4]], (tf, a) => tf.transpose(a, [2, 0, 1]));
add('transpose of truth values', [bool(2, 3)], (tf, a) => tf.transpose(a), { gradient: false });
add(
  'concat',
  [
    [2, 3],
    [4, 3],
  ],
  (tf, a, b) => tf.concat([a, b], 0),
);
add(
  'concat with nothing',
  [
    [2, 3],
    [0, 3],
  ],
  (tf, a, b) => tf.concat([a, b], 0),
  { gradient: false },
);
add(
  'stack',
  [
    [2, 3],
    [2, 3],
  ],
  (tf, a, b) => tf.stack([a, b], 1),
);
add('split', [[6, 4]], (tf, a) => tf.split(a, [1, 3, 2], 0));
add('unstack', [[3, 4]], (tf, a) => tf.unstack(a, 1));
add('slice', [[4, 5]], (tf, a) => tf.slice(a, [1, 2], [2, -1]));
add('overlapping slices', [[6, 2]], (tf, a) => [tf.slice(a, [0, 0], [4, 2]), tf.slice(a, [2, 0], [4, 2])]);
add('stridedSlice', [[6, 7]], (tf, a) => tf.stridedSlice(a, [5, 0], [-7, 7], [-2, 3], 0, 0));
add('stridedSlice with masks', [[6, 7]], (tf, a) => tf.stridedSlice(a, [1, 2], [4, 3], [1, 1], 1, 0, 0, 0, 2));
add('pad', [[2, 3]], (tf, a) =>
  tf.pad(
    a,
    [
      [1, 0],
      [0, 2],
    ],
    7,
  ),
);
add(
  'mirrorPad reflect',
  [[3, 4]],
  (tf, a) =>
    tf.mirrorPad(
      a,
      [
        [2, 1],
        [0, 3],
      ],
      'reflect',
    ),
  { gradient: false },
);
add(
  'mirrorPad symmetric',
  [[3, 4]],
  (tf, a) =>
    tf.mirrorPad(
      a,
      [
        [3, 1],
        [0, 4],
      ],
      'symmetric',
    ),
  { gradient: false },
);
add('tile', [[2, 3]], (tf, a) => tf.tile(a, [2, 3]));
add('broadcastTo', [[2, 1]], (tf, a) => tf.broadcastTo(a, [3, 2, 4]));
add('reverse', [[3, 4]], (tf, a) => tf.reverse(a, [1]));
add('depthToSpace', [[1, 2, 3, 8]], (tf, a) => tf.depthToSpace(a as Tensor4D, 2), { gradient: false });
add('spaceToBatchND', [[2, 4, 6, 1]], (tf, a) =>
  tf.spaceToBatchND(
    a,
    [2, 2],
    [
      [1, 1],
      [0, 2],
    ],
  ),
);
add('batchToSpaceND', [[8, 2, 3, 1]], (tf, a) =>
  tf.batchToSpaceND(
    a,
    [2, 2],
    [
      [1, 0],
      [0, 1],
    ],
  ),
);
add('flipLeftRight', [[1, 2, 3, 1]], (tf, a) => tf.image.flipLeftRight(a as Tensor4D), { gradient: false });
add('diag', [[3]], (tf, a) => tf.diag(a), { gradient: false });
add(
  'constants',
  [[3]],
  (tf, a) => [
    tf.add(a, tf.ones([3])),
    tf.zerosLike(a),
    tf.range(0, 3, 1),
    tf.linspace(0, 1, 4),
    tf.fill(a.shape, 5),
    tf.onesLike(a),
    tf.eye(3),
  ],
  { gradient: false },
);

// Choosing
const INDICES = { b: Int32Array.of(2, 0, 2, 1) };
add('gather', [[3, 4], int(4)], (tf, a, b) => tf.gather(a, b), { values: INDICES });
add('gather along axis 1', [[2, 3, 4], int(4)], (tf, a, b) => tf.gather(a, b, 1), { values: INDICES });
add('gather with batches', [[2, 3, 4], int(2, 2)], (tf, a, b) => tf.gather(a, b, 1, 1), { values: INDICES, gradient: false });
add('gatherND', [[3, 3], int(2, 2)], (tf, a, b) => tf.gatherND(a, b), { values: INDICES });
add('scatterND', [[4, 2], int(4, 1)], (tf, a, b) => tf.scatterND(b, a, [3, 2]), { values: INDICES });
add('tensorScatterUpdate', [[3, 2], int(2, 1), [2, 2]], (tf, a, b, c) => tf.tensorScatterUpdate(a, b, c), {
  values: { b: Int32Array.of(2, 0) },
});
add('unsortedSegmentSum', [[4, 2], int(4)], (tf, a, b) => tf.unsortedSegmentSum(a, b as never, 3), {
  values: { b: Int32Array.of(2, 0, -1, 2) },
});
add('oneHot', [int(5)], (tf, a) => tf.oneHot(a, 3), { values: { a: Int32Array.of(0, 2, -1, 3, 1) }, gradient: false });
add('oneHot of whole numbers', [int(5)], (tf, a) => tf.oneHot(a, 3, 7, -1, 'int32'), {
  values: { a: Int32Array.of(0, 2, -1, 3, 1) },
  gradient: false,
});
add('bincount', [int(6), [6]], (tf, a, b) => tf.bincount(a as never, b as never, 4), {
  values: { a: Int32Array.of(0, 3, 1, 3, 9, 1) },
  gradient: false,
});
for (const binary of [false, true]) {
  add(`denseBincount ${binary}`, [int(2, 4), [2, 4]], (tf, a, b) => tf.denseBincount(a as never, b as never, 4, binary), {
    values: { a: Int32Array.of(0, 3, 1, 3, 1, 1, 9, 0) },
    gradient: false,
  });
}
add('sparseToDense', [int(3, 2), [3]], (tf, a, b) => tf.sparseToDense(a, b, [3, 4], tf.scalar(7)), {
  values: { a: Int32Array.of(0, 1, 2, 0, 2, 3) },
  gradient: false,
});
add('broadcastArgs', [int(1)], (tf) => tf.broadcastArgs([4, 1], [5, 1, 3]), { gradient: false });
add(
  'searchSorted',
  [
    [2, 5],
    [2, 3],
  ],
  (tf, a, b) => [tf.lowerBound(a, b), tf.upperBound(a, b)],
  // Sorted no longer with NaN in between.
  { values: { a: Float32Array.of(-2, -1, 0, 0, 1, -1, 0, 1, 2, 3) }, gradient: false, ordinary: ['a'] },
);
add('embedding', [[5, 3], int(2, 4)], (tf, a, b) => tf.gather(a, b), { values: { b: Int32Array.of(0, 4, 4, 2, 1, 3, 0, 0) } });

// Convolutions and pooling. Padding is numbers here, so that an infinite weight on it gives 0 times infinity; eager-js leaves it out.
const FINITE_FILTER = { ordinary: ['b', 'c'] };
for (const pad of ['same', 'valid', 1] as const) {
  for (const [stride, dilation] of [
    [1, 1],
    [2, 1],
    [3, 1],
    [1, 2],
  ] as const) {
    const rest: Partial<Case> = { ...FINITE_FILTER, ...(dilation !== 1 && { gradient: false }) };
    const what = `${pad}, stride ${stride}, dilation ${dilation}`;
    add(
      `conv2d ${what}`,
      [
        [2, 7, 6, 3],
        [3, 2, 3, 4],
      ],
      (tf, a, b) => tf.conv2d(a as Tensor4D, b as Tensor4D, stride, pad, 'NHWC', dilation),
      rest,
    );
    add(
      `depthwiseConv2d ${what}`,
      [
        [2, 7, 6, 3],
        [3, 2, 3, 2],
      ],
      (tf, a, b) => tf.depthwiseConv2d(a as Tensor4D, b as Tensor4D, stride, pad, 'NHWC', dilation),
      rest,
    );
    if (dilation === 1) {
      add(`maxPool ${what}`, [[2, 7, 6, 3]], (tf, a) => tf.maxPool(a as Tensor4D, [3, 2], stride, pad));
      add(`avgPool ${what}`, [[2, 7, 6, 3]], (tf, a) => tf.avgPool(a as Tensor4D, [3, 2], stride, pad));
    }
    if (pad !== 1 && stride < 3)
      add(
        `conv3d ${what}`,
        [
          [1, 4, 5, 4, 2],
          [2, 2, 2, 2, 3],
        ],
        (tf, a, b) => tf.conv3d(a as Tensor5D, b as Tensor5D, stride, pad, 'NDHWC', dilation),
        rest,
      );
  }
}
add(
  'conv1d',
  [
    [2, 7, 3],
    [3, 3, 4],
  ],
  (tf, a, b) => tf.conv1d(a as Tensor3D, b as Tensor3D, 1, 'same'),
  FINITE_FILTER,
);
add(
  'conv2dTranspose',
  [
    [2, 3, 3, 2],
    [3, 3, 4, 2],
  ],
  (tf, a, b) => tf.conv2dTranspose(a as Tensor4D, b as Tensor4D, [2, 6, 6, 4], 2, 'same'),
  // In its gradients either is the filter.
  { spoil: false },
);
add(
  'separableConv2d',
  [
    [1, 5, 5, 2],
    [3, 3, 2, 2],
    [1, 1, 4, 3],
  ],
  (tf, a, b, c) => tf.separableConv2d(a as Tensor4D, b as Tensor4D, c as Tensor4D, 1, 'same'),
  FINITE_FILTER,
);
add(
  'fused conv2d',
  [[1, 5, 5, 2], [3, 3, 2, 3], [3]],
  (tf, x, filter, bias) =>
    tf.fused.conv2d({ x: x as Tensor4D, filter: filter as Tensor4D, strides: 1, pad: 'same', bias, activation: 'relu' }),
  { gradient: false, ...FINITE_FILTER },
);
add(
  'fused conv2d, stride 3',
  [[1, 7, 7, 2], [3, 3, 2, 3], [3]],
  (tf, x, filter, bias) => tf.fused.conv2d({ x: x as Tensor4D, filter: filter as Tensor4D, strides: 3, pad: 'same', bias }),
  { gradient: false, ...FINITE_FILTER },
);
add(
  'fused depthwiseConv2d',
  [[1, 5, 5, 2], [3, 3, 2, 2], [4]],
  (tf, x, filter, bias) =>
    tf.fused.depthwiseConv2d({ x: x as Tensor4D, filter: filter as Tensor4D, strides: 2, pad: 'same', bias, activation: 'relu6' }),
  { gradient: false, ...FINITE_FILTER },
);
for (const [where, at] of [
  ['first', 0],
  ['in the middle', 4],
  ['everywhere', undefined],
] as const) {
  const values = numbers(9, 7).map((value, i) => (at === undefined || i === at ? NaN : value));
  add(`maxPool of NaN ${where}`, [[1, 3, 3, 1]], (tf, a) => tf.maxPool(a as Tensor4D, 2, 1, 'valid'), {
    values: { a: values },
    ...(at === undefined && { gradient: false }),
  });
}
// Of equal ones eager-js sends the gradient to the last in three dimensions, to the first in two.
add('maxPool3d', [[1, 4, 4, 4, 2]], (tf, a) => tf.maxPool3d(a as Tensor5D, 2, 2, 'same'), { spoil: false });
add('maxPool3d with NaN and infinities', [[1, 4, 4, 4, 2]], (tf, a) => tf.maxPool3d(a as Tensor5D, 2, 2, 'same'), { gradient: false });
add('avgPool3d', [[1, 4, 4, 4, 2]], (tf, a) => tf.avgPool3d(a as Tensor5D, 2, 1, 'same'));
add('avgPool, dilated', [[1, 6, 6, 2]], (tf, a) => tf.pool(a as Tensor4D, 2, 'avg', 'valid', 2), { gradient: false });
add('batchNorm', [[2, 3], [3], [3], [3], [3]], (tf, a, b, c, d, e) => tf.batchNorm(a, b, tf.square(c), d, e));
add('localResponseNormalization', [[1, 2, 2, 5]], (tf, a) => tf.localResponseNormalization(a as Tensor4D, 2));
for (const align of [false, true]) {
  add(`resizeBilinear ${align}`, [[1, 4, 4, 2]], (tf, a) => tf.image.resizeBilinear(a as Tensor4D, [5, 7], align));
  add(`resizeNearestNeighbor ${align}`, [[1, 3, 4, 2]], (tf, a) => tf.image.resizeNearestNeighbor(a as Tensor4D, [5, 7], align));
}
add('resizeBilinear, half pixels', [[1, 3, 4, 2]], (tf, a) => tf.image.resizeBilinear(a as Tensor4D, [5, 7], false, true), {
  gradient: false,
});

for (const method of ['bilinear', 'nearest'] as const) {
  const values = { b: Float32Array.of(0, 0, 1, 1, 0.2, 0.63, 0.9, -0.3), c: Int32Array.of(1, 0) };
  const run: Case['run'] = (tf, a, b, c) => tf.image.cropAndResize(a as Tensor4D, b as Tensor2D, c as Tensor1D, [3, 4], method, 9);
  add(`cropAndResize ${method}`, [[2, 5, 6, 2], [2, 4], int(2)], run, { values, gradient: false });
}

for (const [angle, fill, center] of [
  [0.7, 0.25, 0.5],
  [-2.1, [0.1, 0.2, 0.3], [0.25, 0.8]],
] as const) {
  const run: Case['run'] = (tf, a) =>
    tf.image.rotateWithOffset(
      a as Tensor4D,
      angle,
      typeof fill === 'number' ? fill : [...fill],
      typeof center === 'number' ? center : [...center],
    );
  add(`rotateWithOffset by ${angle}`, [[2, 5, 6, 4]], run, { gradient: false });
}

/** Turned and moved beyond the edges; stretched, with a horizon inside of the picture, in numbers that single precision holds. */
const TRANSFORMS = [
  [1.13, -0.42, -3.7, 0.37, 0.91, 2.3, 0.01, -0.02],
  [2.5, 0.75, -9.25, -1.5, 3.25, 5.75, -0.5, 0],
];
for (const mode of ['constant', 'reflect', 'wrap', 'nearest'] as const) {
  for (const method of ['nearest', 'bilinear'] as const) {
    for (const count of [1, 2]) {
      const values = { b: Float32Array.from(TRANSFORMS.slice(-count).flat()) };
      const run: Case['run'] = (tf, a, b) =>
        tf.image.transform(a as Tensor4D, b as Tensor2D, method, mode, 0.5, count === 1 ? undefined : [7, 4]);
      add(
        `transform ${mode}, ${method}, ${count} for two images`,
        [
          [2, 5, 6, 2],
          [count, 8],
        ],
        run,
        { values, ordinary: ['b'], gradient: false },
      );
    }
  }
}

for (const [pad, stride, dilation] of [
  ['same', 1, 1],
  ['valid', 2, 1],
  ['same', 2, 2],
] as const) {
  add(
    `dilation2d ${pad}, stride ${stride}, dilation ${dilation}`,
    [
      [2, 7, 6, 3],
      [3, 2, 3],
    ],
    (tf, a, b) => tf.dilation2d(a as Tensor4D, b as Tensor3D, stride, pad, dilation),
    // Where every number of a window is NaN, eager-js says -9007199254740991, and sends a gradient somewhere.
    { spoil: false },
  );
}
add(
  'dilation2d with some NaN and infinities',
  [
    [1, 3, 3, 1],
    [2, 2, 1],
  ],
  (tf, a, b) => tf.dilation2d(a as Tensor4D, b as Tensor3D, 1, 'valid', 1),
  { values: { a: Float32Array.of(NaN, 1, 2, 3, Infinity, NaN, -Infinity, -1, 0.5) } },
);
for (const across of [false, true]) {
  add(
    `maxPoolWithArgmax ${across}`,
    [[2, 7, 6, 3]],
    (tf, a) => Object.values(tf.maxPoolWithArgmax(a as Tensor4D, [3, 2], 2, 'same', across)),
    {
      gradient: false,
    },
  );
}

// Complex numbers, all of one shape: stretched ones are NaN in eager-js.
add(
  'complex arithmetic',
  [
    [2, 3],
    [2, 3],
    [2, 3],
    [2, 3],
  ],
  (tf, a, b, c, d) => {
    const [x, y] = [tf.complex(a, b), tf.complex(c, d)];
    const made = [
      tf.add(x, y),
      tf.sub(x, y),
      tf.mul(x, y),
      tf.concat([x, x], -1),
      tf.reshape(x, [3, 2]),
      tf.cast(c, 'complex64'),
      tf.onesLike(x),
      tf.zerosLike(x),
    ];
    return [tf.cast(x, 'float32'), ...made.flatMap((each) => [tf.real(each), tf.imag(each), tf.abs(each)])];
  },
  // The length of NaN and an infinity is an infinity in eager-js.
  { gradient: false, spoil: false },
);
add(
  'Fourier transform and back',
  [
    [2, 9],
    [2, 9],
  ],
  (tf, a, b) => {
    const waves = tf.fft(tf.complex(a, b));
    const back = tf.ifft(waves);
    return [waves, back].flatMap((each) => [tf.real(each), tf.imag(each)]);
  },
  { gradient: false },
);
add(
  'Fourier transform of real numbers',
  [[2, 8]],
  (tf, a) => {
    const waves = tf.rfft(a);
    return [tf.real(waves), tf.imag(waves), tf.irfft(waves)];
  },
  // Whether NaN or an infinity comes out depends on the order in which waves are added.
  { gradient: false, spoil: false },
);

// Losses
const LOSSES = 'absoluteDifference cosineDistance hingeLoss huberLoss logLoss meanSquaredError sigmoidCrossEntropy softmaxCrossEntropy';
for (const name of LOSSES.split(' ')) {
  const values = { a: numbers(12, 5).map((v) => Number(v > 0)), b: numbers(12, 6).map((v) => (Math.abs(v) + 0.05) / 1.2) };
  add(
    `losses.${name}`,
    [
      [3, 4],
      [3, 4],
    ],
    (tf, a, b) => {
      const losses = tf.losses as unknown as Record<string, (...given: unknown[]) => Tensor>;
      return (name === 'cosineDistance' ? losses[name]?.(a, b, 1) : losses[name]?.(a, b)) ?? a;
    },
    { values },
  );
}

// Kernels that TensorFlow.js's own functions don't reach: they make the same of others.
const direct = (tf: TF, name: string, inputs: Readonly<Record<string, Tensor>>, attributes: object, otherwise: () => Tensor): Tensor =>
  tf.getKernel(name, tf.getBackend()) ? tf.engine().runKernel(name, { ...inputs }, { ...attributes }) : otherwise();
add('LogSoftmax', [[3, 4]], (tf, a) => direct(tf, 'LogSoftmax', { logits: a }, { axis: -1 }, () => tf.logSoftmax(a)), { gradient: false });
add('BroadcastTo', [[2, 1]], (tf, a) => direct(tf, 'BroadcastTo', { x: a }, { shape: [3, 2, 4] }, () => tf.broadcastTo(a, [3, 2, 4])), {
  gradient: false,
});
add('LogicalXor', [bool(4), bool(4)], (tf, a, b) => direct(tf, 'LogicalXor', { a, b }, {}, () => tf.logicalXor(a, b)), { gradient: false });

// Sized by values, which are known here; `a` only takes part.
const known = (name: string, run: (tf: TF) => readonly Tensor[]): void =>
  add(`${name} of known values`, [[1]], (tf, a) => [a, ...run(tf)], { gradient: false });
known('unique', (tf) => {
  const { values, indices } = tf.unique(tf.tensor2d([3, 1, 3, 3, 1, 3, 0, 0, 0], [3, 3]), 1);
  return [values, indices];
});
const boxes = (tf: TF): readonly [Tensor2D, Tensor1D] => [
  tf.tensor2d([0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100, 1, 101], [6, 4]),
  tf.tensor1d([0.9, 0.75, 0.6, 0.95, 0.5, 0.3]),
];
known('nonMaxSuppression', (tf) => [tf.image.nonMaxSuppression(...boxes(tf), 3)]);
known('nonMaxSuppressionPadded', (tf) => Object.values(tf.image.nonMaxSuppressionPadded(...boxes(tf), 5, 0.5, 0.4, true)));
known('nonMaxSuppressionWithScore', (tf) => Object.values(tf.image.nonMaxSuppressionWithScore(...boxes(tf), 6, 1, 0, 0.5)));
known('raggedRange', (tf) => {
  const { rtNestedSplits, rtDenseValues } = tf.raggedRange(tf.tensor1d([0, 5, 8]), tf.tensor1d([8, 7, 8]), tf.tensor1d([2, 1, 1]));
  return [rtNestedSplits, rtDenseValues].flatMap((made) => made ?? []);
});
known('raggedGather', (tf) => {
  const [splits, values, rows] = [tf.tensor1d([0, 3, 3, 7], 'int32'), tf.range(0, 7), tf.tensor1d([2, 1, 0], 'int32')];
  const { outputNestedSplits, outputDenseValues } = tf.raggedGather([splits], values, rows, 1);
  return [...outputNestedSplits, outputDenseValues];
});
known('raggedTensorToTensor', (tf) => {
  const ids = [tf.scalar(4, 'int32'), tf.tensor1d([0, 0, 0, 2, 2, 2, 2, 3, 3], 'int32')];
  return [tf.raggedTensorToTensor(tf.tensor1d([4, 4], 'int32'), tf.range(0.5, 9), tf.scalar(1.5), ids, ['FIRST_DIM_SIZE', 'VALUE_ROWIDS'])];
});
known('sparseFillEmptyRows', (tf) => {
  const indices = tf.tensor2d([0, 0, 1, 0, 1, 3, 3, 3], [4, 2], 'int32');
  const made = tf.sparse.sparseFillEmptyRows(indices, tf.range(0, 4), tf.tensor1d([5, 6], 'int32'), tf.scalar(-1));
  return Object.values(made as Record<string, Tensor>);
});
known('sparseReshape', (tf) => {
  const indices = tf.tensor2d([0, 0, 0, 1, 1, 0, 2, 2], [4, 2], 'int32');
  const made = tf.sparse.sparseReshape(indices, tf.tensor1d([3, 6], 'int32'), tf.tensor1d([9, -1], 'int32'));
  return Object.values(made as Record<string, Tensor>);
});
known('sparseSegmentSum and sparseSegmentMean', (tf) => {
  const x = tf.tensor2d([1, 2, 3, 4, -1, -2, -3, -4, 5, 6, 7, 8], [3, 4]);
  const [rows, groups] = [tf.tensor1d([0, 1, 2], 'int32'), tf.tensor1d([0, 0, 2], 'int32')];
  return [tf.sparse.sparseSegmentSum(x, rows, groups), tf.sparse.sparseSegmentMean(x, rows, groups)];
});
