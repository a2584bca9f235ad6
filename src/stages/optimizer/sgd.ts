import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { get, mapTensors } from '../tensors.js';
import { gradientOptions, gradientScalars, prepareGradients } from './gradients.js';

/**
 * Stochastic gradient descent, with momentum as in PyTorch (Sutskever et al. 2013 have the rate inside, as Keras does: the two part ways when
 * the rate changes):
 *
 *     b = momentum b + g        p = p - rate b
 */
export const sgd = defineStage({
  slot: 'optimizer',
  kind: 'sgd',
  version: 1,
  summary: 'Stochastic gradient descent, with momentum if asked for.',
  options: Type.Object({
    ...gradientOptions,
    momentum: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
      description: 'Fraction of the previous update that is added to this one.',
    }),
  }),

  plan(options) {
    const { scalars, ...rest } = gradientScalars(options);
    if (options.momentum === 0) return { slots: [], scalars, ...rest };
    return { slots: ['b'], scalars: { ...scalars, momentum: options.momentum }, ...rest };
  },

  create: (tools, options) => ({
    update(raw, state, parameters, scalars) {
      const { tf } = tools;
      const gradients = prepareGradients(tools, raw, parameters, scalars);
      const accumulated =
        options.momentum === 0
          ? gradients
          : mapTensors(gradients, (g, name) => tf.add(tf.mul(get(get(state, 'b'), name), get(scalars, 'momentum')), g));
      const moved = mapTensors(parameters, (p, name) => tf.sub(p, tf.mul(get(accumulated, name), get(scalars, 'learning_rate'))));
      return { parameters: moved, state: options.momentum === 0 ? {} : { b: accumulated } };
    },
  }),
});
