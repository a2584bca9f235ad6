import type { Store } from '../record/layout.js';
import { secondsOfRun } from '../record/works.js';
import { mean, sum } from '../statistics/means.js';
import { type CellName, cellsOf } from './claims/claim.js';
import { cannotDecide } from './claims/foresee.js';
import type { PreparedTable } from './prepare-study.js';
import { firstSeeds, stagesOf } from './replicates.js';
import type { SettledRun } from './settled.js';
import { foreseeTable, type Verdicts } from './verdicts.js';

/** What a table whose seeds come in stages may come to. */
export interface StagesForecast {
  readonly claims: readonly ClaimForecast[];
  readonly rows: readonly RowForecast[];
}

interface ClaimForecast {
  /** The claim's number in the document, from 0. */
  readonly claim: number;
  readonly cells: readonly CellName[];
  readonly isDecided: boolean;
  /** That any stage decides it; undefined where nothing tells how its runs will spread. */
  readonly chance?: number;
  /** Seeds of each of its rows when it is decided, or gets no more. */
  readonly seeds?: number;
  /** Stages, by their seeds, at which not even the clearest runs decide it. */
  readonly never: readonly number[];
}

interface RowForecast {
  readonly row: string;
  /** Undefined where nothing tells of one of its claims. */
  readonly seeds?: number;
  /** Of those that are still to be trained, by the runs of this row that are on record, else by what was measured. */
  readonly secondsLeft?: number;
}

/**
 * By what is on record, else by the spread of the runs that a claim is held against, if there is no difference. `measured`: seconds of a run by its
 * row, where a moment of one was trained. Undefined of a table without stages.
 */
export function forecastStages(
  store: Store,
  prepared: PreparedTable,
  verdicts: () => Verdicts,
  measured: ReadonlyMap<string, number>,
): StagesForecast | undefined {
  const { table, claims, works } = prepared;
  const { stages: counts = [], until = Infinity } = stagesOf(table.config) ?? {};
  if (counts.length === 0) return undefined;
  const { judged, settled } = verdicts();
  const most = Math.min(until, counts.at(-1) ?? 0);
  const found = judged.judgements.flatMap(({ claim, stage }) => {
    if (!stage) return [];
    const isOpen = stage.outlook === 'open' || stage.outlook === 'until';
    const foresight = isOpen ? foreseeTable(prepared, claim, settled, stage.number) : undefined;
    const ends = isOpen ? foresight?.ends : [stage.seeds];
    const chance = isOpen ? foresight && sum(foresight.chances) : Number(stage.outlook === 'decided');
    return [{ claim, ends, chance, isDecided: stage.outlook === 'decided' }];
  });
  const about = (row: string) => found.filter(({ claim }) => cellsOf(claim).some(([of]) => of === row));
  return {
    claims: found.map(({ claim, ends, chance, isDecided }) => ({
      claim: claims.indexOf(claim),
      cells: cellsOf(claim),
      isDecided,
      ...(chance !== undefined && { chance }),
      ...(ends && { seeds: mean(ends) }),
      never: isDecided ? [] : counts.filter((count) => cannotDecide(claim, counts, count)),
    })),
    rows: Object.keys(table.config.rows).flatMap((row) => {
      const mine = works.filter((work) => work.rows.includes(row));
      if (mine.length === 0) return [];
      const all = about(row).map(({ ends }) => ends);
      const futures = Math.max(1, ...all.map((ends) => ends?.length ?? 0));
      const isTold = all.every((ends) => ends !== undefined);
      // Claims about a row share its seeds: it has as many as the last of them needs.
      const needed = firstSeeds(futures).map((_, future) =>
        Math.min(most, Math.max(counts[0] ?? 0, ...all.map((ends = []) => ends[future % Math.max(1, ends.length)] ?? 0))),
      );
      const seeds = isTold ? mean(needed) : undefined;
      const done = settled.filter(({ id }) => mine.some((work) => work.id === id));
      const each = secondsOf(store, done) ?? measured.get(row);
      const folds = mine.length / Math.max(1, new Set(mine.map(({ seed }) => seed)).size);
      const left = seeds === undefined ? undefined : Math.max(0, seeds * folds - done.length);
      return [
        { row, ...(seeds !== undefined && { seeds }), ...(each !== undefined && left !== undefined && { secondsLeft: each * left }) },
      ];
    }),
  };
}

/** What a run took on the mean, where the records tell. */
function secondsOf(store: Store, runs: readonly SettledRun[]): number | undefined {
  const known = runs.flatMap(({ run }) => secondsOfRun(store, run) ?? []);
  return known.length === 0 ? undefined : mean(known);
}
