import { formatMeasure, formatSetting } from '../diagnostics/numbers.js';

/** Forecasts of one step ahead and what came, in the order of time. */
export interface Forecasts {
  readonly split: string;
  readonly forecast: Float64Array;
  readonly truth: Float64Array;
}

/** Below this share of the truth's spread, forecasts are a constant. */
const CONSTANT = 0.01;

export function isConstant({ split, forecast, truth }: Forecasts): string | undefined {
  const [wide, narrow] = [spread(truth), spread(forecast)];
  if (!(narrow < CONSTANT * wide)) return undefined;
  return `On ${split} every forecast is nearly the same (standard deviation ${formatMeasure(narrow, 3)}, and that of the truth is ${formatMeasure(wide, 3)}): the input is not used.`;
}

/** Forecasts this much nearer to the truth of another step than to their own have its answer. */
const NEARER = 2;

export function repeatsTheLast({ split, ...series }: Forecasts): string | undefined {
  const nearer = distance(series, 0) / distance(series, -1);
  if (!(nearer > NEARER)) return undefined;
  return `The forecasts of ${split} repeat the last value that was read: they lie ${formatSetting(nearer, 2)} times as near to the step before as to their own.`;
}

export function answersTheNext({ split, ...series }: Forecasts): string | undefined {
  const nearer = distance(series, 0) / distance(series, 1);
  if (!(nearer > NEARER)) return undefined;
  return `The forecasts of ${split} lie ${formatSetting(nearer, 2)} times as near to the step after as to their own: are windows and targets one step apart?`;
}

/** Mean distance of forecasts from the truth so many steps later. */
function distance({ forecast, truth }: Omit<Forecasts, 'split'>, later: number): number {
  let [total, pairs] = [0, 0];
  for (let at = Math.max(0, -later); at < forecast.length - Math.max(0, later); at++) {
    total += Math.abs((forecast[at] ?? 0) - (truth[at + later] ?? 0));
    pairs += 1;
  }
  return total / pairs;
}

function spread(values: Float64Array): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
}
