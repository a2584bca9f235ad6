import type { PublishedClaim } from '../claims/claim.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { ANYWHERE, around, type Interval, momentsOf, welchInterval, within } from '../../statistics/means.js';
import * as wording from '../claims/wording.js';
import { nounOf } from '../claims/over-seeds.js';
import { fewestForPrediction } from '../../statistics/robust.js';
import { furtherSeeds } from './further.js';
import { allEqual, largest, tooFew, zeroSpread } from './preconditions.js';
import { type Estimate, numbersOf, ourEstimate } from './estimate.js';
import {
  type Circumstances,
  distanceBeyond,
  kindOf,
  type Numbers,
  position,
  upperTail,
  type Verdict,
  type VerdictKind,
} from './verdict.js';

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
 * In place of a mean stands what the column takes over the seeds, with its own interval. Of a median one more run falls between order statistics, which few
 * seeds don't have: then nothing differs yet.
 *
 * Two one-sided tests (Schuirmann 1987). With `reading: procedure` the run interval is held against the zone instead.
 */
export function judgePublished(claim: PublishedClaim, series: Series, resolution: number | undefined, told: Circumstances): Verdict {
  if (claim.spread) return judgeMeanWithSpread(claim, claim.spread, series, told);
  const ours = ourEstimate(claim, series, resolution, told.alpha);
  if ('verdict' in ours) return ours.verdict;
  const { published, reading, margin = published.unit } = claim;
  const half = published.unit / 2;
  const zone = within(around(published.value, half + margin), series.range ?? ANYWHERE);
  const decided = decide(ours, zone, around(published.value, half), reading);
  const exact = decide(ours, around(published.value, margin), [published.value, published.value], reading);
  const n = series.finished.length;
  const { interval, runInterval = ANYWHERE } = ours;
  const judged = reading === 'procedure' ? runInterval : interval;
  const numbers: Numbers = {
    n,
    alpha: told.alpha,
    ...numbersOf(ours),
    zone,
    margin,
    marginByDefault: claim.margin === undefined,
    unit: published.unit,
    kindIfExact: exact.kind,
    pDiffers: Math.max(ours.pOutside(zone), ours.pRunOutside(around(published.value, half))),
    seeds: series.finished.map(({ seed }) => seed),
  };
  if (decided.singleDraw) {
    const isTooFew = !ours.runInterval && ours.of === 'median';
    const further = isTooFew ? fewestForPrediction(told.nextAlpha) - n : 'never';
    const text = wording.singleDraw(ours.of, interval, ours.runInterval, published, wording.moreSeeds(further, nounOf(series)));
    return { kind: 'inconclusive', reason: 'single draw', further, wording: text, numbers, couldDecide: true };
  }
  const facts = {
    n,
    noun: nounOf(series),
    of: ours.of,
    mean: ours.value,
    interval: judged,
    zone,
    published,
    margin,
    ofRuns: reading === 'procedure',
  };
  if (decided.kind !== 'inconclusive')
    return { kind: decided.kind, wording: wording.againstNumber(decided.kind, facts), numbers, couldDecide: true };
  const question = { mean: ours.value, sd: ours.sd, n, zone, alpha: told.nextAlpha };
  const further = reading === 'procedure' ? undefined : furtherSeeds(question, ours.cost);
  return {
    kind: 'inconclusive',
    ...(further !== undefined && { further }),
    wording: wording.againstNumber('inconclusive', facts, wording.moreSeeds(further, nounOf(series), ours.of)),
    numbers,
    couldDecide: true,
  };
}

/** The rule itself, so that it can be asked again: as if the print were exact, and of thousands of simulated tables. */
function decide(
  { interval, runInterval = ANYWHERE }: Pick<Estimate, 'interval' | 'runInterval'>,
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
  if (allEqual(values) && spread.sd > 0 && !deterministic) return zeroSpread(values, nounOf(series));
  const margin = declared ?? published.unit;
  const ours = momentsOf(values);
  const theirs = { mean: published.value, variance: spread.sd ** 2, count: spread.runs, df: spread.runs - 1 };
  const { difference, se, df, interval, p } = welchInterval(ours, theirs, alpha);
  const zone = around(0, published.unit / 2 + margin);
  const scale = largest([...values, published.value]);
  const kind = kindOf[position(interval, zone, scale)];
  const n = ours.count;
  const noun = nounOf(series);
  const sd = Math.sqrt(ours.variance);
  const question = { mean: difference, sd, n, zone, alpha: nextAlpha, fixedVariance: theirs.variance / theirs.count };
  const further = kind === 'inconclusive' ? furtherSeeds(question) : undefined;
  const other = { owner: 'the published', mean: published.value, runs: spread.runs, sd: spread.sd };
  const facts = { n, noun, mean: ours.mean, other, difference, interval, margin, half: published.unit / 2 + margin };
  return {
    kind,
    ...(further !== undefined && { further }),
    wording: wording.againstRuns(kind, facts, wording.moreSeeds(further, noun)),
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
