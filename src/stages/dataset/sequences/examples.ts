import type { Batch, Numbers, SplitSpec } from '../../stage.js';
import type { Sequence } from './gather.js';
import type { Options } from './options.js';
import { type Scales, scaled } from './standardize.js';

/** A sequence as a model sees it. */
interface Example {
  readonly length: number;
  /** `[length, features]` */
  readonly input: Float32Array;
  readonly target: Numbers;
}

export function toExample(
  { length, features, targets }: Sequence,
  { task }: Options,
  classes: readonly string[],
  scales?: Scales,
): Example {
  return {
    length,
    input: Float32Array.from(scales ? scaled(features, scales) : features),
    target:
      task === 'classification' ? Int32Array.from(targets, (name) => classes.indexOf(String(name))) : Float32Array.from(targets, Number),
  };
}

/** A batch, filled up with zeros: short sequences at their end, missing ones whole. */
export function fill(chosen: readonly Example[], { batchSize, input: of, target: to, masked }: SplitSpec): Batch {
  const [time = 1, width = 1] = of.shape;
  const answers = to.axes.includes('time') ? time : 1;
  const input = new Float32Array(batchSize * time * width);
  const target = to.dtype === 'int32' ? new Int32Array(batchSize * answers) : new Float32Array(batchSize * answers);
  const mask = new Float32Array(batchSize * time);
  for (const [row, example] of chosen.entries()) {
    input.set(example.input, row * time * width);
    target.set(example.target, row * answers);
    mask.fill(1, row * time, row * time + example.length);
  }
  return { input, target, weight: new Float32Array(batchSize).fill(1, 0, chosen.length), ...(masked ? { mask } : {}) };
}
