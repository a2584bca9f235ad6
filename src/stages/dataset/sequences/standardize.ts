import type { Sequence } from './gather.js';

/** Brings `[length, features]` to mean 0 and standard deviation 1, feature by feature, as it was over the sequences that it was fitted on. */
export type Scaler = (features: Float64Array) => Float64Array;

/** Each real step counts alike. A feature that never changes is only moved to 0. */
export function fitScaler(trained: readonly Sequence[], width: number): Scaler {
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
  return (features) => features.map((x, i) => (x - (mean[i % width] ?? 0)) / (deviation[i % width] ?? 1));
}

/** Of a mean in double, with room to spare. */
const ROUNDING = 1e-12;
