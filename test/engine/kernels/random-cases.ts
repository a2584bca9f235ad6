import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { numbers } from '../steps/addition.js';
import { type Case, caseOf, int } from './cases.js';

type TF = typeof TensorFlow;
type Shape = readonly number[];

/** Cases of random shapes, axes and windows, the same ones every time. TensorFlow.js's own tests hardly try gradients of strided windows. */
const random = numbers(20_000, 99).values();
const between = (least: number, most: number): number =>
  least + Math.min(most - least, Math.floor(((Number(random.next().value) + 1) / 2) * (most - least + 1)));
const coin = (): boolean => between(0, 1) === 1;
const one = <T>(items: readonly [T, ...T[]]): T => items[between(0, items.length - 1)] ?? items[0];
const shapeOf = (least: number, most: number): Shape => Array.from({ length: between(least, most) }, () => between(1, 4));
const shuffled = <T>(items: readonly T[]): readonly T[] =>
  items
    .map((item) => ({ item, key: between(0, 1e6) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
const some = (rank: number): number[] => shuffled(Array.from({ length: rank }, (_, i) => i)).slice(0, between(1, rank));
/** Of a shape: axes of length 1 in places, and perhaps without its first axes. */
const stretchable = (shape: Shape): Shape => shape.map((length) => (between(0, 2) === 0 ? 1 : length)).slice(between(0, shape.length));
const indices = (count: number, length: number): Int32Array => Int32Array.from({ length: count }, () => between(0, length - 1));
const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;
const named = <F>(tf: TF, name: string): F => (tf as unknown as Record<string, F>)[name] as F;

/** Each draws one case. */
const draws: readonly (() => Case)[] = [
  () => {
    const [name, shape] = [one(['tanh', 'sigmoid', 'softplus', 'erf', 'relu6', 'selu', 'expm1', 'log1p', 'reciprocal']), shapeOf(0, 5)];
    return caseOf(`${name} [${shape}]`, [shape], (tf, a) => named<Unary>(tf, name)(a));
  },
  () => {
    const [name, shape] = [one(['add', 'sub', 'mul', 'div', 'atan2', 'maximum', 'minimum', 'squaredDifference', 'mod']), shapeOf(0, 4)];
    const other = stretchable(shape);
    const turned = coin();
    const shapes = turned ? [other, shape] : [shape, other];
    // Of stretched operands, TensorFlow.js gives these gradients in the wrong shape; of ties eager-js gives both sides a share.
    const rest = /^(max|min|sq|mod)/.test(name) ? ({ gradient: false } as const) : {};
    return caseOf(`${name} [${shapes.join('] [')}]`, shapes, (tf, a, b) => named<Binary>(tf, name)(a, b), rest);
  },
  () => {
    const [name, shape] = [one(['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual']), shapeOf(1, 4)];
    const other = stretchable(shape);
    return caseOf(`${name} [${shape}] [${other}]`, [shape, other], (tf, a, b) => named<Binary>(tf, name)(a, b), { gradient: false });
  },
  () => {
    const shape = shapeOf(1, 4);
    const other = stretchable(shape);
    return caseOf(`where [${shape}] [${other}]`, [shape, shape, other], (tf, a, b, c) => tf.where(tf.greater(a, 0), b, c), {
      gradient: false,
    });
  },
  () => {
    const [name, shape, keep] = [one(['sum', 'mean', 'max', 'min', 'logSumExp']), shapeOf(1, 5), coin()];
    const axes = some(shape.length);
    const reduce = (tf: TF, a: Tensor): Tensor => named<(x: Tensor, axes: number[], keep: boolean) => Tensor>(tf, name)(a, axes, keep);
    return caseOf(`${name} [${shape}] over ${axes}, ${keep}`, [shape], reduce);
  },
  () => {
    const [name, shape] = [one(['argMax', 'argMin'] as const), shapeOf(1, 4)];
    const axis = between(0, shape.length - 1);
    return caseOf(`${name} [${shape}] over ${axis}`, [shape], (tf, a) => tf[name](a, axis), { gradient: false });
  },
  () => {
    const [name, shape, exclusive, reverse] = [one(['cumsum', 'cumprod'] as const), shapeOf(1, 4), coin(), coin()];
    const axis = between(0, shape.length - 1);
    const run = (tf: TF, a: Tensor): Tensor => tf[name](a, axis, exclusive, reverse);
    const rest = name === 'cumprod' ? ({ gradient: false } as const) : {};
    return caseOf(`${name} [${shape}] along ${axis}, ${exclusive}, ${reverse}`, [shape], run, rest);
  },
  () => {
    const [name, shape] = [one(['softmax', 'logSoftmax'] as const), shapeOf(1, 4)];
    return caseOf(`${name} [${shape}]`, [shape], (tf, a) => tf[name](a));
  },
  () => {
    const [rows, inner, columns, turnA, turnB] = [between(1, 5), between(1, 5), between(1, 5), coin(), coin()];
    const batch = shapeOf(0, 2);
    const shapes = [
      [...batch, ...(turnA ? [inner, rows] : [rows, inner])],
      [...batch, ...(turnB ? [columns, inner] : [inner, columns])],
    ];
    return caseOf(`matMul [${shapes.join('] [')}] ${turnA} ${turnB}`, shapes, (tf, a, b) => tf.matMul(a, b, turnA, turnB));
  },
  () => {
    const shape = shapeOf(1, 5);
    const perm = [...shuffled(shape.map((_, i) => i))];
    return caseOf(`transpose [${shape}] by ${perm}`, [shape], (tf, a) => tf.transpose(a, perm));
  },
  () => {
    const shape = shapeOf(1, 4);
    const begin = shape.map((length) => between(0, length - 1));
    const size = shape.map((length, i) => between(1, length - (begin[i] ?? 0)));
    return caseOf(`slice [${shape}] from ${begin}, ${size}`, [shape], (tf, a) => tf.slice(a, begin, size));
  },
  () => {
    const shape = shapeOf(1, 4);
    const strides = shape.map(() => one([-2, -1, 1, 2, 3]));
    const [begin, end] = [shape.map((length) => between(-length, length)), shape.map((length) => between(-length, length))];
    const masks = [between(0, 2 ** shape.length - 1), between(0, 2 ** shape.length - 1)] as const;
    const run = (tf: TF, a: Tensor): Tensor => tf.stridedSlice(a, begin, end, strides, ...masks);
    return caseOf(`stridedSlice [${shape}] from ${begin} to ${end} by ${strides}, ${masks}`, [shape], run);
  },
  () => {
    const shape = shapeOf(1, 4);
    const paddings = shape.map((): [number, number] => [between(0, 2), between(0, 2)]);
    return caseOf(`pad [${shape}] by ${JSON.stringify(paddings)}`, [shape], (tf, a) => tf.pad(a, paddings, 0.5));
  },
  () => {
    const [shape, mode] = [shapeOf(1, 3), one(['reflect', 'symmetric'] as const)];
    const most = (length: number): number => (mode === 'reflect' ? length - 1 : length);
    const paddings = shape.map((length): [number, number] => [between(0, most(length)), between(0, most(length))]);
    const run = (tf: TF, a: Tensor): Tensor => tf.mirrorPad(a, paddings, mode);
    return caseOf(`mirrorPad ${mode} [${shape}] by ${JSON.stringify(paddings)}`, [shape], run, { gradient: false });
  },
  () => {
    const shape = shapeOf(1, 4);
    const reps = shape.map(() => between(1, 3));
    return caseOf(`tile [${shape}] by ${reps}`, [shape], (tf, a) => tf.tile(a, reps));
  },
  () => {
    const shape = shapeOf(1, 4);
    const axes = some(shape.length);
    return caseOf(`reverse [${shape}] along ${axes}`, [shape], (tf, a) => tf.reverse(a, axes));
  },
  () => {
    const shape = shapeOf(1, 4);
    const axis = between(0, shape.length - 1);
    const shapes = Array.from({ length: between(1, 4) }, () => shape.with(axis, between(1, 4)));
    return caseOf(`concat [${shapes.join('] [')}] along ${axis}`, shapes, (tf, ...parts) => tf.concat(parts, axis));
  },
  () => {
    const shape = shapeOf(1, 4);
    const axis = between(0, shape.length);
    return caseOf(`stack [${shape}] along ${axis}`, [shape, shape, shape], (tf, ...parts) => tf.stack(parts, axis));
  },
  () => {
    const sizes = Array.from({ length: between(2, 4) }, () => between(1, 3));
    const [before, after] = [shapeOf(0, 2), shapeOf(0, 2)];
    const shape = [...before, sizes.reduce((sum, size) => sum + size, 0), ...after];
    return caseOf(`split [${shape}] into ${sizes}`, [shape], (tf, a) => tf.split(a, sizes, before.length));
  },
  () => {
    const shape = shapeOf(1, 4);
    const axis = between(0, shape.length - 1);
    // Of a single part TensorFlow.js can't take the gradient.
    const rest = shape[axis] === 1 ? ({ gradient: false } as const) : {};
    return caseOf(`unstack [${shape}] along ${axis}`, [shape], (tf, a) => tf.unstack(a, axis), rest);
  },
  () => {
    const [shape, chosen] = [shapeOf(1, 4), shapeOf(1, 2)];
    const axis = between(0, shape.length - 1);
    const values = { b: indices(sizeOf(chosen), shape[axis] ?? 1) };
    return caseOf(`gather [${shape}] [${chosen}] along ${axis}`, [shape, int(...chosen)], (tf, a, b) => tf.gather(a, b, axis), { values });
  },
  () => {
    const shape = shapeOf(1, 4);
    const [depth, count] = [between(1, shape.length), between(1, 4)];
    const at = shape.slice(0, depth);
    const values = { b: Int32Array.from({ length: count * depth }, (_, i) => between(0, (at[i % depth] ?? 1) - 1)) };
    const run = (tf: TF, a: Tensor, b: Tensor): Tensor => tf.gatherND(a, b);
    return caseOf(`gatherND [${shape}] at ${count} of ${at}`, [shape, int(count, depth)], run, { values });
  },
  () => {
    const shape = shapeOf(1, 4);
    const [depth, count] = [between(1, shape.length), between(1, 6)];
    const at = shape.slice(0, depth);
    const values = { b: Int32Array.from({ length: count * depth }, (_, i) => between(0, (at[i % depth] ?? 1) - 1)) };
    const shapes = [[count, ...shape.slice(depth)], int(count, depth)];
    const run = (tf: TF, a: Tensor, b: Tensor): Tensor => tf.scatterND(b, a, [...shape]);
    return caseOf(`scatterND [${shape}] at ${count} of ${at}`, shapes, run, { values });
  },
  () => {
    const [shape, depth] = [shapeOf(1, 3), between(2, 5)];
    const values = { a: Int32Array.from({ length: sizeOf(shape) }, () => between(-1, depth)) };
    return caseOf(`oneHot [${shape}], ${depth}`, [int(...shape)], (tf, a) => tf.oneHot(a, depth), { values, gradient: false });
  },
  () => {
    const [rows, length] = [between(1, 4), between(1, 8)];
    const k = between(1, length);
    const run = (tf: TF, a: Tensor): readonly Tensor[] => Object.values(tf.topk(a, k));
    return caseOf(`topk ${k} of [${rows}, ${length}]`, [[rows, length]], run, { gradient: false, spoil: false });
  },
  () => {
    const image = [between(1, 2), between(1, 5), between(1, 5), between(1, 3)];
    const [size, name, align] = [[between(1, 7), between(1, 7)] as [number, number], one(['Bilinear', 'NearestNeighbor'] as const), coin()];
    const run = (tf: TF, a: Tensor): Tensor => tf.image[`resize${name}`](a as Tensor4D, size, align);
    // Of several images, and of oblong ones, eager-js takes gradients from the wrong places.
    const rest = image[0] === 1 && image[1] === image[2] ? {} : ({ gradient: false } as const);
    return caseOf(`resize${name} [${image}] to ${size}, ${align}`, [image], run, rest);
  },
  () => {
    const shape = [...shapeOf(1, 3), 3];
    return caseOf(`batchNorm [${shape}]`, [shape, [3], [3], [3], [3]], (tf, a, b, c, d, e) => tf.batchNorm(a, b, tf.square(c), d, e));
  },
];

const windows = (): readonly Case[] => {
  const [batch, height, width, channels, out] = [between(1, 2), between(3, 9), between(3, 9), between(1, 3), between(1, 3)];
  const kernel = [between(1, 3), between(1, 3)] as const;
  const stride = between(1, 3);
  const pad = one(['same', 'valid'] as const);
  const image = [batch, height, width, channels];
  const what = `[${image}], window [${kernel}], stride ${stride}, ${pad}`;
  // Padding is numbers: 0 times an infinite weight.
  const filtered = { ordinary: ['b'] };
  const filter = [...kernel, channels, out];
  return [
    caseOf(`conv2d of ${what}`, [image, filter], (tf, a, b) => tf.conv2d(a as Tensor4D, b as Tensor4D, stride, pad), filtered),
    caseOf(
      `depthwiseConv2d of ${what}`,
      [image, filter],
      (tf, a, b) => tf.depthwiseConv2d(a as Tensor4D, b as Tensor4D, stride, pad),
      filtered,
    ),
    caseOf(`maxPool of ${what}`, [image], (tf, a) => tf.maxPool(a as Tensor4D, [...kernel], stride, pad)),
    caseOf(`avgPool of ${what}`, [image], (tf, a) => tf.avgPool(a as Tensor4D, [...kernel], stride, pad)),
  ];
};

const repeat = <T>(count: number, draw: () => readonly T[]): readonly T[] => Array.from({ length: count }, draw).flat();

export const randomCases: readonly Case[] = [...repeat(40, windows), ...repeat(8, () => draws.map((draw) => draw()))];
