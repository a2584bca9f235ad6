import type { Tensors } from '../stage.js';
import { get } from '../tensors.js';
import { functionalLayer, layersOf } from './layers-adapter.js';
import type { RecurrentLayer } from './recurrent.js';

/**
 * `tf.layers.simpleRNN` as a function of given weights: the equation of `rnn-scratch.ts`, with `kernel` for `Wxh`, `recurrent_kernel` for `Whh`
 * and `bias` for `bh`. Its own initializers draw unseeded numbers, so parameters start as `initializer` says.
 */
export const rnnBuiltin: RecurrentLayer = {
  state: ['h'],

  parameters: (features, hidden, start) => [
    { name: 'kernel', shape: [features, hidden], initializer: start({ kind: 'input', rows: features, columns: hidden }) },
    { name: 'recurrent_kernel', shape: [hidden, hidden], initializer: start({ kind: 'recurrent' }) },
    { name: 'bias', shape: [hidden], initializer: start({ kind: 'bias' }) },
  ],

  create(tools, hidden) {
    const { tf } = tools;
    const layer = functionalLayer(['kernel', 'recurrent_kernel', 'bias'], () =>
      layersOf(tools).simpleRNN({
        units: hidden,
        kernelInitializer: 'zeros',
        recurrentInitializer: 'zeros',
        returnSequences: true,
        returnState: true,
      }),
    );
    return (parameters, x, state) => {
      const [every, h] = layer(parameters, tf.transpose(x, [1, 0, 2]), [get(state, 'h')]);
      if (!every || !h) throw new Error('tf.layers.simpleRNN gave no state');
      return { h: tf.transpose(every, [1, 0, 2]), state: { h } };
    };
  },
};

/** The built-in layer's weights that compute what the weights of the layer from scratch do; the readout's go by unchanged. */
export const rnnWeightsFromScratch = (_: unknown, scratch: Tensors): Tensors => ({
  kernel: get(scratch, 'Wxh'),
  recurrent_kernel: get(scratch, 'Whh'),
  bias: get(scratch, 'bh'),
  Wy: get(scratch, 'Wy'),
  by: get(scratch, 'by'),
});
