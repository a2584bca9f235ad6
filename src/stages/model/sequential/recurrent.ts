import { Type, type Static } from '../../../language/type.js';
import {
  createStack,
  type GateActivation,
  gateActivationOption,
  planStack,
  type RecurrentLayer,
  type StackShape,
  stackWidth,
} from '../recurrent.js';
import { gruBuiltin } from '../gru.js';
import type { Role } from '../initializers.js';
import { lstmBuiltin } from '../lstm.js';
import { rnnBuiltin } from '../rnn.js';
import {
  defineLayer,
  initializerOf,
  kernelInitializer,
  reportUnlessSteps,
  type ApplyLayer,
  type LayerInput,
  type LayerPlan,
} from './layer.js';
import type { Report, Tools } from '../../stage.js';

const shared = {
  units: Type.Integer({ minimum: 1, examples: [32], description: 'Units of the hidden state.' }),
  return_sequences: Type.Boolean({ default: false, description: 'Give the hidden state of every step, not only that of the last one.' }),
  kernel_initializer: kernelInitializer(),
  recurrent_initializer: Type.Enum(['orthogonal', 'random_normal', 'random_uniform', 'zeros'], {
    default: 'orthogonal',
    description: 'How the recurrent weights start.',
  }),
};
const options = {
  simple_rnn: Type.Object(shared, { description: 'tf.layers.simpleRNN.' }),
  gru: Type.Object(
    { ...shared, recurrent_activation: gateActivationOption },
    { description: 'tf.layers.gru, which resets before the product.' },
  ),
  lstm: Type.Object(
    {
      ...shared,
      recurrent_activation: gateActivationOption,
      unit_forget_bias: Type.Boolean({ default: true, description: 'Start the bias of the forget gate at 1.' }),
    },
    { description: 'tf.layers.lstm.' },
  ),
};

/** What all of them are told, and what some are. */
type Settings = Static<typeof options.simple_rnn> & { readonly recurrent_activation?: GateActivation; readonly unit_forget_bias?: boolean };

/**
 * `[time, features]` to `[units]`, or `[time, units]`. The state is the model's, so that it can be carried from batch to batch, and padded steps
 * leave it as it is.
 */
const recurrent = (kind: keyof typeof options) =>
  defineLayer({
    summary: options[kind].description ?? '',
    options: options[kind],
    plan: (settings: Settings, input, report) => plan(kind, settings, false, input, report),
    create: (tools, settings: Settings, input) => create(kind, settings, false, tools, input),
  });

export const simpleRnn = recurrent('simple_rnn');
export const gru = recurrent('gru');
export const lstm = recurrent('lstm');

/**
 * Two layers of tf.layers, one of which reads from the end, and their outputs side by side. `tf.layers.bidirectional` does the same, but can
 * neither be given a state nor a mask.
 */
export const bidirectional = defineLayer({
  summary: 'A recurrent layer that reads in both directions; the two outputs are joined.',
  options: Type.Object({ layer: { ...Type.Tagged(options), description: 'The layer that reads.' } }),
  plan: ({ layer: { kind, ...settings } }, input, report) => plan(kind, settings as Settings, true, input, report),
  create: (tools, { layer: { kind, ...settings } }, input) => create(kind, settings as Settings, true, tools, input),
});

function plan(kind: keyof typeof options, settings: Settings, bothWays: boolean, input: LayerInput, report: Report): LayerPlan {
  reportUnlessSteps(input, report);
  const shape = stackShape(settings, bothWays, input);
  const [time, width] = [input.spec.shape[0] ?? 1, stackWidth(shape)];
  return {
    output: settings.return_sequences
      ? { shape: [time, width], axes: ['time', 'units'], dtype: 'float32' }
      : { shape: [width], axes: ['units'], dtype: 'float32' },
    stepwise: !bothWays,
    ...planStack(builtin(kind, settings), shape, time, startOf(settings)),
  };
}

function create(kind: keyof typeof options, settings: Settings, bothWays: boolean, tools: Tools, input: LayerInput): ApplyLayer {
  const { tf } = tools;
  const read = createStack(builtin(kind, settings), tools, stackShape(settings, bothWays, input));
  return ({ parameters, state: first }, x, { mask }) => {
    const { h, last, state } = read(parameters, tf.transpose(x, [1, 0, 2]), first, { mask: mask && tf.transpose(mask) });
    return { y: settings.return_sequences ? tf.transpose(h, [1, 0, 2]) : last, state };
  };
}

const builtin = (kind: keyof typeof options, { recurrent_activation: gateActivation = 'sigmoid' }: Settings): RecurrentLayer =>
  ({ simple_rnn: () => rnnBuiltin, gru: () => gruBuiltin({ gateActivation }), lstm: () => lstmBuiltin({ gateActivation }) })[kind]();

const stackShape = ({ units: hidden }: Settings, bidirectional: boolean, { spec }: LayerInput): StackShape => ({
  features: spec.shape.at(-1) ?? 1,
  reads: spec.axes.at(-1) ?? 'units',
  hidden,
  layers: 1,
  bidirectional,
  dropout: 0,
});

const startOf = (settings: Settings) => (role: Role) => {
  switch (role.kind) {
    case 'input':
      return initializerOf(settings.kernel_initializer, role.rows, role.columns);
    case 'recurrent':
      return initializerOf(settings.recurrent_initializer, 1, 1);
    case 'forget_bias':
      return initializerOf(settings.unit_forget_bias ? 'ones' : 'zeros', 1, 1);
    case 'bias':
    case 'readout':
    case 'readout_bias':
    case 'embedding':
      return initializerOf('zeros', 1, 1);
    default:
      return role satisfies never;
  }
};
