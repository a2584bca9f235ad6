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
  inTfLayers,
  joinedGates,
  openGate,
  planRecurrent,
  type RecurrentLayer,
  recurrentOptions,
  scan,
  versionOfStart,
} from './recurrent.js';

interface GruSettings {
  readonly gateActivation: GateActivation;
  readonly reset: 'before' | 'after';
}

/**
 * Gated recurrent unit (Cho et al. 2014).
 *
 *     z = sigmoid(x Wxz + h Whz + bz)      r = sigmoid(x Wxr + h Whr + br)
 *     g = tanh(x Wxg + (r * h) Whg + bg)   h' = z * h + (1 - z) * g
 *
 * With `reset: after` (the form that cuDNN made common) the reset gate acts on the product, which then has a bias of its own:
 *
 *     g = tanh(x Wxg + bg + r * (h Whg + bhg))
 *
 * `x` is `[batch, features]`; `h` and the gates are `[batch, hidden]`; a gate's `Wx` is `[features, hidden]`, its `Wh` `[hidden, hidden]`.
 */
const gruScratch = ({ gateActivation, reset }: GruSettings): RecurrentLayer => ({
  state: ['h'],

  parameters: (features, hidden, start) => [
    ...GATES.flatMap((gate) => gateParameters(GATES, gate, 'bias', features, hidden, start)),
    ...(reset === 'after' ? [{ name: 'bhg', shape: [hidden], axes: ['outputs'], initializer: start({ kind: 'bias' }) }] : []),
  ],

  create: (tools) =>
    scan(tools, (parameters) => {
      const { tf } = tools;
      const p = (name: string): Tensor => get(parameters, name);
      const product = (x: Tensor, weights: string): Tensor => tf.matMul(x, p(weights));
      const sigmoid = (z: Tensor): Tensor => openGate(tools, gateActivation, z);
      return (x, state) => {
        const h = get(state, 'h');
        const z = sigmoid(tf.add(tf.add(product(x, 'Wxz'), product(h, 'Whz')), p('bz')));
        const r = sigmoid(tf.add(tf.add(product(x, 'Wxr'), product(h, 'Whr')), p('br')));
        const remembered = reset === 'before' ? product(tf.mul(r, h), 'Whg') : tf.mul(r, tf.add(product(h, 'Whg'), p('bhg')));
        const g = tf.tanh(tf.add(tf.add(product(x, 'Wxg'), remembered), p('bg')));
        return { h: tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), g)) };
      };
    }),
});

/**
 * `tf.layers.gru` as a function of given weights: the equations above, reset before the product, with the gates joined in the
 * order z, r, g. Left alone, it would open its gates by the hard sigmoid; here `recurrent_activation` decides.
 */
export const gruBuiltin = ({ gateActivation }: { readonly gateActivation: GateActivation }): RecurrentLayer => ({
  state: ['h'],
  parameters: (features, hidden, start) => joinedParameters(GATES.length, features, hidden, start),
  create: (tools, hidden) =>
    functionalLayer(tools, ['h'], (layers) => layers.gru({ ...SHELL, units: hidden, recurrentActivation: inTfLayers[gateActivation] })),
});

const GATES = ['z', 'r', 'g'] as const;

/** The built-in layers' weights that compute what the weights of the layers from scratch do. */
export const gruWeightsFromScratch = copyLayers(joinedGates(GATES));

const options = Type.Object({
  ...recurrentOptions,
  recurrent_activation: gateActivationOption,
  reset: Type.Enum(['before', 'after'], {
    default: 'before',
    description:
      'Whether the reset gate acts before the product with the recurrent weights, as in the paper, or after it, as in PyTorch and Keras.',
  }),
});

/**
 * Gated recurrent unit with a linear readout. From scratch or the layer of tf.layers: with copied weights both compute the
 * same. `torch.nn.GRU` and the layer of Keras reset after the product: that is `reset: after`, which only the layer from
 * scratch can do, for tf.layers throws. Both add a second bias to the other gates, too.
 */
export const gru = defineStage({
  slot: 'model',
  kind: 'gru',
  version: 1,
  versionOf: versionOfStart,
  summary: 'A gated recurrent unit network (GRU) with a linear readout.',
  options,
  weightsFrom: [{ from: { kind: 'gru', implementation: 'scratch' }, to: { implementation: 'builtin' }, copy: gruWeightsFromScratch }],

  plan(options, { data }, report) {
    if (options.implementation === 'builtin' && options.reset === 'after') {
      report({
        code: 'not-in-tf-layers',
        path: ['reset'],
        message: 'the GRU of tf.layers can only reset before the product',
        help: 'write implementation: scratch, or reset: before',
      });
    }
    return planRecurrent(layer(options), options, data, report);
  },

  create: (tools, options, _, { data }) => createRecurrent(layer(options), tools, options, data),
});

const layer = ({ implementation, recurrent_activation: gateActivation, reset }: Static<typeof options>): RecurrentLayer =>
  ({ scratch: gruScratch, builtin: gruBuiltin })[implementation]({ gateActivation, reset });
