import type { Tensor } from '@tensorflow/tfjs-core';
import type { Initializer, Tensors, Tools } from '../stage.js';
import { get } from '../tensors.js';
import { functionalLayer, layersOf } from './layers-adapter.js';
import type { LstmSettings } from './lstm-scratch.js';
import type { RecurrentLayer } from './recurrent.js';

/**
 * `tf.layers.lstm` as a function of given weights. Its equations are those of `lstm-scratch.ts`; it differs in form and in what it would do if
 * left alone:
 *
 * - the gates stand side by side, in the order i, f, g, o, in `kernel [features, 4 hidden]`, `recurrent_kernel [hidden, 4 hidden]`, `bias [4 hidden]`;
 * - its own default for the gates is the hard sigmoid, ours the sigmoid: `recurrent_activation`;
 * - its own initializers, those of Keras save a glorot normal kernel, draw unseeded numbers, so parameters start as `initializer` says.
 *   `orthogonal` makes the rows of the joined recurrent kernel orthonormal; from scratch it does so for every gate's own matrix.
 */
export const lstmBuiltin = ({ gateActivation, forgetBias }: LstmSettings): RecurrentLayer => ({
  state: ['h', 'c'],

  parameters(features, hidden, start) {
    const bias = start({ kind: 'bias' });
    const forget: Initializer = forgetBias === undefined ? start({ kind: 'forget_bias' }) : { kind: 'constant', value: forgetBias };
    return [
      { name: 'kernel', shape: [features, 4 * hidden], initializer: start({ kind: 'input', rows: features, columns: 4 * hidden }) },
      { name: 'recurrent_kernel', shape: [hidden, 4 * hidden], initializer: start({ kind: 'recurrent' }) },
      { name: 'bias', shape: [4 * hidden], initializer: { kind: 'blocks', blocks: [bias, forget, bias, bias] } },
    ];
  },

  create(tools, hidden) {
    const { tf } = tools;
    const layer = functionalLayer(['kernel', 'recurrent_kernel', 'bias'], () =>
      layersOf(tools).lstm({
        units: hidden,
        recurrentActivation: gateActivation === 'sigmoid' ? 'sigmoid' : 'hardSigmoid',
        kernelInitializer: 'zeros',
        recurrentInitializer: 'zeros',
        returnSequences: true,
        returnState: true,
      }),
    );
    return (parameters, x, state) => {
      const [every, h, c] = layer(parameters, tf.transpose(x, [1, 0, 2]), [get(state, 'h'), get(state, 'c')]);
      if (!every || !h || !c) throw new Error('tf.layers.lstm gave no state');
      return { h: tf.transpose(every, [1, 0, 2]), state: { h, c } };
    };
  },
});

const ORDER = ['i', 'f', 'g', 'o'] as const;

/** The built-in layer's weights that compute what the weights of the layer from scratch do; the readout's go by unchanged. */
export function lstmWeightsFromScratch({ tf }: Tools, scratch: Tensors): Tensors {
  const join = (part: string): Tensor =>
    tf.concat(
      ORDER.map((gate) => get(scratch, `${part}${gate}`)),
      -1,
    );
  return { kernel: join('Wx'), recurrent_kernel: join('Wh'), bias: join('b'), Wy: get(scratch, 'Wy'), by: get(scratch, 'by') };
}
