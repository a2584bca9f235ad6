import { Type, type Static } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { gateActivationOption } from './gate-activation.js';
import { lstmBuiltin, lstmWeightsFromScratch } from './lstm-builtin.js';
import { lstmScratch } from './lstm-scratch.js';
import { createRecurrent, planRecurrent, recurrentOptions } from './recurrent.js';
import type { RecurrentLayer } from './recurrent-layer.js';

const options = Type.Object({
  ...recurrentOptions,
  recurrent_activation: gateActivationOption,
  forget_bias: Type.Optional(Type.Number({ description: "First bias of the forget gate; the initializer's when left out." })),
});

/**
 * Long short-term memory with a linear readout. `lstm-scratch.ts` has the equations, `lstm-builtin.ts` the layer of tf.layers; with copied
 * weights both compute the same.
 *
 * Differs from `torch.nn.LSTM`, which adds a second bias to every gate, and from Keras as long as `initializer` isn't `keras`.
 */
export const lstm = defineStage({
  slot: 'model',
  kind: 'lstm',
  version: 1,
  summary: 'Long short-term memory with a linear readout.',
  options,
  weightsFrom: [{ from: { kind: 'lstm', implementation: 'scratch' }, to: { implementation: 'builtin' }, copy: lstmWeightsFromScratch }],
  plan: (options, { data }, report) => planRecurrent(layer(options), options, data, report),
  create: (tools, options, _, { data }) => createRecurrent(layer(options), tools, options, data),
});

function layer({ implementation, recurrent_activation: gateActivation }: Static<typeof options>): RecurrentLayer {
  switch (implementation) {
    case 'scratch':
      return lstmScratch({ gateActivation });
    case 'builtin':
      return lstmBuiltin({ gateActivation });
    default:
      return implementation satisfies never;
  }
}
