import { Type } from '../../../language/type.js';
import type { Report } from '../../stage.js';
import { callLayer } from '../layers-adapter.js';
import { defineLayer, initializerOf, kernelInitializer, type LayerInput } from './layer.js';

/** A vector for each index, learnt: `[time]` to `[time, units]`. */
export const embedding = defineLayer({
  summary: 'tf.layers.embedding, of the vocabulary of the data.',
  options: Type.Object({
    output_dim: Type.Integer({ minimum: 1, description: 'Length of the vectors.' }),
    embeddings_initializer: kernelInitializer('random_uniform'),
  }),

  plan({ output_dim, embeddings_initializer }, input, report) {
    reportNumbers(input, report);
    const { spec } = input;
    const { tokens = 1 } = spec;
    return {
      output: { shape: [...spec.shape, output_dim], axes: [...spec.axes, 'units'], dtype: 'float32' },
      stepwise: true,
      parameters: [
        {
          name: 'embeddings',
          shape: [tokens, output_dim],
          axes: ['tokens', 'outputs'],
          initializer: initializerOf(embeddings_initializer, tokens, output_dim),
        },
      ],
    };
  },

  create(tools, { output_dim }, { spec: { tokens = 1 } }) {
    const call = callLayer(tools, (layers) =>
      layers.embedding({ inputDim: tokens, outputDim: output_dim, embeddingsInitializer: 'zeros' }),
    );
    return ({ parameters }, x) => ({ y: call(parameters, x).outputs[0] });
  },
});

/** A vector for each index that is 1 there and 0 elsewhere: `[time]` to `[time, tokens]`. */
export const oneHot = defineLayer({
  summary: 'Indices as one-hot vectors.',
  options: Type.Object({}),

  plan(_, input, report) {
    reportNumbers(input, report);
    const { shape, axes, tokens = 1 } = input.spec;
    return { output: { shape: [...shape, tokens], axes: [...axes, 'tokens'], dtype: 'float32' }, stepwise: true };
  },

  create:
    ({ tf }, _, { spec: { tokens = 1 } }) =>
    (_, x) => ({ y: tf.oneHot(x, tokens, 1, 0, 'float32') }),
});

function reportNumbers({ spec }: LayerInput, report: Report): void {
  if (spec.dtype === 'int32') return;
  report({
    code: 'layer-mismatch',
    path: [],
    message: 'this layer reads indices of a vocabulary, and numbers come in',
    help: 'leave it out',
  });
}
