import type { Arrays, Step } from '../engine/engine.js';
import type { ForwardModel } from '../engine/export-forward.js';
import type { ScannedModel } from '../engine/export-scan.js';
import type { Plan } from '../planning/plan.js';
import type { Shape } from '../stages/stage.js';
import type { PipelineFor } from './pipeline.js';
import { carriesState, weightState, splitOf } from './signature.js';
import { forwardPass, under } from './step.js';

/** One tensor that the exported model takes or gives; -1 is an open axis. */
export interface ExportedTensor {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
}

export interface ExportedModel extends ForwardModel {
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
}

/**
 * The trained model by itself, as it answers when it is measured: `input` `[batch, ...]` to `output` `[batch, ...]`. Where training carries the
 * recurrent state from batch to batch, the state goes in as `NAME` and comes out as `next_NAME`; elsewhere it starts from zero inside.
 */
export function exportedModel(plan: Plan, pipelineOf: PipelineFor, trained: Arrays): ExportedModel {
  const { input } = splitOf(plan, 'train');
  const recurrent = carriesState(plan) ? plan.model.state : {};
  const open = (shape: Shape): readonly number[] => [-1, ...shape];
  return {
    name: plan.name,
    open: ['batch'],
    weights: Object.fromEntries(Object.keys(weightState(plan)).map((name) => [name, trained[name] ?? new Float32Array()])),
    step: ({ batch = 1 }): Step => ({
      name: `${plan.name} model`,
      state: {
        ...weightState(plan),
        ...Object.fromEntries(Object.entries(recurrent).map(([name, shape]) => [name, { shape: [batch, ...shape], dtype: 'float32' }])),
      },
      inputs: { input: { shape: [batch, ...input.shape], dtype: input.dtype } },
      scalars: [],
      run(tf, { state, inputs }, layers) {
        const variables = { parameters: under(state, 'parameters/'), buffers: under(state, 'buffers/') };
        const given = Object.fromEntries(Object.keys(recurrent).flatMap((name) => (state[name] ? [[name, state[name]] as const] : [])));
        const forward = forwardPass(tf, plan, pipelineOf({ tf, layers }), { ...variables, state: given }, inputs, 'evaluate');
        const next = Object.fromEntries(
          Object.keys(recurrent).flatMap((name) => (forward.state[name] ? [[name, forward.state[name]] as const] : [])),
        );
        return { state: next, outputs: { output: forward.output } };
      },
    }),
    inputs: [
      { name: 'input', dtype: input.dtype, shape: open(input.shape) },
      ...Object.entries(recurrent).map(([name, shape]): ExportedTensor => ({ name, dtype: 'float32', shape: open(shape) })),
    ],
    outputs: [
      { name: 'output', dtype: plan.model.output.dtype, shape: open(plan.model.output.shape) },
      ...Object.entries(recurrent).map(([name, shape]): ExportedTensor => ({ name: `next_${name}`, dtype: 'float32', shape: open(shape) })),
    ],
  };
}

/**
 * A model of text for any length of it: `input` `[batch, time]` to `output` `[batch, time, classes]`, with the state going in as `NAME` and
 * coming out as `next_NAME`, so that a text can be gone on with. Undefined for a model that keeps no state, or reads from both ends.
 */
export function exportedTextModel(plan: Plan, pipelineOf: PipelineFor, trained: Arrays): ExportedTextModel | undefined {
  const { state } = plan.model;
  const { config, data } = plan;
  if (!data.vocabulary || Object.keys(state).length === 0 || config.values.model['bidirectional'] === true) return undefined;
  const classes = plan.model.output.shape.at(-1) ?? 1;
  const names = Object.keys(state);
  const tensor = (name: string, shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): ExportedTensor => ({
    name,
    dtype,
    shape,
  });
  return {
    name: plan.name,
    open: ['batch'],
    weights: Object.fromEntries(Object.keys(weightState(plan)).map((name) => [name, trained[name] ?? new Float32Array()])),
    step: ({ batch = 1 }) => ({
      name: `${plan.name} one token`,
      state: {
        ...weightState(plan),
        ...Object.fromEntries(Object.entries(state).map(([name, shape]) => [name, { shape: [batch, ...shape], dtype: 'float32' }])),
      },
      inputs: { input: { shape: [batch], dtype: 'int32' } },
      scalars: [],
      run(tf, { state: given, inputs }, layers) {
        const variables = {
          parameters: under(given, 'parameters/'),
          buffers: under(given, 'buffers/'),
          state: Object.fromEntries(names.flatMap((name) => (given[name] ? [[name, given[name]] as const] : []))),
        };
        const input = tf.expandDims(inputs['input'] ?? tf.zeros([batch], 'int32'), 1);
        const forward = forwardPass(tf, plan, pipelineOf({ tf, layers }), variables, { input }, 'evaluate');
        return { state: forward.state, outputs: { output: tf.squeeze(forward.output, [1]) } };
      },
    }),
    scanned: { input: 'input', output: 'output', axis: 1 },
    inputs: [tensor('input', [-1, -1], 'int32'), ...names.map((name) => tensor(name, [-1, ...(state[name] ?? [])]))],
    outputs: [tensor('output', [-1, -1, classes]), ...names.map((name) => tensor(`next_${name}`, [-1, ...(state[name] ?? [])]))],
  };
}

export interface ExportedTextModel extends ScannedModel {
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
}
