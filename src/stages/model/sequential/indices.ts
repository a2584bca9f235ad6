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
    const { spec, classes } = input;
    return {
      output: { shape: [...spec.shape, output_dim], axes: [...spec.axes, 'units'], dtype: 'float32' },
      stepwise: true,
      parameters: [
        { name: 'embeddings', shape: [classes, output_dim], initializer: initializerOf(embeddings_initializer, classes, output_dim) },
      ],
    };
  },

  create(tools, { output_dim }, { classes }) {
    const call = callLayer(tools, (layers) =>
      layers.embedding({ inputDim: classes, outputDim: output_dim, embeddingsInitializer: 'zeros' }),
    );
    return ({ parameters }, x) => ({ y: call(parameters, x).outputs[0] });
  },
});

/** A vector for each index that is 1 there and 0 elsewhere: `[time]` to `[time, classes]`. */
export const oneHot = defineLayer({
  summary: 'Indices as one-hot vectors.',
  options: Type.Object({}),

  plan(_, input, report) {
    reportNumbers(input, report);
    const { spec, classes } = input;
    return { output: { shape: [...spec.shape, classes], axes: [...spec.axes, 'units'], dtype: 'float32' }, stepwise: true };
  },

  create:
    ({ tf }, _, { classes }) =>
    (_, x) => ({ y: tf.oneHot(x, classes, 1, 0, 'float32') }),
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
