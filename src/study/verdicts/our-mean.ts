import type { Terms } from '../claims/claim.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { ANYWHERE, type MeanInterval, meanInterval, within } from '../../statistics/means.js';
import { allEqual, tooFew, zeroSpread } from './preconditions.js';
import type { Verdict } from './verdict.js';

/**
 * Mean and intervals of our seeds, or the verdict that there are none to be had: fewer than three seeds, or no spread at all. Equal values
 * that come in steps (shares of N examples) hide a spread of up to r²/12; a deterministic value is its own interval.
 */
export function ourMean(
  claim: Pick<Terms, 'deterministic'>,
  series: Series,
  resolution: number | undefined,
  alpha: number,
): MeanInterval | { readonly verdict: Verdict } {
  const values = valuesOf(series);
  const [first = Number.NaN] = values;
  const few = tooFew(series);
  if (few) return { verdict: few };
  if (!allEqual(values)) return possible(meanInterval(values, alpha), series);
  if (claim.deterministic) return certain(first);
  if (resolution) return possible(meanInterval(values, alpha, resolution ** 2 / 12), series);
  return { verdict: zeroSpread(values, 'seed') };
}

/** As far as values can lie: where a formula's interval goes on, no mean can be. */
export const possible = ({ interval, runInterval, ...ours }: MeanInterval, { range = ANYWHERE }: Pick<Series, 'range'>): MeanInterval => ({
  ...ours,
  interval: within(interval, range),
  runInterval: within(runInterval, range),
});

const certain = (value: number): MeanInterval => ({ mean: value, sd: 0, interval: [value, value], runInterval: [value, value] });
