import type { ReferenceClaim } from '../claim.js';
import { fixed, placesOf, plain } from '../figures.js';
import { type Series, valuesOf } from '../samples.js';
import { around } from '../statistics/interval.js';
import { mean, standardDeviation, variance } from '../statistics/moments.js';
import { rankSum } from '../statistics/rank-sum.js';
import { roundAsPrinted } from '../statistics/round-as-printed.js';
import { type SampleMoments, type WelchInterval, welchInterval } from '../statistics/welch.js';
import * as wording from '../wording.js';
import { furtherSeeds } from './further.js';
import { tooFew } from './gate.js';
import { zeroSpread } from './our-mean.js';
import { judgePublished, upperTail } from './published.js';
import { type Circumstances, distanceBeyond, kindOf, type Numbers, position, type Verdict } from './verdict.js';

/** Fewer runs are no distribution. */
const SMALLEST = 5;

/**
 * Against m runs of somebody else, printed in units of r (0: not rounded), with margin d >= r.
 *
 *     x     our runs, rounded as theirs were: equal experiments then give equal numbers, whatever rounding does
 *     v_y   max(var y, r²/12)                         their spread, never below what rounding hides
 *     v     max(var x, v_y)                           ours is never taken smaller than theirs: a lucky close handful gets no credit
 *     D     mean x - mean y, Welch's interval with v and v_y; the zone is ∓d
 *
 * The default margin is the larger of r and the spread of the reference.
 */
export function judgeReference(claim: ReferenceClaim, series: Series, told: Circumstances & { readonly publishedAlpha: number }): Verdict {
  const { runs, printed } = claim;
  const margin = claim.margin ?? Math.max(printed, Math.sqrt(variance(runs)));
  if (margin < printed * (1 - 1e-9)) {
    const text = wording.marginTooFine(margin, printed);
    return { kind: 'not_claimable', reason: 'margin too fine', wording: text, numbers: { n: series.finished.length }, couldDecide: false };
  }
  const none = series.finished.length === 0 ? tooFew(series) : undefined;
  if (none) return none;
  if (runs.length < SMALLEST) return judgeSmallReference(claim, series, told, margin);
  const n = series.finished.length;
  const { ours, theirs, welch, spreadFrom } = compare(valuesOf(series), runs, printed, told.alpha);
  const { difference, interval } = welch;
  const zone = around(0, margin);
  const reference = { n: runs.length, mean: theirs.mean, sd: Math.sqrt(theirs.variance) };
  const numbers: Numbers = {
    n,
    alpha: told.alpha,
    mean: ours.mean,
    sd: standardDeviation(valuesOf(series)),
    interval,
    zone,
    margin,
    marginByDefault: claim.margin === undefined,
    unit: printed,
    difference,
    se: welch.se,
    df: welch.df,
    reference,
    spreadFrom,
    rankP: rankSum(printedAs(valuesOf(series), printed), runs).twoSided,
    pNoDifference: welch.p,
    pDiffers: upperTail(distanceBeyond(difference, zone), welch.se, welch.df),
    seeds: series.finished.map(({ seed }) => seed),
  };
  const few = tooFew(series, { runs, printed });
  if (few) return { ...few, numbers };
  if (welch.se === 0 && !claim.deterministic) return zeroSpread(valuesOf(series), 'seed');

  const kind = kindOf[position(interval, zone)];
  const fixedVariance = theirs.variance / theirs.count;
  const question = { mean: difference, sd: Math.sqrt(ours.variance), n, zone, alpha: told.nextAlpha, fixedVariance };
  const further = kind === 'inconclusive' ? furtherSeeds(question) : undefined;
  const other = { owner: "the reference's", mean: theirs.mean, runs: runs.length, sd: reference.sd };
  const text = wording.againstRuns(
    kind,
    { n, mean: ours.mean, own: mean(valuesOf(series)), other, difference, interval, margin },
    wording.moreSeeds(further),
  );
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

/** Our mean beside the reference's, both as printed, and Welch's interval of their difference with the floor under our spread. */
export function compare(
  values: readonly number[],
  runs: readonly number[],
  printed: number,
  alpha: number,
): {
  readonly ours: SampleMoments;
  readonly theirs: SampleMoments;
  readonly welch: WelchInterval;
  readonly spreadFrom: 'own' | 'reference';
} {
  const x = printedAs(values, printed);
  const theirs = { mean: mean(runs), variance: Math.max(variance(runs), printed ** 2 / 12), count: runs.length, df: runs.length - 1 };
  const own = variance(x);
  const isOwn = own >= theirs.variance;
  const ours = { mean: mean(x), variance: isOwn ? own : theirs.variance, count: x.length, df: isOwn ? x.length - 1 : theirs.df };
  return { ours, theirs, welch: welchInterval(ours, theirs, alpha), spreadFrom: isOwn ? 'own' : 'reference' };
}

/** Each run of a handful is a printed number of its own; only what holds against all of them is a verdict. */
function judgeSmallReference(
  { runs, printed, ...terms }: ReferenceClaim,
  series: Series,
  told: Circumstances & { readonly publishedAlpha: number },
  margin: number,
): Verdict {
  const few = tooFew(series, { runs, printed });
  if (few) return few;
  const textOf = (value: number): string => (printed > 0 ? fixed(value, placesOf(printed)) : plain(value));
  const verdicts = runs.map((value) =>
    judgePublished(
      { ...terms, kind: 'published', margin, reading: 'mean', published: { text: textOf(value), value, unit: printed } },
      series,
      undefined,
      { alpha: told.publishedAlpha, nextAlpha: told.publishedAlpha },
    ),
  );
  const [first, ...others] = verdicts;
  const kind = first && others.every((verdict) => verdict.kind === first.kind) ? first.kind : 'inconclusive';
  const against = runs.map((value, index) => `${textOf(value)}: ${verdicts[index]?.kind ?? ''}`);
  const numbers = {
    ...(first?.numbers ?? { n: series.finished.length }),
    marginByDefault: terms.margin === undefined,
    reference: { n: runs.length, mean: mean(runs), sd: Math.sqrt(variance(runs)) },
    pDiffers: Math.max(...verdicts.map(({ numbers: { pDiffers = 1 } }) => pDiffers)),
  };
  const shown = Array.from(new Set(against));
  return { kind, reason: 'small reference', wording: wording.smallReference(kind, runs.length, shown), numbers, couldDecide: true };
}

const printedAs = (values: readonly number[], unit: number): readonly number[] => values.map((value) => roundAsPrinted(value, unit));
