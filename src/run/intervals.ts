import { plural } from '../diagnostics/numbers.js';
import type { Plan } from '../planning/plan.js';
import { VALIDATION } from '../stages/stage.js';
import { conformalReach, fewestResiduals } from '../statistics/conformal.js';
import { type ForecastValue, type Share, SHARES } from './forecast-report.js';

/** Half the width of each interval, where there are residuals enough for it. */
export const reachOf = (residuals: readonly number[]): ForecastValue['reach'] =>
  Object.fromEntries(
    SHARES.map((share): readonly [Share, number | undefined] => [share, conformalReach(residuals, share / 100)]).filter(
      ([, reach]) => reach !== undefined,
    ),
  );

/** Why there are no intervals, or not all; `count` is that of the forecasts of what validates. */
export function notesOnIntervals({ data }: Plan, count: number): readonly string[] {
  if (!data.splits[VALIDATION]) return ['no intervals: nothing validates, and residuals of what trains would be too small'];
  if (count === 0) return ['no intervals: the data hold none of the dates that validated in training'];
  const missing = SHARES.filter((share) => fewestResiduals(share / 100) > count);
  if (missing.length === 0) return [];
  const needed = Math.max(...missing.map((share) => fewestResiduals(share / 100)));
  const [widest] = missing.toReversed();
  return [
    `no ${missing.map((share) => `${share} %`).join(' and no ')} intervals: ${plural(count, 'forecast')} of validation ${count === 1 ? 'is' : 'are'} too few for them, and ${widest} % take ${needed}`,
  ];
}
