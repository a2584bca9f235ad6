import type { PublishedClaim } from '../claims/claim.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { ANYWHERE, around, type Interval, type MeanInterval, momentsOf, welchInterval, within } from '../../statistics/means.js';
import { studentTCdf } from '../../statistics/distributions.js';
import * as wording from '../claims/wording.js';
import { furtherSeeds } from './further.js';
import { allEqual, largest, tooFew, zeroSpread } from './preconditions.js';
import { ourMean } from './our-mean.js';
import { type Circumstances, distanceBeyond, kindOf, type Numbers, position, type Verdict, type VerdictKind } from './verdict.js';

/**
 * Against one printed number p of unit u, with margin d; ours: n seeds of mean m and spread s.
 *
 *     zone          [p - u/2 - d, p + u/2 + d]       1.0 in print was 0.95 to 1.05; the margin comes on top
 *     interval      m ∓ t s / √n                     where the long-run mean is
 *     run interval  m ∓ t s √(1 + 1/n)               where one more run of ours would fall
 *
 *     reproduced    the interval lies inside the zone
 *     differs       it lies outside, and the run interval does not meet what the print may have been: p is a single run of unknown seed,
 *                   and may be an ordinary run of an experiment whose mean is elsewhere ('single draw')
 *
 * Two one-sided tests (Schuirmann 1987). With `reading: procedure` the run interval is held against the zone instead.
 */
export function judgePublished(claim: PublishedClaim, series: Series, resolution: number | undefined, told: Circumstances): Verdict {
  if (claim.spread) return judgeMeanWithSpread(claim, claim.spread, series, told);
  const ours = ourMean(claim, series, resolution, told.alpha);
  if ('verdict' in ours) return ours.verdict;
  const { published, reading, margin = published.unit } = claim;
  const half = published.unit / 2;
  const zone = within(around(published.value, half + margin), series.range ?? ANYWHERE);
  const decided = decide(ours, zone, around(published.value, half), reading);
  const exact = decide(ours, around(published.value, margin), [published.value, published.value], reading);
  const n = series.finished.length;
  const judged = reading === 'procedure' ? ours.runInterval : ours.interval;
  const se = ours.sd / Math.sqrt(n);
  const numbers: Numbers = {
    n,
    alpha: told.alpha,
    mean: ours.mean,
    sd: ours.sd,
    interval: ours.interval,
    runInterval: ours.runInterval,
    zone,
    margin,
    marginByDefault: claim.margin === undefined,
    unit: published.unit,
    kindIfExact: exact.kind,
    pDiffers: Math.max(
      upperTail(distanceBeyond(ours.mean, zone), se, n - 1),
      upperTail(distanceBeyond(ours.mean, around(published.value, half)), ours.sd * Math.sqrt(1 + 1 / n), n - 1),
    ),
    seeds: series.finished.map(({ seed }) => seed),
  };
  if (decided.singleDraw) {
    const text = wording.singleDraw(ours.interval, ours.runInterval, published);
    return { kind: 'inconclusive', reason: 'single draw', further: 'never', wording: text, numbers, couldDecide: true };
  }
  const facts = { n, mean: ours.mean, interval: judged, zone, published, margin, ofRuns: reading === 'procedure' };
  if (decided.kind !== 'inconclusive')
    return { kind: decided.kind, wording: wording.againstNumber(decided.kind, facts), numbers, couldDecide: true };
  const further = reading === 'procedure' ? undefined : furtherSeeds({ mean: ours.mean, sd: ours.sd, n, zone, alpha: told.nextAlpha });
  return {
    kind: 'inconclusive',
    ...(further !== undefined && { further }),
    wording: wording.againstNumber('inconclusive', facts, wording.moreSeeds(further)),
    numbers,
    couldDecide: true,
  };
}

/** The rule itself, so that it can be asked again: as if the print were exact, and of thousands of simulated tables. */
function decide(
  { interval, runInterval }: MeanInterval,
  zone: Interval,
  printed: Interval,
  reading: PublishedClaim['reading'],
): { readonly kind: VerdictKind; readonly singleDraw: boolean } {
  if (reading === 'procedure') return { kind: kindOf[position(runInterval, zone)], singleDraw: false };
  const kind = kindOf[position(interval, zone)];
  const singleDraw = kind === 'differs' && position(runInterval, printed) !== 'outside';
  return { kind: singleDraw ? 'inconclusive' : kind, singleDraw };
}

/**
 * A mean M of N runs with spread S: Welch's interval of m - M, held against ∓(u/2 + d). Values of ours that are all equal are judged where
 * theirs don't vary either, or where it is so on purpose.
 */
function judgeMeanWithSpread(
  { published, margin: declared, deterministic }: PublishedClaim,
  spread: { readonly sd: number; readonly runs: number },
  series: Series,
  { alpha, nextAlpha }: Circumstances,
): Verdict {
  const few = tooFew(series);
  if (few) return few;
  const values = valuesOf(series);
  if (allEqual(values) && spread.sd > 0 && !deterministic) return zeroSpread(values, 'seed');
  const margin = declared ?? published.unit;
  const ours = momentsOf(values);
  const theirs = { mean: published.value, variance: spread.sd ** 2, count: spread.runs, df: spread.runs - 1 };
  const { difference, se, df, interval, p } = welchInterval(ours, theirs, alpha);
  const zone = around(0, published.unit / 2 + margin);
  const scale = largest([...values, published.value]);
  const kind = kindOf[position(interval, zone, scale)];
  const n = ours.count;
  const sd = Math.sqrt(ours.variance);
  const question = { mean: difference, sd, n, zone, alpha: nextAlpha, fixedVariance: theirs.variance / theirs.count };
  const further = kind === 'inconclusive' ? furtherSeeds(question) : undefined;
  const other = { owner: 'the published', mean: published.value, runs: spread.runs, sd: spread.sd };
  const facts = { n, mean: ours.mean, other, difference, interval, margin, half: published.unit / 2 + margin };
  return {
    kind,
    ...(further !== undefined && { further }),
    wording: wording.againstRuns(kind, facts, wording.moreSeeds(further)),
    couldDecide: true,
    numbers: {
      n,
      alpha,
      mean: ours.mean,
      sd,
      interval,
      zone,
      margin,
      marginByDefault: declared === undefined,
      unit: published.unit,
      difference,
      se,
      df,
      reference: { n: spread.runs, mean: published.value, sd: spread.sd },
      kindIfExact: kindOf[position(interval, around(0, margin), scale)],
      ...(se > 0 && { pNoDifference: p }),
      pDiffers: upperTail(distanceBeyond(difference, zone), se, df),
      seeds: series.finished.map(({ seed }) => seed),
    },
  };
}

/** P(T >= distance / se); a half at no distance. */
export const upperTail = (distance: number, se: number, df: number): number => {
  if (distance === 0) return 0.5;
  return se === 0 ? 0 : studentTCdf(-distance / se, df);
};
