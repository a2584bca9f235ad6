import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { registerGradients } from '../../src/engine/gradients.js';
import type { Problem } from '../../src/diagnostics/diagnostic.js';
import { drawParameter } from '../../src/random/initialize.js';
import { createStreams } from '../../src/random/streams.js';
import type { ObjectSchema, Static } from '../../src/language/type.js';
import type {
  Data,
  Files,
  Loss,
  Metric,
  Model,
  ModelSpec,
  Report,
  Shape,
  Stage,
  Tensors,
  Tools,
  UsedTransform,
} from '../../src/stages/stage.js';

export { tf };
export const tools: Tools = { tf, layers };
await tf.setBackend('cpu');
registerGradients(tf);

export const volume = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** A plan's report that allows no problem. */
export function noProblem(problem: Problem): void {
  throw new Error(`${problem.path.join('.')}: ${problem.message}`);
}

/** The problems that a plan reports. */
export function problemsOf(plan: (report: (problem: Problem) => void) => unknown): readonly Problem[] {
  const problems: Problem[] = [];
  plan((problem) => problems.push(problem));
  return problems;
}

export interface DataShape {
  readonly input: Shape;
  readonly target: Shape;
  /** Indices in place of numbers: into this many answers, and as many tokens where these aren't said. */
  readonly classes?: number;
  readonly tokens?: number;
}

/** What a dataset of these shapes would say of itself. */
export function dataOf({ input, target, classes, tokens = classes }: DataShape): Data {
  const dtype = classes === undefined ? 'float32' : 'int32';
  const axes = (shape: Shape, ...names: string[]): string[] => shape.map((_, i) => names[i] ?? 'outputs');
  return {
    splits: {
      train: {
        examples: 1,
        batches: 1,
        batchSize: 1,
        inputs: { input: { shape: input, axes: axes(input, 'time', 'features'), dtype, ...(tokens === undefined ? {} : { tokens }) } },
        target: { shape: target, axes: target.length === input.length ? axes(target, 'time') : axes(target), dtype },
      },
    },
    ...(classes === undefined ? {} : { classes }),
    chance: {},
    fitted: {},
    digest: '',
    facts: [],
  };
}

/** A dataset as planning prepares it: what it is made from, and what it says of itself. */
export function dataBy<O extends ObjectSchema>(
  stage: Stage<'dataset', O>,
  options: Static<O>,
  {
    files,
    seed = 1,
    batchSize = 1,
    shuffle = false,
    transforms = [],
    fold,
  }: { files: Files; seed?: number; batchSize?: number; shuffle?: boolean; transforms?: readonly UsedTransform[]; fold?: number },
  report: Report = noProblem,
) {
  const tools = { files, streams: createStreams(seed) };
  const facts = stage.look?.(options, tools);
  if (!facts) throw new Error(`${stage.kind} has nothing to look at`);
  const request = { batchSize, shuffle, ...(fold !== undefined && { fold }) };
  const fitted = stage.fit?.(options, { facts, transforms, request }) ?? {};
  const upstream = { facts, fitted, transforms, request };
  const planned = stage.plan(options, upstream, report);
  const data: Data = { ...planned, fitted: upstream.fitted, digest: facts.digest, facts: [...facts.facts, ...(planned.facts ?? [])] };
  return { facts, upstream, data, dataset: () => stage.create({ ...upstream, ...tools }, options, planned, upstream) };
}

/** What a loss or a metric adds up over a batch. */
export function summedBy(made: Loss | Metric): (output: tf.Tensor, target: tf.Tensor, weight: tf.Tensor) => Tensors {
  if (made.score) return (...given) => ({ ...made.score(...given) });
  if (made.accumulate) return made.accumulate;
  throw new Error('it adds nothing up');
}

const stream = (name: string, seed = 1) => createStreams(seed).stream(name);

/** Numbers between -1 and 1, the same ones whenever asked. */
export function someNumbers(name: string, shape: Shape): tf.Tensor {
  const { uniform } = stream(name);
  return tf.tensor(
    Float32Array.from({ length: volume(shape) }, () => 2 * uniform() - 1),
    [...shape],
  );
}

export function someIndices(name: string, shape: Shape, classes: number): tf.Tensor {
  const { integer } = stream(name);
  return tf.tensor(
    Int32Array.from({ length: volume(shape) }, () => integer(classes)),
    [...shape],
    'int32',
  );
}

export const someBits = (name: string, shape: Shape): tf.Tensor => tf.cast(someIndices(name, shape, 2), 'float32');

export const drawParameters = (spec: ModelSpec, seed = 1): Tensors =>
  Object.fromEntries(spec.parameters.map((p) => [p.name, tf.tensor(drawParameter(p, createStreams(seed)), [...p.shape])]));

export const zeroState = (spec: ModelSpec, batch: number): Tensors =>
  Object.fromEntries(Object.entries(spec.state).map(([name, shape]) => [name, tf.zeros([batch, ...shape])]));

export function forward(model: Model, parameters: Tensors, state: Tensors, input: tf.Tensor) {
  return model.forward({ parameters, buffers: {}, state }, { input }, { mode: 'train', masks: {} });
}

/** Gradients of a scalar by every parameter. */
export function gradientsOf(parameters: Tensors, scalar: (parameters: Tensors) => tf.Tensor): { value: number; gradients: Tensors } {
  const names = Object.keys(parameters);
  const named = (tensors: readonly tf.Tensor[]): Tensors => Object.fromEntries(tensors.map((tensor, i) => [names[i] ?? '', tensor]));
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => tf.reshape(scalar(named(tensors)), []))(Object.values(parameters));
  return { value: numbers(value)[0] ?? Number.NaN, gradients: named(grads) };
}

export const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** The largest absolute difference between two tensors' numbers. */
export const difference = (a: tf.Tensor, b: tf.Tensor): number => Math.max(...numbers(tf.abs(tf.sub(a, b))), 0);

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
