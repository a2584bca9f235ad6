import type { Claim, LimitClaim } from './claim.js';
import type { CellRuns } from './samples.js';
import { ANYWHERE, around, type Interval, mean, standardDeviation } from '../../statistics/means.js';

/** What is known of a cell's metric before anything is run. */
export type KnownMetric = Pick<CellRuns, 'better' | 'chance' | 'range'>;

/** The margin of a claim about one cell; what stands in where none is declared. */
export function marginOf(claim: Extract<Claim, { kind: 'published' | 'reference' | 'limit' }>): number {
  switch (claim.kind) {
    case 'published':
      return claim.margin ?? (claim.published.count ? 1 / claim.published.count.all : claim.published.unit);
    case 'reference':
      return claim.margin ?? Math.max(claim.printed, standardDeviation(claim.runs));
    case 'limit':
      return claim.margin ?? 0;
    default:
      return claim satisfies never;
  }
}

/** What counts as the same, in the metric's unit; none of a claim about two cells. */
export function zoneOf(claim: Claim): Interval | undefined {
  switch (claim.kind) {
    case 'published':
      return around(claim.published.value, claim.published.unit / 2 + marginOf(claim));
    case 'reference':
      return around(mean(claim.runs), marginOf(claim));
    case 'limit':
      return limitZone(claim);
    case 'rank':
    case 'probability':
    case 'across':
    case 'ranks':
    case 'ratio':
    case 'equivalent':
      return undefined;
    default:
      return claim satisfies never;
  }
}

export function limitZone({ side, bound, margin = 0 }: LimitClaim): Interval {
  const { value, unit } = typeof bound === 'number' ? { value: bound, unit: 0 } : bound;
  const reach = unit / 2 + margin;
  return side === 'at_most' ? [-Infinity, value + reach] : [value - reach, Infinity];
}

/** Why a claim tells little, whatever comes out: its zone holds all that a value can be, or the best answer that ignores the input. */
type Weakness = 'holds everything' | 'holds chance';

export function weaknessOf(claim: Claim, { better = 'lower', chance, range = ANYWHERE }: KnownMetric): Weakness | undefined {
  const [least, most] = range;
  if (claim.kind === 'equivalent') {
    const best = better === 'higher' ? most : least;
    if (chance !== undefined && claim.margin >= Math.abs(best - chance)) return 'holds chance';
    return claim.margin >= most - least ? 'holds everything' : undefined;
  }
  const zone = zoneOf(claim);
  if (!zone) return undefined;
  // At most so accurate is no praise: that chance is so too takes nothing away.
  const isPraise = claim.kind !== 'limit' || (claim.side === 'at_least') === (better === 'higher');
  if (isPraise && chance !== undefined && chance >= zone[0] && chance <= zone[1]) return 'holds chance';
  return zone[0] <= least && zone[1] >= most ? 'holds everything' : undefined;
}

/** Nobody chose how wide it is: a margin that stands in for none, or the rounding of a bound that was printed. */
export function isByDefault(claim: Claim): boolean {
  if (claim.margin !== undefined) return false;
  return claim.kind === 'published' || claim.kind === 'reference' || (claim.kind === 'limit' && typeof claim.bound !== 'number');
}
