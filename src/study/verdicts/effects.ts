import { cliffsDelta, cliffsDeltaOfPairs, type EffectSize, hedgesG, hedgesGOfPairs } from '../../statistics/effect-sizes.js';
import { DUST, tied } from '../../statistics/ranks.js';
import { type CellName, cellsOf, type Claim, isOverDataSets } from '../claims/claim.js';
import { countsRuns, judgedSeries } from '../claims/over-seeds.js';
import { pairsOf } from '../claims/pairs.js';
import { type CellRuns, valuesOf } from '../claims/samples.js';
import { FEWEST, largest } from './preconditions.js';

/** How far the claimed cell is above the other side, negative where it is below, each with its 95 % interval. */
export interface Effects {
  /** Two samples of runs, or the differences of pairs. */
  readonly between: 'runs' | 'pairs';
  /** Left out without a spread, or where that is nothing beside the difference, and where a run diverged, which has no mean. */
  readonly hedgesG?: EffectSize;
  readonly cliffsDelta: EffectSize;
}

/** Of a claim about two cells of runs, or about a cell and the runs of a reference, from three on each side. */
export function effectsOf(claim: Claim, cell: (name: CellName) => CellRuns): Effects | undefined {
  if (isOverDataSets(claim)) return undefined;
  const cells = cellsOf(claim).map(cell);
  if (cells.some(({ known, overSeeds }) => known !== undefined || countsRuns(overSeeds))) return undefined;
  const [ours, other] = cells.map((runs) => judgedSeries(runs, claim.excludesDiverged));
  if (!ours) return undefined;
  if (claim.kind === 'reference') return ofRuns(valuesOf(ours), claim.runs);
  if (!other) return undefined;
  if (!('paired' in claim) || !claim.paired) return ofRuns(valuesOf(ours), valuesOf(other));
  const pairs = pairsOf(ours, other);
  if (pairs.length < FEWEST) return undefined;
  // What binary arithmetic makes of equal values is no difference, and two diverged seeds tie.
  const isDust = (a: number, b: number): boolean => Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= DUST * largest([a, b]);
  const differences = pairs.map(({ a, b }) => (a === b || isDust(a, b) ? 0 : a - b));
  const g = differences.every(Number.isFinite) ? hedgesGOfPairs(differences, SIDE) : undefined;
  return { between: 'pairs', ...(g && { hedgesG: g }), cliffsDelta: cliffsDeltaOfPairs(differences, SIDE) };
}

function ofRuns(a: readonly number[], b: readonly number[]): Effects | undefined {
  if (Math.min(a.length, b.length) < FEWEST) return undefined;
  const values = tied([...a, ...b], [...a, ...b].map(Math.abs));
  const g = values.every(Number.isFinite) ? hedgesG(a, b, SIDE) : undefined;
  return { between: 'runs', ...(g && { hedgesG: g }), cliffsDelta: cliffsDelta(values.slice(0, a.length), values.slice(a.length), SIDE) };
}

/** On each side of a 95 % interval. */
const SIDE = 0.025;
