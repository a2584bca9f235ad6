import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Arrays, Engine, Spec, Specs, Step } from '../../src/engine/engine.js';
import { sizeOf } from '../../src/engine/graph/graph.js';
import { layers as library, loadTensorFlow } from '../../src/engine/tf.js';
import { callLayer, weightsOf } from '../../src/stages/model/layers-adapter.js';
import { distance } from './run.js';
import { numbers } from './steps/addition.js';

type Layer = Layers.layers.Layer;
type Make = (factories: typeof Layers.layers) => Layer;

/** A layer of tf.layers and what it reads. */
interface Row {
  readonly name: string;
  readonly input: Spec;
  readonly make: Make;
  readonly training?: boolean;
}

const [batch, time, features, units] = [3, 4, 5, 6];
const sequence: Spec = { shape: [batch, time, features], dtype: 'float32' };
const row: Spec = { shape: [batch, features], dtype: 'float32' };
const image: Spec = { shape: [batch, 6, 5, 2], dtype: 'float32' };
const tokens: Spec = { shape: [batch, time], dtype: 'int32' };

/** Its own initializers draw unseeded numbers: weights are given. */
const ZEROS = { kernelInitializer: 'zeros', recurrentInitializer: 'zeros' } as const;
const recurrent = { units, ...ZEROS, returnSequences: true } as const;

const rows: readonly Row[] = [
  { name: 'dense', input: row, make: (f) => f.dense({ units, activation: 'tanh', kernelInitializer: 'zeros' }) },
  { name: 'dense over time', input: sequence, make: (f) => f.dense({ units, kernelInitializer: 'zeros' }) },
  { name: 'embedding', input: tokens, make: (f) => f.embedding({ inputDim: 7, outputDim: 4, embeddingsInitializer: 'zeros' }) },
  { name: 'simpleRNN', input: sequence, make: (f) => f.simpleRNN({ ...recurrent }) },
  { name: 'lstm', input: sequence, make: (f) => f.lstm({ ...recurrent }) },
  { name: 'lstm, its last step', input: sequence, make: (f) => f.lstm({ ...recurrent, returnSequences: false }) },
  { name: 'lstm backwards', input: sequence, make: (f) => f.lstm({ ...recurrent, goBackwards: true, recurrentActivation: 'sigmoid' }) },
  { name: 'gru', input: sequence, make: (f) => f.gru({ ...recurrent, recurrentActivation: 'sigmoid' }) },
  ...(['concat', 'sum', 'mul', 'ave'] as const).map((mergeMode): Row => ({
    name: `bidirectional lstm, ${mergeMode}`,
    input: sequence,
    make: (f) => f.bidirectional({ layer: f.lstm({ ...recurrent }), mergeMode }),
  })),
  {
    name: 'stacked cells',
    input: sequence,
    make: (f) =>
      f.rnn({
        cell: [f.lstmCell({ units, ...ZEROS }), f.gruCell({ units: 4, ...ZEROS }), f.simpleRNNCell({ units: 3, ...ZEROS })],
        returnSequences: true,
      }),
  },
  { name: 'timeDistributed', input: sequence, make: (f) => f.timeDistributed({ layer: f.dense({ units, kernelInitializer: 'zeros' }) }) },
  {
    name: 'stacked lstms of one kind',
    input: sequence,
    make: (f) => f.rnn({ cell: [f.lstmCell({ units, ...ZEROS }), f.lstmCell({ units: 4, ...ZEROS })], returnSequences: true }),
  },
  { name: 'bidirectional gru', input: sequence, make: (f) => f.bidirectional({ layer: f.gru({ ...recurrent }), mergeMode: 'concat' }) },
  {
    name: 'bidirectional simpleRNN',
    input: sequence,
    make: (f) => f.bidirectional({ layer: f.simpleRNN({ ...recurrent }), mergeMode: 'concat' }),
  },
  { name: 'gaussianNoise, in use', input: row, make: (f) => f.gaussianNoise({ stddev: 0.5 }) },
  { name: 'dropout, in use', input: row, make: (f) => f.dropout({ rate: 0.5 }) },
  { name: 'layerNormalization', input: sequence, make: (f) => f.layerNormalization({}) },
  { name: 'batchNormalization, in training', input: row, make: (f) => f.batchNormalization({}), training: true },
  { name: 'batchNormalization, in use', input: image, make: (f) => f.batchNormalization({}) },
  { name: 'conv1d', input: sequence, make: (f) => f.conv1d({ filters: 4, kernelSize: 2, padding: 'same', kernelInitializer: 'zeros' }) },
  { name: 'conv2d', input: image, make: (f) => f.conv2d({ filters: 4, kernelSize: 3, strides: 2, kernelInitializer: 'zeros' }) },
  {
    name: 'separableConv2d',
    input: image,
    make: (f) => f.separableConv2d({ filters: 3, kernelSize: 2, depthwiseInitializer: 'zeros', pointwiseInitializer: 'zeros' }),
  },
  {
    name: 'conv2dTranspose',
    input: image,
    make: (f) => f.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, kernelInitializer: 'zeros' }),
  },
  {
    name: 'convLstm2d',
    input: { shape: [2, 3, 4, 4, 2], dtype: 'float32' },
    make: (f) => f.convLstm2d({ filters: 2, kernelSize: 2, ...ZEROS }),
  },
  { name: 'maxPooling2d', input: image, make: (f) => f.maxPooling2d({ poolSize: 2 }) },
  { name: 'averagePooling1d', input: sequence, make: (f) => f.averagePooling1d({ poolSize: 2 }) },
  { name: 'globalMaxPooling1d', input: sequence, make: (f) => f.globalMaxPooling1d({}) },
  // One image: of a batch, eager-js takes gradients from the wrong places.
  { name: 'upSampling2d', input: { ...image, shape: [1, 6, 5, 2] }, make: (f) => f.upSampling2d({ size: [2, 2] }) },
  { name: 'zeroPadding2d', input: image, make: (f) => f.zeroPadding2d({ padding: 1 }) },
  { name: 'prelu', input: row, make: (f) => f.prelu({}) },
  { name: 'softmax', input: row, make: (f) => f.softmax({}) },
  { name: 'permute', input: sequence, make: (f) => f.permute({ dims: [2, 1] }) },
  { name: 'repeatVector', input: row, make: (f) => f.repeatVector({ n: 3 }) },
];

/** Names and shapes of what a layer holds. */
function weightSpecs({ make, input }: Row): Specs {
  const layer = make(library.layers);
  layer.build([null, ...input.shape.slice(1)]);
  const specs = [...weightsOf(layer)].map(([name, { shape }]): [string, Spec] => [
    name,
    { shape: shape.map((length) => length ?? 1), dtype: 'float32' },
  ]);
  for (const weight of layer.weights) weight.dispose();
  return Object.fromEntries(specs);
}

/** The layer's value, what it writes into its weights, and the gradients of its weighted sum with respect to what it reads and to its weights. */
function stepOf(row: Row): Step {
  const { name, input, make, training = false } = row;
  const state = weightSpecs(row);
  return {
    name,
    state,
    inputs: { x: input },
    scalars: [],
    run(tf, given, layers) {
      const call = callLayer({ tf, layers }, make);
      const x = given.inputs['x'] ?? raise('x');
      const { outputs, written } = call(given.state, x, { training });
      const [y] = outputs;
      const ramp = tf.reshape(tf.linspace(-1, 2, y.size), y.shape);
      const trained = Object.keys(state).filter((weight) => !weight.startsWith('moving_'));
      const reads = input.dtype === 'int32' ? [] : [x];
      const score = (...tensors: Tensor[]): Scalar => {
        const weights = Object.fromEntries(trained.map((weight, i) => [weight, tensors[reads.length + i] ?? raise(weight)]));
        const [made] = call({ ...given.state, ...weights }, reads.length > 0 ? (tensors[0] ?? x) : x, { training }).outputs;
        return tf.sum(tf.mul(made, ramp));
      };
      const { grads } = tf.valueAndGrads(score)([...reads, ...trained.map((weight) => given.state[weight] ?? raise(weight))]);
      const gradients = Object.fromEntries(grads.map((gradient, i) => [`gradient ${i}`, gradient]));
      return {
        state: {},
        outputs: { y, ...gradients, ...Object.fromEntries(Object.entries(written).map(([key, value]) => [`written ${key}`, value])) },
      };
    },
  };
}

const raise = (name: string): never => {
  throw new Error(`${name} was given nothing`);
};

const ENGINES = ['compiled', 'eager-js'] as const;
const engines = new Map<string, Engine>();
beforeAll(async () => {
  await loadTensorFlow('cpu');
  for (const kind of ENGINES) engines.set(kind, await createEngine({ kind, device: 'cpu', threads: 1, cache: null }));
});
afterAll(() => Promise.all([...engines.values()].map((engine) => engine.dispose())));

async function outputsOf(kind: string, step: Step, values: Arrays, x: Arrays): Promise<Arrays> {
  const engine = engines.get(kind) ?? raise(kind);
  const program = await engine.compile(step, 1);
  const state = engine.state(step.state, values);
  const made = await program.run(state, x, {});
  made.state.dispose();
  state.dispose();
  program.dispose();
  return made.outputs;
}

describe('layers of tf.layers through the adapter: compiled as operation by operation, value and gradients', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    const step = stepOf(row);
    const state = Object.fromEntries(
      Object.entries(step.state).map(([name, { shape }], i) => [name, numbers(sizeOf(shape), i + 1, 0.5).map(Math.abs)]),
    );
    const size = sizeOf(row.input.shape);
    const x = row.input.dtype === 'int32' ? Int32Array.from({ length: size }, (_, i) => (i * 5) % 7) : numbers(size, 99);
    const [compiled, eager] = await Promise.all(ENGINES.map((kind) => outputsOf(kind, step, state, { x })));
    expect(Object.keys(compiled ?? {})).toEqual(Object.keys(eager ?? {}));
    for (const [name, values] of Object.entries(eager ?? {})) {
      expect(
        values.some((value) => value !== 0),
        `${name} is not all zeros`,
      ).toBe(true);
      expect(distance(values, compiled?.[name] ?? []), name).toBeLessThan(2e-5);
    }
  });
});
