import type { ProbabilityClaim, RankClaim } from '../claims/claim.js';
import { nounOf } from '../claims/over-seeds.js';
import { pairsOf } from '../claims/pairs.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { mean, noether, standardDeviation } from '../../statistics/means.js';
import { DUST, hodgesLehmann, rankSum, shareAbove, signedRank, tied } from '../../statistics/ranks.js';
import { signTest } from '../../statistics/tests.js';
import * as wording from '../claims/wording.js';
import { furtherSeeds, rounded } from './further.js';
import { constantOf, FEWEST, largest, zeroSpread } from './preconditions.js';
import type { Circumstances, Further, Verdict, VerdictKind } from './verdict.js';

/** The words for one cell being below or above another: `slower`, `faster` of a speed. */
export interface Comparative {
  readonly lower: string;
  readonly higher: string;
}

/**
 * One cell is below (above) another by `by` at least: exact tests on ranks. Reproduced if the claimed order has p <= alpha, differs if the
 * opposite has. Five pairs are the fewest that can show anything (p = 2^-5 = 0.031), four runs of each the fewest without pairs
 * (p = 0.014). What differs by `by` exactly, up to what binary arithmetic adds, counts for neither side.
 */
export function judgeRank(claim: RankClaim, of: Series, than: Series, words: Comparative, told: Circumstances): Verdict {
  const who = whoIs(claim, of, than, words);
  const verdict = claim.paired ? judgePairs(claim, of, than, who, told) : judgeRuns(claim, of, than, who, told);
  const certain = bothConstant(claim, of, than, who);
  return certain ? { ...certain, numbers: { ...verdict.numbers, ...certain.numbers } } : verdict;
}

export function whoIs({ direction, by }: RankClaim | ProbabilityClaim, of: Series, than: Series, words: Comparative): wording.Compared {
  const [word, opposite] = direction === 'lower' ? [words.lower, words.higher] : [words.higher, words.lower];
  return { label: of.label, other: than.label, word, opposite, by };
}

/** Wilcoxon's signed ranks of the differences in the claimed direction, or their signs alone. */
function judgePairs({ direction, by, test }: RankClaim, of: Series, than: Series, who: wording.Compared, told: Circumstances): Verdict {
  const { pairs, differences, scales, asClaimed, ties } = pairsBeyond(of, than, direction, by);
  const opposite = pairs.length - asClaimed - ties;
  const { greater: p, less: pOpposite } = test === 'sign' ? signTest(asClaimed, opposite) : signedRank(differences, scales);
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
  const count = asClaimed + opposite;
  if (count < needed && Math.min(p, pOpposite) > told.alpha) {
    const text = wording.tooFewPairs(asClaimed, pairs.length, ties, needed);
    return { kind: 'inconclusive', reason: 'few seeds', further: Math.max(1, needed - count), wording: text, numbers, couldDecide: false };
  }
  const kind = decide(p, pOpposite, told.alpha);
  const further = kind === 'inconclusive' ? furtherPairs(differences, told.nextAlpha) : undefined;
  const shownP = kind === 'differs' ? pOpposite : p;
  const counts = { asClaimed, ties, pairs: pairs.length };
  const text = wording.rankInPairs(kind, who, counts, shownP, wording.moreToOrder(further, 'pair', by));
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

/**
 * The differences of pairs in the claimed direction less `by`, the sizes of what was subtracted, and how many are beyond it, and at `by`
 * exactly.
 */
export function pairsBeyond(of: Series, than: Series, direction: RankClaim['direction'], by: number) {
  const pairs = pairsOf(of, than);
  const differences = pairs.map(({ a, b }) => (direction === 'lower' ? difference(b, a) : difference(a, b)) - by);
  const scales = pairs.map(({ a, b }) => largest([a, b, by]));
  const signs = differences.map((d, i) => (Math.abs(d) <= dustOf(scales[i] ?? 0) ? 0 : Math.sign(d)));
  const count = (wanted: number) => signs.filter((sign) => sign === wanted).length;
  return { pairs, differences, scales, asClaimed: count(1), ties: count(0) };
}

/** Wilcoxon's rank sum, Mann and Whitney's U. */
function judgeRuns({ direction, by }: RankClaim, of: Series, than: Series, who: wording.Compared, told: Circumstances): Verdict {
  const [above, below] = shifted(of, than, direction, by);
  const { greater: p, less: pOpposite } = rankSum(above, below);
  const claimedShare = shareAbove(above, below);
  const sizes = [valuesOf(of).length, valuesOf(than).length] as const;
  const fewest = Math.min(...sizes);
  const numbers = { ...common(of, than, direction, by), n: fewest, alpha: told.alpha, p, pOpposite, pDiffers: pOpposite };
  if (fewest < FEWEST || smallestP(sizes) > told.alpha) {
    const needed = fewestOfEach(sizes, told.alpha);
    const text = wording.tooFewRuns(sizes, needed, runNoun(of));
    return { kind: 'inconclusive', reason: 'few seeds', further: Math.max(1, needed - fewest), wording: text, numbers, couldDecide: false };
  }
  const kind = decide(p, pOpposite, told.alpha);
  const further = kind === 'inconclusive' ? furtherRuns(claimedShare, told.nextAlpha, fewest) : undefined;
  const shownP = kind === 'differs' ? pOpposite : p;
  const hasTies = above.some((x) => below.includes(x));
  const text = wording.rankOfRuns(kind, who, { share: claimedShare, hasTies, sizes }, shownP, wording.moreToOrder(further, nounOf(of), by));
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

/** What ranks are of: runs, or blocks of them. */
const runNoun = (series: Series): string => (nounOf(series) === 'seed' ? 'run' : nounOf(series));

/**
 * Two cells of which each gave one value at every seed: no test of chance says anything. If that is so on purpose, the values themselves
 * are compared.
 */
export function bothConstant(
  { deterministic, direction, by }: RankClaim | ProbabilityClaim,
  of: Series,
  than: Series,
  who: wording.Compared,
): Verdict | undefined {
  if (![of, than].every((series) => constantOf([series]) && series.finished.length >= FEWEST)) return undefined;
  if (!deterministic) return zeroSpread(valuesOf(of), nounOf(of), of.label);
  const [a, b] = [mean(valuesOf(of)), mean(valuesOf(than))];
  const beyond = (direction === 'lower' ? b - a : a - b) - by;
  const isTie = Math.abs(beyond) <= DUST * largest([a, b, by]);
  const kind = (isTie ? by > 0 : beyond > 0) ? 'reproduced' : 'differs';
  const n = Math.min(of.finished.length, than.finished.length);
  return { kind, wording: wording.certainOrder(kind, who, a, b), numbers: { n, margin: by, difference: beyond + by }, couldDecide: true };
}

const decide = (p: number, pOpposite: number, alpha: number): VerdictKind => {
  if (p <= alpha) return 'reproduced';
  return pOpposite <= alpha ? 'differs' : 'inconclusive';
};

/** For information: the share P(A > B) + P(A = B)/2 in the claimed direction, and the median shift. */
function common(of: Series, than: Series, direction: RankClaim['direction'], by: number) {
  const [above, below] = shifted(of, than, direction, 0);
  const shift = hodgesLehmann(above, below);
  return { share: shareAbove(above, below), margin: by, ...(Number.isFinite(shift) && { difference: shift }) };
}

/** The values that are claimed to be above, less `by`, and those below; equal up to dust is equal. */
export function shifted(
  of: Series,
  than: Series,
  direction: RankClaim['direction'],
  by: number,
): readonly [readonly number[], readonly number[]] {
  const [above, below] = direction === 'lower' ? [valuesOf(than), valuesOf(of)] : [valuesOf(of), valuesOf(than)];
  const values = tied(
    [...above.map((value) => value - by), ...below],
    [...above.map((value) => largest([value, by])), ...below.map(Math.abs)],
  );
  return [values.slice(0, above.length), values.slice(above.length)];
}

const dustOf = (scale: number): number => (Number.isFinite(scale) ? DUST * scale : 0);

/** Two diverged seeds tie. */
const difference = (x: number, y: number): number => (x === y ? 0 : x - y);

/** The fewest pairs that are enough if all point one way. */
export const fewestPairs = (alpha: number): number => Math.ceil(-Math.log2(alpha) - 1e-9);

/** The p-value if all runs of one side are above all of the other: one choice of all. */
function smallestP([n, m]: readonly [number, number]): number {
  let choices = 1;
  for (let i = 1; i <= n; i++) choices = (choices * (m + i)) / i;
  return 1 / choices;
}

/** How many of each would be enough, where those that are there stay. */
function fewestOfEach([n, m]: readonly [number, number], alpha: number): number {
  let least = FEWEST;
  while (smallestP([Math.max(n, least), Math.max(m, least)]) > alpha) least++;
  return least;
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
  return needed === undefined ? 'many' : rounded(Math.max(needed, fewestOfEach([0, 0], alpha)) - n, n);
}
