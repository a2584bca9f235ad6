import type { ProbabilityClaim } from '../claims/claim.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { brunnerMunzel, probabilityInterval } from '../../statistics/brunner-munzel.js';
import { binomialCdf, clopperPearson } from '../../statistics/tests.js';
import type { Interval } from '../../statistics/means.js';
import { studentTCdf } from '../../statistics/distributions.js';
import * as wording from '../claims/wording.js';
import { furtherSeeds } from './further.js';
import { FEWEST } from './preconditions.js';
import { bothConstant, type Comparative, pairsBeyond, shifted, whoIs } from './rank.js';
import type { Circumstances, Further, Verdict, VerdictKind } from './verdict.js';

/**
 * A run of one cell is below (above) one of another with a probability of `bound` at least, ties half: the interval of that probability held
 * against [bound, 1]. Without pairs it is Brunner and Munzel's, which holds for unequal spreads and shapes; of pairs it is Clopper and
 * Pearson's of the share of pairs, with ties on the side that proves less. Five runs of each, or five pairs, are the fewest that can show
 * one half at the first of two looks; a higher probability takes more, however clear the order is.
 */
export function judgeProbability(claim: ProbabilityClaim, of: Series, than: Series, words: Comparative, told: Circumstances): Verdict {
  const { bound, by, paired } = claim;
  const who = whoIs(claim, of, than, words);
  const found = paired ? ofPairs(claim, of, than, told.alpha) : ofRuns(claim, of, than, told.alpha);
  const { n, share, interval, found: counted } = found;
  const numbers = { n, alpha: told.alpha, share, interval, zone: [bound, 1] as const, margin: by, pDiffers: found.pDiffers };
  const certain = bothConstant(claim, of, than, who);
  if (certain) return { ...certain, numbers: { ...numbers, ...certain.numbers } };
  const [toShow, toRefute] = [fewestFor(bound, told.alpha), fewestFor(1 - bound, told.alpha)];
  if (n < Math.min(toShow, toRefute)) {
    const needed = Math.min(toShow, toRefute);
    const text = wording.tooFewToCompare(n, paired ? 'pair' : 'run', needed);
    return { kind: 'inconclusive', reason: 'few seeds', further: needed - n, wording: text, numbers, couldDecide: false };
  }
  const kind = decide(interval, bound);
  const further = kind === 'inconclusive' ? furtherOf(found, bound, told.nextAlpha) : undefined;
  const text = wording.probabilityOf(kind, who, counted, interval, bound, wording.moreToBound(further, paired ? 'pair' : 'seed', bound));
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

interface Found {
  /** Pairs, or runs of the smaller cell. */
  readonly n: number;
  readonly share: number;
  readonly se: number;
  readonly interval: Interval;
  readonly pDiffers: number;
  readonly found: wording.PairCounts | wording.RunCounts;
}

function ofPairs({ direction, by, bound }: ProbabilityClaim, of: Series, than: Series, alpha: number): Found {
  const { pairs, asClaimed, ties } = pairsBeyond(of, than, direction, by);
  const n = pairs.length;
  const share = (asClaimed + ties / 2) / n;
  const interval: Interval =
    n === 0 ? [0, 1] : [clopperPearson(asClaimed, n, alpha).lower, clopperPearson(asClaimed + ties, n, alpha).upper];
  const pDiffers = n === 0 ? 1 : binomialCdf(asClaimed + ties, n, bound);
  return { n, share, se: Math.sqrt((share * (1 - share)) / n), interval, pDiffers, found: { asClaimed, ties, pairs: n } };
}

function ofRuns({ direction, by, bound }: ProbabilityClaim, of: Series, than: Series, alpha: number): Found {
  const [above, below] = shifted(of, than, direction, by);
  const n = Math.min(above.length, below.length);
  const sizes = [valuesOf(of).length, valuesOf(than).length] as const;
  const counted = (share: number) => ({ share, hasTies: above.some((x) => below.includes(x)), sizes });
  if (n < 2) return { n, share: Number.NaN, se: 0, interval: [0, 1], pDiffers: 1, found: counted(Number.NaN) };
  const { share, se, df } = brunnerMunzel(above, below);
  const pDiffers = se > 0 ? studentTCdf((share - bound) / se, df) : share === 0 ? (1 - bound) ** n : 1;
  return { n, share, se, interval: probabilityInterval(above, below, alpha), pDiffers, found: counted(share) };
}

/** Edges belong to what they bound: an interval that ends at one half excludes it. */
function decide([low, high]: Interval, bound: number): VerdictKind {
  if (low >= bound) return 'reproduced';
  return high <= bound ? 'differs' : 'inconclusive';
}

/** The fewest runs that prove a probability where all are on one side: n with alpha^(1/n) >= bound. */
const fewestFor = (bound: number, alpha: number): number => Math.max(FEWEST, Math.ceil(Math.log(alpha) / Math.log(bound) - 1e-9));

function furtherOf({ n, share, se }: Found, bound: number, alpha: number): Further {
  const needed = fewestFor(share >= bound ? bound : 1 - bound, alpha) - n;
  if (se === 0) return share === 0.5 ? 'many' : Math.max(1, needed);
  const further = furtherSeeds({ mean: share, sd: se * Math.sqrt(n), n, zone: [bound, Infinity], alpha });
  return typeof further === 'number' ? Math.max(further, needed) : further;
}
