import { Type } from '../../../language/type.js';
import { get } from '../../tensors.js';
import { callLayer } from '../layers-adapter.js';
import { defineLayer, reportIndices, type LayerInput } from './layer.js';

const epsilon = Type.Number({ exclusiveMinimum: 0, default: 1e-3, description: 'Added to the variance.' });

const scaleAndShift = ({ spec }: LayerInput) => {
  const shape = [spec.shape.at(-1) ?? 1];
  return [
    { name: 'gamma', shape, initializer: { kind: 'constant', value: 1 } },
    { name: 'beta', shape, initializer: { kind: 'zeros' } },
  ] as const;
};

/** `gamma (x - mean) / sqrt(variance + epsilon) + beta`, mean and variance over the last axis (Ba et al. 2016). */
export const layerNormalization = defineLayer({
  summary: 'tf.layers.layerNormalization, over the last axis.',
  options: Type.Object({ epsilon }),

  plan(_, input, report) {
    reportIndices(input, report);
    return { output: input.spec, parameters: scaleAndShift(input) };
  },

  create(tools, { epsilon }) {
    const call = callLayer(tools, (layers) => layers.layerNormalization({ epsilon }));
    return ({ parameters }, x) => ({ y: call(parameters, x).outputs[0] });
  },
});

/**
 * The same with mean and variance of each number over the batch (Ioffe & Szegedy 2015); where it is measured, over the batches so far:
 *
 *     moving = momentum moving + (1 - momentum) batch
 *
 * The moving variance starts at 1; it is kept as what it differs from that, for what is kept starts at 0. What fills up the last batch, and
 * the padding of short sequences, is counted like anything else: `layer_normalization` doesn't mind.
 */
export const batchNormalization = defineLayer({
  summary: 'tf.layers.batchNormalization.',
  options: Type.Object({
    momentum: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.99, description: 'How much of the moving mean stays at a step.' }),
    epsilon,
  }),

  plan(_, input, report) {
    reportIndices(input, report);
    const shape = [input.spec.shape.at(-1) ?? 1];
    return {
      output: input.spec,
      parameters: scaleAndShift(input),
      buffers: [
        { name: 'moving_mean', shape },
        { name: 'moving_variance_less_1', shape },
      ],
    };
  },

  create(tools, { momentum, epsilon }) {
    const { tf } = tools;
    const call = callLayer(tools, (layers) => layers.batchNormalization({ momentum, epsilon }));
    return ({ parameters, buffers }, x, { mode }) => {
      const moving = { moving_mean: get(buffers, 'moving_mean'), moving_variance: tf.add(get(buffers, 'moving_variance_less_1'), 1) };
      const { outputs, written } = call({ ...parameters, ...moving }, x, { training: mode === 'train' });
      const { moving_mean, moving_variance } = { ...moving, ...written };
      return { y: outputs[0], buffers: { moving_mean, moving_variance_less_1: tf.sub(moving_variance, 1) } };
    };
  },
});
