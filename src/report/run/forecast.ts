import { formatMeasure } from '../../diagnostics/numbers.js';
import { columnsOf, type PlainTable, toCsv } from '../kit/tables.js';

/** What a run says of the steps after the end of its data. */
export interface ForecastReport {
  readonly run: string;
  readonly experiment: string;
  /** The epoch that the weights are of. */
  readonly epoch: number;
  /** The file whose end is gone on from. */
  readonly file: string;
  readonly targets: readonly string[];
  /** By step, then by series. */
  readonly forecasts: readonly Forecast[];
  /** What an interval rests on: so many forecasts of what validates. 0 where there is none. */
  readonly residuals: number;
  /** Sentences: what was changed, why there is no interval. */
  readonly notes: readonly string[];
}

export interface Forecast {
  readonly series?: string;
  readonly time: string;
  /** Steps after the end, from 1. */
  readonly step: number;
  /** One a target, in the unit of the file. */
  readonly values: readonly ForecastValue[];
}

export interface ForecastValue {
  readonly value: number;
  /** By share in percent: half the width of the interval around the value. A share is left out where there are too few residuals for it. */
  readonly reach: { readonly [S in Share]?: number };
}

type Share = (typeof SHARES)[number];
/** In percent. */
export const SHARES = [80, 95] as const;

const intervalOf = ({ value, reach }: ForecastValue, share: Share): readonly [low: number, high: number] | undefined => {
  const half = reach[share];
  return half === undefined ? undefined : [value - half, value + half];
};

/** The object that `retable forecast --json` prints; `null` where there is no interval. */
export function forecastToJson({ run, experiment, epoch, file, targets, forecasts, residuals, notes }: ForecastReport) {
  return {
    version: 1,
    run,
    experiment,
    epoch,
    file,
    forecasts: forecasts.map(({ values, ...when }) => ({
      ...when,
      targets: Object.fromEntries(
        values.map((value, index) => [
          targets[index] ?? '',
          {
            forecast: value.value,
            ...Object.fromEntries(SHARES.map((share) => [`interval_${share}`, intervalOf(value, share) ?? null])),
          },
        ]),
      ),
    })),
    residuals,
    notes,
  };
}

/** A row for each step and series, all digits. */
export function forecastToCsv({ targets, forecasts }: ForecastReport): string {
  const hasSeries = forecasts.some(({ series }) => series !== undefined);
  const heading = targets.flatMap((target) => [
    target,
    ...SHARES.flatMap((share) => [`${target}_low_${share}`, `${target}_high_${share}`]),
  ]);
  const rows = forecasts.map(({ series, time, step, values }) => [
    ...(hasSeries ? [series] : []),
    time,
    step,
    ...values.flatMap((value) => [value.value, ...SHARES.flatMap((share) => [...(intervalOf(value, share) ?? [undefined, undefined])])]),
  ]);
  return `${toCsv([[...(hasSeries ? ['series'] : []), 'time', 'step', ...heading], ...rows])}\n`;
}

/** For a terminal: a share that no row has an interval of has no column. */
export function forecastTable({ targets, forecasts }: ForecastReport): PlainTable {
  const hasSeries = forecasts.some(({ series }) => series !== undefined);
  const shares = SHARES.filter((share) => forecasts.some(({ values }) => values.some(({ reach }) => reach[share] !== undefined)));
  const text = (value: number): string => formatMeasure(value, 4);
  return {
    columns: columnsOf(
      ...(hasSeries ? ['series'] : []),
      'time',
      ...targets.flatMap((target) => [`>${target}`, ...shares.map((share) => `>${share} %`)]),
    ),
    rows: forecasts.map(({ series, time, values }) => [
      ...(hasSeries ? [series ?? ''] : []),
      time,
      ...values.flatMap((value) => [
        text(value.value),
        ...shares.map((share) => {
          const [low, high] = intervalOf(value, share) ?? [];
          return low === undefined || high === undefined ? '' : `${text(low)} to ${text(high)}`;
        }),
      ]),
    ]),
  };
}
