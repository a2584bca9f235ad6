import { mean } from '../../../statistics/means.js';
import type { DataSpec, Fitted } from '../../stage.js';
import { HOST } from '../../transform/arithmetic.js';
import type { Options } from './options.js';
import type { Part, Windows } from './parts.js';
import type { SeriesContent } from './read.js';
import type { Step } from './time.js';

/** A naive forecast of one target: its value `ahead` steps (from 1) after an origin, from what is known at the origin. */
type Naive = (values: Float64Array, origin: number, ahead: number) => number;

/** What a naive forecast takes from the training values of a target, beside the season. */
interface Level {
  readonly mean: number;
  /** The mean change from one step to the next. */
  readonly drift: number;
}

/** `trained` are the training values of each series of a target. */
export function levelOf(trained: readonly Float64Array[]): Level {
  const known = trained.map((values) => values.filter((value) => !Number.isNaN(value)));
  const steps = known.reduce((total, { length }) => total + Math.max(0, length - 1), 0);
  const change = known.reduce((total, values) => total + ((values.at(-1) ?? 0) - (values[0] ?? 0)), 0);
  return { mean: mean(known.reduce(HOST.join, new Float64Array())), drift: change / Math.max(1, steps) };
}

/**
 * Forecasts that need no learning, by name:
 *
 *     persistence       y[o]
 *     seasonal_naive    y[o + h - m k], the newest of that season that is known: k = ceil(h / m); where there is a season m
 *     drift             y[o] + h d, d the mean step over training data
 *     mean              the mean over training data
 *     mean_of_last_k    the mean of y[o - k + 1] to y[o], as far as they are known; where a document asks for k
 */
function naiveForecasts({ mean: level, drift }: Level, season: number, last: number | undefined): Readonly<Record<string, Naive>> {
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

/** What a run keeps of its series besides what every dataset may. */
export interface Kept {
  /** Steps; 1 where there is none. */
  readonly season: number;
  /** When validation and test begin. */
  readonly starts?: Readonly<Record<string, string>>;
  /** The first and the last moment that train. */
  readonly trained?: { readonly from: string; readonly to: string };
  readonly step?: Step;
  /** By target. */
  readonly levels?: Readonly<Record<string, Level>>;
}

export const keptOf = ({ own }: Fitted): Kept => ({ season: 1, ...(own as Partial<Kept> | undefined) });

/** Mean of |y[t] - y[t - season]| over the training values of a target; what a scaled error divides by. */
export function naiveError(trained: readonly Float64Array[], season: number): number {
  const changes = trained.map((values) =>
    values.subarray(Math.min(season, values.length)).map((value, at) => Math.abs(value - (values[at] ?? Number.NaN))),
  );
  return mean(changes.reduce(HOST.join, new Float64Array()).filter((change) => !Number.isNaN(change)));
}

/** Each number of a forecast: its target, its step ahead from 1, its place in the answer. */
export function eachOutput({ horizon, targets }: Options, see: (target: string, ahead: number, at: number) => void): void {
  for (let ahead = 1; ahead <= horizon; ahead++)
    for (const [index, target] of targets.entries()) see(target, ahead, (ahead - 1) * targets.length + index);
}

/** By target and name. A run that was trained before its level was kept has none of them. */
export const forecastsOf = (
  { targets, mean_of_last: last }: Options,
  fitted: Fitted,
): Readonly<Record<string, Readonly<Record<string, Naive>>>> => {
  const { season, levels } = keptOf(fitted);
  return Object.fromEntries(
    targets.flatMap((target) => {
      const level = levels?.[target];
      return level ? [[target, naiveForecasts(level, season, last)]] : [];
    }),
  );
};

/** Errors of the naive forecasts on what doesn't train, in the unit of the file and over every window, the worst first. */
export function naiveLevels(
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
  parts: readonly Part[],
  windows: ReadonlyMap<string, Windows>,
): NonNullable<DataSpec['baselines']> {
  const forecasts = forecastsOf(options, fitted);
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
