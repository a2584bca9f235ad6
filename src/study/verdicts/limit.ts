import type { LimitClaim } from '../claims/claim.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { limitZone } from '../claims/zones.js';
import { binomialCdf, clopperPearson } from '../../statistics/tests.js';
import { ANYWHERE, type Interval, within } from '../../statistics/means.js';
import * as wording from '../claims/wording.js';
import { nounOf } from '../claims/over-seeds.js';
import { furtherSeeds } from './further.js';
import { boundText, constantOf, FEWEST, tooFew, zeroSpread } from './preconditions.js';
import { numbersOf, ourEstimate } from './estimate.js';
import { type Circumstances, kindOf, position, type Verdict, withoutEdges } from './verdict.js';

/** At most U (at least L), of the mean: the zone is (-∞, U + d]; a bound that was printed gets half its unit on top. The default margin is 0. */
export function judgeLimit(claim: LimitClaim, series: Series, resolution: number | undefined, told: Circumstances): Verdict {
  if (claim.share !== undefined) return judgeShare(claim, claim.share, series, resolution, told);
  const ours = ourEstimate(claim, series, resolution, told.alpha);
  if ('verdict' in ours) return ours.verdict;
  const { side, margin = 0 } = claim;
  const { of, value, sd, interval } = ours;
  const n = series.finished.length;
  const whose = claim.against && series.label;
  const zone = within(limitZone(claim), series.range ?? ANYWHERE);
  const kind = kindOf[position(interval, kept(claim, zone))];
  const further = kind === 'inconclusive' ? furtherSeeds({ mean: value, sd, n, zone, alpha: told.nextAlpha }, ours.cost) : undefined;
  const text = wording.limit(
    kind,
    side,
    of,
    value,
    interval,
    1 - told.alpha,
    claimedLimit(claim, zone),
    wording.moreSeeds(further, nounOf(series), of),
    zone,
    whose,
  );
  const seeds = series.finished.map(({ seed }) => seed);
  const numbers = { n, alpha: told.alpha, ...numbersOf(ours), zone, margin, pDiffers: ours.pOutside(zone), seeds };
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
  const zone = limitZone(claim);
  const within = values.filter((value) => position([value, value], kept(claim, zone)) === 'inside').length;
  const { lower, upper } = clopperPearson(within, n, alpha);
  const kind = kindOf[position([lower, upper], [wanted, Infinity])];
  return {
    kind,
    wording: wording.limitOfRuns(
      kind,
      within,
      n,
      [lower, upper],
      1 - alpha,
      claimedLimit(claim, zone),
      wanted,
      claim.against && series.label,
    ),
    numbers: { n, alpha, share: within / n, interval: [lower, upper], zone: [wanted, 1], pDiffers: binomialCdf(within, n, wanted) },
    couldDecide: true,
  };
}

/** Where values keep the limit; its edges do too, but those of a strict order against a known number. */
export const kept = ({ against }: LimitClaim, zone: Interval): Interval => (against?.isStrict ? withoutEdges(zone) : zone);

/** The claim in words: `at most 1.25`, `lower than persistence (48.66)`. */
export const claimedLimit = ({ side, bound, margin = 0, against }: LimitClaim, zone: Interval): string =>
  against?.words ?? `${wording.SIDES[side]} ${wording.withMargin(boundText(bound), margin, zone[side === 'at_most' ? 1 : 0])}`;
