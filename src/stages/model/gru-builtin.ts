import type { Tensor } from '@tensorflow/tfjs-core';
import { get } from '../tensors.js';
import { inTfLayers, type GateActivation } from './gate-activation.js';
import { functionalLayer, joinedParameters, SHELL } from './layers-adapter.js';
import type { RecurrentLayer } from './recurrent-layer.js';
import { copyLayers } from './stack.js';

/**
 * `tf.layers.gru` as a function of given weights: the equations of `gru-scratch.ts`, reset before the product, with the gates joined in the
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
export const gruWeightsFromScratch = copyLayers(({ tf }, scratch) => {
  const join = (part: string): Tensor =>
    tf.concat(
      GATES.map((gate) => get(scratch, `${part}${gate}`)),
      -1,
    );
  return { kernel: join('Wx'), recurrent_kernel: join('Wh'), bias: join('b') };
});
