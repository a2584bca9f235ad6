import { withoutMissing } from './columns.js';
import { mean } from '../../../statistics/means.js';
import { ERRORS } from '../../metric/errors.js';
import type { DataSpec, Fitted } from '../../stage.js';
import { joined } from '../../transform/arithmetic.js';
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
  const known = trained.map(withoutMissing);
  const steps = known.reduce((total, { length }) => total + Math.max(0, length - 1), 0);
  const change = known.reduce((total, values) => total + ((values.at(-1) ?? 0) - (values[0] ?? 0)), 0);
  return { mean: mean(joined(known)), drift: change / Math.max(1, steps) };
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
  return mean(joined(changes).filter((change) => !Number.isNaN(change)));
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

/**
 * What the naive forecasts reach by the metrics that a forecast is usually measured by, in the unit of the file and over every window, the worst first.
 * Left out is what is no number, as a percentage of a truth that is 0.
 */
export function naiveLevels(
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
  parts: readonly Part[],
  windows: ReadonlyMap<string, Windows>,
): NonNullable<DataSpec['baselines']> {
  const forecasts = forecastsOf(options, fitted);
  const names = Object.keys(forecasts[options.targets[0] ?? ''] ?? {});
  const levels: Record<string, Readonly<Record<string, number>>> = {};
  for (const { split } of parts) {
    const cut = windows.get(split);
    if (!cut || cut.origins.length === 0) continue;
    const measured = names.map((name) => {
      const naive = options.targets.map((target) => forecasts[target]?.[name] ?? (() => Number.NaN));
      return [name, measure(naive, options, content, fitted, cut)] as const;
    });
    for (const kind of KINDS) {
      const numbers = measured.flatMap(([name, found]) => (Number.isFinite(found[kind]) ? [[name, found[kind]] as const] : []));
      const isWorse = kind === 'r2' ? 1 : -1;
      if (numbers.length > 0) levels[`${split}/${kind}`] = Object.fromEntries(numbers.toSorted((a, b) => isWorse * (a[1] - b[1])));
    }
  }
  return levels;
}

const KINDS = [
  'mean_absolute_error',
  'root_mean_squared_error',
  'mean_absolute_percentage_error',
  'symmetric_mean_absolute_percentage_error',
  'mean_absolute_scaled_error',
  'r2',
] as const;

/** One forecast of each target, by every kind of metric. */
function measure(
  naive: readonly Naive[],
  { targets, horizon }: Options,
  { all }: SeriesContent,
  { naiveErrors = {} }: Fitted,
  { series: of, origins }: Windows,
): Readonly<Record<(typeof KINDS)[number], number>> {
  let [absolute, squared, percentage, symmetric, scaled, parts] = [0, 0, 0, 0, 0, 0];
  for (const [index, target] of targets.entries()) {
    const forecast = naive[index] ?? (() => Number.NaN);
    const scale = naiveErrors[target] ?? Number.NaN;
    for (let ahead = 1; ahead <= horizon; ahead++) {
      // Of the truth less the first one, so that little is lost in the difference of squares.
      let [first, sum, squares, errors] = [Number.NaN, 0, 0, 0];
      for (const [window, origin] of origins.entries()) {
        const values = all[of[window] ?? 0]?.columns[target] ?? new Float64Array();
        const [y, f] = [values[origin + ahead] ?? Number.NaN, forecast(values, origin, ahead)];
        if (window === 0) first = y;
        absolute += ERRORS.mean_absolute_error(y, f);
        errors += ERRORS.root_mean_squared_error(y, f);
        percentage += ERRORS.mean_absolute_percentage_error(y, f);
        symmetric += ERRORS.symmetric_mean_absolute_percentage_error(y, f);
        scaled += ERRORS.mean_absolute_error(y, f) / scale;
        sum += y - first;
        squares += (y - first) ** 2;
      }
      squared += errors;
      parts += 1 - errors / (squares - sum ** 2 / origins.length);
    }
  }
  const count = origins.length * targets.length * horizon;
  return {
    mean_absolute_error: absolute / count,
    root_mean_squared_error: Math.sqrt(squared / count),
    mean_absolute_percentage_error: percentage / count,
    symmetric_mean_absolute_percentage_error: symmetric / count,
    mean_absolute_scaled_error: scaled / count,
    r2: origins.length < 2 ? Number.NaN : parts / (targets.length * horizon),
  };
}
