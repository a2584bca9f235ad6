import type { Arrays } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { drawParameter } from '../random/initialize.js';
import { createStreams } from '../random/streams.js';
import { vectorsIn } from '../planning/word-vectors.js';
import { matched, placesOf, weightSpecs } from '../planning/match-weights.js';
import { parsePreprocessing } from '../planning/preprocessing.js';
import type { Files, ModelSpec } from '../stages/stage.js';
import { trainState, weightArrays } from './signature.js';
import { decodeWeights } from './weights-file.js';
import type { Trained } from './session.js';
import { sizeOf } from '../stages/tensors.js';

/** Before the first epoch: parameters drawn from the seed's streams or read from the files that the plan names, everything else zero. */
export function freshStart(plan: Plan, files?: Files): Trained {
  return { epoch: 0, state: { ...zeroState(plan), ...(plan.initialWeights ? givenWeights(plan, files) : drawnWeights(plan, files)) } };
}

/** All that training holds, at zero. */
export const zeroState = (plan: Plan): Arrays =>
  Object.fromEntries(Object.entries(trainState(plan)).map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]));

function drawnWeights({ model, seed, data, vectors = [] }: Plan, files: Files | undefined): Arrays {
  const streams = createStreams(seed);
  const drawn = new Map(model.parameters.map((parameter) => [parameter.name, drawParameter(parameter, streams)]));
  for (const { parameter, file } of vectors) {
    if (!files) throw new Error('vectors of words are given in a file, and there are no files');
    const { vocabulary = [] } = data.fitted;
    const { size, found } = vectorsIn(files.read(file), vocabulary);
    for (const [row, token] of vocabulary.entries()) drawn.get(parameter)?.set(found.get(token) ?? [], row * size);
  }
  return Object.fromEntries(Array.from(drawn, ([name, values]) => [`parameters/${name}`, values]));
}

/** By name, as planning has seen that they fit; what the file doesn't know begins as it is drawn, or at zero. */
function givenWeights(plan: Plan, files: Files | undefined): Arrays {
  if (!plan.initialWeights || !files) throw new Error('weights are given in a file, and there are no files');
  const { tensors, preprocessing } = decodeWeights(files.read(plan.initialWeights.file));
  const places = placesOf(plan.data.fitted, parsePreprocessing(preprocessing) ?? {});
  const drawn = drawnWeights(plan, files);
  const taken = weightSpecs(plan.model).flatMap((spec) => {
    const given = tensors[spec.name];
    const start = drawn[`parameters/${spec.name}`] ?? new Float32Array(sizeOf(spec.shape));
    if (!(start instanceof Float32Array)) throw new Error(`${spec.name} is no float32`);
    return given ? [[spec.name, { values: matched(spec, places, given.values, start) }] as const] : [];
  });
  return weightArrays(Object.fromEntries(taken));
}

/**
 * Weights in which no difference hides: matrices of unit gain, so that gates open and close and nothing saturates or runs away, and biases
 * that aren't zero. From streams of their own.
 */
export function tellingWeights({ parameters }: ModelSpec, seed: number): Arrays {
  const streams = createStreams(seed);
  return Object.fromEntries(
    parameters.map(({ name, shape }) => {
      const stream = streams.stream(`same/${name}`);
      const spread = shape.length > 1 ? 1 / Math.sqrt(shape[0] ?? 1) : 0.5;
      const values = new Float32Array(sizeOf(shape));
      for (let i = 0; i < values.length; i++) values[i] = spread * stream.normal();
      return [name, values] as const;
    }),
  );
}
