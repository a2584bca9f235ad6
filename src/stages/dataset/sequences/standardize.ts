import type { Fitted } from '../../stage.js';
import type { Sequence } from './gather.js';

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
export function scaled(features: Float64Array, { means, deviations }: Scales): Float64Array {
  const width = means.length;
  return features.map((x, i) => (x - (means[i % width] ?? 0)) / (deviations[i % width] ?? 1));
}
