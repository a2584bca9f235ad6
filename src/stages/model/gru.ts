import { Type, type Static } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { gateActivationOption } from './gate-activation.js';
import { gruBuiltin, gruWeightsFromScratch } from './gru-builtin.js';
import { gruScratch } from './gru-scratch.js';
import { createRecurrent, planRecurrent, recurrentOptions } from './recurrent.js';
import type { RecurrentLayer } from './recurrent-layer.js';

const options = Type.Object({
  ...recurrentOptions,
  recurrent_activation: gateActivationOption,
  reset: Type.Enum(['before', 'after'], {
    default: 'before',
    description:
      'Whether the reset gate acts before the product with the recurrent weights, as in the paper, or after it, as in PyTorch and Keras.',
  }),
});

/**
 * Gated recurrent unit with a linear readout. `gru-scratch.ts` has the equations, `gru-builtin.ts` the layer of tf.layers; with copied weights
 * both compute the same. `torch.nn.GRU` and the layer of Keras reset after the product: that is `reset: after`, which only the layer from
 * scratch can do, for tf.layers throws. Both add a second bias to the other gates, too.
 */
export const gru = defineStage({
  slot: 'model',
  kind: 'gru',
  version: 1,
  summary: 'Gated recurrent unit with a linear readout.',
  options,
  weightsFrom: [{ from: { kind: 'gru', implementation: 'scratch' }, to: { implementation: 'builtin' }, copy: gruWeightsFromScratch }],

  plan(options, { data }, report) {
    if (options.implementation === 'builtin' && options.reset === 'after') {
      report({
        code: 'not-in-tf-layers',
        path: ['reset'],
        message: 'the GRU of tf.layers can only reset before the product',
        help: 'write implementation: scratch, or reset: before',
      });
    }
    return planRecurrent(layer(options), options, data, report);
  },

  create: (tools, options, _, { data }) => createRecurrent(layer(options), tools, options, data),
});

function layer({ implementation, recurrent_activation: gateActivation, reset }: Static<typeof options>): RecurrentLayer {
  switch (implementation) {
    case 'scratch':
      return gruScratch({ gateActivation, reset });
    case 'builtin':
      return gruBuiltin({ gateActivation });
    default:
      return implementation satisfies never;
  }
}
