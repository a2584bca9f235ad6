import { formatMeasure } from '../../diagnostics/numbers.js';
import { type ForecastReport, type ForecastValue, type Share, SHARES } from '../../run/forecast-report.js';
import { columnsOf, type PlainTable } from '../kit/tables.js';
import { toCsv } from '../../formats/csv.js';

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
