import { type Static, Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { get } from '../tensors.js';
import { functionalLayer, joinedParameters, SHELL } from './layers-adapter.js';
import {
  copyLayers,
  createRecurrent,
  gateParameters,
  gradientOption,
  planRecurrent,
  type RecurrentLayer,
  recurrentOptions,
  scan,
} from './recurrent.js';

/**
 * A simple recurrent network (Elman 1990).
 *
 *     h' = tanh(x Wxh + h Whh + bh)
 *
 * `x` is `[batch, features]`, `h` `[batch, hidden]`, `Wxh` `[features, hidden]`, `Whh` `[hidden, hidden]`.
 */
const rnnScratch = ({ gradient }: Static<typeof options>): RecurrentLayer => ({
  state: ['h'],

  parameters: (features, hidden, start) => gateParameters(['h'], 'h', 'bias', features, hidden, start),

  create: (tools) =>
    scan(
      tools,
      (parameters) => {
        const { tf } = tools;
        const [Wxh, Whh, bh] = [get(parameters, 'Wxh'), get(parameters, 'Whh'), get(parameters, 'bh')];
        return (x, state) => ({ h: tf.tanh(tf.add(tf.add(tf.matMul(x, Wxh), tf.matMul(get(state, 'h'), Whh)), bh)) });
      },
      gradient,
    ),
});

/** `tf.layers.simpleRNN` as a function of given weights: the equation above. */
export const rnnBuiltin: RecurrentLayer = {
  state: ['h'],
  parameters: (features, hidden, start) => joinedParameters(1, features, hidden, start),
  create: (tools, hidden) => functionalLayer(tools, ['h'], (layers) => layers.simpleRNN({ ...SHELL, units: hidden })),
};

/** The built-in layers' weights that compute what the weights of the layers from scratch do. */
export const rnnWeightsFromScratch = copyLayers((_, scratch) => ({
  kernel: get(scratch, 'Wxh'),
  recurrent_kernel: get(scratch, 'Whh'),
  bias: get(scratch, 'bh'),
}));

const options = Type.Object({ ...recurrentOptions, gradient: gradientOption });

/**
 * A simple recurrent network with a linear readout. From scratch or the layer of tf.layers: with copied
 * weights both compute the same. Differs from `torch.nn.RNN` by that one's second bias.
 */
export const rnn = defineStage({
  slot: 'model',
  kind: 'rnn',
  version: 1,
  summary: 'A simple recurrent network with a linear readout.',
  options,
  weightsFrom: [{ from: { kind: 'rnn', implementation: 'scratch' }, to: { implementation: 'builtin' }, copy: rnnWeightsFromScratch }],
  plan: (options, { data }, report) => planRecurrent(layer(options), options, data, report),
  create: (tools, options, _, { data }) => createRecurrent(layer(options), tools, options, data),
});

const layer = (given: Static<typeof options>): RecurrentLayer => (given.implementation === 'scratch' ? rnnScratch(given) : rnnBuiltin);
