import type { EquivalentClaim } from '../claim.js';
import { count } from '../figures.js';
import { pairsOf } from '../pairs.js';
import { type Series, valuesOf } from '../samples.js';
import { around, meanInterval } from '../statistics/interval.js';
import { studentTTwoSided } from '../statistics/student-t.js';
import { momentsOf, welchInterval } from '../statistics/welch.js';
import * as wording from '../wording.js';
import { furtherSeeds } from './further.js';
import { allEqual, tooFew } from './gate.js';
import { zeroSpread } from './our-mean.js';
import { upperTail } from './published.js';
import { type Circumstances, distanceBeyond, kindOf, position, type Verdict } from './verdict.js';

/**
 * Two cells are the same up to d: the interval of the mean difference held against ∓d. Pairs of equal seeds that agree in every bit are
 * reproduced at once. It is about results of training; whether two models are the same mathematics is not a question for statistics.
 */
export function judgeEquivalent(claim: EquivalentClaim, of: Series, to: Series, told: Circumstances): Verdict {
  const found = claim.paired ? ofPairs(of, to, told.alpha) : ofRuns(of, to, told.alpha);
  if ('kind' in found) return found;
  const { difference, sd, n, se, df, interval, over, p } = found;
  const { margin } = claim;
  const zone = around(0, margin);
  const kind = kindOf[position(interval, zone)];
  const further = kind === 'inconclusive' ? furtherSeeds({ mean: difference, sd, n, zone, alpha: told.nextAlpha }) : undefined;
  const more = wording.moreSeeds(further, claim.paired ? 'pair' : 'seed');
  return {
    kind,
    ...(further !== undefined && { further }),
    wording: wording.equivalence(kind, difference, interval, over, margin, more),
    numbers: {
      n,
      alpha: told.alpha,
      difference,
      sd,
      se,
      df,
      interval,
      zone,
      margin,
      pNoDifference: p,
      pDiffers: upperTail(distanceBeyond(difference, zone), se, df),
    },
    couldDecide: true,
  };
}

interface Difference {
  readonly difference: number;
  readonly sd: number;
  readonly n: number;
  readonly se: number;
  readonly df: number;
  readonly interval: readonly [number, number];
  readonly p: number;
  /** `5 pairs` */
  readonly over: string;
}

function ofPairs(of: Series, to: Series, alpha: number): Difference | Verdict {
  const pairs = pairsOf(of, to);
  const differences = pairs.map(({ a, b }) => a - b);
  const n = pairs.length;
  const few = tooFew({ ...of, finished: pairs.map(({ seed, a, b }) => ({ seed, value: a - b })) });
  if (few) return few;
  if (pairs.every(({ a, b }) => Object.is(a, b))) {
    const numbers = { n, difference: 0, interval: [0, 0] as const, zone: [0, 0] as const };
    return { kind: 'reproduced', reason: 'identical', wording: wording.identical(n), numbers, couldDecide: true };
  }
  if (allEqual(differences)) {
    const verdict = zeroSpread(differences, 'pair');
    return { ...verdict, numbers: { ...verdict.numbers, difference: differences[0] ?? 0 } };
  }
  const { mean, sd, interval } = meanInterval(differences, alpha);
  const se = sd / Math.sqrt(n);
  return { difference: mean, sd, n, se, df: n - 1, interval, over: count(n, 'pair'), p: studentTTwoSided(mean / se, n - 1) };
}

function ofRuns(of: Series, to: Series, alpha: number): Difference | Verdict {
  const few = tooFew(of) ?? tooFew(to);
  if (few) return few;
  if (allEqual(valuesOf(of)) && allEqual(valuesOf(to))) return zeroSpread(valuesOf(of), 'seed');
  const [a, b] = [momentsOf(valuesOf(of)), momentsOf(valuesOf(to))];
  const { difference, se, df, interval, p } = welchInterval(a, b, alpha);
  const sd = Math.sqrt(a.variance + b.variance);
  return { difference, sd, n: Math.min(a.count, b.count), se, df, interval, p, over: `${a.count} and ${count(b.count, 'seed')}` };
}
