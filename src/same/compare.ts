import type { Scalar } from '@tensorflow/tfjs-core';
import type { Arrays, Engine, Specs, Step } from '../engine/engine.js';
import type { TypedArray } from '../engine/graph/graph.js';
import type { StageConfig } from '../language/experiment.js';
import type { Plan } from '../planning/plan.js';
import { createStreams } from '../random/streams.js';
import { findStage } from '../stages/registry.js';
import type { Batch, ModelSpec, Stage, Tensors, Tools, Variables, WeightCopy } from '../stages/stage.js';
import { get, prefixed, sizeOf, under } from '../stages/tensors.js';
import { calls } from '../train/calls.js';
import { differentiate } from '../train/differentiate.js';
import { drawMasks } from '../train/masks.js';
import { type Pipeline, pipelineFor } from '../train/pipeline.js';
import { trainingScalars } from '../train/scalars.js';
import { inputSpecs, trainState, weightState } from '../train/signature.js';
import { freshStart } from '../train/start.js';
import { forwardPass, trainStep, weightOf } from '../train/step.js';

/** One model with weights; these by plain names. */
export interface Side {
  readonly plan: Plan;
  readonly weights: Arrays;
}

export interface Difference {
  readonly what: 'output' | 'loss' | 'gradient' | 'parameter after training';
  /** Of the second model's tensor; empty for output and loss. */
  readonly name: string;
  /** Largest absolute difference, relative to the largest number of the tensor where that is above 1. */
  readonly size: number;
}

/** What a model says of one batch: its output, its loss, and every gradient as `gradient/NAME`. */
export const examine = (engine: Engine, stages: readonly Stage[], side: Side, batch: Batch): Promise<Arrays> =>
  ask(engine, stages, side, batch, (tf, pipeline, variables, inputs, { plan }) => {
    const { gradients, rest } = differentiate(tf, variables.parameters, (parameters) => {
      const { output } = forwardPass(tf, plan, pipeline, { ...variables, parameters }, inputs, 'evaluate');
      const { sum, count } = pipeline.loss.score(output, get(inputs, 'target'), weightOf(tf, plan, inputs));
      const objective: Scalar = tf.div(sum, count);
      return { objective, rest: { output, loss: objective } };
    });
    return { ...rest, ...prefixed('gradient/', gradients) };
  });

/** The output alone: a third of the work. */
export async function answer(engine: Engine, stages: readonly Stage[], side: Side, batch: Batch): Promise<Arrays[string] | undefined> {
  const outputs = await ask(engine, stages, side, batch, (tf, pipeline, variables, inputs, { plan }) => ({
    output: forwardPass(tf, plan, pipeline, variables, inputs, 'evaluate').output,
  }));
  return outputs['output'];
}

type Question = (tf: Tools['tf'], pipeline: Pipeline, variables: Variables, inputs: Tensors, side: Side) => Tensors;

async function ask(engine: Engine, stages: readonly Stage[], side: Side, batch: Batch, question: Question): Promise<Arrays> {
  const { plan, weights } = side;
  const pipelineOf = pipelineFor(plan, stages);
  const step: Step = {
    name: `${plan.name} examined`,
    state: weightState(plan),
    inputs: inputSpecs(plan, 'train', 'evaluate'),
    scalars: [],
    run(tf, { state, inputs }, layers, loop) {
      const variables = { parameters: under(state, 'parameters/'), buffers: under(state, 'buffers/'), state: {} };
      return { state: {}, outputs: question(tf, pipelineOf({ tf, layers, loop }), variables, inputs, side) };
    },
  };
  const program = await engine.compile(step, 1);
  const given = Object.fromEntries(Object.entries(weights).map(([name, values]) => [`parameters/${name}`, values]));
  const buffers = Object.fromEntries(plan.model.buffers.map(({ name, shape }) => [`buffers/${name}`, zeros(shape)]));
  const state = engine.state(step.state, { ...given, ...buffers });
  const [call] = calls([batch], step.inputs, 1);
  const result = await program.run(state, call?.inputs ?? {}, {});
  state.dispose();
  result.state.dispose();
  program.dispose();
  return result.outputs;
}

/** Parameters after some steps of training, by plain names. Dropout masks are those of `masksOf`, so that both models drop alike. */
export async function trainFor(
  engine: Engine,
  stages: readonly Stage[],
  { plan, weights }: Side,
  batches: readonly Batch[],
  masksOf: Plan,
): Promise<Arrays> {
  const step = trainStep(plan, pipelineFor(plan, stages));
  const program = await engine.compile(step, 1);
  const start = Object.fromEntries(Object.entries(weights).map(([name, values]) => [`parameters/${name}`, values]));
  // The weights are those of the comparison, whatever a document begins with.
  const { initialWeights: _, vectors: __, ...drawn } = plan;
  let state = engine.state(trainState(plan), { ...freshStart(drawn).state, ...start });
  let done = 0;
  const masks = (index: number): Arrays => drawMasks(masksOf, createStreams(masksOf.seed), 1, index);
  for (const { inputs } of calls(batches, step.inputs, 1, masks)) {
    const result = await program.run(state, inputs, trainingScalars(plan, 1, done++, 1));
    state.dispose();
    state = result.state;
  }
  const read = plan.model.parameters.map(async ({ name }) => [name, await state.read(`parameters/${name}`)] as const);
  const after = Object.fromEntries(await Promise.all(read));
  state.dispose();
  program.dispose();
  return after;
}

/** All differences between two models whose weights correspond, the largest first. Tensors that only one of them has aren't compared. */
export async function compare(
  engine: Engine,
  stages: readonly Stage[],
  a: Side,
  b: Side,
  copy: Copy,
  batches: readonly Batch[],
): Promise<readonly Difference[]> {
  const [first] = batches;
  if (!first) throw new Error('there is no batch to compare on');
  const [seenA, seenB] = [await examine(engine, stages, a, first), await examine(engine, stages, b, first)];
  const expected = await copied(engine, copy, a.plan.model, gradientsIn(seenA));
  const gradients = gradientsIn(seenB);
  const [afterA, afterB] = [await trainFor(engine, stages, a, batches, a.plan), await trainFor(engine, stages, b, batches, a.plan)];
  const expectedAfter = await copied(engine, copy, a.plan.model, afterA);
  const differences: readonly Difference[] = [
    { what: 'output', name: '', size: distance(seenA['output'], seenB['output']) },
    { what: 'loss', name: '', size: distance(seenA['loss'], seenB['loss']) },
    ...Object.keys(expected).map((name): Difference => ({ what: 'gradient', name, size: distance(expected[name], gradients[name]) })),
    ...Object.keys(expectedAfter).map((name): Difference => ({
      what: 'parameter after training',
      name,
      size: distance(expectedAfter[name], afterB[name]),
    })),
  ];
  return differences.toSorted((x, y) => y.size - x.size);
}

const gradientsIn = (seen: Arrays): Arrays =>
  Object.fromEntries(Object.entries(seen).flatMap(([name, values]) => (name.startsWith('gradient/') ? [[name.slice(9), values]] : [])));

/** Infinite where shapes differ or something isn't a number. */
export function distance(a: TypedArray | undefined, b: TypedArray | undefined): number {
  if (!a || !b || a.length !== b.length) return Infinity;
  let [largest, scale] = [0, 1];
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    if (!Number.isFinite(gap)) return Infinity;
    largest = Math.max(largest, gap);
    scale = Math.max(scale, Math.abs(a[i] ?? 0));
  }
  return largest / scale;
}

const zeros = (shape: readonly number[]): Float32Array => new Float32Array(sizeOf(shape));

/** From one model's tensors to the other's: weights and gradients alike. */
export type Copy = WeightCopy['copy'];

/** The way from one model to the other that the other's stage declares. */
export function declaredCopy(stages: readonly Stage[], from: Plan, to: Plan): Copy | undefined {
  const [a, b] = [from.config.values.model, to.config.values.model];
  const declared = findStage(stages, 'model', b.kind)?.weightsFrom ?? [];
  return declared.find((way) => says(a, way.from) && says(b, way.to))?.copy;
}

const says = (model: StageConfig, wanted: WeightCopy['from']): boolean =>
  Object.entries(wanted).every(([option, value]) => model[option] === value);

/** Tensors of one name are the same tensor; undefined where only what stands before and behind the layers would be. */
export function copyByName(from: Plan, to: Plan): Copy | undefined {
  const names = to.model.parameters.map(({ name }) => name).filter((name) => from.model.parameters.some((other) => other.name === name));
  if (names.every((name) => AROUND.has(name))) return undefined;
  return (_, tensors) => Object.fromEntries(names.flatMap((name) => (tensors[name] ? [[name, tensors[name]] as const] : [])));
}

/** What a recurrent model of any kind has, so that it tells nothing of its layers. */
const AROUND: ReadonlySet<string> = new Set(['E', 'Wa', 'ba', 'va', 'Wy', 'by']);

/** Plain names on both sides. */
export async function copied(engine: Engine, copy: Copy, from: ModelSpec, arrays: Arrays): Promise<Arrays> {
  const inputs: Specs = Object.fromEntries(from.parameters.map(({ name, shape }) => [name, { shape, dtype: 'float32' }]));
  const step: Step = {
    name: 'copying weights',
    state: {},
    inputs,
    scalars: [],
    run: (tf, given, layers) => ({ state: {}, outputs: copy({ tf, layers }, given.inputs) }),
  };
  const program = await engine.compile(step, 1);
  const { state, outputs } = await program.run(engine.state({}, {}), arrays, {});
  state.dispose();
  program.dispose();
  return outputs;
}
