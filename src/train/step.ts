import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type Step } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { identifyProgram } from '../planning/program.js';
import type { Slot, Sums, Tensors, Variables } from '../stages/stage.js';
import { announcedForward, announcedSums, announcedUpdate } from './announced.js';
import { differentiate } from './differentiate.js';
import type { Pipeline, PipelineFor } from './pipeline.js';
import { carriesState, evaluateScalars, evaluateState, inputSpecs, isFilledUp, splitOf, trainScalars, trainState } from './signature.js';
import { get, mapTensors, prefixed, under } from '../stages/tensors.js';

type Tf = typeof TensorFlow;

/** Keeps the objective of a batch whose weights are all 0 at 0 / SMALLEST and not at 0 / 0. */
const SMALLEST_COUNT = 1e-12;

/**
 * One training step as a function over tensors: forward, gradients, optimizer, and the sums of the loss and of every metric.
 * The objective is the loss's sum over its count; what the last batch is filled up with has weight 0 and moves nothing.
 * `gradientNorm` adds the global L2 norm of the gradients, before clipping, as output `gradient_norm`.
 */
export function trainStep(plan: Plan, pipelineOf: PipelineFor, { gradientNorm = false } = {}): Step {
  return {
    name: `${plan.name} train`,
    identity: identifyProgram(plan, 'train', gradientNorm ? 'train with gradient norm' : 'train'),
    state: trainState(plan),
    inputs: inputSpecs(plan, 'train', 'train'),
    scalars: trainScalars(plan),
    run(tf, { state, inputs, scalars }, layers) {
      const pipeline = pipelineOf({ tf, layers });
      const { gradients, rest } = differentiate(tf, under(state, 'parameters/'), (parameters) => {
        const variables = { parameters, buffers: under(state, 'buffers/'), state: carriedIn(tf, state, scalars) };
        const forward = announcedForward(
          plan,
          'train',
          batchOf(inputs),
          forwardPass(tf, plan, pipeline, variables, modelInputs(plan, 'train', inputs), 'train'),
        );
        const loss = scoreLoss(tf, plan, pipeline, forward.output, inputs);
        return {
          objective: tf.div(loss.sum, tf.maximum(loss.count, SMALLEST_COUNT)),
          rest: {
            output: forward.output,
            ...sums('loss', loss),
            ...prefixed('buffers/', forward.buffers),
            ...carriedOn(plan, 'train', forward),
          },
        };
      });
      const { output, ...kept } = rest;
      const metrics = scoreMetrics(tf, plan, pipeline, 'train', get(rest, 'output'), inputs);
      output?.dispose();
      const slots = Object.fromEntries(plan.optimizer.slots.map((slot) => [slot, under(state, `slots/${slot}/`)]));
      const update = within('optimizer', () =>
        pipeline.optimizer.update(gradients, slots, under(state, 'parameters/'), scalars as Readonly<Record<string, Scalar>>),
      );
      const moved = announcedUpdate(plan, update);
      return {
        state: {
          ...prefixed('parameters/', moved.parameters),
          ...Object.entries(moved.state).reduce((all, [slot, tensors]) => ({ ...all, ...prefixed(`slots/${slot}/`, tensors) }), {}),
          ...omit(kept, 'loss/'),
        },
        outputs: { ...only(kept, 'loss/'), ...metrics, ...(gradientNorm ? { gradient_norm: globalNorm(tf, gradients) } : {}) },
      };
    },
  };
}

/** The sums of the loss and of every metric over one batch of a split, with the state as it is: only a carried recurrent state changes. */
export function evaluateStep(plan: Plan, pipelineOf: PipelineFor, split: string): Step {
  return {
    name: `${plan.name} ${split}`,
    identity: identifyProgram(plan, split, 'evaluate'),
    state: evaluateState(plan, split),
    inputs: inputSpecs(plan, split, 'evaluate'),
    scalars: evaluateScalars(plan, split),
    run(tf, { state, inputs, scalars }, layers) {
      const pipeline = pipelineOf({ tf, layers });
      const variables = {
        parameters: under(state, 'parameters/'),
        buffers: under(state, 'buffers/'),
        state: carriedIn(tf, state, scalars),
      };
      const forward = announcedForward(
        plan,
        split,
        batchOf(inputs),
        forwardPass(tf, plan, pipeline, variables, modelInputs(plan, split, inputs), 'evaluate'),
      );
      const loss = scoreLoss(tf, plan, pipeline, forward.output, inputs);
      return {
        state: carriedOn(plan, split, forward),
        outputs: { ...sums('loss', loss), ...scoreMetrics(tf, plan, pipeline, split, forward.output, inputs) },
      };
    },
  };
}

/** Recurrent state that is not carried starts from zeros, which become part of the program. */
export function forwardPass(tf: Tf, plan: Plan, { model }: Pipeline, given: Variables, inputs: Tensors, mode: 'train' | 'evaluate') {
  const { mask, weight } = inputs;
  const input = get(inputs, 'input');
  const batch = batchOf(inputs);
  const zeros = Object.fromEntries(Object.entries(plan.model.state).map(([name, shape]) => [name, tf.zeros([batch, ...shape])]));
  return within('model', () =>
    model.forward(
      { ...given, state: { ...zeros, ...given.state } },
      { input, ...(mask && { mask }), ...(weight && { weight }) },
      { mode, masks: under(inputs, 'masks/') },
    ),
  );
}

/** Of the inputs of a step, without the weights where no row fills anything up: so that a program of full batches stays as it is. */
function modelInputs(plan: Plan, split: string, { weight, ...others }: Tensors): Tensors {
  return weight && isFilledUp(plan, split) ? { ...others, weight } : others;
}

const batchOf = (inputs: Tensors): number => get(inputs, 'input').shape[0] ?? 1;

function scoreLoss(tf: Tf, plan: Plan, pipeline: Pipeline, output: Tensor, inputs: Tensors): Sums {
  const scored = within('loss', () => pipeline.loss.score(output, get(inputs, 'target'), weightOf(tf, plan, inputs)));
  return announcedSums({ slot: 'loss', kind: plan.config.values.loss.kind, path: ['loss', 'kind'] }, scored);
}

function scoreMetrics(tf: Tf, plan: Plan, pipeline: Pipeline, split: string, output: Tensor, inputs: Tensors): Tensors {
  const used = pipeline.metrics.filter((metric) => metric.splits.includes(split));
  return used.reduce((all: Tensors, { key, kind, path, metric }) => {
    const scored = within('metric', () => metric.score(output, get(inputs, 'target'), weightOf(tf, plan, inputs)));
    return { ...all, ...sums(key, announcedSums({ slot: 'metric', kind, path }, scored)) };
  }, {});
}

/** `[batch]`, or `[batch, time]` where lengths vary and every step has a target. */
function weightOf(tf: Tf, plan: Plan, inputs: Tensors): Tensor {
  const weight = get(inputs, 'weight');
  const mask = splitOf(plan, 'train').target.axes.includes('time') ? inputs['mask'] : undefined;
  return mask ? tf.mul(mask, tf.expandDims(weight, 1)) : weight;
}

/** The state that the batch before left, or zeros at the first batch of an epoch. */
const carriedIn = (tf: Tf, state: Tensors, scalars: Tensors): Tensors =>
  mapTensors(under(state, 'recurrent/'), (tensor) => tf.mul(tensor, get(scalars, 'carry')));

const carriedOn = (plan: Plan, split: string, { state }: { readonly state: Tensors }): Tensors =>
  carriesState(plan, split) ? prefixed('recurrent/', state) : {};

const globalNorm = (tf: Tf, gradients: Tensors): Tensor =>
  tf.sqrt(tf.addN(Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)))));

/** An engine knows operations, not stages: the slot is added here, on the way out. */
function within<T>(slot: Slot, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EngineError) || error.part !== undefined) throw error;
    const { message, operation, help } = error;
    throw new EngineError(message, { part: slot, cause: error, ...(operation ? { operation } : {}), ...(help ? { help } : {}) });
  }
}

const sums = (key: string, { sum, count }: Sums): Tensors => ({ [`${key}/sum`]: sum, [`${key}/count`]: count });
const only = (tensors: Tensors, prefix: string): Tensors =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith(prefix)));
const omit = (tensors: Tensors, prefix: string): Tensors =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith(prefix)));
