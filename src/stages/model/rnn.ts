import { Type, type Static } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { rnnBuiltin, rnnWeightsFromScratch } from './rnn-builtin.js';
import { rnnScratch } from './rnn-scratch.js';
import { createRecurrent, planRecurrent, recurrentOptions } from './recurrent.js';
import type { RecurrentLayer } from './recurrent-layer.js';

const options = Type.Object(recurrentOptions);

/**
 * A simple recurrent network with a linear readout. `rnn-scratch.ts` has the equation, `rnn-builtin.ts` the layer of tf.layers; with copied
 * weights both compute the same. Differs from `torch.nn.RNN` by that one's second bias.
 */
export const rnn = defineStage({
  slot: 'model',
  kind: 'rnn',
  version: 1,
  summary: 'Simple recurrent network with a linear readout.',
  options,
  weightsFrom: [{ from: { kind: 'rnn', implementation: 'scratch' }, to: { implementation: 'builtin' }, copy: rnnWeightsFromScratch }],
  plan: (options, { data }, report) => planRecurrent(layer(options), options, data, report),
  create: (tools, options, _, { data }) => createRecurrent(layer(options), tools, options, data),
});

function layer({ implementation }: Static<typeof options>): RecurrentLayer {
  switch (implementation) {
    case 'scratch':
      return rnnScratch;
    case 'builtin':
      return rnnBuiltin;
    default:
      return implementation satisfies never;
  }
}
