import type { Tensors, Tools } from '../stage.js';
import { get } from '../tensors.js';
import { functionalLayer, joinedParameters, SHELL } from './layers-adapter.js';
import type { RecurrentLayer } from './recurrent.js';

/** `tf.layers.simpleRNN` as a function of given weights: the equation of `rnn-scratch.ts`. */
export const rnnBuiltin: RecurrentLayer = {
  state: ['h'],
  parameters: (features, hidden, start) => joinedParameters(1, features, hidden, start),
  create: (tools, hidden) => functionalLayer(tools, ['h'], (layers) => layers.simpleRNN({ ...SHELL, units: hidden })),
};

/** The built-in layer's weights that compute what the weights of the layer from scratch do; the readout's go by unchanged. */
export const rnnWeightsFromScratch = (_: Tools, scratch: Tensors): Tensors => ({
  kernel: get(scratch, 'Wxh'),
  recurrent_kernel: get(scratch, 'Whh'),
  bias: get(scratch, 'bh'),
  Wy: get(scratch, 'Wy'),
  by: get(scratch, 'by'),
});
