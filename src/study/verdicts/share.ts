import type { EquivalentClaim, LimitClaim, PublishedClaim, RankClaim } from '../claims/claim.js';
import { pairsOf } from '../claims/pairs.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { nounOf } from '../claims/over-seeds.js';
import * as wording from '../claims/wording.js';
import { limitZone, marginOf } from '../claims/zones.js';
import { around, type Interval, within } from '../../statistics/means.js';
import { type Count, differenceInterval, differenceP, shareOf } from '../../statistics/shares.js';
import { binomialCdf, clopperPearson, signTest } from '../../statistics/tests.js';
import { furtherSeeds } from './further.js';
import { claimedLimit } from './limit.js';
import { tooFew, tooFewPairs } from './preconditions.js';
import { type Circumstances, kindOf, type Numbers, position, type Verdict, type VerdictKind } from './verdict.js';

/** How many of the runs are counted: a series whose values are 1 and 0. */
export const countOf = (series: Series): Count => {
  const values = valuesOf(series);
  return { hits: values.filter((value) => value === 1).length, all: values.length };
};

const SHARES: Interval = [0, 1];

/**
 * A share of our runs against one in print. Of a number without how many runs it is of, such as `97 %`, nothing is known but its rounding: the exact interval
 * of ours (Clopper & Pearson 1934) is held against the zone around it. `29 of 30` is a sample too: two shares are compared.
 */
export function judgePublishedShare(claim: PublishedClaim, series: Series, told: Circumstances): Verdict {
  const few = tooFew(series);
  if (few) return few;
  const { published } = claim;
  const margin = marginOf(claim);
  if (published.count)
    return judgeDifference(countOf(series), published.count, margin, wording.theirCount(published.text), claim.margin === undefined, told);
  const zone = within(around(published.value, published.unit / 2 + margin), SHARES);
  const found = judgeShareIn(series, zone, told);
  const numbers = { ...found.numbers, margin, marginByDefault: claim.margin === undefined, unit: published.unit };
  return {
    ...found,
    numbers,
    wording: wording.shareAgainstNumber(found.kind, countOf(series), found.interval, published, margin, zone, found.more),
  };
}

/** At most, or at least, such a share of the runs. */
export function judgeShareLimit(claim: LimitClaim, series: Series, told: Circumstances): Verdict {
  const few = tooFew(series);
  if (few) return few;
  const [low, high] = limitZone(claim);
  const zone: Interval = [Math.max(0, low), Math.min(1, high)];
  const found = judgeShareIn(series, zone, told);
  const { margin = 0 } = claim;
  const text = wording.shareAgainstLimit(found.kind, countOf(series), found.interval, zone, claimedLimit(claim, zone), found.more);
  return { ...found, numbers: { ...found.numbers, margin }, wording: text };
}

type Found = Omit<Verdict, 'wording'> & { readonly interval: Interval; readonly more: string };

function judgeShareIn(series: Series, zone: Interval, { alpha, nextAlpha }: Circumstances): Found {
  const { hits, all } = countOf(series);
  const { lower, upper } = clopperPearson(hits, all, alpha);
  const interval: Interval = [lower, upper];
  const kind = kindOf[position(interval, zone)];
  const further =
    kind === 'inconclusive' ? furtherSeeds({ mean: hits / all, sd: spreadOf({ hits, all }), n: all, zone, alpha: nextAlpha }) : undefined;
  const pDiffers = Math.min(1, binomialCdf(hits, all, zone[0]), binomialCdf(all - hits, all, 1 - zone[1]));
  const numbers: Numbers = { n: all, alpha, estimate: { of: 'share', value: hits / all }, interval, zone, pDiffers };
  return {
    kind,
    interval,
    more: wording.moreSeeds(further, 'seed', 'share'),
    ...(further !== undefined && { further }),
    numbers,
    couldDecide: true,
  };
}

/** Of a share of which none or all was seen, never 0. */
const spreadOf = ({ hits, all }: Count): number => {
  const share = (hits + 1) / (all + 2);
  return Math.sqrt(share * (1 - share));
};

/**
 * Two shares, the same up to a margin d: reproduced where both one-sided tests of a difference of -d and of d show that it is between them, differs where one
 * shows that it is beyond. The tests are exact (`differenceP`), and the interval is what they do not reject.
 */
function judgeDifference(
  ours: Count,
  theirs: Count,
  margin: number,
  other: wording.OtherShare,
  isByDefault: boolean,
  { alpha, nextAlpha }: Circumstances,
): Verdict {
  const isInside = differenceP(ours, theirs, -margin) <= alpha && differenceP(theirs, ours, -margin) <= alpha;
  const pDiffers = Math.min(differenceP(ours, theirs, margin), differenceP(theirs, ours, margin));
  const kind: VerdictKind = isInside ? 'reproduced' : pDiffers <= alpha ? 'differs' : 'inconclusive';
  const difference = shareOf(ours) - shareOf(theirs);
  const zone = around(0, margin);
  const interval = agreeing(differenceInterval(ours, theirs, alpha), zone, kind);
  const fixedVariance = spreadOf(theirs) ** 2 / theirs.all;
  const question = { mean: difference, sd: spreadOf(ours), n: ours.all, zone, alpha: nextAlpha, fixedVariance };
  const further = kind === 'inconclusive' ? furtherSeeds(question) : undefined;
  return {
    kind,
    ...(further !== undefined && { further }),
    wording: wording.sharesApart(kind, ours, theirs, other, interval, margin, wording.moreSeeds(further, 'seed', 'difference')),
    numbers: {
      n: ours.all,
      alpha,
      estimate: { of: 'share', value: shareOf(ours) },
      difference,
      interval,
      zone,
      margin,
      marginByDefault: isByDefault,
      reference: { n: theirs.all, mean: shareOf(theirs), sd: Math.sqrt(shareOf(theirs) * (1 - shareOf(theirs))) },
      pDiffers,
    },
    couldDecide: true,
  };
}

/** The ends of an interval are known to 1e-7: one that the test finds on an edge's other side is put on the edge. */
function agreeing([low, high]: Interval, [least, most]: Interval, kind: VerdictKind): Interval {
  if (kind === 'reproduced') return [Math.max(low, least), Math.min(high, most)];
  if (kind === 'differs') return low + high > 0 ? [Math.max(low, most), high] : [low, Math.min(high, least)];
  return [low, high];
}

/** Two cells' shares, the same up to the margin. */
export function judgeEqualShares(claim: EquivalentClaim, of: Series, to: Series, told: Circumstances): Verdict {
  const few = tooFew(of) ?? tooFew(to);
  return few ?? judgeDifference(countOf(of), countOf(to), claim.margin, wording.otherCount(to.label), false, told);
}

/**
 * One cell's share is below (above) another's, by `by` at least: the exact test of a difference of shares, which is Barnard's where `by` is 0. With pairs,
 * McNemar's (1947): the sign test over the pairs of which just one is counted.
 */
export function judgeShareOrder(claim: RankClaim, of: Series, than: Series, told: Circumstances): Verdict {
  const { direction, by, paired } = claim;
  const who = { label: of.label, other: than.label, direction, by };
  const decide = (p: number, pOpposite: number): VerdictKind =>
    p <= told.alpha ? 'reproduced' : pOpposite <= told.alpha ? 'differs' : 'inconclusive';
  if (paired) {
    const pairs = pairsOf(of, than);
    const few = tooFewPairs(
      pairs,
      pairs.map(({ a, b }) => a - b),
      nounOf(of),
    );
    if (few) return few;
    const [below, above] = [pairs.filter(({ a, b }) => a < b).length, pairs.filter(({ a, b }) => a > b).length];
    const [asClaimed, opposite] = direction === 'lower' ? [below, above] : [above, below];
    const { greater: p, less: pOpposite } = signTest(asClaimed, opposite);
    const kind = decide(p, pOpposite);
    const numbers: Numbers = {
      n: pairs.length,
      alpha: told.alpha,
      p,
      pOpposite,
      pDiffers: pOpposite,
      margin: 0,
      seeds: pairs.map(({ seed }) => seed),
    };
    const text = wording.sharesOfPairs(kind, who, asClaimed, opposite, pairs.length, kind === 'differs' ? pOpposite : p);
    return { kind, wording: text, numbers, couldDecide: true };
  }
  const few = tooFew(of) ?? tooFew(than);
  if (few) return few;
  const [ours, theirs] = [countOf(of), countOf(than)];
  const [above, below] = direction === 'lower' ? [theirs, ours] : [ours, theirs];
  const [p, pOpposite] = [differenceP(above, below, by), differenceP(below, above, -by)];
  const kind = decide(p, pOpposite);
  const difference = shareOf(above) - shareOf(below);
  const fixedVariance = spreadOf(theirs) ** 2 / theirs.all;
  const question = {
    mean: difference,
    sd: spreadOf(ours),
    n: ours.all,
    zone: [by, Infinity] as const,
    alpha: told.nextAlpha,
    fixedVariance,
  };
  const further = kind === 'inconclusive' ? furtherSeeds(question) : undefined;
  const text = wording.sharesInOrder(kind, who, ours, theirs, kind === 'differs' ? pOpposite : p, wording.moreToOrder(further, 'seed', by));
  const numbers: Numbers = {
    n: Math.min(ours.all, theirs.all),
    alpha: told.alpha,
    p,
    pOpposite,
    pDiffers: pOpposite,
    margin: by,
    difference,
  };
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}
