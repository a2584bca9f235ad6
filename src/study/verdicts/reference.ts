import type { ReferenceClaim } from '../claims/claim.js';
import { fixed, placesOf, plain } from '../../diagnostics/numbers.js';
import { type Series, valuesOf } from '../claims/samples.js';
import {
  around,
  type Interval,
  mean,
  median,
  type SampleMoments,
  standardDeviation,
  variance,
  type WelchInterval,
  welchInterval,
} from '../../statistics/means.js';
import { rankSum } from '../../statistics/ranks.js';
import { roundAsPrinted } from '../../statistics/round-as-printed.js';
import * as wording from '../claims/wording.js';
import { nounOf } from '../claims/over-seeds.js';
import { furtherSeeds, TRUSTED } from './further.js';
import { allEqual, FEWEST, largest, tooFew, zeroSpread } from './preconditions.js';
import { judgePublished } from './published.js';
import {
  type Circumstances,
  distanceBeyond,
  type Further,
  kindOf,
  type Numbers,
  type Position,
  position,
  upperTail,
  type Verdict,
  type VerdictKind,
} from './verdict.js';

/** Fewer runs are no distribution. */
const SMALLEST = 5;

/** The level of a look where our spread is taken to be theirs, and where it is our own or seen in too few seeds to say. */
interface ReferenceLevels {
  readonly theirs: Circumstances;
  readonly own: Circumstances;
}

/**
 * Against m runs of somebody else, printed in units of r (0: not rounded), with margin d >= r.
 *
 *     x     our runs, rounded as theirs were: equal experiments then give equal numbers, whatever rounding does
 *     v_y   max(var y, r²/12)                         their spread, never below what rounding hides
 *     v     max(var x, v_y)                           ours is never taken smaller than theirs: a lucky close handful gets no credit
 *     D     mean x - mean y, Welch's interval with v and v_y; the zone is ∓d
 *
 * Rounding can bring means together that are further apart than d, and part others. So the verdict must also hold of our runs as they are,
 * with what print hides of their mean on both ends of the interval:
 *
 *     h     √(r²/4 - v), v the variance of theirs, each taken as no further than r from their median
 *
 * Where all print the same, that is half a unit. Where they fall on two neighbouring prints, a share q on one of them, no more than
 * |q - 1/2| r can be hidden, which is the formula; where they spread over more prints it averages out. The default margin is the larger of r
 * and the spread of the reference.
 */
export function judgeReference(claim: ReferenceClaim, series: Series, levels: ReferenceLevels): Verdict {
  const { runs, printed } = claim;
  const margin = claim.margin ?? Math.max(printed, Math.sqrt(variance(runs)));
  if (margin < printed * (1 - 1e-9)) {
    const text = wording.marginTooFine(margin, printed);
    return { kind: 'not_claimable', reason: 'margin too fine', wording: text, numbers: { n: series.finished.length }, couldDecide: false };
  }
  const none = series.finished.length === 0 ? tooFew(series) : undefined;
  if (none) return none;
  if (runs.length < SMALLEST) return judgeSmallReference(claim, series, levels.own, margin);
  const values = valuesOf(series);
  const n = values.length;
  const isConstant = allEqual(values);
  const compared = compare(values, claim, levels, margin, isConstant && claim.deterministic);
  const { kind, printed: asPrinted, exact, spreadFrom } = compared;
  const { ours, theirs, welch, told } = asPrinted;
  const { difference, interval } = welch;
  const zone = around(0, margin);
  const reference = { n: runs.length, mean: theirs.mean, sd: Math.sqrt(theirs.variance) };
  const numbers: Numbers = {
    n,
    alpha: told.alpha,
    mean: ours.mean,
    sd: standardDeviation(values),
    interval,
    ...(exact && { exactInterval: exact.interval, hidden: exact.hidden }),
    zone,
    margin,
    marginByDefault: claim.margin === undefined,
    unit: printed,
    difference,
    se: welch.se,
    df: welch.df,
    reference,
    spreadFrom,
    // Computed where it is read: it takes more time than all of the verdict.
    get rankP() {
      return rankSum(printedAs(values, printed), runs).twoSided;
    },
    ...(welch.se > 0 && { pNoDifference: welch.p }),
    pDiffers: compared.pDiffers,
    seeds: series.finished.map(({ seed }) => seed),
  };
  const few = tooFew(series, { runs, printed });
  if (few) return { ...few, numbers };
  const isJudgedWithout = claim.deterministic || (allEqual(runs) && welch.se > 0);
  if (isConstant && !isJudgedWithout) return { ...zeroSpread(values, nounOf(series)), numbers };

  const other = { owner: "the reference's", mean: theirs.mean, runs: runs.length, sd: reference.sd };
  const facts = { n, noun: nounOf(series), mean: ours.mean, own: mean(values), other, difference, interval, margin };
  if (exact && kind === 'inconclusive' && asPrinted.position !== 'across') {
    const further = furtherAsIs(exact, n, margin);
    const text = wording.hiddenByRounding(facts, exact.interval, printed, wording.moreSeeds(further, nounOf(series)));
    return { kind, reason: 'rounding', further, wording: text, numbers, couldDecide: true };
  }
  const further = kind === 'inconclusive' ? furtherSeeds({ ...questionOf(asPrinted, n), zone }) : undefined;
  const text = wording.againstRuns(kind, facts, wording.moreSeeds(further, nounOf(series)));
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

/** How many more seeds would decide before rounding; none will, where the mean is as near to the margin as what print hides. */
function furtherAsIs(exact: NonNullable<Compared['exact']>, n: number, margin: number): Further {
  const distance = Math.abs(exact.difference);
  if (Math.abs(distance - margin) <= exact.hidden) return 'never';
  return furtherSeeds({ ...questionOf(exact, n), zone: around(0, distance < margin ? margin - exact.hidden : margin + exact.hidden) });
}

const questionOf = ({ ours, theirs, welch, told }: Side, n: number) => ({
  mean: welch.difference,
  sd: Math.sqrt(ours.variance),
  n,
  alpha: told.nextAlpha,
  fixedVariance: theirs.variance / theirs.count,
});

interface Compared {
  readonly kind: VerdictKind;
  /** Our mean beside the reference's, both as printed. */
  readonly printed: Side & { readonly position: Position };
  /** Ours as they are; left out where nothing was rounded, and of too few to say. */
  readonly exact?: Side & { readonly difference: number; readonly interval: Interval; readonly hidden: number };
  readonly spreadFrom: 'own' | 'reference';
  readonly pDiffers: number;
}

interface Side {
  readonly ours: SampleMoments;
  readonly theirs: SampleMoments;
  readonly welch: WelchInterval;
  readonly told: Circumstances;
}

/** Whose spread our mean is judged with: `none` where it is the same at every seed on purpose. */
type Whose = 'own' | 'reference' | 'none';

function compare(
  values: readonly number[],
  { runs, printed: unit }: Pick<ReferenceClaim, 'runs' | 'printed'>,
  levels: ReferenceLevels,
  margin: number,
  isCertain = false,
): Compared {
  const zone = around(0, margin);
  const scale = largest([...values, ...runs]);
  const rounded = printedAs(values, unit);
  const spread = Math.max(variance(runs), unit ** 2 / 12);
  const isOwn = variance(rounded) >= spread;
  const whose: Whose = isCertain ? 'none' : isOwn ? 'own' : 'reference';
  const side = sideBySide(rounded, runs, spread, spread, whose, levels);
  const printed = { ...side, position: position(side.welch.interval, zone, scale) };
  const pPrinted = upperTail(distanceBeyond(side.welch.difference, zone), side.welch.se, side.welch.df);
  const common = { printed, spreadFrom: isOwn ? ('own' as const) : ('reference' as const) };
  if (unit === 0 || values.length < FEWEST) return { ...common, kind: kindOf[printed.position], pDiffers: pPrinted };

  const near = variance(nearMedian(runs, unit));
  const isSpread = near >= unit ** 2 / 12; // else what they vary by is what the print hides, and that is added below
  const floor = isSpread ? near : 0;
  const asIs = sideBySide(values, runs, variance(runs), floor, whose === 'reference' && !isSpread ? 'own' : whose, levels);
  const { welch } = asIs;
  const hidden = Math.sqrt(Math.max(0, unit ** 2 / 4 - near));
  const exact = {
    ...asIs,
    difference: welch.difference,
    hidden,
    interval: [welch.interval[0] - hidden, welch.interval[1] + hidden] as const,
  };
  const isBoth = position(exact.interval, zone, scale) === printed.position;
  const pExact = upperTail(distanceBeyond(welch.difference, around(0, margin + hidden)), welch.se, welch.df);
  return { ...common, exact, kind: isBoth ? kindOf[printed.position] : 'inconclusive', pDiffers: Math.max(pPrinted, pExact) };
}

/** Welch's interval, our spread never below `floor`, at the level that goes with whose spread it is. */
function sideBySide(
  values: readonly number[],
  runs: readonly number[],
  spread: number,
  floor: number,
  whose: Whose,
  levels: ReferenceLevels,
): Side {
  const theirs = { mean: mean(runs), variance: spread, count: runs.length, df: runs.length - 1 };
  const df = whose === 'own' ? values.length - 1 : theirs.df;
  const ours = { mean: mean(values), variance: whose === 'none' ? 0 : Math.max(variance(values), floor), count: values.length, df };
  const told = whose === 'own' || values.length < TRUSTED ? levels.own : levels.theirs;
  return { ours, theirs, told, welch: welchInterval(ours, theirs, told.alpha) };
}

/** Each run as no further than one unit from their median: what rounding does to the bulk of them isn't for a few far ones to say. */
function nearMedian(runs: readonly number[], unit: number): readonly number[] {
  const center = median(runs);
  return runs.map((run) => Math.min(center + unit, Math.max(center - unit, run)));
}

/** Each run of a handful is a printed number of its own; only what holds against all of them is a verdict. */
function judgeSmallReference({ runs, printed, ...terms }: ReferenceClaim, series: Series, told: Circumstances, margin: number): Verdict {
  const few = tooFew(series, { runs, printed });
  if (few) return few;
  const textOf = (value: number): string => (printed > 0 ? fixed(value, placesOf(printed)) : plain(value));
  const verdicts = runs.map((value) =>
    judgePublished(
      { ...terms, kind: 'published', margin, reading: 'mean', published: { text: textOf(value), value, unit: printed } },
      series,
      undefined,
      told,
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
