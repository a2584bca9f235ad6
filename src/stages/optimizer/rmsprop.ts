import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { get, mapTensors } from '../tensors.js';
import { gradientOptions, gradientScalars, prepareGradients } from './gradients.js';

/**
 * RMSprop (Tieleman & Hinton 2012, lecture 6.5), with momentum as in PyTorch:
 *
 *     v = rho v + (1 - rho) g^2        b = momentum b + g / (sqrt(v) + eps)        p = p - rate b
 *
 * As in PyTorch, where rho is called `alpha`, eps stands beside the root; Keras puts it under the root, with 1e-7, and has a rho of 0.9.
 */
export const rmsprop = defineStage({
  slot: 'optimizer',
  kind: 'rmsprop',
  version: 1,
  summary: 'RMSprop: steps scaled by a running mean of squared gradients.',
  options: Type.Object({
    ...gradientOptions,
    rho: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.99, description: 'Decay of the mean of squared gradients.' }),
    momentum: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
      description: 'Fraction of the previous update added to this one.',
    }),
    epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-8, description: 'Added to the divisor, so that nothing is divided by zero.' }),
  }),

  plan(options) {
    const { scalars, ...rest } = gradientScalars(options);
    if (options.momentum === 0) return { slots: ['v'], scalars, ...rest };
    return { slots: ['v', 'b'], scalars: { ...scalars, momentum: options.momentum }, ...rest };
  },

  create: (tools, { rho, momentum, epsilon }) => ({
    update(raw, state, parameters, scalars) {
      const { tf } = tools;
      const gradients = prepareGradients(tools, raw, parameters, scalars);
      const v = mapTensors(gradients, (g, name) => tf.add(tf.mul(get(get(state, 'v'), name), rho), tf.mul(tf.square(g), 1 - rho)));
      const scaled = mapTensors(gradients, (g, name) => tf.div(g, tf.add(tf.sqrt(get(v, name)), epsilon)));
      const b =
        momentum === 0 ? scaled : mapTensors(scaled, (g, name) => tf.add(tf.mul(get(get(state, 'b'), name), get(scalars, 'momentum')), g));
      const moved = mapTensors(parameters, (p, name) => tf.sub(p, tf.mul(get(b, name), get(scalars, 'learning_rate'))));
      return { parameters: moved, state: momentum === 0 ? { v } : { v, b } };
    },
  }),
});
