import type { RatioClaim } from '../claim.js';
import { pairsOf } from '../pairs.js';
import { type Series, valuesOf } from '../samples.js';
import { type Interval, meanInterval } from '../statistics/interval.js';
import { momentsOf, welchInterval } from '../statistics/welch.js';
import { plain } from '../figures.js';
import * as wording from '../wording.js';
import { furtherSeeds } from './further.js';
import { allEqual, tooFew } from './gate.js';
import { zeroSpread } from './our-mean.js';
import { upperTail } from './published.js';
import { type Circumstances, distanceBeyond, kindOf, position, type Verdict } from './verdict.js';

/**
 * One cell is at least (at most) so many times another. The ratio is of geometric means: l = ln a - ln b over pairs, or Welch's interval of
 * the means of ln a and ln b, held against the logarithm of the bound. Values must be above 0.
 */
export function judgeRatio(claim: RatioClaim, of: Series, to: Series, times: string, told: Circumstances): Verdict {
  const wrong = [...of.finished, ...to.finished].find(({ value }) => value <= 0);
  if (wrong) {
    const text = wording.notPositive(wrong.seed, wrong.value);
    return { kind: 'not_claimable', reason: 'not positive', wording: text, numbers: { n: 0 }, couldDecide: false };
  }
  const found = claim.paired ? ofPairs(of, to, told.alpha) : ofRuns(of, to, told.alpha);
  if ('verdict' in found) return found.verdict;
  const { side, margin = 0 } = claim;
  const { mean, sd, n, se, df, interval } = found;
  const zone: Interval = side === 'at_least' ? [Math.log(claim.bound - margin), Infinity] : [-Infinity, Math.log(claim.bound + margin)];
  const kind = kindOf[position(interval, zone)];
  const further = kind === 'inconclusive' ? furtherSeeds({ mean, sd, n, zone, alpha: told.nextAlpha }) : undefined;
  const ratio = Math.exp(mean);
  const of95: Interval = [Math.exp(interval[0]), Math.exp(interval[1])];
  const allowed: Interval = [Math.exp(zone[0]), Math.exp(zone[1])];
  const bound = wording.withMargin(plain(claim.bound), margin, allowed[side === 'at_most' ? 1 : 0]);
  const more = wording.moreSeeds(further, claim.paired ? 'pair' : 'seed');
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

function ofPairs(of: Series, to: Series, alpha: number): LogRatio | { readonly verdict: Verdict } {
  const pairs = pairsOf(of, to);
  const logs = pairs.map(({ a, b }) => Math.log(a / b));
  const few = tooFew({ ...of, finished: pairs.map(({ seed, a, b }) => ({ seed, value: a / b })) });
  if (few) return { verdict: few };
  if (allEqual(logs)) return { verdict: zeroSpread(logs.map(Math.exp), 'pair') };
  const { mean, sd, interval } = meanInterval(logs, alpha);
  return { mean, sd, n: logs.length, se: sd / Math.sqrt(logs.length), df: logs.length - 1, interval };
}

function ofRuns(of: Series, to: Series, alpha: number): LogRatio | { readonly verdict: Verdict } {
  const few = tooFew(of) ?? tooFew(to);
  if (few) return { verdict: few };
  if (allEqual(valuesOf(of)) && allEqual(valuesOf(to))) return { verdict: zeroSpread(valuesOf(of), 'seed') };
  const a = momentsOf(valuesOf(of).map(Math.log));
  const b = momentsOf(valuesOf(to).map(Math.log));
  const { difference, se, df, interval } = welchInterval(a, b, alpha);
  return { mean: difference, sd: Math.sqrt(a.variance + b.variance), n: Math.min(a.count, b.count), se, df, interval };
}
