import { firstSeeds, type Stages } from '../replicates.js';
import { sum } from '../../statistics/means.js';
import { isDecided, type Verdict } from '../verdicts/verdict.js';
import { type CellName, cellsOf, type Claim } from './claim.js';
import { foresee } from './foresee.js';
import type { InterimLooks } from './interim-looks.js';
import { judge } from './judge.js';
import { type CellRuns, seriesOf } from './samples.js';
import * as wording from './wording.js';

/** Where a claim stands whose seeds are added in stages. */
export interface ClaimStage {
  readonly look: InterimLooks;
  /** The stage that the verdict is of, from 1; 0 while the first one is not complete. */
  readonly number: number;
  /** The seeds of that stage, on which alone the verdict rests. */
  readonly seeds: number;
  readonly outlook: Outlook;
  /** Of an open claim: the chance that each stage, from the first, is the one that decides it. */
  readonly chances?: readonly number[];
}

/**
 * What more seeds would do for a claim. `open`: they may decide it. `never`: no number of them does. `close`: the truth is so near to the edge that
 * all stages together hardly would. `all`: there is no further stage. `until`: there is, and for now it is not asked for.
 */
type Outlook = 'decided' | 'open' | 'never' | 'close' | 'all' | 'until';

/** A claim with a smaller chance to be decided by the last stage gets no more seeds. */
const HOPELESS = 0.05;

interface Judging {
  readonly cell: (name: CellName) => CellRuns;
  readonly device: string;
  readonly stages: Stages;
}

/**
 * A claim by the stages that are complete: all of their seeds have finished or diverged in each of its cells. Each is judged over its own seeds and
 * no others, and the first that decides is the verdict, whatever later ones would say. So it does not depend on who trains which seed when.
 */
export function judgeStages(claim: Claim, { cell, device, stages }: Judging): { readonly verdict: Verdict; readonly stage?: ClaimStage } {
  const { stages: counts, until = Infinity } = stages;
  const trained = cellsOf(claim)
    .map(cell)
    .filter(({ known }) => known === undefined);
  if (trained.length === 0) return { verdict: judge(claim, { cell, interimLooks: { declared: 1, number: 1 }, device }) };
  const lookAt = (number: number): InterimLooks => ({ declared: counts.length, number, stages: counts });
  const verdictAt = (number: number, seeds = counts[number - 1] ?? 0): Verdict =>
    judge(claim, { cell: (name) => withSeeds(cell(name), seeds), interimLooks: lookAt(number), device });
  const settled = Math.min(...trained.map(settledSeeds));
  const complete = counts.filter((count) => count <= settled).length;
  if (complete === 0) {
    const stage = { look: lookAt(1), number: 0, seeds: 0, outlook: 'open' } as const;
    return { verdict: beforeStages(verdictAt(1, 0), settled, counts[0] ?? 0), stage };
  }

  let number = 1;
  let verdict = verdictAt(1);
  while (number < complete && !isDecided(verdict.kind)) verdict = verdictAt(++number);
  const seeds = counts[number - 1] ?? 0;
  const stage = { look: lookAt(number), number, seeds };
  if (isDecided(verdict.kind)) {
    const last = number < complete ? verdictAt(complete).kind : verdict.kind;
    const later = last === verdict.kind ? undefined : { seeds: counts[complete - 1] ?? 0, kind: last };
    return { verdict: atStage(verdict, wording.decidedAt(number, counts.length, seeds, later)), stage: { ...stage, outlook: 'decided' } };
  }
  const told = atStage(verdict, wording.stillOpenAt(number, counts.length, seeds));
  if (verdict.further === 'never' || verdict.kind === 'not_claimable') return { verdict: told, stage: { ...stage, outlook: 'never' } };
  if (number === counts.length) return { verdict: told, stage: { ...stage, outlook: 'all' } };
  const { chances } = foresee(claim, { cell: (name) => withSeeds(cell(name), seeds), device, counts, complete: number }) ?? {};
  const outlook = chances && sum(chances) < HOPELESS ? 'close' : seeds >= until ? 'until' : 'open';
  return { verdict: told, stage: { ...stage, outlook, ...(chances && { chances }) } };
}

/** Of how many seeds, from the first, all have finished or diverged. */
function settledSeeds(runs: CellRuns): number {
  const { finished, diverged, unrecorded } = seriesOf(runs);
  const settled = new Set([...finished.map(({ seed }) => seed), ...diverged, ...unrecorded]);
  let count = 0;
  while (settled.has(count + 1)) count++;
  return count;
}

/** The seeds 1 to `count` of a cell, as if there were no others. */
export const withSeeds = (runs: CellRuns, count: number): CellRuns =>
  runs.known === undefined ? { ...runs, seeds: firstSeeds(count), samples: runs.samples.filter(({ seed }) => seed <= count) } : runs;

/** A cell as its stages ask for it: the seeds that it has, and those that the stage it is in still lacks. */
export function askedSeeds(runs: CellRuns, { stages }: Stages): CellRuns {
  const most = runs.samples.reduce((seed, sample) => Math.max(seed, sample.seed), 1);
  return { ...runs, seeds: firstSeeds(stages.find((count) => count >= most) ?? most) };
}

const atStage = (verdict: Verdict, told: string): Verdict => ({ ...verdict, wording: `${verdict.wording}; ${told}` });

/** Before the first stage is complete nothing is judged. `none`: what is said of no seeds at all. */
function beforeStages(none: Verdict, settled: number, first: number): Verdict {
  if (none.kind !== 'not_run') return none;
  if (settled === 0) return { ...none, wording: wording.notRun(0, first, 0, 'seed') };
  return {
    kind: 'inconclusive',
    reason: 'few seeds',
    further: first - settled,
    wording: wording.firstStage(settled, first),
    numbers: { n: settled },
    couldDecide: false,
  };
}
