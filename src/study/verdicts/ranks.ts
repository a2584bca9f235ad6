import { criticalDifference, friedman, smallestFriedmanP } from '../../statistics/friedman.js';
import { tied } from '../../statistics/ranks.js';
import type { RanksClaim } from '../claims/claim.js';
import type { CellRuns } from '../claims/samples.js';
import * as wording from '../claims/wording.js';
import { valuesOverSeeds } from './across.js';
import type { Ranking, Verdict, VerdictKind } from './verdict.js';

/**
 * Several methods over several data sets (Demšar 2006): of each data set, what the column takes over the seeds is one value of a method, and these are
 * ranked. Friedman's test says whether the methods differ, Nemenyi's critical difference which two of them. That they differ is *reproduced* or open, as no
 * test shows that methods are equal; that one is before each of the others by the critical difference *differs* where another one is before it by as much.
 *
 * @param cells [method, data set]
 */
export function judgeRanks(claim: RanksClaim, cells: readonly (readonly CellRuns[])[], alpha: number): Verdict {
  const { methods, dataSets: n, best, excludesDiverged } = claim;
  const found = valuesOverSeeds(cells.flat(), excludesDiverged);
  if ('held' in found) return found.held;
  const k = methods.length;
  const sign = cells[0]?.[0]?.better === 'higher' ? -1 : 1;
  const rows = Array.from({ length: n }, (_, set) => methods.map((__, method) => sign * (found.values[method * n + set] ?? Number.NaN)));
  const { ranks, p, ...test } = friedman(rows.map((row) => tied(row, row.map(Math.abs))));
  const least = criticalDifference(n, k, alpha);
  const isBefore = (a: number, b: number): boolean => p <= alpha && (ranks[b] ?? 0) - (ranks[a] ?? 0) >= least;
  const others = methods.flatMap((_, method) => (method === best ? [] : [method]));
  const ranking: Ranking = {
    methods,
    ranks,
    first: sign === 1 ? 'lowest' : 'highest',
    ...test,
    criticalDifference: least,
    before: methods.map((_, method) => methods.flatMap((__, other) => (isBefore(method, other) ? [other] : []))),
  };
  const numbers = { n, alpha, p, ranking };
  if (smallestFriedmanP(n, k) > alpha || (best !== undefined && least > k - 1)) {
    const text = wording.tooFewToRank(ranking, n, fewestDataSets(k, alpha, best === undefined ? 'different' : 'best'));
    return { kind: 'inconclusive', reason: 'few seeds', further: 'never', wording: text, numbers, couldDecide: false };
  }
  const kind: VerdictKind =
    best === undefined
      ? p <= alpha
        ? 'reproduced'
        : 'inconclusive'
      : others.every((other) => isBefore(best, other))
        ? 'reproduced'
        : others.some((other) => isBefore(other, best))
          ? 'differs'
          : 'inconclusive';
  return { kind, wording: wording.ranksOver(kind, ranking, n, p, alpha, best), numbers, couldDecide: true };
}

/**
 * The fewest data sets on which k methods can be found to differ; with `best`, on which one can be found before all others: where it is the first everywhere,
 * and the others tie at (k + 2) / 2.
 */
export function fewestDataSets(k: number, alpha: number, claimed: 'different' | 'best'): number {
  const furthest = claimed === 'best' ? k / 2 : Infinity;
  let n = 2;
  while (smallestFriedmanP(n, k) > alpha || criticalDifference(n, k, alpha) > furthest) n++;
  return n;
}
