import type { Tensor } from '@tensorflow/tfjs-core';
import { type Static, Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { get } from '../tensors.js';
import { functionalLayer, joinedParameters, SHELL } from './layers-adapter.js';
import {
  copyLayers,
  createRecurrent,
  type GateActivation,
  gateActivationOption,
  gateParameters,
  gradientOption,
  inTfLayers,
  joinedGates,
  openGate,
  planRecurrent,
  type RecurrentLayer,
  recurrentOptions,
  scan,
  versionOfStart,
} from './recurrent.js';

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).
 *
 *     i = sigmoid(x Wxi + h Whi + bi)      f = sigmoid(x Wxf + h Whf + bf)      o = sigmoid(x Wxo + h Who + bo)
 *     g = tanh(x Wxg + h Whg + bg)         c' = f * c + i * g                   h' = o * tanh(c')
 *
 * `x` is `[batch, features]`; `h`, `c` and the gates are `[batch, hidden]`; a gate's `Wx` is `[features, hidden]`, its `Wh` `[hidden, hidden]`.
 */
const lstmScratch = ({ gateActivation, gradient }: Settings): RecurrentLayer => ({
  state: ['h', 'c'],

  parameters: (features, hidden, start) =>
    GATES.flatMap((gate) => gateParameters(GATES, gate, gate === 'f' ? 'forget_bias' : 'bias', features, hidden, start)),

  create: (tools) =>
    scan(
      tools,
      (parameters) => {
        const { tf } = tools;
        const p = (name: string): Tensor => get(parameters, name);
        const gate = (name: Gate, x: Tensor, h: Tensor): Tensor =>
          tf.add(tf.add(tf.matMul(x, p(`Wx${name}`)), tf.matMul(h, p(`Wh${name}`))), p(`b${name}`));
        const sigmoid = (z: Tensor): Tensor => openGate(tools, gateActivation, z);
        return (x, state) => {
          const h = get(state, 'h');
          const i = sigmoid(gate('i', x, h));
          const f = sigmoid(gate('f', x, h));
          const o = sigmoid(gate('o', x, h));
          const g = tf.tanh(gate('g', x, h));
          const c = tf.add(tf.mul(f, get(state, 'c')), tf.mul(i, g));
          return { h: tf.mul(o, tf.tanh(c)), c };
        };
      },
      gradient,
    ),
});

interface Settings {
  readonly gateActivation: GateActivation;
  readonly gradient?: Static<typeof gradientOption>;
}

const GATES = ['i', 'f', 'o', 'g'] as const;
type Gate = (typeof GATES)[number];

/**
 * `tf.layers.lstm` as a function of given weights: the same equations, with the gates joined in the order i, f, g, o. Left
 * alone, it would open its gates by the hard sigmoid and start the forget gate's bias at 1; here `recurrent_activation`, `initializer` and
 * `forget_bias` decide.
 */
export const lstmBuiltin = ({ gateActivation }: { readonly gateActivation: GateActivation }): RecurrentLayer => ({
  state: STATE,

  parameters: (features, hidden, start) =>
    joinedParameters(JOINED_GATES.length, features, hidden, start, {
      kind: 'blocks',
      blocks: JOINED_GATES.map((gate) => start({ kind: gate === 'f' ? 'forget_bias' : 'bias' })),
    }),

  create: (tools, hidden) =>
    functionalLayer(tools, STATE, (layers) => layers.lstm({ ...SHELL, units: hidden, recurrentActivation: inTfLayers[gateActivation] })),
});

const STATE = ['h', 'c'] as const;
const JOINED_GATES = ['i', 'f', 'g', 'o'] as const;

/** The built-in layers' weights that compute what the weights of the layers from scratch do. */
export const lstmWeightsFromScratch = copyLayers(joinedGates(JOINED_GATES));

const options = Type.Object({
  ...recurrentOptions,
  recurrent_activation: gateActivationOption,
  forget_bias: Type.Optional(
    Type.Number({ otherwise: "the initializer's", examples: [1], description: 'The bias of the forget gate before training.' }),
  ),
  gradient: gradientOption,
});

/**
 * Long short-term memory with a linear readout: the equations above, or the layer of tf.layers; with copied weights both compute the same.
 *
 * Differs from `torch.nn.LSTM`, which adds a second bias to every gate, and from Keras as long as `initializer` isn't `keras`.
 */
export const lstm = defineStage({
  slot: 'model',
  kind: 'lstm',
  version: 1,
  versionOf: versionOfStart,
  summary: 'A long short-term memory network (LSTM) with a linear readout.',
  options,
  weightsFrom: [{ from: { kind: 'lstm', implementation: 'scratch' }, to: { implementation: 'builtin' }, copy: lstmWeightsFromScratch }],
  plan: (options, { data }, report) => planRecurrent(layer(options), options, data, report),
  create: (tools, options, _, { data }) => createRecurrent(layer(options), tools, options, data),
});

const layer = ({ implementation, recurrent_activation: gateActivation, gradient }: Static<typeof options>): RecurrentLayer =>
  ({ scratch: lstmScratch, builtin: lstmBuiltin })[implementation]({ gateActivation, ...(gradient && { gradient }) });
