import type { Tensor } from '@tensorflow/tfjs-core';
import { Type, type ObjectSchema, type Static } from '../../language/type.js';
import { get, trainSplit } from '../tensors.js';
import type { DataSpec, Model, ModelSpec, ParameterSpec, Report, Shape, Tensors, Tools } from '../stage.js';
import { initializerFor, initializerOption, type Role } from './initializers.js';

/** What every recurrent model can be told. */
export const recurrentOptions = {
  implementation: Type.Enum(['scratch', 'builtin'], {
    default: 'scratch',
    description: 'scratch: the equations, written out; builtin: the layer of tf.layers.',
  }),
  hidden_size: Type.Integer({ minimum: 1, description: 'Units of the hidden state.' }),
  readout: Type.Enum(['last', 'every'], {
    default: 'last',
    description: 'Which hidden states the linear readout reads: the last step, or every step.',
  }),
  initializer: initializerOption,
};

type Options = Static<ObjectSchema<typeof recurrentOptions>> & { readonly forget_bias?: number };

/** A layer that remembers: from scratch or built in, it has this face. */
export interface RecurrentLayer {
  /** The parts of its state; `h`, the hidden state, is always one. */
  readonly state: readonly string[];
  parameters(features: number, hidden: number, start: Start): readonly ParameterSpec[];
  create(tools: Tools, hidden: number): ReadSequence;
}

/** From `x [time, batch, features]` to the hidden states `h [time, batch, hidden]`. Time comes first: then a step is one piece of memory. */
export type ReadSequence = (parameters: Tensors, x: Tensor, state: Tensors) => { readonly h: Tensor; readonly state: Tensors };

/** How a parameter of a role starts. */
export type Start = (role: Role) => ParameterSpec['initializer'];

/**
 * A recurrent layer and a linear readout `y = h Wy + by` of its last hidden state or of all.
 *
 * Input `[time, features]`, or indices `[time]` that are read as one-hot vectors. Output `[outputs]` or `[time, outputs]`, where outputs are
 * the classes of the data, or the size of the target's last axis.
 */
export function planRecurrent(layer: RecurrentLayer, options: Options, data: DataSpec, report: Report): ModelSpec {
  const { hidden_size: hidden, readout } = options;
  const { input } = trainSplit(data);
  const features = input.dtype === 'int32' ? (data.classes ?? 1) : (input.shape[1] ?? 1);
  const outputs = countOutputs(data);
  const start = startOf(options);
  reportMisfits(readout, data, report);
  return {
    parameters: [
      ...layer.parameters(features, hidden, start),
      { name: 'Wy', shape: [hidden, outputs], initializer: start({ kind: 'readout', rows: hidden, columns: outputs }) },
      { name: 'by', shape: [outputs], initializer: start({ kind: 'readout_bias' }) },
    ],
    buffers: [],
    state: Object.fromEntries(layer.state.map((part) => [part, [hidden]])),
    masks: [],
    output:
      readout === 'last'
        ? { shape: [outputs], axes: ['outputs'], dtype: 'float32' }
        : { shape: [input.shape[0] ?? 1, outputs], axes: ['time', 'outputs'], dtype: 'float32' },
  };
}

export function createRecurrent(layer: RecurrentLayer, tools: Tools, { hidden_size: hidden, readout }: Options, data: DataSpec): Model {
  const { tf } = tools;
  const readSequence = layer.create(tools, hidden);
  return {
    forward({ parameters, buffers, state }, { input }) {
      const { h, state: next } = readSequence(parameters, timeFirst(tools, input, data.classes), state);
      const read = (hidden: Tensor): Tensor => tf.add(tf.matMul(hidden, get(parameters, 'Wy')), get(parameters, 'by'));
      return { output: readout === 'last' ? read(get(next, 'h')) : readEvery(tools, h, read), buffers, state: next };
    },
  };
}

/** One product for all steps: `[time, batch, hidden] -> [batch, time, outputs]`. */
function readEvery({ tf }: Tools, h: Tensor, read: (hidden: Tensor) => Tensor): Tensor {
  const [time = 1, batch = 1, hidden = 1] = h.shape;
  const y = read(tf.reshape(h, [time * batch, hidden]));
  return tf.transpose(tf.reshape(y, [time, batch, -1]), [1, 0, 2]);
}

/** `[batch, time, features]`, or indices `[batch, time]` as one-hot vectors, with time in front. */
const timeFirst = ({ tf }: Tools, input: Tensor, classes: number | undefined): Tensor =>
  input.dtype === 'int32' ? tf.oneHot(tf.transpose(input), classes ?? 1, 1, 0, 'float32') : tf.transpose(input, [1, 0, 2]);

const startOf =
  ({ initializer, hidden_size: hidden, forget_bias }: Options): Start =>
  (role) =>
    role.kind === 'forget_bias' && forget_bias !== undefined
      ? { kind: 'constant', value: forget_bias }
      : initializerFor(initializer, hidden, role);

const countOutputs = (data: DataSpec): number => data.classes ?? trainSplit(data).target.shape.at(-1) ?? 1;

/** The target has a time axis exactly when every step is read. */
function reportMisfits(readout: Options['readout'], data: DataSpec, report: Report): void {
  const { input, target } = trainSplit(data);
  const rank = input.dtype === 'int32' ? 1 : 2;
  if (input.shape.length !== rank || (input.dtype === 'int32' && data.classes === undefined)) {
    report({
      code: 'shape-mismatch',
      path: [],
      message: `a recurrent model reads [time, features] or indices [time] of a vocabulary, and the data gives ${describe(input.axes, input.shape)}`,
    });
  }
  const expected: Shape = [
    ...(readout === 'every' ? [input.shape[0] ?? 1] : []),
    ...(data.classes === undefined ? [countOutputs(data)] : []),
  ];
  if (expected.length === target.shape.length && expected.every((size, axis) => size === target.shape[axis])) return;
  const fitting = target.axes.includes('time') ? 'every' : 'last';
  report({
    code: 'shape-mismatch',
    path: ['readout'],
    message: `readout ${readout} gives ${describe(readout === 'every' ? ['time', 'outputs'] : ['outputs'], expected)} and the target is ${describe(target.axes, target.shape)}`,
    ...(fitting === readout ? {} : { help: `write readout: ${fitting}` }),
  });
}

const describe = (axes: readonly string[], shape: Shape): string =>
  `[${shape.map((size, i) => `${axes[i] ?? ''} ${size}`.trim()).join(', ')}]`;
