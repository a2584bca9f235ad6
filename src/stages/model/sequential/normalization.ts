import type { Tensor } from '@tensorflow/tfjs-core';
import { Type } from '../../../language/type.js';
import type { Tensors, Tools } from '../../stage.js';
import { get } from '../../tensors.js';
import { callLayer } from '../layers-adapter.js';
import { defineLayer, isWithinSteps, reportIndices, type LayerInput } from './layer.js';

const epsilon = Type.Number({ exclusiveMinimum: 0, default: 1e-3, description: 'Added to the variance.' });

const scaleAndShift = ({ spec }: LayerInput) => {
  const size = { shape: [spec.shape.at(-1) ?? 1], axes: [spec.axes.at(-1) ?? 'units'] };
  return [
    { name: 'gamma', ...size, initializer: { kind: 'constant', value: 1 } },
    { name: 'beta', ...size, initializer: { kind: 'zeros' } },
  ] as const;
};

/** `gamma (x - mean) / sqrt(variance + epsilon) + beta`, mean and variance over the last axis (Ba et al. 2016). */
export const layerNormalization = defineLayer({
  keepsAxis: true,
  summary: 'tf.layers.layerNormalization, over the last axis.',
  options: Type.Object({ epsilon }),

  plan(_, input, report) {
    reportIndices(input, report);
    return { output: input.spec, stepwise: isWithinSteps(input), parameters: scaleAndShift(input) };
  },

  create(tools, { epsilon }) {
    const call = callLayer(tools, (layers) => layers.layerNormalization({ epsilon }));
    return ({ parameters }, x) => ({ y: call(parameters, x).outputs[0] });
  },
});

/**
 * `gamma (x - mean) / sqrt(variance + epsilon) + beta`, mean and variance of each number over the batch and over time (Ioffe & Szegedy 2015);
 * where it is measured, over the batches so far:
 *
 *     moving = momentum moving + (1 - momentum) batch
 *
 * The moving variance starts at 1; it is kept as what it differs from that, for what is kept starts at 0. Rows that only fill up the last
 * batch, and the padding of short sequences, count in neither, which is more than tf.layers can be told.
 */
export const batchNormalization = defineLayer({
  version: 2,
  keepsAxis: true,
  summary: 'tf.layers.batchNormalization.',
  options: Type.Object({
    momentum: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.99,
      description: 'How much of the moving mean is kept at each step.',
    }),
    epsilon,
  }),

  plan(_, input, report) {
    reportIndices(input, report);
    const size = { shape: [input.spec.shape.at(-1) ?? 1], axes: [input.spec.axes.at(-1) ?? 'units'] };
    return {
      output: input.spec,
      // Measured, it scales and shifts by what was learned of each number.
      stepwise: isWithinSteps(input),
      parameters: scaleAndShift(input),
      buffers: [
        { name: 'moving_mean', ...size },
        { name: 'moving_variance_less_1', ...size },
      ],
    };
  },

  create(tools, { momentum, epsilon }, { spec }) {
    const { tf } = tools;
    const call = callLayer(tools, (layers) => layers.batchNormalization({ momentum, epsilon }));
    return ({ parameters, buffers }, x, { mode, mask, weight }) => {
      const moving = { moving_mean: get(buffers, 'moving_mean'), moving_variance: tf.add(get(buffers, 'moving_variance_less_1'), 1) };
      const kept = ({ moving_mean, moving_variance }: typeof moving): Tensors => ({
        moving_mean,
        moving_variance_less_1: tf.sub(moving_variance, 1),
      });
      const counts = mode === 'train' ? countsOf(tools, x, weight, spec.axes[0] === 'time' ? mask : undefined) : undefined;
      if (!counts) {
        const { outputs, written } = call({ ...parameters, ...moving }, x, { training: mode === 'train' });
        return { y: outputs[0], buffers: kept({ ...moving, ...written }) };
      }
      const { mean, variance } = countedMoments(tools, x, counts);
      const move = (before: Tensor, batch: Tensor): Tensor => tf.sub(before, tf.mul(tf.sub(before, batch), 1 - momentum));
      return {
        y: tf.batchNorm(x, mean, variance, get(parameters, 'beta'), get(parameters, 'gamma'), epsilon),
        buffers: kept({ moving_mean: move(moving.moving_mean, mean), moving_variance: move(moving.moving_variance, variance) }),
      };
    };
  },
});

/** How much each number of `x [batch, ..., features]` counts: `[batch, ..., 1]`; undefined where all count alike. */
function countsOf({ tf }: Tools, x: Tensor, weight: Tensor | undefined, mask: Tensor | undefined): Tensor | undefined {
  const given = [weight, mask].flatMap((part) =>
    part ? [tf.reshape(part, [...part.shape, ...x.shape.slice(part.rank).map(() => 1)])] : [],
  );
  if (given.length === 0) return undefined;
  return given.reduce((product, part) => tf.mul(product, part), tf.ones([...x.shape.slice(0, -1), 1]));
}

/** Mean and variance of each number on the last axis, over those that count. */
function countedMoments({ tf }: Tools, x: Tensor, counts: Tensor): { readonly mean: Tensor; readonly variance: Tensor } {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const total = tf.maximum(tf.sum(counts), SMALLEST_COUNT);
  const meanOf = (values: Tensor): Tensor => tf.div(tf.sum(tf.mul(values, counts), axes), total);
  const mean = meanOf(x);
  return { mean, variance: meanOf(tf.square(tf.sub(x, mean))) };
}

/** A batch that nothing counts in has the mean 0, and not 0 / 0. */
const SMALLEST_COUNT = 1e-12;
