import type { Plan } from '../planning/plan.js';
import { drawParameter } from '../random/initialize.js';
import { createStreams } from '../random/streams.js';
import { trainState } from './signature.js';
import type { Snapshot } from './train.js';

/** Before the first epoch: parameters drawn from the seed's streams, everything else zero. */
export function freshStart(plan: Plan): Snapshot {
  const streams = createStreams(plan.seed);
  const zeros = Object.entries(trainState(plan)).map(
    ([name, { shape }]) => [name, new Float32Array(shape.reduce((product, axis) => product * axis, 1))] as const,
  );
  const drawn = plan.model.parameters.map((parameter) => [`parameters/${parameter.name}`, drawParameter(parameter, streams)] as const);
  return { epoch: 0, state: Object.fromEntries([...zeros, ...drawn]) };
}
