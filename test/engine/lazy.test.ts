import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LazyBackend } from './tfjs/lazy.js';
import { RECORDER } from '../../src/engine/tape/recorder.js';
import { registerKernels } from '../../src/engine/tape/record.js';
import { tf } from '../../src/engine/tf.js';

describe('the tape as a backend for everyday use', () => {
  beforeEach(async () => {
    registerKernels();
    tf.registerBackend(RECORDER, () => new LazyBackend('a test'));
    await tf.setBackend(RECORDER);
  });
  afterEach(() => tf.removeBackend(RECORDER));

  it('computes what is read, and goes on from there', async () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const product = tf.matMul(x, x);
    expect([...(await product.data())]).toEqual([7, 10, 15, 22]);
    expect([...(await tf.sum(product, 1).data())]).toEqual([17, 37]);
    const [gradient] = tf.grads((a) => tf.sum(tf.square(a)))([x]);
    expect([...((await gradient?.data()) ?? [])]).toEqual([2, 4, 6, 8]);
  });

  it('shares data between a tensor and its reshaped self, and lets go of it with the last', () => {
    const before = tf.memory();
    const x = tf.zeros([4]);
    const y = tf.reshape(x, [2, 2]);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers + 1);
    x.dispose();
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers + 1);
    y.dispose();
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
  });

  it('answers what holds no element without an operation', async () => {
    expect((await tf.slice(tf.zeros([3, 2]), [3, 0], [0, 2]).data()).length).toBe(0);
    expect([...(await tf.sum(tf.zeros([0, 2]), 0).data())]).toEqual([0, 0]);
  });
});
