import type { LimitClaim, PublishedClaim } from '../claims/claim.js';
import * as wording from '../claims/wording.js';
import { zoneOf } from '../claims/zones.js';
import { ANYWHERE } from '../../statistics/means.js';
import { kept, claimedLimit } from './limit.js';
import { kindOf, position, type Verdict } from './verdict.js';

/**
 * A number that is known without training is held against a printed one, or against a limit, by comparing them: no seed, no interval, and no look
 * is spent. It is reproduced where it rounds to what is printed.
 */
export function judgeKnown(claim: PublishedClaim | LimitClaim, label: string, value: number): Verdict {
  const zone = zoneOf(claim) ?? ANYWHERE;
  const kind = kindOf[position([value, value], claim.kind === 'limit' ? kept(claim, zone) : zone)];
  const text =
    claim.kind === 'limit'
      ? wording.knownAgainstLimit(kind, label, value, claimedLimit(claim, zone))
      : wording.knownAgainstNumber(kind, value, claim.published, claim.margin ?? 0, zone);
  return { kind, wording: text, numbers: { n: 0, mean: value, zone, margin: claim.margin ?? 0 }, couldDecide: false };
}
