import type { EquivalentClaim } from '../claims/claim.js';
import { plural } from '../../diagnostics/numbers.js';
import { type Pair, pairsOf } from '../claims/pairs.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { around, mean, meanInterval, momentsOf, welchInterval } from '../../statistics/means.js';
import { studentTTwoSided } from '../../statistics/distributions.js';
import * as wording from '../claims/wording.js';
import { kindOver, nounOf } from '../claims/over-seeds.js';
import { trimmedMoments, yuenInterval } from '../../statistics/robust.js';
import { allWorst } from './estimate.js';
import { furtherSeeds } from './further.js';
import { allEqual, constantOf, largest, tooFew, tooFewPairs, zeroSpread } from './preconditions.js';
import { type Circumstances, distanceBeyond, kindOf, position, upperTail, type Verdict } from './verdict.js';

/**
 * Two cells are the same up to d: the interval of the mean difference held against ∓d. Pairs of equal seeds that agree in every bit are
 * reproduced at once, if the seed changes anything. Of interquartile means it is Yuen's interval. It is about results of training; whether two models are the same mathematics is not a
 * question for statistics.
 */
export function judgeEquivalent(claim: EquivalentClaim, of: Series, to: Series, told: Circumstances): Verdict {
  const pairs = claim.paired ? pairsOf(of, to) : undefined;
  const differences = pairs?.map(({ a, b }) => a - b) ?? [];
  const few = pairs ? tooFewPairs(pairs, differences, nounOf(of)) : (tooFew(of) ?? tooFew(to));
  if (few) return few;
  const found = certainDifference(claim, of, to) ?? (pairs ? ofPairs(pairs, differences, of, to, told.alpha) : ofRuns(of, to, told.alpha));
  if ('kind' in found) return found;
  const { difference, sd, n, se, df, interval, over, p } = found;
  const { margin } = claim;
  const zone = around(0, margin);
  const kind = kindOf[position(interval, zone, largest([...valuesOf(of), ...valuesOf(to)]))];
  const further = kind === 'inconclusive' ? furtherSeeds({ mean: difference, sd, n, zone, alpha: told.nextAlpha }) : undefined;
  const more = wording.moreSeeds(further, claim.paired ? 'pair' : nounOf(of));
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
      ...(p !== undefined && { pNoDifference: p }),
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
  readonly p?: number;
  /** `5 pairs` */
  readonly over: string;
}

/** Two values that are the same at every seed on purpose have one difference. */
function certainDifference({ deterministic, paired }: EquivalentClaim, of: Series, to: Series): Difference | undefined {
  const [a, b] = [valuesOf(of), valuesOf(to)];
  if (!deterministic || !allEqual(a) || !allEqual(b)) return undefined;
  const difference = mean(a) - mean(b);
  const n = Math.min(a.length, b.length);
  const over = paired ? plural(n, 'pair') : `${a.length} and ${wording.countOf(b.length, nounOf(to))}`;
  return { difference, sd: 0, n, se: 0, df: Infinity, interval: [difference, difference], over };
}

function ofPairs(pairs: readonly Pair[], differences: readonly number[], of: Series, to: Series, alpha: number): Difference | Verdict {
  const n = pairs.length;
  const constant = constantOf([of, to]);
  if (constant) return withDifference(zeroSpread(valuesOf(constant), nounOf(constant), constant.label), differences);
  if (pairs.every(({ a, b }) => Object.is(a, b))) {
    const numbers = { n, difference: 0, interval: [0, 0] as const, zone: [0, 0] as const };
    return { kind: 'reproduced', reason: 'identical', wording: wording.identical(n), numbers, couldDecide: true };
  }
  if (allEqual(differences, largest(pairs.flatMap(({ a, b }) => [a, b]))))
    return withDifference(zeroSpread(differences, 'pair'), differences);
  const { mean: difference, sd, interval } = meanInterval(differences, alpha);
  const se = sd / Math.sqrt(n);
  return { difference, sd, n, se, df: n - 1, interval, over: plural(n, 'pair'), p: studentTTwoSided(difference / se, n - 1) };
}

const withDifference = (verdict: Verdict, differences: readonly number[]): Verdict => ({
  ...verdict,
  numbers: { ...verdict.numbers, difference: mean(differences) },
});

function ofRuns(of: Series, to: Series, alpha: number): Difference | Verdict {
  const constant = constantOf([of, to]);
  if (constant) return zeroSpread(valuesOf(constant), nounOf(constant), constant.label);
  const over = `${of.finished.length} and ${wording.countOf(to.finished.length, nounOf(to))}`;
  if (kindOver(of.overSeeds) === 'interquartile_mean') {
    const [a, b] = [trimmedMoments(valuesOf(of)), trimmedMoments(valuesOf(to))];
    const counts = [of.finished.length, to.finished.length] as const;
    if (![a, b].every(({ mean: middle, se }) => Number.isFinite(middle) && Number.isFinite(se)))
      return allWorst([of, to].find((series) => !Number.isFinite(trimmedMoments(valuesOf(series)).se)) ?? of);
    const { difference, se, df, interval, p } = yuenInterval(a, b, alpha);
    return { difference, sd: Math.sqrt(a.se ** 2 * counts[0] + b.se ** 2 * counts[1]), n: Math.min(...counts), se, df, interval, p, over };
  }
  const [a, b] = [momentsOf(valuesOf(of)), momentsOf(valuesOf(to))];
  const { difference, se, df, interval, p } = welchInterval(a, b, alpha);
  const sd = Math.sqrt(a.variance + b.variance);
  return { difference, sd, n: Math.min(a.count, b.count), se, df, interval, p, over };
}
