import type { Arrays } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { drawParameter } from '../random/initialize.js';
import { createStreams } from '../random/streams.js';
import type { Files, ModelSpec } from '../stages/stage.js';
import { decodeSafetensors } from './safetensors.js';
import { trainState, weightArrays } from './signature.js';
import type { Snapshot } from './train.js';

/** Before the first epoch: parameters drawn from the seed's streams or read from the file that the plan names, everything else zero. */
export function freshStart(plan: Plan, files?: Files): Snapshot {
  const zeros = Object.entries(trainState(plan)).map(
    ([name, { shape }]) => [name, new Float32Array(shape.reduce((product, axis) => product * axis, 1))] as const,
  );
  return { epoch: 0, state: { ...Object.fromEntries(zeros), ...(plan.initialWeights ? givenWeights(plan, files) : drawnWeights(plan)) } };
}

function drawnWeights({ model, seed }: Plan): Arrays {
  const streams = createStreams(seed);
  return Object.fromEntries(model.parameters.map((parameter) => [`parameters/${parameter.name}`, drawParameter(parameter, streams)]));
}

/** Planning has seen that they fit. */
function givenWeights({ initialWeights }: Plan, files: Files | undefined): Arrays {
  if (!initialWeights || !files) throw new Error('weights are given in a file, and there are no files');
  return weightArrays(decodeSafetensors(files.read(initialWeights.file)));
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
      const values = new Float32Array(shape.reduce((size, axis) => size * axis, 1));
      return [name, values.map(() => spread * stream.normal())] as const;
    }),
  );
}
