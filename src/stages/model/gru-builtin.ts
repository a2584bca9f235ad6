import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tensors, Tools } from '../stage.js';
import { get } from '../tensors.js';
import type { GateActivation } from './gate-activation.js';
import { functionalLayer, layersOf } from './layers-adapter.js';
import type { RecurrentLayer } from './recurrent.js';

/**
 * `tf.layers.gru` as a function of given weights. Its equations are those of `gru-scratch.ts` with the reset before the product; it differs in
 * form and in what it would do if left alone:
 *
 * - the gates stand side by side, in the order z, r, g, in `kernel [features, 3 hidden]`, `recurrent_kernel [hidden, 3 hidden]`, `bias [3 hidden]`;
 * - its own default for the gates is the hard sigmoid, ours the sigmoid: `recurrent_activation`;
 * - its own initializers draw unseeded numbers, so parameters start as `initializer` says. `orthogonal` makes the rows of the joined recurrent
 *   kernel orthonormal; from scratch it does so for every gate's own matrix.
 */
export const gruBuiltin = ({ gateActivation }: { readonly gateActivation: GateActivation }): RecurrentLayer => ({
  state: ['h'],

  parameters: (features, hidden, start) => [
    { name: 'kernel', shape: [features, 3 * hidden], initializer: start({ kind: 'input', rows: features, columns: 3 * hidden }) },
    { name: 'recurrent_kernel', shape: [hidden, 3 * hidden], initializer: start({ kind: 'recurrent' }) },
    { name: 'bias', shape: [3 * hidden], initializer: start({ kind: 'bias' }) },
  ],

  create(tools, hidden) {
    const { tf } = tools;
    const layer = functionalLayer(['kernel', 'recurrent_kernel', 'bias'], () =>
      layersOf(tools).gru({
        units: hidden,
        recurrentActivation: gateActivation === 'sigmoid' ? 'sigmoid' : 'hardSigmoid',
        kernelInitializer: 'zeros',
        recurrentInitializer: 'zeros',
        returnSequences: true,
        returnState: true,
      }),
    );
    return (parameters, x, state) => {
      const [every, h] = layer(parameters, tf.transpose(x, [1, 0, 2]), [get(state, 'h')]);
      if (!every || !h) throw new Error('tf.layers.gru gave no state');
      return { h: tf.transpose(every, [1, 0, 2]), state: { h } };
    };
  },
});

/** The built-in layer's weights that compute what the weights of the layer from scratch do; the readout's go by unchanged. */
export function gruWeightsFromScratch({ tf }: Tools, scratch: Tensors): Tensors {
  const join = (part: string): Tensor =>
    tf.concat(
      ['z', 'r', 'g'].map((gate) => get(scratch, `${part}${gate}`)),
      -1,
    );
  return { kernel: join('Wx'), recurrent_kernel: join('Wh'), bias: join('b'), Wy: get(scratch, 'Wy'), by: get(scratch, 'by') };
}
