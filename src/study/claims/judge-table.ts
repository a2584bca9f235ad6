import { type CellName, cellsOf, type Claim } from './claim.js';
import type { Judgement, Registered, TableFacts, Tuning } from './facts.js';
import { footnotesOf, readingOf } from './footnotes.js';
import { registeredLine } from './footnotes/of-conduct.js';
import type { Footnote } from './footnotes/rule.js';
import { oneAccident } from './accident.js';
import type { InterimLooks } from './interim-looks.js';
import { judge } from './judge.js';
import { limitByKnown } from './known.js';
import { countsRuns, judgedSeries, type OverSeeds, rangeOver } from './over-seeds.js';
import type { TwoLevels } from '../../statistics/two-levels.js';
import { type CellRuns, levelsOf, type Series, seriesOf, valuesOf } from './samples.js';
import { type Interval, type MeanInterval, meanInterval } from '../../statistics/means.js';
import { type Count, shareOf } from '../../statistics/shares.js';
import { clopperPearson } from '../../statistics/tests.js';
import { judgeStages, withSeeds } from './stages.js';
import type { OverExamples } from '../by-examples.js';
import { ourEstimate, possible, valueOver } from '../verdicts/estimate.js';
import { effectsOf } from '../verdicts/effects.js';
import { countOf } from '../verdicts/share.js';
import type { VerdictKind } from '../verdicts/verdict.js';

export interface JudgedCell {
  readonly name: CellName;
  readonly n: number;
  /** Mean and 95 % interval of what finished, as far as values can lie; from two seeds on. */
  readonly ours?: MeanInterval;
  /** Of a row that nobody trains, its known number. */
  readonly mean?: number;
  /** What is shown in place of the mean: what the column takes over the seeds, its value as far as there is one, and its 95 % interval. */
  readonly over?: { readonly seeds: OverSeeds; readonly value?: number; readonly interval?: Interval; readonly count?: Count };
  /** How far other examples might move a seed, where runs keep it. */
  readonly byExamples?: OverExamples;
  /** What is counted, where it is no seed; and how far these lie apart, and the seeds of one. */
  readonly each?: 'split';
  readonly levels?: TwoLevels;
  /** Numbers of the claims about this cell alone, from 0. */
  readonly claims: readonly number[];
  /** The worst of their verdicts is the cell's colour. */
  readonly worst?: VerdictKind;
}

export interface JudgedTable {
  readonly cells: readonly JudgedCell[];
  readonly judgements: readonly Judgement[];
  readonly footnotes: readonly Footnote[];
  /** By row, how a sweep selected its configuration, where one does. */
  readonly tunings?: Readonly<Record<string, Tuning>>;
  /** How verdicts are to be read, where there are any. */
  readonly reading: readonly string[];
  readonly registered?: Registered;
}

/** Every claim, every cell, and what must be said about them. */
export function judgeTable(facts: TableFacts): JudgedTable {
  const { claims, cell, interimLooks, onRecord = () => undefined, stages, device } = facts;
  const judgements = claims.map((claim): Judgement => {
    const cells = cellsOf(claim).map(cell);
    const [first] = cells;
    const range = first?.range && rangeOver(first);
    const counts = first && countsRuns(first.overSeeds) ? cells.map((runs) => countOf(judgedSeries(runs))) : undefined;
    const limit = limitByKnown(claim, cell);
    const asked = { cell, interimLooks: interimLooks(claim), device };
    const { verdict, stage } = stages ? judgeStages(claim, { cell, device, stages }) : { verdict: judge(claim, asked), stage: undefined };
    const judging = stage ? { ...asked, cell: (name: CellName) => withSeeds(cell(name), stage.seeds), interimLooks: stage.look } : asked;
    const hasMore = cellsOf(claim).some(onRecord);
    return {
      claim,
      verdict,
      ...(stage && { stage }),
      ...(hasMore && { overAll: judge(claim, { ...asked, cell: (name) => onRecord(name) ?? cell(name) }) }),
      ...(limit && { limit }),
      ...(range && { range }),
      ...(counts && { counts }),
      get effects() {
        return effectsOf(claim, judging.cell);
      },
      get oneAccident() {
        return oneAccident(limit ?? claim, verdict, judging);
      },
    };
  });
  const cells = facts.names.map((name) => judgedCell(name, cell(name), judgements));
  const looked = { ...facts, interimLooks: (claim: Claim) => looksOf(judgements, claim) ?? interimLooks(claim), judgements };
  const registered = facts.protocol?.registered;
  const tunings = Object.entries(facts.rows ?? {}).flatMap(([row, { tuning }]) => (tuning ? [[row, tuning] as const] : []));
  return {
    cells,
    judgements,
    footnotes: footnotesOf(looked),
    ...(tunings.length > 0 && { tunings: Object.fromEntries(tunings) }),
    reading: [...readingOf(looked), ...(registered ? [registeredLine(registered)] : [])],
    ...(registered && { registered }),
  };
}

/** Where stages are the looks, that of the verdict. */
const looksOf = (judgements: readonly Judgement[], claim: Claim): InterimLooks | undefined =>
  judgements.find((judgement) => judgement.claim === claim)?.stage?.look;

function judgedCell(name: CellName, runs: CellRuns, judgements: readonly Judgement[]): JudgedCell {
  const series = seriesOf(runs);
  const values = valuesOf(series);
  const judged = judgedSeries(runs);
  const mine = judgements.flatMap(({ claim }, index) => ('cell' in claim && sameCell(claim.cell, name) ? [index] : []));
  const kinds = mine.flatMap((index) => judgements[index]?.verdict.kind ?? []);
  const worst = WORST_FIRST.find((kind) => kinds.includes(kind));
  const ours = values.length > 1 ? possible(meanInterval(values, 0.025), series) : undefined;
  const mean = runs.known ?? ours?.mean ?? values[0];
  const { byExamples, each } = runs;
  const levels = levelsOf(series);
  return {
    name,
    n: judged.finished.length,
    claims: mine,
    ...(ours && { ours }),
    ...(judged.overSeeds !== undefined && runs.known === undefined && { over: overOf(judged) }),
    ...(mean !== undefined && { mean }),
    ...(byExamples && { byExamples }),
    ...(each && { each }),
    ...(levels && { levels }),
    ...(worst && { worst }),
  };
}

function overOf(series: Series): NonNullable<JudgedCell['over']> {
  const { overSeeds = 'mean', finished } = series;
  if (countsRuns(overSeeds)) {
    const count = countOf(series);
    const { lower, upper } = clopperPearson(count.hits, count.all, 0.025);
    return { seeds: overSeeds, ...(count.all > 0 && { value: shareOf(count), count, interval: [lower, upper] }) };
  }
  const value = finished.length === 0 ? Number.NaN : valueOver(series);
  const found = finished.length > 1 ? ourEstimate({}, series, undefined, 0.025) : undefined;
  const interval = found && 'interval' in found ? found.interval : undefined;
  return { seeds: overSeeds, ...(Number.isFinite(value) && { value }), ...(interval && { interval }) };
}

export const sameCell = (a: CellName, b: CellName): boolean => a[0] === b[0] && a[1] === b[1];

/** Claims about two cells stand under the table. */
export const isUnderTable = (claim: Claim): boolean => cellsOf(claim).length > 1;

const WORST_FIRST: readonly VerdictKind[] = ['differs', 'not_run', 'inconclusive', 'not_claimable', 'reproduced'];
