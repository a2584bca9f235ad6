import type { RankClaim } from '../claim.js';
import { pairsOf } from '../pairs.js';
import { type Series, valuesOf } from '../samples.js';
import { mean, standardDeviation } from '../statistics/moments.js';
import { noether } from '../statistics/power.js';
import { hodgesLehmann, rankSum, shareAbove } from '../statistics/rank-sum.js';
import { signedRank } from '../statistics/signed-rank.js';
import * as wording from '../wording.js';
import { furtherSeeds, rounded } from './further.js';
import type { Circumstances, Further, Verdict, VerdictKind } from './verdict.js';

/** The words for one cell being below or above another: `slower`, `faster` of a speed. */
export interface Comparative {
  readonly lower: string;
  readonly higher: string;
}

/**
 * One cell is below (above) another by `by` at least: exact tests on ranks, which assume nothing about shapes. Reproduced if the claimed
 * order has p <= alpha, differs if the opposite has. Five pairs are the fewest that can show anything (p = 2^-5 = 0.031), four runs of each
 * the fewest without pairs (p = 0.014).
 */
export function judgeRank(claim: RankClaim, of: Series, than: Series, words: Comparative, told: Circumstances): Verdict {
  const isLower = claim.direction === 'lower';
  const who: wording.Compared = {
    label: of.label,
    other: than.label,
    word: isLower ? words.lower : words.higher,
    opposite: isLower ? words.higher : words.lower,
    by: wording.byAtLeast(claim.by),
  };
  return claim.paired ? judgePairs(claim, of, than, who, told) : judgeRuns(claim, of, than, who, told);
}

/** Wilcoxon's signed ranks of the differences, in the claimed direction. */
function judgePairs({ direction, by }: RankClaim, of: Series, than: Series, who: wording.Compared, told: Circumstances): Verdict {
  const pairs = pairsOf(of, than);
  const differences = pairs.map(({ a, b }) => (direction === 'lower' ? difference(b, a) : difference(a, b)) - by);
  const { greater: p, less: pOpposite, count } = signedRank(differences);
  const asClaimed = differences.filter((d) => d > 0).length;
  const opposite = differences.filter((d) => d < 0).length;
  const needed = fewestPairs(told.alpha);
  const numbers = {
    ...common(of, than, direction, by),
    n: pairs.length,
    alpha: told.alpha,
    p,
    pOpposite,
    pDiffers: pOpposite,
    seeds: pairs.map(({ seed }) => seed),
  };
  if (count < needed && Math.min(p, pOpposite) > told.alpha) {
    const text = wording.tooFewPairs(asClaimed, pairs.length, needed);
    return { kind: 'inconclusive', reason: 'few seeds', further: Math.max(1, needed - count), wording: text, numbers, couldDecide: false };
  }
  const kind = decide(p, pOpposite, told.alpha);
  const further = kind === 'inconclusive' ? furtherPairs(differences, told.nextAlpha) : undefined;
  const shownP = kind === 'differs' ? pOpposite : p;
  const text = wording.rankInPairs(kind, who, asClaimed, opposite, pairs.length, shownP, wording.moreSeeds(further, 'pair'));
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

/** Wilcoxon's rank sum, Mann and Whitney's U. */
function judgeRuns({ direction, by }: RankClaim, of: Series, than: Series, who: wording.Compared, told: Circumstances): Verdict {
  const [above, below] = direction === 'lower' ? [valuesOf(than), valuesOf(of)] : [valuesOf(of), valuesOf(than)];
  const shifted = above.map((value) => value - by);
  const { greater: p, less: pOpposite } = rankSum(shifted, below);
  const claimedShare = shareAbove(shifted, below);
  const sizes = [valuesOf(of).length, valuesOf(than).length] as const;
  const fewest = Math.min(...sizes);
  const numbers = { ...common(of, than, direction, by), n: fewest, alpha: told.alpha, p, pOpposite, pDiffers: pOpposite };
  if (smallestP(sizes) > told.alpha) {
    const needed = fewestRuns(told.alpha);
    const text = wording.tooFewRuns(sizes, needed);
    return { kind: 'inconclusive', reason: 'few seeds', further: Math.max(1, needed - fewest), wording: text, numbers, couldDecide: false };
  }
  const kind = decide(p, pOpposite, told.alpha);
  const further = kind === 'inconclusive' ? furtherRuns(claimedShare, told.nextAlpha, fewest) : undefined;
  const shownP = kind === 'differs' ? pOpposite : p;
  const text = wording.rankOfRuns(kind, who, claimedShare, sizes, shownP, wording.moreSeeds(further, 'seed'));
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

const decide = (p: number, pOpposite: number, alpha: number): VerdictKind => {
  if (p <= alpha) return 'reproduced';
  return pOpposite <= alpha ? 'differs' : 'inconclusive';
};

/** For information: the share P(A > B) + P(A = B)/2 in the claimed direction, and the median shift. */
function common(of: Series, than: Series, direction: RankClaim['direction'], by: number) {
  const [above, below] = direction === 'lower' ? [valuesOf(than), valuesOf(of)] : [valuesOf(of), valuesOf(than)];
  const shift = hodgesLehmann(above, below);
  return { share: shareAbove(above, below), margin: by, ...(Number.isFinite(shift) && { difference: shift }) };
}

/** Two diverged seeds tie. */
const difference = (x: number, y: number): number => (x === y ? 0 : x - y);

/** The fewest pairs that are enough if all point one way. */
const fewestPairs = (alpha: number): number => Math.ceil(-Math.log2(alpha) - 1e-9);

/** The p-value if all runs of one side are above all of the other: one choice of all. */
function smallestP([n, m]: readonly [number, number]): number {
  let choices = 1;
  for (let i = 1; i <= n; i++) choices = (choices * (m + i)) / i;
  return 1 / choices;
}

function fewestRuns(alpha: number): number {
  let n = 1;
  while (smallestP([n, n]) > alpha) n++;
  return n;
}

/** By the interval of the differences held against (0, ∞); ranks need a twentieth more than t (their efficiency is 3/π). */
function furtherPairs(differences: readonly number[], alpha: number): Further {
  const n = differences.length;
  const oneWay = differences.every((d) => d > 0) || differences.every((d) => d < 0);
  if (oneWay) return Math.max(1, fewestPairs(alpha) - n);
  const finite = differences.filter(Number.isFinite);
  return furtherSeeds({ mean: mean(finite), sd: standardDeviation(finite), n, zone: [0, Infinity], alpha }, 1.05);
}

function furtherRuns(share: number, alpha: number, n: number): Further {
  const needed = noether(share, alpha);
  return needed === undefined ? 'many' : rounded(Math.max(needed, fewestRuns(alpha)) - n, n);
}
