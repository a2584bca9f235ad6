import type { RatioClaim } from '../claims/claim.js';
import { pairsOf } from '../claims/pairs.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { type Interval, mean as meanOf, meanInterval, momentsOf, welchInterval } from '../../statistics/means.js';
import { plain } from '../../diagnostics/numbers.js';
import { nounOf } from '../claims/over-seeds.js';
import * as wording from '../claims/wording.js';
import { furtherSeeds } from './further.js';
import { allEqual, largest, tooFew, tooFewPairs, zeroSpread } from './preconditions.js';
import { type Circumstances, distanceBeyond, kindOf, position, upperTail, type Verdict } from './verdict.js';

/**
 * One cell is at least (at most) so many times another. The ratio is of geometric means: l = ln a - ln b over pairs, or Welch's interval of
 * the means of ln a and ln b, held against the logarithm of the bound. Values must be above 0, and the margin below the bound.
 */
export function judgeRatio(claim: RatioClaim, of: Series, to: Series, times: string, told: Circumstances): Verdict {
  const { side, margin = 0 } = claim;
  const n0 = { numbers: { n: 0 }, couldDecide: false };
  if (margin >= claim.bound)
    return { ...n0, kind: 'not_claimable', reason: 'margin too large', wording: wording.ratioMarginTooLarge(margin, claim.bound) };
  const wrong = [...of.finished, ...to.finished].find(({ value }) => value <= 0);
  if (wrong)
    return { ...n0, kind: 'not_claimable', reason: 'not positive', wording: wording.notPositive(wrong.seed, wrong.value, nounOf(of)) };
  const found = certainRatio(claim, of, to) ?? (claim.paired ? ofPairs(of, to, told.alpha) : ofRuns(of, to, told.alpha));
  if ('verdict' in found) return found.verdict;
  const { mean, sd, n, se, df, interval } = found;
  const zone: Interval = side === 'at_least' ? [Math.log(claim.bound - margin), Infinity] : [-Infinity, Math.log(claim.bound + margin)];
  const kind = kindOf[position(interval, zone, largest([1, ...interval]))];
  const further = kind === 'inconclusive' ? furtherSeeds({ mean, sd, n, zone, alpha: told.nextAlpha }) : undefined;
  const ratio = Math.exp(mean);
  const of95: Interval = [Math.exp(interval[0]), Math.exp(interval[1])];
  const allowed: Interval = [Math.exp(zone[0]), Math.exp(zone[1])];
  const bound = wording.withMargin(plain(claim.bound), margin, allowed[side === 'at_most' ? 1 : 0]);
  const more = wording.moreSeeds(further, claim.paired ? 'pair' : nounOf(of));
  return {
    kind,
    ...(further !== undefined && { further }),
    wording: wording.ratio(kind, ratio, of95, times, side, bound, more, allowed),
    numbers: {
      n,
      alpha: told.alpha,
      ratio,
      interval: of95,
      zone: allowed,
      margin,
      df,
      pDiffers: upperTail(distanceBeyond(mean, zone), se, df),
    },
    couldDecide: true,
  };
}

interface LogRatio {
  readonly mean: number;
  /** Of one more pair, or of one more run on each side. */
  readonly sd: number;
  readonly n: number;
  readonly se: number;
  readonly df: number;
  readonly interval: Interval;
}

/** Two values that are the same at every seed on purpose have one ratio. */
function certainRatio({ deterministic }: RatioClaim, of: Series, to: Series): LogRatio | { readonly verdict: Verdict } | undefined {
  const [a, b] = [valuesOf(of), valuesOf(to)];
  if (!deterministic || !allEqual(a) || !allEqual(b)) return undefined;
  const few = tooFew(of) ?? tooFew(to);
  if (few) return { verdict: few };
  const mean = Math.log(meanOf(a) / meanOf(b));
  return { mean, sd: 0, n: Math.min(a.length, b.length), se: 0, df: Infinity, interval: [mean, mean] };
}

function ofPairs(of: Series, to: Series, alpha: number): LogRatio | { readonly verdict: Verdict } {
  const pairs = pairsOf(of, to);
  const logs = pairs.map(({ a, b }) => Math.log(a / b));
  const few = tooFewPairs(pairs, logs.map(Math.exp), nounOf(of));
  if (few) return { verdict: few };
  if (allEqual(logs, largest([1, ...logs]))) return { verdict: zeroSpread(logs.map(Math.exp), 'pair') };
  const { mean, sd, interval } = meanInterval(logs, alpha);
  return { mean, sd, n: logs.length, se: sd / Math.sqrt(logs.length), df: logs.length - 1, interval };
}

function ofRuns(of: Series, to: Series, alpha: number): LogRatio | { readonly verdict: Verdict } {
  const few = tooFew(of) ?? tooFew(to);
  if (few) return { verdict: few };
  if (allEqual(valuesOf(of)) && allEqual(valuesOf(to))) return { verdict: zeroSpread(valuesOf(of), nounOf(of), of.label) };
  const a = momentsOf(valuesOf(of).map(Math.log));
  const b = momentsOf(valuesOf(to).map(Math.log));
  const { difference, se, df, interval } = welchInterval(a, b, alpha);
  return { mean: difference, sd: Math.sqrt(a.variance + b.variance), n: Math.min(a.count, b.count), se, df, interval };
}
