import type { Tensor } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../src/engine/tf.js';
import { numbers } from './steps/addition.js';

type TF = typeof TensorFlow;

/** Operations whose gradients TensorFlow.js lacks, or fails to make; all but the last are linear in what is differentiated. */
const rows: readonly { readonly name: string; readonly shape: readonly number[]; readonly run: (tf: TF, x: Tensor) => Tensor }[] = [
  { name: 'stridedSlice backwards', shape: [5, 6], run: (tf, x) => tf.stridedSlice(x, [4, 0], [-6, 6], [-2, 2]) },
  { name: 'stridedSlice with masks', shape: [4, 5, 2], run: (tf, x) => tf.stridedSlice(x, [1, 1], [3, 4], [1, 2], 1, 0, 0, 0, 0) },
  { name: 'stridedSlice of one row', shape: [4, 5], run: (tf, x) => tf.stridedSlice(x, [2, 0], [3, 5], [1, 1], 0, 0, 0, 0, 1) },
  { name: 'gatherND, one place twice', shape: [4, 3], run: (tf, x) => tf.gatherND(x, tf.tensor2d([[1], [3], [1]], [3, 1], 'int32')) },
  {
    name: 'scatterND, one place twice',
    shape: [3, 2],
    run: (tf, x) => tf.scatterND(tf.tensor2d([[2], [0], [2]], [3, 1], 'int32'), x, [4, 2]),
  },
  {
    name: 'tensorScatterUpdate, of the tensor',
    shape: [4, 2],
    run: (tf, x) => tf.tensorScatterUpdate(x, tf.tensor2d([[2], [0]], [2, 1], 'int32'), tf.ones([2, 2])),
  },
  {
    name: 'tensorScatterUpdate, of the updates',
    shape: [2, 2],
    run: (tf, x) => tf.tensorScatterUpdate(tf.ones([4, 2]), tf.tensor2d([[2], [0]], [2, 1], 'int32'), x),
  },
  { name: 'einsum, first operand', shape: [2, 3, 4], run: (tf, x) => tf.einsum('bij,jk->bki', x, tf.tensor(numbers(20, 3), [4, 5])) },
  { name: 'einsum, second operand', shape: [4, 5], run: (tf, x) => tf.einsum('bij,jk->bki', tf.tensor(numbers(24, 3), [2, 3, 4]), x) },
  { name: 'einsum of one operand, summed', shape: [3, 4], run: (tf, x) => tf.einsum('ij->i', x) },
  { name: 'unstack of one', shape: [1, 3], run: (tf, x) => tf.unstack(x)[0] ?? x },
  { name: 'unstack of one, along the last axis', shape: [3, 1], run: (tf, x) => tf.unstack(x, 1)[0] ?? x },
  { name: 'split into one', shape: [2, 3], run: (tf, x) => tf.split(x, 1)[0] ?? x },
  { name: 'topk', shape: [3, 6], run: (tf, x) => tf.topk(x, 2).values },
];

describe('gradients of our own are differences of values', () => {
  let tf: TF;
  beforeAll(async () => {
    tf = await loadTensorFlow('cpu');
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s', (_, { shape, run }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const at = numbers(size, 1);
    const weigh = (x: Tensor): Tensor => {
      const y = run(tf, x);
      return tf.sum(tf.mul(y, tf.tensor(numbers(y.size, 2), y.shape)));
    };
    const valueAt = (values: Float32Array): number => weigh(tf.tensor(values, [...shape])).dataSync()[0] ?? NaN;
    const gradient = tf
      .grad(weigh)(tf.tensor(at, [...shape]))
      .dataSync();
    const step = 1 / 64;
    for (const [i, value] of at.entries()) {
      const difference = (valueAt(at.with(i, value + step)) - valueAt(at.with(i, value - step))) / (2 * step);
      expect(Math.abs(difference - (gradient[i] ?? NaN)), `of number ${i}`).toBeLessThan(1e-4);
    }
  });
});
