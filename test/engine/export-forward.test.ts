import type { Tensor } from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { Arrays, Step } from '../../src/engine/engine.js';
import { exportForward } from '../../src/engine/export.js';
import { createEngine } from '../../src/engine/create.js';
import { sizeOf } from '../../src/engine/graph/graph.js';
import { distance } from './run.js';
import { initial, numbers } from './steps/addition.js';

const TIME = 3;
const FEATURES = 4;
const HIDDEN = 6;

/** An LSTM of one bias per gate that carries `h` and `c`; from the hidden states of all steps, flattened, a readout. */
const forward = (batch: number): Step => {
  const weights = { Wx: [FEATURES, 4 * HIDDEN], Wh: [HIDDEN, 4 * HIDDEN], b: [4 * HIDDEN], Wy: [HIDDEN, 2] };
  const specs = { ...weights, h: [batch, HIDDEN], c: [batch, HIDDEN] };
  return {
    name: 'forward',
    state: Object.fromEntries(Object.entries(specs).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }])),
    inputs: { input: { shape: [batch, TIME, FEATURES], dtype: 'float32' } },
    scalars: [],
    run(tf, { state, inputs }) {
      let [h, c] = [tf.add(state['h'] as Tensor, tf.zeros([batch, HIDDEN])), state['c'] as Tensor];
      const all: Tensor[] = [];
      for (const x of tf.unstack(inputs['input'] as Tensor, 1)) {
        const gates = tf.add(tf.add(tf.matMul(x, state['Wx'] as Tensor), tf.matMul(h, state['Wh'] as Tensor)), state['b'] as Tensor);
        const [i, f, o, g] = tf.split(gates, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
        c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
        h = tf.mul(tf.sigmoid(o), tf.tanh(c));
        all.push(h);
      }
      const flat = tf.reshape(tf.stack(all, 1), [batch * TIME, HIDDEN]);
      const output = tf.reshape(tf.matMul(flat, state['Wy'] as Tensor), [batch, TIME, 2]);
      return { state: { h, c }, outputs: { output, last: tf.slice(output, [0, TIME - 1, 0], [batch, 1, 2]) } };
    },
  };
};

const { h: _, c: __, ...weights } = initial(forward(1).state);

async function eagerly(step: Step, state: Arrays, input: Float32Array): Promise<Arrays> {
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  const program = await engine.compile(step, 1);
  const made = await program.run(engine.state(step.state, state), { input }, {});
  return { ...made.outputs, next_h: await made.state.read('h'), next_c: await made.state.read('c') };
}

describe('a trained model as an ONNX file', () => {
  it('takes any batch, state in and out, with readable names', async () => {
    const bytes = await exportForward({ name: 'lstm', step: ({ batch }) => forward(batch ?? 1), open: ['batch'], weights });
    const session = await ort.InferenceSession.create(bytes);
    const shapes = (values: readonly ort.InferenceSession.ValueMetadata[]): Record<string, unknown> =>
      Object.fromEntries(values.map((value) => [value.name, value.isTensor ? value.shape : undefined]));
    expect(shapes(session.inputMetadata)).toEqual({ h: ['batch', HIDDEN], c: ['batch', HIDDEN], input: ['batch', TIME, FEATURES] });
    expect(shapes(session.outputMetadata)).toEqual({
      next_h: ['batch', HIDDEN],
      next_c: ['batch', HIDDEN],
      output: ['batch', TIME, 2],
      last: ['batch', 1, 2],
    });

    for (const batch of [1, 2, 7]) {
      const step = forward(batch);
      const given = { h: numbers(batch * HIDDEN, 5), c: numbers(batch * HIDDEN, 6), input: numbers(batch * TIME * FEATURES, 7) };
      const specs = { ...step.state, ...step.inputs };
      const feeds = Object.fromEntries(
        Object.entries(given).map(([name, data]) => [name, new ort.Tensor('float32', data, specs[name]?.shape ?? [])]),
      );
      const made = await session.run(feeds);
      const expected = await eagerly(step, { ...weights, h: given.h, c: given.c }, given.input);
      for (const [name, values] of Object.entries(expected)) {
        expect(made[name]?.data.length, name).toBe(values.length);
        expect(distance(values, (made[name]?.data ?? []) as Float32Array), `${name} of batch ${batch}`).toBeLessThan(2e-6);
      }
    }
    await session.release();
  });

  it('leaves several lengths open, also multiplied', async () => {
    const step = ({ batch = 1, time = 1 }): Step => ({
      name: 'rows',
      state: { w: { shape: [4, 2], dtype: 'float32' } },
      inputs: { x: { shape: [batch, time, 4], dtype: 'float32' } },
      scalars: [],
      run: (tf, { state, inputs }) => {
        const rows = tf.matMul(tf.reshape(inputs['x'] as Tensor, [batch * time, 4]), state['w'] as Tensor);
        return {
          state: {},
          outputs: { rows, whole: tf.reshape(tf.add(rows, tf.ones([batch * time, 2])), [batch, time, 2]), twice: tf.concat([rows, rows]) },
        };
      },
    });
    const w = numbers(8, 1);
    const session = await ort.InferenceSession.create(await exportForward({ name: 'rows', step, open: ['batch', 'time'], weights: { w } }));
    expect(session.outputMetadata.map((value) => (value.isTensor ? value.shape : []))).toEqual([
      ['batch*time', 2],
      ['batch', 'time', 2],
      ['2*batch*time', 2],
    ]);
    for (const [batch, time] of [
      [1, 1],
      [2, 6],
      [5, 2],
    ] as const) {
      const x = numbers(batch * time * 4, 3);
      const { rows, whole } = await session.run({ x: new ort.Tensor('float32', x, [batch, time, 4]) });
      const expected = Float32Array.from({ length: batch * time * 2 }, (_, i) =>
        [0, 1, 2, 3].reduce((sum, k) => sum + (x[Math.floor(i / 2) * 4 + k] ?? 0) * (w[k * 2 + (i % 2)] ?? 0), 0),
      );
      expect(distance(expected, rows?.data as Float32Array)).toBeLessThan(2e-6);
      expect(whole?.dims).toEqual([batch, time, 2]);
      expect(sizeOf(whole?.dims ?? [])).toBe(expected.length);
    }
    await session.release();
  });

  it('repeats a row as often as a batch has rows', async () => {
    const step = ({ batch = 1 }): Step => ({
      name: 'rows',
      state: { w: { shape: [1, 2], dtype: 'float32' } },
      inputs: { x: { shape: [batch, 2], dtype: 'float32' } },
      scalars: [],
      run: (tf, { state, inputs }) => ({
        state: {},
        outputs: { y: tf.add(inputs['x'] as Tensor, tf.tile(state['w'] as Tensor, [batch, 1])) },
      }),
    });
    const session = await ort.InferenceSession.create(
      await exportForward({ name: 'rows', step, open: ['batch'], weights: { w: Float32Array.of(1, 2) } }),
    );
    for (const batch of [1, 2, 7]) {
      const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(2 * batch), [batch, 2]) });
      expect(Array.from(y?.data as Float32Array)).toEqual(Array.from({ length: 2 * batch }, (_, i) => 1 + (i % 2)));
    }
    await session.release();
  });

  it('says what depends on a length by value, or by its very program', async () => {
    const of = (run: (tf: Parameters<Step['run']>[0], x: Tensor, batch: number) => Tensor) =>
      exportForward({
        name: 'bad',
        open: ['batch'],
        weights: {},
        step: ({ batch = 1 }) => ({
          name: 'bad',
          state: {},
          inputs: { x: { shape: [batch, 2], dtype: 'float32' } },
          scalars: [],
          run: (tf, { inputs }) => ({ state: {}, outputs: { y: run(tf, inputs['x'] as Tensor, batch) } }),
        }),
      });
    await expect(of((tf, x, batch) => tf.mul(x, 1 / batch))).rejects.toThrow(
      'the value of a constant depends on a length that is to be left open',
    );
    await expect(of((tf, x, batch) => tf.slice(x, [0, 0], [batch - 1, 2]))).rejects.toThrow(
      'the value of Slice depends on a length that is to be left open',
    );
    await expect(of((tf, _, batch) => tf.tile(tf.ones([2, 2]), [batch, 1]))).rejects.toThrow('depends on a length that is to be left open');
    await expect(of((tf, x) => tf.addN(tf.unstack(x)))).rejects.toThrow('the program itself, not only its shapes, depends on a length');
  });
});
