import type { Terms } from '../claims/claim.js';
import { kindOver, nounOf } from '../claims/over-seeds.js';
import { type Series, valuesOf, varianceOfRun } from '../claims/samples.js';
import {
  ANYWHERE,
  type Interval,
  mean,
  type MeanInterval,
  meanInterval,
  median,
  standardDeviation,
  within,
} from '../../statistics/means.js';
import {
  fewestForMedian,
  medianInterval,
  medianOutside,
  orderPrediction,
  trimmedInterval,
  trimmedMoments,
} from '../../statistics/robust.js';
import { singleRunRank } from '../../statistics/tests.js';
import * as wording from '../claims/wording.js';
import { allEqual, tooFew, zeroSpread } from './preconditions.js';
import { distanceBeyond, type Numbers, upperTail, type Verdict } from './verdict.js';

/** What is taken over our seeds. */
export interface Estimate {
  readonly of: 'mean' | 'median' | 'interquartile mean';
  readonly value: number;
  /** Of single runs; over splits, of their means. */
  readonly sd: number;
  /** Where it is in the long run. */
  readonly interval: Interval;
  /** Where one more run would fall; none where so few say nothing of that. */
  readonly runInterval?: Interval;
  /** The smallest one-sided alpha at which the interval, or one more run, would lie outside of a zone. */
  readonly pOutside: (zone: Interval) => number;
  readonly pRunOutside: (zone: Interval) => number;
  /** How many times as many seeds it takes as a mean does, of normal values. */
  readonly cost: number;
}

/**
 * What a column takes over our seeds, with its intervals, or the verdict that there are none to be had: fewer than three seeds, or no spread at all. Of a
 * mean, equal values that come in steps (shares of N examples) hide a spread of up to r²/12; a deterministic value is its own interval.
 */
export function ourEstimate(
  claim: Pick<Terms, 'deterministic'>,
  series: Series,
  resolution: number | undefined,
  alpha: number,
): Estimate | { readonly verdict: Verdict } {
  const values = valuesOf(series);
  const [first = Number.NaN] = values;
  const few = tooFew(series);
  if (few) return { verdict: few };
  const kind = kindOver(series.overSeeds);
  if (allEqual(values)) {
    const isExact = claim.deterministic && Number.isFinite(first);
    if (!isExact && (kind === 'median' || kind === 'interquartile_mean' || !resolution))
      return { verdict: Number.isFinite(first) ? zeroSpread(values, nounOf(series)) : allWorst(series) };
    if (isExact) return ofMean(values, { mean: first, sd: 0, interval: [first, first], runInterval: [first, first] }, series);
    return ofMean(values, meanInterval(values, alpha, (resolution ?? 0) ** 2 / 12), series);
  }
  if (kind === 'median') return ofMedian(values, series, alpha);
  if (kind === 'interquartile_mean') return ofMiddle(values, series, alpha);
  return ofMean(values, meanInterval(values, alpha, 0, varianceOfRun(series)), series);
}

/** As far as values can lie: where a formula's interval goes on, no mean can be. */
export const possible = ({ interval, runInterval, ...ours }: MeanInterval, { range = ANYWHERE }: Pick<Series, 'range'>): MeanInterval => ({
  ...ours,
  interval: within(interval, range),
  runInterval: within(runInterval, range),
});

function ofMean(values: readonly number[], found: MeanInterval, series: Series): Estimate {
  const { mean: value, sd, interval, runInterval } = possible(found, series);
  const n = values.length;
  const ofRun = varianceOfRun(series);
  return {
    of: 'mean',
    value,
    sd,
    interval,
    runInterval,
    pOutside: (zone) => upperTail(distanceBeyond(value, zone), sd / Math.sqrt(n), n - 1),
    pRunOutside: (zone) => upperTail(distanceBeyond(value, zone), Math.sqrt(sd ** 2 * (1 + 1 / n) + ofRun), n - 1),
    cost: 1,
  };
}

/** Of order statistics alone, so that nothing is asked of the shape: the cost is that of normal values, π/2. */
function ofMedian(values: readonly number[], series: Series, alpha: number): Estimate | { readonly verdict: Verdict } {
  const [value, n] = [median(values), values.length];
  const interval = medianInterval(values, alpha);
  const sd = standardDeviation(values.filter(Number.isFinite));
  if (!interval) {
    const needed = fewestForMedian(alpha);
    const text = wording.fewForMedian(value, n, needed, nounOf(series));
    const numbers: Numbers = { n, alpha, sd, estimate: { of: 'median', value }, seeds: series.finished.map(({ seed }) => seed) };
    return { verdict: { kind: 'inconclusive', reason: 'few seeds', further: needed - n, wording: text, numbers, couldDecide: false } };
  }
  const prediction = orderPrediction(values, alpha);
  return {
    of: 'median',
    value,
    sd,
    interval,
    ...(prediction && { runInterval: prediction }),
    pOutside: (zone) => medianOutside(values, zone),
    pRunOutside: ([low, high]) => Math.min(singleRunRank(low, values).upper, singleRunRank(high, values).lower),
    cost: Math.PI / 2,
  };
}

/** One more run falls where it does for a mean: what is trimmed of an interquartile mean is not trimmed of a run. */
function ofMiddle(values: readonly number[], series: Series, alpha: number): Estimate | { readonly verdict: Verdict } {
  const { mean: value, se, df, interval } = trimmedInterval(values, alpha);
  const finite = values.filter(Number.isFinite);
  if (!Number.isFinite(value) || !Number.isFinite(se)) return { verdict: allWorst(series) };
  const n = finite.length;
  const { sd, runInterval } = possible(meanInterval(finite, alpha), series);
  const someDiverged = n < values.length; // where another run that diverges falls is nowhere
  return {
    of: 'interquartile mean',
    value,
    sd,
    interval: within(interval, series.range ?? ANYWHERE),
    ...(!someDiverged && { runInterval }),
    pOutside: (zone) => upperTail(distanceBeyond(value, zone), se, df),
    pRunOutside: (zone) => (someDiverged ? 1 : upperTail(distanceBeyond(mean(finite), zone), sd * Math.sqrt(1 + 1 / n), n - 1)),
    cost: 1.2,
  };
}

/** More seeds diverged than what is taken over them leaves out. */
export function allWorst(series: Series): Verdict {
  const n = series.finished.length;
  const diverged = valuesOf(series).filter((value) => !Number.isFinite(value)).length;
  const numbers: Numbers = { n, seeds: series.finished.map(({ seed }) => seed) };
  return {
    kind: 'inconclusive',
    reason: 'diverged',
    further: 'never',
    wording: wording.tooManyDiverged(diverged, n),
    numbers,
    couldDecide: false,
  };
}

/** The estimate in a verdict's numbers: a mean under its own name. */
export const numbersOf = ({
  of,
  value,
  sd,
  interval,
  runInterval,
}: Estimate): Pick<Numbers, 'mean' | 'estimate' | 'sd' | 'interval' | 'runInterval'> => ({
  ...(of === 'mean' ? { mean: value } : { estimate: { of, value } }),
  sd,
  interval,
  ...(runInterval && { runInterval }),
});

/** What a column takes over the seeds, without an interval. */
export function valueOver(series: Series): number {
  const values = valuesOf(series);
  const kind = kindOver(series.overSeeds);
  if (kind === 'median') return median(values);
  return kind === 'interquartile_mean' ? trimmedMoments(values).mean : mean(values);
}
