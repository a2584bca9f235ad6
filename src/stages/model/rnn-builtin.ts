import { get } from '../tensors.js';
import { functionalLayer, joinedParameters, SHELL } from './layers-adapter.js';
import type { RecurrentLayer } from './recurrent-layer.js';
import { copyLayers } from './stack.js';

/** `tf.layers.simpleRNN` as a function of given weights: the equation of `rnn-scratch.ts`. */
export const rnnBuiltin: RecurrentLayer = {
  state: ['h'],
  parameters: (features, hidden, start) => joinedParameters(1, features, hidden, start),
  create: (tools, hidden) => functionalLayer(tools, ['h'], (layers) => layers.simpleRNN({ ...SHELL, units: hidden })),
};

/** The built-in layers' weights that compute what the weights of the layers from scratch do. */
export const rnnWeightsFromScratch = copyLayers((_, scratch) => ({
  kernel: get(scratch, 'Wxh'),
  recurrent_kernel: get(scratch, 'Whh'),
  bias: get(scratch, 'bh'),
}));
