import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../src/engine/engine.js';
import type { Graph } from '../../../src/engine/graph/graph.js';
import { topological } from '../../../src/engine/graph/make.js';
import { passes } from '../../../src/engine/passes/index.js';
import { improveAll } from '../../../src/engine/passes/split-loops.js';
import { piecesOf } from '../../../src/engine/tape/loop.js';
import { record } from '../../../src/engine/tape/record.js';
import { describeGraph } from '../../../src/engine/describe.js';
import { interpret, type Numbers, packInputs, unpackOutputs } from '../graph/interpret.js';
import { randomInputs } from '../graph/random-graph.js';
import { train } from '../run.js';

/* The passes' law on loops: whatever passes are applied to the pieces and to what is around them, in double precision the outputs stay. */

const [BATCH, FEATURES, HIDDEN] = [2, 2, 2];
type Tensors = Readonly<Record<string, Tensor>>;

/** Shapes of a net that has something of every kind: gates, a product behind them, a function that is computed twice, steps that aren't there. */
const weights = {
  Wz: [FEATURES, HIDDEN],
  Uz: [HIDDEN, HIDDEN],
  bz: [HIDDEN],
  Wg: [FEATURES, HIDDEN],
  Ug: [HIDDEN, HIDDEN],
  V: [HIDDEN, FEATURES],
};

function training(time: number, { readsAll = true, below = false } = {}): Step {
  const float = (shape: readonly number[]) => ({ shape, dtype: 'float32' }) as const;
  return {
    name: 'a loop',
    state: Object.fromEntries(
      Object.entries({ ...weights, h: [BATCH, HIDDEN], c: [BATCH, HIDDEN] }).map(([name, shape]) => [name, float(shape)]),
    ),
    inputs: { x: float([time, BATCH, FEATURES]), mask: float([time, BATCH]), wanted: float([time, BATCH, HIDDEN]) },
    scalars: ['rate'],
    run(tf, { state, inputs, scalars }, _, loop) {
      const read = (p: Tensors, x: Tensor) =>
        loop(
          ({ weights: w, state: first, sequences }) => {
            let { h, c } = first as { readonly h: Tensor; readonly c: Tensor };
            const present = tf.unstack(tf.expandDims(sequences['mask'] as Tensor, -1));
            const hidden = tf.unstack(sequences['x'] as Tensor).map((each, t) => {
              const z = tf.sigmoid(tf.add(tf.add(tf.matMul(each, w['Wz'] as Tensor), tf.matMul(h, w['Uz'] as Tensor)), w['bz'] as Tensor));
              const g = tf.tanh(tf.add(tf.matMul(each, w['Wg'] as Tensor), tf.matMul(tf.mul(z, h), w['Ug'] as Tensor)));
              const next = tf.add(tf.mul(z, c), tf.mul(tf.sub(1, z), g));
              const m = present[t] as Tensor;
              c = tf.add(tf.mul(m, next), tf.mul(tf.sub(1, m), c));
              h = tf.mul(z, tf.tanh(c));
              return h;
            });
            return { state: { h, c }, sequences: { h: tf.stack(hidden) } };
          },
          { weights: p, state: { h: state['h'] as Tensor, c: state['c'] as Tensor }, sequences: { x, mask: inputs['mask'] as Tensor } },
        );
      const kept: Record<string, Tensor> = {};
      const loss = (...given: Tensor[]) => {
        const p = Object.fromEntries(Object.keys(weights).map((name, i) => [name, given[i] as Tensor]));
        const first = read(p, inputs['x'] as Tensor);
        const { V } = p;
        const upper = below
          ? read(p, tf.reshape(tf.matMul(tf.reshape(first.sequences['h'] as Tensor, [-1, HIDDEN]), V as Tensor), [time, BATCH, FEATURES]))
          : first;
        for (const [name, tensor] of Object.entries(upper.state)) kept[name] = tf.keep(tensor);
        const error = readsAll
          ? tf.sub(upper.sequences['h'] as Tensor, inputs['wanted'] as Tensor)
          : tf.sub(upper.state['h'] as Tensor, 0.3);
        return tf.add(tf.sum(tf.square(error)), tf.sum(tf.square(V as Tensor))) as never;
      };
      const names = Object.keys(weights);
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name] as Tensor));
      const moved = names.map(
        (name, i) => [name, tf.sub(state[name] as Tensor, tf.mul(grads[i] as Tensor, scalars['rate'] as Tensor))] as const,
      );
      return { state: { ...Object.fromEntries(moved), ...kept }, outputs: { loss: value } };
    },
  };
}

const difference = (a: Numbers, b: Numbers): number => {
  const scale = Math.max(1e-30, ...a.map(Math.abs));
  return a.length === b.length ? Math.max(0, ...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) / scale : Infinity;
};

function expectOutputs(graph: Graph, inputs: ReadonlyMap<string, Numbers>, wanted: ReadonlyMap<string, Numbers>, when: string): void {
  const got = unpackOutputs(graph, interpret(graph, packInputs(graph, inputs)));
  for (const [name, values] of wanted) expect(difference(values, got.get(name) ?? []), `${name} ${when}`).toBeLessThan(1e-9);
}

describe.each([
  ['every step is read', training(101)],
  ['the last state is read', training(120, { readsAll: false })],
  ['one above the other', training(101, { below: true })],
] as const)('loops of which %s', (_, step) => {
  test('keep their outputs whatever passes are applied', { timeout: 60_000 }, async () => {
    const plain = await record({ ...step, run: (tf, given, layers) => step.run(tf, given, layers, (read, all) => read(all)) });
    const looped = await record(step);
    expect(topological(looped).some(({ op }) => op === 'LoopGradient')).toBe(true);
    const inputs = randomInputs(plain, 1);
    const wanted = interpret(plain, inputs);
    const texts = new Set<string>();
    for (const count of [-1, ...passes.map((_, i) => i), passes.length]) {
      const graph = count < 0 ? looped : improveAll(looped, passes.slice(0, count));
      const text = describeGraph(graph);
      if (texts.has(text)) continue;
      texts.add(text);
      expect(text).toContain(count < 0 ? 'Loop(' : 'Scan(');
      expectOutputs(graph, inputs, wanted, `after ${count} passes`);
    }
    expect(texts.size).toBeGreaterThan(4);
  });

  test('and whether they keep gates for the way back, or compute them again', { timeout: 60_000 }, async () => {
    const looped = await record(step);
    const inputs = randomInputs(looped, 2);
    const wanted = interpret(looped, inputs);
    const [keeping, computing] = [Infinity, 0].map((mostKept) => improveAll(looped, passes, mostKept));
    for (const graph of [keeping, computing]) if (graph) expectOutputs(graph, inputs, wanted, 'split');
    const gates = (graph = looped): number =>
      topological(graph).reduce((sum, { body }) => sum + (body ? topological(body).filter(({ op }) => op === 'Sigmoid').length : 0), 0);
    expect(gates(computing)).toBe(2 * gates(keeping));
  });
});

test('pieces are of 20 to 40 steps, as many as fit, with the shortest rest', () => {
  expect(piecesOf(100)).toEqual({ piece: 100, trips: 0, rest: 100 });
  expect(piecesOf(101)).toEqual({ piece: 25, trips: 4, rest: 1 });
  expect(piecesOf(600)).toEqual({ piece: 40, trips: 15, rest: 0 });
  expect(piecesOf(997)).toEqual({ piece: 32, trips: 31, rest: 5 });
  for (let time = 101; time < 1200; time++) {
    const { piece, trips, rest } = piecesOf(time);
    expect(piece * trips + rest).toBe(time);
    expect(rest).toBeLessThan(20);
  }
});

test('a gradient that vanishes becomes 0 between pieces, before it is so small that it slows a processor down', async () => {
  const [TIME, PIECE] = [240, 40];
  const halving: Step = {
    name: 'halving',
    state: {},
    inputs: { x: { shape: [TIME, 1], dtype: 'float32' } },
    scalars: [],
    run(tf, { inputs: { x } }, _, loop) {
      const last = (all: Tensor): Tensor => {
        const { state } = loop(
          ({ state: { h }, sequences }) => ({
            state: { h: tf.unstack(sequences['x'] as Tensor).reduce((sum, each) => tf.add(tf.mul(sum, 0.5), each), h as Tensor) },
            sequences: {},
          }),
          { weights: {}, state: { h: tf.zeros([1]) }, sequences: { x: all } },
        );
        return state['h'] as Tensor;
      };
      return { state: {}, outputs: { gradient: tf.grad((all: Tensor) => tf.sum(last(all)))(x as Tensor) } };
    },
  };
  const { outputs } = await train(halving, { steps: 1 });
  const gradients = (outputs['gradient'] ?? []).toReversed();
  // 0.5 ** 80 is above 1e-25, 0.5 ** 120 below.
  expect(gradients).toEqual(Array.from({ length: TIME }, (_, back) => (back < 3 * PIECE ? 0.5 ** back : 0)));
});

describe('what can not be a loop', () => {
  const LENGTH = 101;
  const stepOf = (run: Step['run']): Step => ({
    name: 'a step',
    state: {},
    inputs: { x: { shape: [LENGTH, 2], dtype: 'float32' }, y: { shape: [2], dtype: 'float32' } },
    scalars: [],
    run,
  });
  const message = async (run: Step['run']): Promise<string> => record(stepOf(run)).then(String, (error: Error) => error.message);

  test('reads a tensor that it was not given', async () => {
    const run: Step['run'] = (tf, { inputs }, _, loop) => {
      const { x, y } = inputs as { readonly x: Tensor; readonly y: Tensor };
      const { sequences } = loop(({ state, sequences: { x: piece } }) => ({ state, sequences: { x: tf.mul(piece as Tensor, y) } }), {
        weights: {},
        state: {},
        sequences: { x },
      });
      return { state: {}, outputs: { x: sequences['x'] as Tensor } };
    };
    expect(await message(run)).toBe("a step reads input/y in a loop that wasn't given it");
  });

  test('reads sequences of several lengths', async () => {
    const run: Step['run'] = (tf, { inputs }, _, loop) => {
      const { x, y } = inputs as { readonly x: Tensor; readonly y: Tensor };
      const { sequences } = loop((all) => all, { weights: {}, state: {}, sequences: { x, y } });
      return { state: {}, outputs: { x: tf.add(sequences['x'] as Tensor, 1) } };
    };
    expect(await message(run)).toBe('a step reads sequences of different lengths in one loop: 101, 2');
  });

  test('hands on another state than it is given', async () => {
    const run: Step['run'] = (tf, { inputs }, _, loop) => {
      const { x, y } = inputs as { readonly x: Tensor; readonly y: Tensor };
      const { state } = loop(({ sequences }) => ({ state: { h: tf.sum(sequences['x'] as Tensor) }, sequences: {} }), {
        weights: {},
        state: { h: y },
        sequences: { x },
      });
      return { state: {}, outputs: { h: state['h'] as Tensor } };
    };
    expect(await message(run)).toBe('a step hands on another state in a loop than it is given: h float32 [] for h float32 [2]');
  });

  test('is differentiated twice', async () => {
    const run: Step['run'] = (tf, { inputs }, _, loop) => {
      const { x, y } = inputs as { readonly x: Tensor; readonly y: Tensor };
      const read = (w: Tensor) =>
        tf.sum(
          loop(
            ({ weights, state, sequences }) => ({
              state,
              sequences: { x: tf.square(tf.mul(sequences['x'] as Tensor, weights['w'] as Tensor)) },
            }),
            { weights: { w }, state: {}, sequences: { x } },
          ).sequences['x'] as Tensor,
        );
      return { state: {}, outputs: { y: tf.grad((w: Tensor) => tf.sum(tf.grad(read)(w)))(y) } };
    };
    expect(await message(run)).toMatch(/gradient function not found for LoopGradient/);
  });
});
