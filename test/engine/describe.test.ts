import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { improve } from '../../src/engine/compiled.js';
import { describeGraph } from '../../src/engine/describe.js';
import type { Step } from '../../src/engine/engine.js';
import { record } from '../../src/engine/tape/record.js';

const step: Step = {
  name: 'toy',
  state: { w: { shape: [3, 2], dtype: 'float32' }, kept: { shape: [2], dtype: 'float32' } },
  inputs: { x: { shape: [4, 3], dtype: 'float32' }, label: { shape: [4], dtype: 'int32' } },
  scalars: ['rate'],
  run: (tf, { state, inputs, scalars }) => {
    const output = tf.relu(tf.matMul(inputs['x'] as Tensor, state['w'] as Tensor));
    const near = tf.sub(output, tf.oneHot(inputs['label'] as Tensor, 2));
    return {
      state: { w: tf.mul(state['w'] as Tensor, scalars['rate'] as Tensor), kept: state['kept'] as Tensor },
      outputs: { loss: tf.mean(tf.square(near)), near: tf.mul(near, [[1, 2]]) },
    };
  },
};

describe('a program as text', () => {
  it('shows inputs, one operation a line, and outputs', async () => {
    expect(describeGraph(await record(step))).toMatchInlineSnapshot(`
      "state/w: [3, 2]
      state/kept: [2]
      input/x: [1, 4, 3]
      input/label: int32 [1, 4]
      scalar/rate: [1]
         %1  Reshape(input/x) {shape: [4, 3]}  [4, 3]
         %2  Reshape(scalar/rate) {shape: []}  []
         %3  Gemm(%1, state/w) {transposeA: 0, transposeB: 0}  [4, 2]
         %4  Relu(%3)  [4, 2]
         %5  Reshape(input/label) {shape: [4, 1]}  int32 [4, 1]
         %6  Equal(%5, [0, 1])  bool [4, 2]
         %7  Cast(%6) {to: int32}  int32 [4, 2]
         %8  Cast(%7) {to: float32}  [4, 2]
         %9  Sub(%4, %8)  [4, 2]
        %10  Mul(state/w, %2)  [3, 2]
        %11  Mul(%9, %9)  [4, 2]
        %12  ReduceMean(%11) {axes: [0, 1], keepdims: 0}  []
        %13  Mul(%9, [1, 2])  [4, 2]
        %14  Reshape(%12) {shape: [1]}  [1]
        %15  Reshape(%13) {shape: [1, 4, 2]}  [1, 4, 2]
      state/w = %10
      output/loss = %14
      output/near = %15
      "
    `);
  });

  it('is the same at every recording, before and after the passes', async () => {
    expect(describeGraph(await record(step))).toBe(describeGraph(await record(step)));
    expect(describeGraph(await improve(step))).toBe(describeGraph(await improve(step)));
  });
});
