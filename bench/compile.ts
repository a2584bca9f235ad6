import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type ArrayOf, compile, type Spec } from '../src/engine/compile.js';
import { bench, type Candidate } from './harness.js';

/** The example of docs/engine-api.md: loss and gradients of an Elman net, 50 units, 50 time steps, 32 sequences a batch. */
const [batch, time, features, hidden] = [32, 50, 8, 50];

const specs = {
  x: { shape: [time, batch, features], dtype: 'float32' },
  target: { shape: [batch, 1], dtype: 'float32' },
  wx: { shape: [features, hidden], dtype: 'float32' },
  wh: { shape: [hidden, hidden], dtype: 'float32' },
  b: { shape: [hidden], dtype: 'float32' },
  wy: { shape: [hidden, 1], dtype: 'float32' },
} as const satisfies Record<string, Spec>;
type Given = Readonly<Record<keyof typeof specs, Tensor>>;

function lossAndGradients(t: typeof tf, { x, target, wx, wh, b, wy }: Given) {
  const lossOf = (...weights: Tensor[]): Tensor => {
    const [inputWeights, stateWeights, bias, readout] = weights as Four;
    let h: Tensor = t.zeros([batch, hidden]);
    for (const now of t.unstack(x)) h = t.tanh(t.add(t.add(t.matMul(now, inputWeights), t.matMul(h, stateWeights)), bias));
    return t.mean(t.squaredDifference(t.matMul(h, readout), target));
  };
  const { value, grads } = t.valueAndGrads(lossOf)([wx, wh, b, wy]);
  const [dwx, dwh, db, dwy] = grads as Four;
  return { loss: value, dwx, dwh, db, dwy };
}
type Four = [Tensor, Tensor, Tensor, Tensor];

/** Between -0.2 and 0.2, by nothing but their position. */
const numbers = Object.fromEntries(
  Object.entries(specs).map(([name, { shape }]) => {
    const size = shape.reduce((product: number, length) => product * length, 1);
    return [name, Float32Array.from({ length: size }, (_, index) => 0.2 * Math.sin(1 + 7 * index))];
  }),
) as Record<keyof typeof specs, ArrayOf['float32']>;

const program = await compile(lossAndGradients, specs);
await tf.setBackend('wasm');

const compiled = async (): Promise<number> => {
  const { loss } = await program.run(numbers);
  return loss[0] ?? Number.NaN;
};
const eager = async (): Promise<number> =>
  tf.tidy(() => {
    const given = Object.fromEntries(
      Object.entries(specs).map(([name, { shape, dtype }]) => [name, tf.tensor(numbers[name as keyof typeof specs], [...shape], dtype)]),
    );
    const [loss, ...gradients] = Object.values(lossAndGradients(tf, given as unknown as Given)).map((made) => made.dataSync());
    return gradients.length === 4 ? (loss?.[0] ?? Number.NaN) : Number.NaN;
  });

const difference = Math.abs((await compiled()) - (await eager()));
if (!(difference < 1e-6)) throw new Error(`the two disagree by ${difference}`);

/** Calls of two seconds, one after the other. */
const candidate = (name: string, call: () => Promise<number>): Candidate => ({
  name,
  async measure() {
    const began = performance.now();
    let calls = 0;
    for (; performance.now() - began < 2000; calls++) await call();
    return { 'calls/s': calls / ((performance.now() - began) / 1000) };
  },
});

await bench({
  name: 'compile',
  about:
    'loss and gradients of an Elman net (50 units, 50 time steps, 32 sequences of 8 features), written once in TensorFlow.js: through compile() of retable/engine on one thread, and operation by operation on the WebAssembly backend of TensorFlow.js. A call takes numbers and gives numbers',
  candidates: [candidate('compiled', compiled), candidate('eager wasm', eager)],
  figures: [{ label: 'compiled, times eager wasm', of: ['compiled', 'calls/s'], over: ['eager wasm', 'calls/s'] }],
  versions: { '@tensorflow/tfjs-core': tf.version_core },
});
await program.dispose();
