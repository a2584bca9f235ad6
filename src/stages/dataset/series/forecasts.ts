import { mean } from '../../../statistics/means.js';
import type { DataSpec, Fitted } from '../../stage.js';
import { valuesIn } from './columns.js';
import type { Options } from './options.js';
import type { Part, Windows } from './parts.js';
import type { SeriesContent } from './read.js';

/** A naive forecast of one target: its value `ahead` steps (from 1) after an origin, from what is known at the origin. */
type Naive = (values: Float64Array, origin: number, ahead: number) => number;

/**
 * Forecasts that need no learning, by name:
 *
 *     persistence       y[o]
 *     seasonal_naive    y[o + h - m k], the newest of that season that is known: k = ceil(h / m); where there is a season m
 *     drift             y[o] + h d, d the mean step over training data
 *     mean              the mean over training data
 *     mean_of_last_k    the mean of y[o - k + 1] to y[o], as far as they are known; where a document asks for k
 *
 * `trained` are the training values of each series of the target.
 */
function naiveForecasts(trained: readonly Float64Array[], season: number, last: number | undefined): Readonly<Record<string, Naive>> {
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
    ...(last !== undefined && { [`mean_of_last_${last}`]: (values, origin) => meanBefore(values, origin + 1, last) }),
  };
}

/** Of the values before a step that are known, at most so many. */
function meanBefore(values: Float64Array, end: number, count: number): number {
  let [sum, known] = [0, 0];
  for (let at = Math.max(0, end - count); at < end; at++) {
    const value = values[at] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  return sum / known;
}

/** Mean of |y[t] - y[t - season]| over the training values of a target; what a scaled error divides by. */
export function naiveError(trained: readonly Float64Array[], season: number): number {
  const changes = trained.flatMap((values) =>
    Array.from(values.subarray(Math.min(season, values.length)), (value, at) => Math.abs(value - (values[at] ?? Number.NaN))),
  );
  return mean(changes.filter((change) => !Number.isNaN(change)));
}

/** Each number of a forecast: its target, its step ahead from 1, its place in the answer. */
export function eachOutput({ horizon, targets }: Options, see: (target: string, ahead: number, at: number) => void): void {
  for (let ahead = 1; ahead <= horizon; ahead++)
    for (const [index, target] of targets.entries()) see(target, ahead, (ahead - 1) * targets.length + index);
}

export const forecastsOf = (
  options: Options,
  content: SeriesContent,
  { own }: Fitted,
  train: Part,
): Readonly<Record<string, Readonly<Record<string, Naive>>>> =>
  Object.fromEntries(
    options.targets.map((target) => [
      target,
      naiveForecasts(valuesIn(content, target, train), Number(own?.['season'] ?? 1), options.mean_of_last),
    ]),
  );

/** Errors of the naive forecasts on what doesn't train, in the unit of the file and over every window, the worst first. */
export function naiveLevels(
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
  parts: readonly Part[],
  windows: ReadonlyMap<string, Windows>,
): NonNullable<DataSpec['baselines']> {
  const [train] = parts;
  if (!train) return {};
  const forecasts = forecastsOf(options, content, fitted, train);
  const names = Object.keys(forecasts[options.targets[0] ?? ''] ?? {});
  const levels: Record<string, Record<string, number>> = {};
  for (const { split } of parts) {
    const { series: of, origins } = windows.get(split) ?? { series: new Int32Array(), origins: new Int32Array() };
    if (origins.length === 0) continue;
    const errors = names.map((name) => {
      let [absolute, squared, count] = [0, 0, 0];
      for (const [window, origin] of origins.entries()) {
        const each = content.all[of[window] ?? 0];
        eachOutput(options, (target, ahead) => {
          const values = each?.columns[target] ?? new Float64Array();
          const error = (values[origin + ahead] ?? Number.NaN) - (forecasts[target]?.[name]?.(values, origin, ahead) ?? Number.NaN);
          absolute += Math.abs(error);
          squared += error * error;
          count += 1;
        });
      }
      return { name, absolute: absolute / count, squared: Math.sqrt(squared / count) };
    });
    const by = (of: 'absolute' | 'squared') =>
      Object.fromEntries(errors.toSorted((a, b) => b[of] - a[of]).map((error) => [error.name, error[of]]));
    levels[`${split}/mean_absolute_error`] = by('absolute');
    levels[`${split}/root_mean_squared_error`] = by('squared');
  }
  return levels;
}
