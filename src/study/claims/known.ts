import { decimalsFor, fixed, plain } from '../../diagnostics/numbers.js';
import { type CellName, cellsOf, type Claim, type LimitClaim, type RankClaim, type RatioClaim, type Terms } from './claim.js';
import type { CellRuns } from './samples.js';
import { byAtLeast, SIDES } from './wording.js';

/**
 * A claim about two cells of which one is a known number says nothing of chance on that side: it is a limit on the other cell. Of two known numbers
 * the claimed one is held against the limit that the other is. Undefined where both cells are runs.
 *
 *     lower: [lstm, …], than: [persistence, …]                   at most 48.66          judged as `at_most` is, but 48.66 itself is not lower
 *     higher: [persistence, …], than: [lstm, …], by: 2           at most 46.66
 *     ratio: {of: [lstm, …], to: [persistence, …], at_most: 0.9}  at most 43.79
 */
export function limitByKnown(claim: Claim, cell: (name: CellName) => CellRuns): LimitClaim | undefined {
  if (claim.kind !== 'rank' && claim.kind !== 'ratio') return undefined;
  const [first, second] = cellsOf(claim).map(cell);
  if (second?.known !== undefined) return limitBy(claim, second, second.known, false);
  return first?.known === undefined ? undefined : limitBy(claim, first, first.known, true);
}

/** `isFirst`: the known number is the one that is claimed to be lower, or so many times the other. */
function limitBy(claim: RankClaim | RatioClaim, { label, digits = 0 }: CellRuns, known: number, isFirst: boolean): LimitClaim {
  const shown = (value: number): string => fixed(value, Math.max(digits, decimalsFor(value, 4)));
  const number = `${label} (${shown(known)})`;
  if (claim.kind === 'rank') {
    const { direction, by, share, of, than, ...others } = claim;
    const isBelow = (direction === 'lower') !== isFirst;
    return {
      ...termsOf(others),
      kind: 'limit',
      cell: isFirst ? than : of,
      side: isBelow ? 'at_most' : 'at_least',
      bound: isBelow ? known - by : known + by,
      ...(share !== undefined && { share }),
      against: { words: `${isBelow ? 'lower' : 'higher'} than ${number}${byAtLeast(by)}`, isStrict: by === 0 },
    };
  }
  const { side, bound, margin = 0, of, to, ...others } = claim;
  const allowed = side === 'at_most' ? bound + margin : bound - margin;
  const times = `${SIDES[side]} ${plain(bound)} times`;
  const withMargin = margin === 0 ? '' : `, with margin ${plain(margin)}`;
  if (!isFirst) {
    const edge = known * allowed;
    const words = `${times} ${number}${withMargin}, which allows ${shown(edge)}`;
    return { ...termsOf(others), kind: 'limit', cell: of, side, bound: edge, against: { words, isStrict: false } };
  }
  // That a / b is at most r says that b is at least a / r.
  const edge = known / allowed;
  const opposite = side === 'at_most' ? 'at_least' : 'at_most';
  const words = `${SIDES[opposite]} ${shown(edge)}, so that ${number} is ${times} as much${withMargin}`;
  return { ...termsOf(others), kind: 'limit', cell: to, side: opposite, bound: edge, against: { words, isStrict: false } };
}

/** How a claim is to be judged, without what is about its form: a margin is in the bound, and pairs there are none. */
const termsOf = ({ confidence, because, source, deviceBound, excludesDiverged, deterministic }: Terms): Terms => ({
  confidence,
  ...(because !== undefined && { because }),
  ...(source !== undefined && { source }),
  ...(deviceBound !== undefined && { deviceBound }),
  ...(excludesDiverged && { excludesDiverged }),
  ...(deterministic && { deterministic }),
});
