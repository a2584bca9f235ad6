import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { Type } from '../../language/type.js';
import { defineStage, type Optimizer, type Tensors, type Tools } from '../stage.js';
import { get, mapTensors } from '../tensors.js';
import { gradientOptions, gradientScalars, prepareGradients } from './gradients.js';

const momentOptions = {
  beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'Decay of the mean of gradients.' }),
  beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.999, description: 'Decay of the mean of squared gradients.' }),
  epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-8, description: 'Added to the divisor, so that nothing is divided by zero.' }),
};

/**
 * Adam (Kingma & Ba 2015, Algorithm 1), with bias-corrected moments:
 *
 *     m = b1 m + (1 - b1) g        v = b2 v + (1 - b2) g^2        m^ = m / (1 - b1^t)        v^ = v / (1 - b2^t)
 *     p = p - a m^ / (sqrt(v^) + eps)
 *
 * As in PyTorch and optax, eps stands beside the root of the corrected moment. Keras and `tf.train.adam` put it beside the root of `v` itself.
 * It is computed in the paper's more economical form, with the corrections gathered in two numbers a step, and eps scaled so that the result
 * is the same:
 *
 *     p = p - a' m / (sqrt(v) + eps')        a' = a sqrt(1 - b2^t) / (1 - b1^t)        eps' = eps sqrt(1 - b2^t)
 */
export const adam = defineStage({
  slot: 'optimizer',
  kind: 'adam',
  version: 1,
  summary: 'Adam: the step of each parameter is scaled by running means of its gradient and of its square.',
  options: Type.Object({ ...gradientOptions, ...momentOptions }),

  plan: (options) => ({ slots: ['m', 'v'], ...gradientScalars(options) }),

  create: (tools, options) => ({
    update: (raw, state, parameters, scalars) =>
      adamStep(tools, options, prepareGradients(tools, raw, parameters, scalars), state, parameters, scalars),
  }),
});

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019): parameters shrink by a share of the rate, apart from the gradient and its moments:
 *
 *     p = p - a w p        then Adam's step
 *
 * As PyTorch's `AdamW`, whose default decay is 0.01 too; Keras' `AdamW` has 0.004. In Adam itself `weight_decay` is added to the gradient, and the
 * moments see it.
 */
export const adamw = defineStage({
  slot: 'optimizer',
  kind: 'adamw',
  version: 1,
  summary: 'AdamW: Adam with decoupled weight decay.',
  options: Type.Object({
    ...gradientOptions,
    weight_decay: Type.Number({
      minimum: 0,
      default: 0.01,
      description: 'Takes this share of the rate from each parameter at every step.',
    }),
    ...momentOptions,
  }),

  plan: (options) => ({ slots: ['m', 'v'], ...gradientScalars(options) }),

  create: (tools, options) => ({
    update(raw, state, parameters, { weight_decay, ...scalars }) {
      const { tf } = tools;
      const kept = weight_decay && tf.sub(1, tf.mul(get(scalars, 'learning_rate'), weight_decay));
      const shrunk = kept ? mapTensors(parameters, (p) => tf.mul(p, kept)) : parameters;
      return adamStep(tools, options, prepareGradients(tools, raw, parameters, scalars), state, shrunk, scalars);
    },
  }),
});

function adamStep(
  tools: Tools,
  { beta1, beta2, epsilon }: { readonly beta1: number; readonly beta2: number; readonly epsilon: number },
  gradients: Tensors,
  state: Readonly<Record<string, Tensors>>,
  parameters: Tensors,
  scalars: Readonly<Record<string, Scalar>>,
): ReturnType<Optimizer['update']> {
  const { tf } = tools;
  const decayed = (rate: number, old: Tensor, fresh: Tensor): Tensor => tf.add(tf.mul(old, rate), tf.mul(fresh, 1 - rate));
  const m = mapTensors(gradients, (g, name) => decayed(beta1, get(get(state, 'm'), name), g));
  const v = mapTensors(gradients, (g, name) => decayed(beta2, get(get(state, 'v'), name), tf.square(g)));

  const step = get(scalars, 'step');
  const root = tf.sqrt(biasCorrection(tools, beta2, step));
  const rate = tf.div(tf.mul(get(scalars, 'learning_rate'), root), biasCorrection(tools, beta1, step));
  const shift = tf.mul(root, epsilon);
  const moved = mapTensors(parameters, (p, name) => tf.sub(p, tf.div(tf.mul(get(m, name), rate), tf.add(tf.sqrt(get(v, name)), shift))));
  return { parameters: moved, state: { m, v } };
}

/**
 * `1 - beta^t`, to the last digits of a float32 also in the first steps, where the plain difference of two numbers near 1 would lose four of
 * seven: with `z = -t ln(beta) / 2`, it is `tanh(z) (1 + e^(-2z))`.
 */
function biasCorrection({ tf }: Tools, beta: number, step: Scalar): Tensor {
  if (beta === 0) return tf.scalar(1);
  const exponent = tf.mul(step, Math.log(beta));
  return tf.mul(tf.tanh(tf.mul(exponent, -0.5)), tf.add(tf.exp(exponent), 1));
}
