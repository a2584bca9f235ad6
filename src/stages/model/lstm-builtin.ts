import type { Tensor } from '@tensorflow/tfjs-core';
import { get } from '../tensors.js';
import { inTfLayers, type GateActivation } from './gate-activation.js';
import { functionalLayer, joinedParameters, SHELL } from './layers-adapter.js';
import type { RecurrentLayer } from './recurrent-layer.js';
import { copyLayers } from './stack.js';

/**
 * `tf.layers.lstm` as a function of given weights: the equations of `lstm-scratch.ts`, with the gates joined in the order i, f, g, o. Left
 * alone, it would open its gates by the hard sigmoid and start the forget gate's bias at 1; here `recurrent_activation`, `initializer` and
 * `forget_bias` decide.
 */
export const lstmBuiltin = ({ gateActivation }: { readonly gateActivation: GateActivation }): RecurrentLayer => ({
  state: STATE,

  parameters: (features, hidden, start) =>
    joinedParameters(GATES.length, features, hidden, start, {
      kind: 'blocks',
      blocks: GATES.map((gate) => start({ kind: gate === 'f' ? 'forget_bias' : 'bias' })),
    }),

  create: (tools, hidden) =>
    functionalLayer(tools, STATE, (layers) => layers.lstm({ ...SHELL, units: hidden, recurrentActivation: inTfLayers[gateActivation] })),
});

const STATE = ['h', 'c'] as const;
const GATES = ['i', 'f', 'g', 'o'] as const;

/** The built-in layers' weights that compute what the weights of the layers from scratch do. */
export const lstmWeightsFromScratch = copyLayers(({ tf }, scratch) => {
  const join = (part: string): Tensor =>
    tf.concat(
      GATES.map((gate) => get(scratch, `${part}${gate}`)),
      -1,
    );
  return { kernel: join('Wx'), recurrent_kernel: join('Wh'), bias: join('b') };
});
