import type { Batch, Fitted, Numbers, SplitSpec } from '../../stage.js';
import type { Sequence } from './gather.js';
import type { Options } from './options.js';

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

/** By feature: what is subtracted from it, and what the rest is divided by. */
export type Scales = Required<Pick<Fitted, 'means' | 'deviations'>>;

/**
 * Mean and standard deviation of each feature over the steps that train, each real step counting alike. A feature that never changes has the
 * deviation 1, so that it is only moved to 0.
 */
export function fitScales(trained: readonly Sequence[], width: number): Scales {
  const steps = trained.reduce((total, { length }) => total + length, 0);
  const meanOf = (value: (x: number, feature: number) => number): Float64Array => {
    const sums = new Float64Array(width);
    for (const { features } of trained) {
      for (let i = 0; i < features.length; i++) sums[i % width] = (sums[i % width] ?? 0) + value(features[i] ?? 0, i % width);
    }
    return sums.map((sum) => sum / steps);
  };
  const mean = meanOf((x) => x);
  const deviation = meanOf((x, feature) => (x - (mean[feature] ?? 0)) ** 2).map((variance, feature) => {
    const changes = Math.sqrt(variance) > ROUNDING * Math.abs(mean[feature] ?? 0);
    return changes ? Math.sqrt(variance) : 1;
  });
  return { means: [...mean], deviations: [...deviation] };
}

/** Of a mean in double, with room to spare. */
const ROUNDING = 1e-12;

/** Scales of the run that weights come from, for every feature that it knows; features without names are told apart by their place. */
export function inheritScales(own: Scales, names: readonly string[], { features, means, deviations }: Fitted): Scales {
  const places = names.map((name, at) => (features ? features.indexOf(name) : at));
  const taken = (theirs: readonly number[] | undefined, ours: readonly number[]): readonly number[] =>
    ours.map((value, at) => theirs?.[places[at] ?? -1] ?? value);
  return { means: taken(means, own.means), deviations: taken(deviations, own.deviations) };
}

/** `(x - mean) / deviation` of `[length, features]`, feature by feature. */
function scaled(features: Float64Array, { means, deviations }: Scales): Float64Array {
  const width = means.length;
  return features.map((x, i) => (x - (means[i % width] ?? 0)) / (deviations[i % width] ?? 1));
}
