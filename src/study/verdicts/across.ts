import { DUST, signedRank } from '../../statistics/ranks.js';
import { signTest } from '../../statistics/tests.js';
import type { AcrossClaim } from '../claims/claim.js';
import { judgedSeries, nounOf } from '../claims/over-seeds.js';
import { type CellRuns, type Series } from '../claims/samples.js';
import * as wording from '../claims/wording.js';
import { valueOver } from './estimate.js';
import { largest } from './preconditions.js';
import { type Comparative, fewestPairs } from './rank.js';
import type { Circumstances, Verdict } from './verdict.js';

/**
 * One method is below (above) another over several data sets (Demšar 2006): of each, what the column takes over the seeds of the one less that of the other
 * is one difference, and those are tested by Wilcoxon's signed ranks, or by their signs. How many seeds a value rests on does not count: a data set is one
 * observation. Five are the fewest that can show anything at the first of two looks.
 */
export function judgeAcross(
  claim: AcrossClaim,
  of: readonly CellRuns[],
  than: readonly CellRuns[],
  words: Comparative,
  told: Circumstances,
): Verdict {
  const { direction, by, test, excludesDiverged } = claim;
  const found = valuesOverSeeds([...of, ...than], excludesDiverged);
  if ('held' in found) return found.held;
  const { values } = found;
  const pairs = of.map((_, index): readonly [number, number] => [values[index] ?? Number.NaN, values[of.length + index] ?? Number.NaN]);
  const beyond = pairs.map(([a, b]) => (direction === 'lower' ? b - a : a - b) - by);
  const scales = pairs.map(([a, b]) => largest([a, b, by]));
  const signs = beyond.map((each, index) => (Math.abs(each) <= DUST * (scales[index] ?? 0) ? 0 : Math.sign(each)));
  const [asClaimed, opposite] = [signs.filter((sign) => sign > 0).length, signs.filter((sign) => sign < 0).length];
  const { greater: p, less: pOpposite } = test === 'sign' ? signTest(asClaimed, opposite) : signedRank(beyond, scales);
  const n = pairs.length;
  const numbers = { n, alpha: told.alpha, p, pOpposite, pDiffers: pOpposite, margin: by, differences: pairs.map(([a, b]) => a - b) };
  const who = { word: direction === 'lower' ? words.lower : words.higher, by };
  const needed = fewestPairs(told.alpha);
  const counts = { asClaimed, ties: n - asClaimed - opposite, pairs: n };
  if (asClaimed + opposite < needed) {
    const text = wording.tooFewDataSets(who, counts, needed);
    return { kind: 'inconclusive', reason: 'few seeds', further: 'never', wording: text, numbers, couldDecide: false };
  }
  const kind = p <= told.alpha ? 'reproduced' : pOpposite <= told.alpha ? 'differs' : 'inconclusive';
  return { kind, wording: wording.overDataSets(kind, who, counts, kind === 'differs' ? pOpposite : p), numbers, couldDecide: true };
}

/** What a column takes over the seeds of each cell, or a known number; `held` where one has no such value. */
export function valuesOverSeeds(
  cells: readonly CellRuns[],
  excludesDiverged?: boolean,
): { readonly held: Verdict } | { readonly values: readonly number[] } {
  const judged = (runs: CellRuns): Series => judgedSeries(runs, excludesDiverged);
  const held = heldBack(cells.filter(({ known }) => known === undefined).map(judged), excludesDiverged);
  return held ? { held } : { values: cells.map((runs) => runs.known ?? valueOver(judged(runs))) };
}

/** A data set that lacks a value, or of which seeds diverged, whose mean is no number. */
function heldBack(all: readonly Series[], excludesDiverged = false): Verdict | undefined {
  const labelsOf = (cells: readonly Series[]): readonly string[] => cells.map(({ label }) => label);
  const none = { numbers: { n: 0 }, couldDecide: false };
  const lacking = { ...none, kind: 'inconclusive', further: 'never' } as const;
  const empty = all.filter(({ finished, diverged }) => finished.length + diverged.length === 0);
  if (empty.length > 0) return { ...none, kind: 'not_run', wording: wording.cellsNotRun(labelsOf(empty), nounOf(empty[0] ?? {})) };
  const lost = all.filter(
    (series) => series.finished.length === 0 || (!excludesDiverged && series.diverged.length > 0) || !Number.isFinite(valueOver(series)),
  );
  if (lost.length > 0) return { ...lacking, reason: 'diverged', wording: wording.cellsDiverged(labelsOf(lost)) };
  const bare = all.filter(({ unrecorded }) => unrecorded.length > 0);
  return bare.length === 0 ? undefined : { ...lacking, reason: 'not recorded', wording: wording.cellsUnrecorded(labelsOf(bare)) };
}
