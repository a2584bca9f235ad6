import type { LimitClaim } from '../claims/claim.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { binomialCdf, clopperPearson } from '../../statistics/tests.js';
import { ANYWHERE, type Interval, within } from '../../statistics/means.js';
import * as wording from '../claims/wording.js';
import { furtherSeeds } from './further.js';
import { boundText, constantOf, FEWEST, tooFew, zeroSpread } from './preconditions.js';
import { ourMean } from './our-mean.js';
import { upperTail } from './published.js';
import { type Circumstances, distanceBeyond, kindOf, position, type Verdict } from './verdict.js';

/** At most U (at least L), of the mean: the zone is (-∞, U + d]; a bound that was printed gets half its unit on top. The default margin is 0. */
export function judgeLimit(claim: LimitClaim, series: Series, resolution: number | undefined, told: Circumstances): Verdict {
  if (claim.share !== undefined) return judgeShare(claim, claim.share, series, resolution, told);
  const ours = ourMean(claim, series, resolution, told.alpha);
  if ('verdict' in ours) return ours.verdict;
  const { side, bound, margin = 0 } = claim;
  const { mean, sd, interval, runInterval } = ours;
  const n = series.finished.length;
  const zone = within(zoneOf(claim), series.range ?? ANYWHERE);
  const kind = kindOf[position(interval, zone)];
  const further = kind === 'inconclusive' ? furtherSeeds({ mean, sd, n, zone, alpha: told.nextAlpha }) : undefined;
  const shown = wording.withMargin(boundText(bound), margin, side === 'at_most' ? zone[1] : zone[0]);
  const text = wording.limit(kind, side, mean, interval, 1 - told.alpha, shown, wording.moreSeeds(further), zone);
  const pDiffers = upperTail(distanceBeyond(mean, zone), sd / Math.sqrt(n), n - 1);
  const seeds = series.finished.map(({ seed }) => seed);
  const numbers = { n, alpha: told.alpha, mean, sd, interval, runInterval, zone, margin, pDiffers, seeds };
  return { kind, ...(further !== undefined && { further }), wording: text, numbers, couldDecide: true };
}

/**
 * A share of the runs keeps the limit: exact bounds of k of n (Clopper & Pearson 1934). A diverged run doesn't keep it. All n inside prove
 * a share of alpha^(1/n) only: five runs 0.48.
 */
function judgeShare(claim: LimitClaim, wanted: number, series: Series, resolution: number | undefined, { alpha }: Circumstances): Verdict {
  const values = valuesOf(series);
  const n = values.length + series.diverged.length;
  const few = n < FEWEST ? tooFew(series) : undefined;
  if (few) return few;
  if (constantOf([series]) && !claim.deterministic && !resolution) return zeroSpread(values, 'seed');
  const zone = zoneOf(claim);
  const within = values.filter((value) => position([value, value], zone) === 'inside').length;
  const { lower, upper } = clopperPearson(within, n, alpha);
  const kind = kindOf[position([lower, upper], [wanted, Infinity])];
  const shown = wording.withMargin(boundText(claim.bound), claim.margin ?? 0, zone[claim.side === 'at_most' ? 1 : 0]);
  return {
    kind,
    wording: wording.limitOfRuns(kind, claim.side, within, n, [lower, upper], 1 - alpha, shown, wanted),
    numbers: { n, alpha, share: within / n, interval: [lower, upper], zone: [wanted, 1], pDiffers: binomialCdf(within, n, wanted) },
    couldDecide: true,
  };
}

function zoneOf({ side, bound, margin = 0 }: LimitClaim): Interval {
  const [value, half] = typeof bound === 'number' ? [bound, 0] : [bound.value, bound.unit / 2];
  return side === 'at_most' ? [-Infinity, value + half + margin] : [value - half - margin, Infinity];
}
