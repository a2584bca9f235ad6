import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Problem } from '../diagnostics/diagnostic.js';
import { EngineError, type Step } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { identifyProgram } from '../planning/program.js';
import { faultsAt } from '../stages/stage-fault.js';
import type { ModelInputs, Slot, Sums, Tensors, Variables } from '../stages/stage.js';
import { announcedAttention, announcedDecoded, announcedForward, announcedSums, announcedTotals, announcedUpdate } from './announced.js';
import { differentiate } from './differentiate.js';
import type { Pipeline, PipelineFor } from './pipeline.js';
import {
  carriesState,
  COLLECTED_OUTPUT,
  COLLECTED_TARGET,
  evaluateScalars,
  evaluateState,
  inputSpecs,
  isFilledUp,
  measuresTrainAtEnd,
  splitOf,
  trainScalars,
  trainState,
} from './signature.js';
import { get, mapTensors, prefixed, trainable, trainSplit, under } from '../stages/tensors.js';

type Tf = typeof TensorFlow;

/** Keeps the objective of a batch whose weights are all 0 at 0 / SMALLEST and not at 0 / 0. */
const SMALLEST_COUNT = 1e-12;

/**
 * One training step as a function over tensors: forward, gradients, optimizer, and what the loss and every metric that is measured while training
 * add up over a batch. What is frozen is read, and neither differentiated by nor handed to the optimizer.
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
    run(tf, { state, inputs, scalars }, layers, loop) {
      const pipeline = pipelineOf({ tf, layers, loop });
      const all = under(state, 'parameters/');
      const trained = Object.fromEntries(trainable(plan.model).map(({ name }) => [name, get(all, name)]));
      const { gradients, rest } = differentiate(tf, trained, (parameters) => {
        const variables = {
          parameters: { ...all, ...parameters },
          buffers: under(state, 'buffers/'),
          state: carriedIn(tf, state, scalars),
        };
        const forward = forwardOver(tf, plan, pipeline, 'train', variables, inputs, 'train');
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
      const metrics = measuresTrainAtEnd(plan)
        ? {}
        : scoreMetrics(tf, plan, pipeline, 'train', decoded(plan, pipeline, get(rest, 'output'), inputs), inputs);
      if (output !== metrics[COLLECTED_OUTPUT]) output?.dispose();
      const slots = Object.fromEntries(plan.optimizer.slots.map((slot) => [slot, under(state, `slots/${slot}/`)]));
      const update = within('optimizer', () =>
        pipeline.optimizer.update(gradients, slots, trained, scalars as Readonly<Record<string, Scalar>>),
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

/** What the loss and every metric add up over one batch of a split, with the state as it is: only a carried recurrent state changes. */
export function evaluateStep(plan: Plan, pipelineOf: PipelineFor, split: string): Step {
  return {
    name: `${plan.name} ${split}`,
    identity: identifyProgram(plan, split, 'evaluate'),
    state: evaluateState(plan, split),
    inputs: inputSpecs(plan, split, 'evaluate'),
    scalars: evaluateScalars(plan, split),
    run(tf, { state, inputs, scalars }, layers, loop) {
      const pipeline = pipelineOf({ tf, layers, loop });
      const forward = forwardOver(tf, plan, pipeline, split, asItStands(tf, state, scalars), inputs, 'evaluate');
      const loss = scoreLoss(tf, plan, pipeline, forward.output, inputs);
      return {
        state: carriedOn(plan, split, forward),
        outputs: {
          ...sums('loss', loss),
          ...scoreMetrics(tf, plan, pipeline, split, decoded(plan, pipeline, forward.output, inputs), inputs),
        },
      };
    },
  };
}

/** What the model answers to a batch of a split, and with what it is to be compared, as a person reads both. */
export function answerStep(plan: Plan, pipelineOf: PipelineFor, split: string): Step {
  return {
    name: `${plan.name} answers of ${split}`,
    identity: identifyProgram(plan, split, 'answer'),
    state: evaluateState(plan, split),
    inputs: inputSpecs(plan, split, 'evaluate'),
    scalars: evaluateScalars(plan, split),
    run(tf, { state, inputs, scalars }, layers, loop) {
      const pipeline = pipelineOf({ tf, layers, loop });
      const forward = forwardOver(tf, plan, pipeline, split, asItStands(tf, state, scalars), inputs, 'evaluate');
      return { state: carriedOn(plan, split, forward), outputs: collected(pipeline, decoded(plan, pipeline, forward.output, inputs)) };
    },
  };
}

/** How much each step counts for the answers to a batch of a split, `[batch, time]`, as the collected output. */
export function attentionStep(plan: Plan, pipelineOf: PipelineFor, split: string): Step {
  return {
    name: `${plan.name} attention of ${split}`,
    identity: identifyProgram(plan, split, 'attention'),
    state: evaluateState(plan, split),
    inputs: inputSpecs(plan, split, 'evaluate'),
    scalars: evaluateScalars(plan, split),
    run(tf, { state, inputs, scalars }, layers, loop) {
      const pipeline = pipelineOf({ tf, layers, loop });
      const given = asItStands(tf, state, scalars);
      const forward = forwardOver(tf, plan, pipeline, split, given, inputs, 'evaluate');
      const read = ofModel(plan, modelInputs(plan, split, inputs));
      const weights = within('model', () => pipeline.model.attention?.(withZeros(tf, plan, given, batchOf(inputs)), read));
      const attention = announcedAttention(plan, split, batchOf(inputs), weights);
      return { state: carriedOn(plan, split, forward), outputs: { [COLLECTED_OUTPUT]: attention } };
    },
  };
}

/** By this name a baseline's answer goes into a program. */
export const ANSWER = 'answer';

/** What every metric adds up over a batch of a split where a baseline answers in place of the model. */
export function baselineStep(plan: Plan, pipelineOf: PipelineFor, split: string): Step {
  const { batchSize, target } = splitOf(plan, split);
  const { shape, dtype } = plan.model.output;
  // The output of a longer split is longer by as much as its target is.
  const trained = splitOf(plan, 'train').target.shape;
  const ownShape = shape.map((length, axis) => (length === trained[axis] ? (target.shape[axis] ?? length) : length));
  return {
    name: `${plan.name} baselines of ${split}`,
    identity: identifyProgram(plan, split, 'baseline'),
    state: {},
    inputs: { ...inputSpecs(plan, split, 'evaluate'), [ANSWER]: { shape: [batchSize, ...ownShape], dtype } },
    scalars: [],
    run(tf, { inputs }, layers, loop) {
      const pipeline = pipelineOf({ tf, layers, loop });
      const output = get(inputs, ANSWER);
      const { sum, count } = scoreLoss(tf, plan, pipeline, output, inputs);
      // A person's own forecast is in a person's unit.
      const { target } = decoded(plan, pipeline, output, inputs);
      return {
        state: {},
        outputs: { ...sums('loss', { sum, count }), ...scoreMetrics(tf, plan, pipeline, split, { output, target }, inputs) },
      };
    },
  };
}

export function forwardPass(tf: Tf, plan: Plan, { model }: Pipeline, given: Variables, inputs: Tensors, mode: 'train' | 'evaluate') {
  const variables = withZeros(tf, plan, given, batchOf(inputs));
  return within('model', () => model.forward(variables, ofModel(plan, inputs), { mode, masks: under(inputs, 'masks/') }));
}

/** Recurrent state that is not carried starts from zeros, which become part of the program. */
function withZeros(tf: Tf, plan: Plan, given: Variables, batch: number): Variables {
  const zeros = Object.fromEntries(Object.entries(plan.model.state).map(([name, shape]) => [name, tf.zeros([batch, ...shape])]));
  return { ...given, state: { ...zeros, ...given.state } };
}

/** Of the inputs of a step, what `decode` is handed: those of the data by name, and `mask`; a model is handed `weight` too, and not all of them. */
function ofData({ target: _, [ANSWER]: _answer, ...inputs }: Tensors): ModelInputs {
  const read = Object.entries(inputs).filter(([name]) => !name.startsWith('masks/'));
  return { input: get(inputs, 'input'), ...Object.fromEntries(read) };
}

function ofModel(plan: Plan, inputs: Tensors): ModelInputs {
  const decoding = Object.entries(trainSplit(plan.data).inputs).flatMap(([name, { decodes }]) => (decodes ? [name] : []));
  const { input, ...others } = ofData(inputs);
  return { input, ...Object.fromEntries(Object.entries(others).filter(([name]) => !decoding.includes(name))) };
}

/** The forward pass over a batch of a split, held against what the model announced. */
const forwardOver = (
  tf: Tf,
  plan: Plan,
  pipeline: Pipeline,
  split: string,
  given: Variables,
  inputs: Tensors,
  mode: 'train' | 'evaluate',
) => announcedForward(plan, split, batchOf(inputs), forwardPass(tf, plan, pipeline, given, modelInputs(plan, split, inputs), mode));

/** Of the inputs of a step, without the weights where no row fills anything up: so that a program of full batches stays as it is. */
function modelInputs(plan: Plan, split: string, { weight, ...others }: Tensors): Tensors {
  return weight && isFilledUp(plan, split) ? { ...others, weight } : others;
}

const asItStands = (tf: Tf, state: Tensors, scalars: Tensors): Variables => ({
  parameters: under(state, 'parameters/'),
  buffers: under(state, 'buffers/'),
  state: carriedIn(tf, state, scalars),
});

const batchOf = (inputs: Tensors): number => get(inputs, 'input').shape[0] ?? 1;

function scoreLoss(tf: Tf, plan: Plan, pipeline: Pipeline, output: Tensor, inputs: Tensors): Sums {
  const scored = within('loss', () => pipeline.loss.score(output, get(inputs, 'target'), weightOf(tf, plan, inputs)));
  return announcedSums({ slot: 'loss', kind: plan.config.values.loss.kind, path: ['loss', 'kind'] }, scored);
}

/** Metrics are given what a person reads, and are in the order of the document. */
function scoreMetrics(tf: Tf, plan: Plan, pipeline: Pipeline, split: string, seen: Seen, inputs: Tensors): Tensors {
  const used = pipeline.metrics.filter((metric) => metric.splits.includes(split));
  const scored = used.reduce((all: Tensors, { key, kind, path, spec, metric }) => {
    const by = { slot: 'metric', kind, path } as const;
    const given = (score: (output: Tensor, target: Tensor, weight: Tensor) => Tensors | Sums) =>
      within('metric', () => score(seen.output, seen.target, weightOf(tf, plan, inputs)), path.slice(0, -1));
    if (metric.score) return { ...all, ...sums(key, announcedSums(by, given(metric.score) as Sums)) };
    if (!metric.accumulate) return all;
    return { ...all, ...prefixed(`${key}/`, announcedTotals(by, spec.accumulates ?? {}, given(metric.accumulate) as Tensors)) };
  }, {});
  return used.some(({ spec }) => spec.collects) ? { ...scored, ...collected(pipeline, seen) } : scored;
}

interface Seen {
  readonly output: Tensor;
  readonly target: Tensor;
}

/** A target that nothing decodes is on the host already. */
const collected = ({ decode }: Pipeline, { output, target }: Seen): Tensors => ({
  [COLLECTED_OUTPUT]: output,
  ...(decode && { [COLLECTED_TARGET]: target }),
});

/** Output and target as a person reads them. */
function decoded(plan: Plan, { decode }: Pipeline, output: Tensor, inputs: Tensors): Seen {
  const given = { output, target: get(inputs, 'target') };
  if (!decode) return given;
  const { weight: _, ...read } = ofData(inputs);
  const made = within('dataset', () => decode(given, read));
  return announcedDecoded({ slot: 'dataset', kind: plan.config.values.dataset.kind, path: ['dataset', 'kind'] }, given, made);
}

/** What each answer counts: `[batch]`, or `[batch, time]` where lengths vary and every step has a target. */
export function weightOf(tf: Tf, plan: Plan, inputs: Tensors): Tensor {
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

/** An engine knows operations, not stages, and a stage not where it stands: slot and place are added here, on the way out. */
function within<T>(slot: Slot, work: () => T, path: Problem['path'] = [slot]): T {
  try {
    return faultsAt(path, work);
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
