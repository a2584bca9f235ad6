import { plural } from '../diagnostics/numbers.js';
import type { Plan } from '../planning/plan.js';
import type { Collected } from '../stages/stage.js';
import { type ForecastValue, type Share, SHARES } from './forecast-report.js';

/** The split whose errors say how far a forecast may be off. */
export const VALIDATION = 'validation';

/** By step and target, in the order of the output: how far each forecast of a split was off. */
export function absoluteResiduals({ output, target }: Collected): readonly (readonly number[])[] {
  const [rows = 0] = output.shape;
  const width = output.values.length / rows;
  return Array.from({ length: width }, (_, at) =>
    Array.from({ length: rows }, (__, row) => Math.abs((output.values[row * width + at] ?? 0) - (target.values[row * width + at] ?? 0))),
  );
}

/**
 * Half the width of each interval: the k-th smallest of n absolute residuals, k = ceil((n + 1) share), within which the next one lies with that
 * probability where it is as those before it (split conformal prediction; Lei et al. 2018). Where k is above n, n residuals can't say.
 */
export function reachOf(residuals: readonly number[]): ForecastValue['reach'] {
  const sorted = residuals.toSorted((a, b) => a - b);
  const reaches = SHARES.map((share): readonly [Share, number | undefined] => [share, sorted[rankOf(share, sorted.length) - 1]]);
  return Object.fromEntries(reaches.filter(([, reach]) => reach !== undefined));
}

const rankOf = (share: number, count: number): number => Math.ceil(((count + 1) * share) / 100);

/** Why there are no intervals, or not all; `count` is that of the forecasts of what validates. */
export function notesOnIntervals({ data }: Plan, count: number): readonly string[] {
  if (!data.splits[VALIDATION]) return ['no intervals: nothing validates, and residuals of what trains would be too small'];
  if (count === 0) return ['no intervals: the data hold none of the dates that validated in training'];
  const missing = SHARES.filter((share) => rankOf(share, count) > count);
  if (missing.length === 0) return [];
  const needed = Math.max(...missing.map((share) => Math.ceil(share / (100 - share))));
  const [widest] = missing.toReversed();
  return [
    `no ${missing.map((share) => `${share} %`).join(' and no ')} intervals: ${plural(count, 'forecast')} of validation ${count === 1 ? 'is' : 'are'} too few for them, and ${widest} % take ${needed}`,
  ];
}
