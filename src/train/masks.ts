import type { Arrays } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Streams } from '../random/streams.js';
import { splitOf } from './signature.js';

/** The dropout masks of one step, `[batch, ...]`: 0 with probability `rate`, else 1 / (1 - rate), from the stream `masks/NAME`. */
export function drawMasks(plan: Plan, streams: Streams, epoch: number, index: number): Arrays {
  const { batchSize } = splitOf(plan, 'train');
  return Object.fromEntries(
    plan.model.masks.map(({ name, shape, rate }) => {
      const stream = streams.stream(`masks/${name}`, epoch, index);
      const mask = new Float32Array(shape.reduce((product, axis) => product * axis, batchSize));
      for (let at = 0; at < mask.length; at++) mask[at] = stream.uniform() < rate ? 0 : 1 / (1 - rate);
      return [`masks/${name}`, mask];
    }),
  );
}
