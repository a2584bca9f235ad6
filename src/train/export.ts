import type { Arrays, Specs, Step } from '../engine/engine.js';
import type { ForwardModel, ScannedModel } from '../engine/export.js';
import type { Plan } from '../planning/plan.js';
import type { Shape, Tensors } from '../stages/stage.js';
import { writesTokens } from '../stages/fitted.js';
import { under } from '../stages/tensors.js';
import type { PipelineFor } from './pipeline.js';
import { carriesState, weightState, splitOf } from './signature.js';
import { forwardPass } from './step.js';

/** One tensor that the exported model takes or gives; -1 is an open axis. */
interface ExportedTensor {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
}

interface Described {
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
}
interface ExportedModel extends ForwardModel, Described {}
interface ExportedTextModel extends ScannedModel, Described {}

/**
 * The trained model by itself, as it answers when it is measured: `input` `[batch, ...]`, and what
 * else the data hands it by name, to `output` `[batch, ...]`, for sequences of one length.
 * Where training has sequences of several lengths, that is the longest of any split, and a second input `mask` `[batch, time]` is 1 at the steps
 * that are there. Where training carries the recurrent state from batch to batch, the state goes in as `NAME` and comes out as `next_NAME`;
 * elsewhere it starts from zero inside.
 */
export function exportedModel(plan: Plan, pipelineOf: PipelineFor, trained: Arrays): ExportedModel {
  const time = isMasked(plan) ? longest(plan) : undefined;
  const inputs = Object.entries(splitOf(plan, 'train').inputs).flatMap(([name, { shape, axes, dtype, decodes }]) =>
    decodes ? [] : [{ name, dtype, shape: longer(shape, axes, time) }],
  );
  const output = longer(plan.model.output.shape, plan.model.output.axes, time);
  const state = carriesState(plan) ? plan.model.state : {};
  return {
    name: plan.name,
    open: ['batch'],
    weights: weightsOf(plan, trained),
    step: ({ batch = 1 }): Step => ({
      name: `${plan.name} model`,
      state: { ...weightState(plan), ...stateSpecs(state, batch) },
      inputs: {
        ...Object.fromEntries(inputs.map(({ name, shape, dtype }) => [name, { shape: [batch, ...shape], dtype }])),
        ...(time !== undefined && { mask: { shape: [batch, time], dtype: 'float32' } }),
      },
      scalars: [],
      run(tf, given, layers) {
        const forward = forwardPass(tf, plan, pipelineOf({ tf, layers }), variablesOf(given.state, state), given.inputs, 'evaluate');
        return { state: only(forward.state, state), outputs: { output: forward.output } };
      },
    }),
    inputs: [
      ...inputs.map(({ name, shape, dtype }) => tensor(name, [-1, ...shape], dtype)),
      ...(time === undefined ? [] : [tensor('mask', [-1, time])]),
      ...stateTensors(state, ''),
    ],
    outputs: [tensor('output', [-1, ...output], plan.model.output.dtype), ...stateTensors(state, 'next_')],
  };
}

/**
 * A model of text for any length of it: `input` `[batch, time]` to `output` `[batch, time, classes]`, with the state going in as `NAME` and
 * coming out as `next_NAME`, so that a text can be gone on with. Where training has texts of several lengths, `mask` `[batch, time]` goes in as
 * well. Undefined for a model that can't be read token by token, or that gives one answer to a whole text.
 */
export function exportedTextModel(plan: Plan, pipelineOf: PipelineFor, trained: Arrays): ExportedTextModel | undefined {
  const { state, stepwise, output } = plan.model;
  const { input, ...others } = splitOf(plan, 'train').inputs;
  const isText = Object.keys(others).length === 0 && writesTokens(plan.data) && input.dtype === 'int32' && input.axes.join() === 'time';
  if (!isText || stepwise !== true || output.axes[0] !== 'time') return undefined;
  const masked = isMasked(plan);
  return {
    name: plan.name,
    open: ['batch'],
    weights: weightsOf(plan, trained),
    step: ({ batch = 1 }) => ({
      name: `${plan.name} one token`,
      state: { ...weightState(plan), ...stateSpecs(state, batch) },
      inputs: { input: { shape: [batch], dtype: 'int32' }, ...(masked && { mask: { shape: [batch], dtype: 'float32' } }) },
      scalars: [],
      run(tf, given, layers) {
        const inputs = Object.fromEntries(Object.entries(given.inputs).map(([name, one]) => [name, tf.expandDims(one, 1)]));
        const forward = forwardPass(tf, plan, pipelineOf({ tf, layers }), variablesOf(given.state, state), inputs, 'evaluate');
        return { state: only(forward.state, state), outputs: { output: tf.squeeze(forward.output, [1]) } };
      },
    }),
    scanned: { inputs: masked ? ['input', 'mask'] : ['input'], output: 'output', axis: 1 },
    inputs: [tensor('input', [-1, -1], 'int32'), ...(masked ? [tensor('mask', [-1, -1])] : []), ...stateTensors(state, '')],
    outputs: [tensor('output', [-1, -1, ...output.shape.slice(1)]), ...stateTensors(state, 'next_')],
  };
}

/** Whether some split has sequences of several lengths, so that the model is told which steps are there. */
const isMasked = ({ data }: Plan): boolean => Object.values(data.splits).some(({ masked }) => masked === true);

const longest = ({ data }: Plan): number =>
  Object.values(data.splits).reduce((most, { inputs }) => Math.max(most, inputs.input.shape[0] ?? 1), 1);

const longer = (shape: Shape, axes: readonly string[], time: number | undefined): Shape =>
  time !== undefined && axes[0] === 'time' ? [time, ...shape.slice(1)] : shape;

const weightsOf = (plan: Plan, trained: Arrays): Arrays =>
  Object.fromEntries(Object.keys(weightState(plan)).map((name) => [name, trained[name] ?? new Float32Array()]));

const tensor = (name: string, shape: readonly number[], dtype: ExportedTensor['dtype'] = 'float32'): ExportedTensor => ({
  name,
  dtype,
  shape,
});

type StateShapes = Readonly<Record<string, Shape>>;

const stateTensors = (state: StateShapes, prefix: string): readonly ExportedTensor[] =>
  Object.entries(state).map(([name, shape]) => tensor(prefix + name, [-1, ...shape]));

const stateSpecs = (state: StateShapes, batch: number): Specs =>
  Object.fromEntries(Object.entries(state).map(([name, shape]) => [name, { shape: [batch, ...shape], dtype: 'float32' }]));

const only = (tensors: Tensors, state: StateShapes): Tensors =>
  Object.fromEntries(Object.keys(state).flatMap((name) => (tensors[name] ? [[name, tensors[name]] as const] : [])));

const variablesOf = (given: Tensors, state: StateShapes) => ({
  parameters: under(given, 'parameters/'),
  buffers: under(given, 'buffers/'),
  state: only(given, state),
});
