import { Type } from '../../../language/type.js';
import type { Report } from '../../stage.js';
import { get } from '../../tensors.js';
import { callLayer } from '../layers-adapter.js';
import {
  activationIn,
  activationOption,
  defineLayer,
  initializerOf,
  isWithinSteps,
  kernelInitializer,
  type LayerInput,
  reportIndices,
  withUnits,
} from './layer.js';

/** `activation(x kernel + bias)`, at every step where there are steps: `[..., features]` to `[..., units]`. */
export const dense = defineLayer({
  summary: 'tf.layers.dense.',
  options: Type.Object({
    units: Type.Integer({ minimum: 1, examples: [32], description: 'Outputs.' }),
    activation: activationOption,
    use_bias: Type.Boolean({ default: true, description: 'Add a bias.' }),
    kernel_initializer: kernelInitializer(),
  }),

  plan({ units, use_bias, kernel_initializer }, input, report) {
    reportIndices(input, report);
    const rows = input.spec.shape.at(-1) ?? 1;
    return {
      output: withUnits(input.spec, units),
      stepwise: isWithinSteps(input),
      parameters: [
        {
          name: 'kernel',
          shape: [rows, units],
          axes: [input.spec.axes.at(-1) ?? 'units', 'outputs'],
          initializer: initializerOf(kernel_initializer, rows, units),
        },
        ...(use_bias ? [{ name: 'bias', shape: [units], axes: ['outputs'], initializer: { kind: 'zeros' as const } }] : []),
      ],
    };
  },

  create(tools, { units, activation, use_bias }) {
    const call = callLayer(tools, (layers) =>
      layers.dense({ units, activation: activationIn(activation), useBias: use_bias, kernelInitializer: 'zeros' }),
    );
    return ({ parameters }, x) => ({ y: call(parameters, x).outputs[0] });
  },
});

/** Some of the numbers are zero in a training step, the others as much larger; the masks are drawn outside, from our streams. */
export const dropout = defineLayer({
  keepsAxis: true,
  summary: 'Dropout: sets some of the numbers to 0 during training, as tf.layers.dropout does. The seed decides which.',
  options: Type.Object({
    rate: Type.Number({ minimum: 0, exclusiveMaximum: 1, examples: [0.2], description: 'Fraction of the numbers that is dropped.' }),
  }),

  plan({ rate }, input, report) {
    reportIndices(input, report);
    return { output: input.spec, stepwise: true, masks: rate === 0 ? [] : [{ name: 'mask', shape: input.spec.shape, rate }] };
  },

  create:
    ({ tf }, { rate }) =>
    (_, x, { mode, masks }) => ({ y: mode === 'train' && rate > 0 ? tf.mul(x, get(masks, 'mask')) : x }),
});

/** A vector for each index, learnt: `[time]` to `[time, units]`. */
export const embedding = defineLayer({
  summary: 'tf.layers.embedding, of the vocabulary of the data.',
  options: Type.Object({
    output_dim: Type.Integer({ minimum: 1, examples: [32], description: 'Length of the vectors.' }),
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
