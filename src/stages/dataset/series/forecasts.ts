import { mean } from '../../../statistics/means.js';

/** A naive forecast of one target: its value `ahead` steps (from 1) after an origin, from what is known at the origin. */
export type Naive = (values: Float64Array, origin: number, ahead: number) => number;

/**
 * Forecasts that need no learning, by name:
 *
 *     persistence       y[o]
 *     seasonal_naive    y[o + h - m k], the newest of that season that is known: k = ceil(h / m); where there is a season m
 *     drift             y[o] + h d, d the mean step over training data
 *     mean              the mean over training data
 *
 * `trained` are the training values of each series of the target.
 */
export function naiveForecasts(trained: readonly Float64Array[], season: number): Readonly<Record<string, Naive>> {
  const known = trained.map((values) => values.filter((value) => !Number.isNaN(value)));
  const all = known.flatMap((values) => [...values]);
  const level = mean(all);
  const steps = known.reduce((total, { length }) => total + Math.max(0, length - 1), 0);
  const drift = known.reduce((total, values) => total + ((values.at(-1) ?? 0) - (values[0] ?? 0)), 0) / Math.max(1, steps);
  const at = (values: Float64Array, index: number): number => values[Math.max(0, index)] ?? Number.NaN;
  return {
    mean: () => level,
    drift: (values, origin, ahead) => at(values, origin) + ahead * drift,
    persistence: (values, origin) => at(values, origin),
    ...(season > 1 && { seasonal_naive: (values, origin, ahead) => at(values, origin + ahead - season * Math.ceil(ahead / season)) }),
  };
}

/** Mean of |y[t] - y[t - season]| over the training values of a target; what a scaled error divides by. */
export function naiveError(trained: readonly Float64Array[], season: number): number {
  const changes = trained.flatMap((values) =>
    Array.from(values.subarray(Math.min(season, values.length)), (value, at) => Math.abs(value - (values[at] ?? Number.NaN))),
  );
  return mean(changes.filter((change) => !Number.isNaN(change)));
}
