import { formatMeasure, formatSetting, plural } from '../diagnostics/numbers.js';
import { listed } from '../diagnostics/words.js';
import type { Plan } from '../planning/plan.js';
import { roleOf } from '../planning/recorded.js';
import { absoluteResiduals } from '../stages/metric/cells.js';
import { type Collected, type RowName, VALIDATION } from '../stages/stage.js';
import { histogramOf } from '../statistics/histogram.js';
import { mean, standardDeviation } from '../statistics/means.js';
import type { SeriesView, View } from '../views/view.js';
import { notesOnIntervals, reachOf } from './intervals.js';
import type { NaiveAnswer } from './prediction-report.js';

/** All forecasts of a split, in the order of time, and what they are compared with. */
export interface SplitForecasts {
  readonly split: string;
  readonly collected: Collected;
  readonly rows: readonly RowName[];
  readonly naive: NaiveAnswer | undefined;
}

/** Points of a picture: with more, neighbours can't be told apart. */
const WIDEST = 300;
/** Targets that are drawn. */
const MOST_TARGETS = 3;

/**
 * What forecasts of a split look like, by the name of each picture: truth, forecast, the best naive one and the interval; of a split that tests also the
 * farthest step ahead, and the errors over time and how they are spread. `validating` are the forecasts that an interval rests on.
 */
export function forecastViews(
  plan: Plan,
  forecasts: SplitForecasts,
  validating: Collected | undefined,
): readonly { readonly name: string; readonly view: View }[] {
  const { steps, names } = plan.data.outputs ?? { steps: 1, names: [] };
  const { split, rows } = forecasts;
  if (rows.length < 2) return [];
  const residuals = validating && split !== VALIDATION ? absoluteResiduals(validating) : [];
  const tests = roleOf(plan.data, `${split}/`) === 'test';
  const farthest = tests && steps > 1 ? [steps] : [];
  return names.slice(0, MOST_TARGETS).flatMap((target, index) => {
    const columnOf = (step: number): Column => ({ step, target, at: (step - 1) * names.length + index, outputs: steps * names.length });
    const suffix = names.length === 1 ? '' : `_${fileWord(target) || index + 1}`;
    const drawn = [1, ...farthest].map((step) => ({
      name: `forecast${suffix}${step === 1 ? '' : `_${step}_ahead`}`,
      view: forecastView(plan, forecasts, columnOf(step), residuals[columnOf(step).at] ?? []),
    }));
    return [...drawn, ...(tests ? errorViews(plan, forecasts, columnOf(1), suffix) : [])];
  });
}

/** One number of each forecast: a target at a step ahead, from 1. */
interface Column {
  readonly target: string;
  readonly step: number;
  /** Place of the number among the outputs of a forecast. */
  readonly at: number;
  readonly outputs: number;
}

/** What stands in the name of a file. */
const fileWord = (target: string): string => target.replaceAll(/[^\p{L}\p{N}-]+/gu, '_').replaceAll(/^_|_$/g, '');

const valuesOf = (of: ArrayLike<number>, { at, outputs }: Column, rows: readonly number[]): number[] =>
  rows.map((row) => of[row * outputs + at] ?? Number.NaN);

/** The rows that a picture shows: the last ones of the first series. */
function shownRows({ rows }: SplitForecasts): { readonly shown: readonly number[]; readonly told: readonly string[] } {
  const ofFirst = rows.flatMap(({ series }, row) => (series === rows[0]?.series ? [row] : []));
  const series = new Set(rows.map((row) => row.series)).size;
  return {
    shown: ofFirst.slice(-WIDEST),
    told: [
      ...(series > 1 ? [`the first of ${series} series`] : []),
      ...(ofFirst.length > WIDEST ? [`the last ${WIDEST} of ${plural(ofFirst.length, 'forecast')}`] : []),
    ],
  };
}

/** `Passengers`, `load of north` */
const measureOf = ({ rows }: SplitForecasts, { target }: Column): string =>
  rows[0]?.series === undefined ? target : `${target} of ${rows[0].series}`;

const aheadOf = ({ data }: Plan, { step }: Column): readonly string[] =>
  (data.outputs?.steps ?? 1) > 1 ? [`${plural(step, 'step')} ahead`] : [];

const timesOf = ({ rows }: SplitForecasts, { step }: Column, shown: readonly number[]): readonly string[] =>
  shown.map((row) => rows[row]?.times[step - 1] ?? String(row));

function forecastView(plan: Plan, forecasts: SplitForecasts, column: Column, residuals: readonly number[]): SeriesView {
  const { collected, naive } = forecasts;
  const { shown, told } = shownRows(forecasts);
  const forecast = valuesOf(collected.output.values, column, shown);
  const bands = Object.entries(reachOf(residuals)).map(([share, reach]) => ({
    name: `${share} %`,
    low: forecast.map((value) => value - reach),
    high: forecast.map((value) => value + reach),
  }));
  return {
    kind: 'series',
    x: 'time',
    y: measureOf(forecasts, column),
    at: timesOf(forecasts, column, shown),
    lines: [
      { name: 'truth', values: valuesOf(collected.target.values, column, shown) },
      { name: 'forecast', values: forecast },
      ...(naive ? [{ name: naive.name, values: valuesOf(naive.values, column, shown) }] : []),
    ],
    ...(bands.length > 0 && { bands }),
    note: [...aheadOf(plan, column), ...told, intervalNote(plan, forecasts, column, residuals)].join('; '),
  };
}

/** What the intervals rest on and how many of the true values they hold, or why there are none. */
function intervalNote(plan: Plan, { collected, split }: SplitForecasts, column: Column, residuals: readonly number[]): string {
  if (split === VALIDATION) return 'no intervals: they would rest on these forecasts';
  const reaches = Object.entries(reachOf(residuals));
  const [why] = notesOnIntervals(plan, residuals.length);
  if (reaches.length === 0) return why ?? '';
  const off = absoluteResiduals(collected)[column.at] ?? [];
  const held = reaches.map(([, reach]) => formatSetting((100 * off.filter((distance) => distance <= reach).length) / off.length, 2));
  const shares = reaches.map(([share]) => share);
  return `shaded: intervals of ${listed(shares, 'and')} %, from ${plural(residuals.length, 'forecast')} of validation; they hold ${listed(held, 'and')} % of the truth here`;
}

/** How far forecasts of one step were off, one after the other, and how often so far. */
function errorViews(
  plan: Plan,
  forecasts: SplitForecasts,
  column: Column,
  suffix: string,
): readonly { readonly name: string; readonly view: View }[] {
  const { collected, rows } = forecasts;
  const { shown, told } = shownRows(forecasts);
  const errorsOf = (of: readonly number[]): number[] => {
    const forecast = valuesOf(collected.output.values, column, of);
    return valuesOf(collected.target.values, column, of).map((truth, at) => truth - (forecast[at] ?? Number.NaN));
  };
  const all = errorsOf([...rows.keys()]);
  const histogram = histogramOf(all);
  const ahead = aheadOf(plan, column);
  const [x, y] = [`${column.target}: truth − forecast`, `${measureOf(forecasts, column)}: truth − forecast`];
  return [
    {
      name: `residuals${suffix}`,
      view: {
        kind: 'series',
        x: 'time',
        y,
        at: timesOf(forecasts, column, shown),
        lines: [{ name: 'residual', values: errorsOf(shown) }],
        around: 0,
        note: [...ahead, ...told, 'above 0 the forecast was too low'].join('; '),
      },
    },
    ...(histogram
      ? [
          {
            name: `residuals${suffix}_distribution`,
            view: {
              kind: 'histogram' as const,
              x,
              y: 'forecasts',
              ...histogram,
              around: 0,
              note: [
                ...ahead,
                `mean ${formatMeasure(mean(all), 3)}, standard deviation ${formatMeasure(standardDeviation(all), 3)} of ${plural(all.length, 'forecast')}`,
              ].join('; '),
            },
          },
        ]
      : []),
  ];
}

/** What a metric shows of each cell of a forecast, with what it shows of a naive one; where there was it already, as it was. */
export function besideNaive(view: View, naive: View, name: string): View {
  if (view.kind === 'curve' && naive.kind === 'curve') return { ...view, lines: named(view.lines, naive.lines, name) };
  if (view.kind === 'bars' && naive.kind === 'bars') return { ...view, bars: named(view.bars, naive.bars, name) };
  return view;
}

/** Of a single target, the one is called `forecast` and the other by its own name; of several, the target stands before it. */
function named<T extends { readonly name: string }>(ours: readonly T[], naive: readonly T[], name: string): readonly T[] {
  if (ours.length !== naive.length) return ours;
  const [only] = ours;
  if (ours.length === 1 && only) return [{ ...only, name: 'forecast' }, ...naive.map((each) => ({ ...each, name }))];
  return [...ours, ...naive.map((each) => ({ ...each, name: `${each.name}, ${name}` }))];
}
