import { type CellName, cellsOf, type Claim } from './claim.js';
import type { Judgement, Registered, TableFacts } from './facts.js';
import { type Footnote, footnotesOf, readingOf, registeredLine } from './footnotes.js';
import { judge } from './judge.js';
import { limitByKnown } from './known.js';
import { type CellRuns, seriesOf, valuesOf } from './samples.js';
import { type MeanInterval, meanInterval } from '../../statistics/means.js';
import type { OverExamples } from '../by-examples.js';
import { possible } from '../verdicts/our-mean.js';
import type { VerdictKind } from '../verdicts/verdict.js';

export interface JudgedCell {
  readonly name: CellName;
  readonly n: number;
  /** Mean and 95 % interval of what finished, as far as values can lie; from two seeds on. */
  readonly ours?: MeanInterval;
  /** Of a row that nobody trains, its known number. */
  readonly mean?: number;
  /** How far other examples might move a seed, where runs keep it. */
  readonly byExamples?: OverExamples;
  /** Numbers of the claims about this cell alone, from 0. */
  readonly claims: readonly number[];
  /** The worst of their verdicts is the cell's colour. */
  readonly worst?: VerdictKind;
}

export interface JudgedTable {
  readonly cells: readonly JudgedCell[];
  readonly judgements: readonly Judgement[];
  readonly footnotes: readonly Footnote[];
  /** How verdicts are to be read, where there are any. */
  readonly reading: readonly string[];
  readonly registered?: Registered;
}

/** Every claim, every cell, and what must be said about them. */
export function judgeTable(facts: TableFacts): JudgedTable {
  const { claims, cell, interimLooks, device } = facts;
  const judgements = claims.map((claim): Judgement => {
    const [range] = cellsOf(claim).map((name) => cell(name).range);
    const limit = limitByKnown(claim, cell);
    return {
      claim,
      verdict: judge(claim, { cell, interimLooks: interimLooks(claim), device }),
      ...(limit && { limit }),
      ...(range && { range }),
    };
  });
  const cells = facts.names.map((name) => judgedCell(name, cell(name), judgements));
  const registered = facts.protocol?.registered;
  return {
    cells,
    judgements,
    footnotes: footnotesOf({ ...facts, judgements }),
    reading: [...readingOf({ ...facts, judgements }), ...(registered ? [registeredLine(registered)] : [])],
    ...(registered && { registered }),
  };
}

function judgedCell(name: CellName, runs: CellRuns, judgements: readonly Judgement[]): JudgedCell {
  const series = seriesOf(runs);
  const values = valuesOf(series);
  const mine = judgements.flatMap(({ claim }, index) => ('cell' in claim && sameCell(claim.cell, name) ? [index] : []));
  const kinds = mine.flatMap((index) => judgements[index]?.verdict.kind ?? []);
  const worst = WORST_FIRST.find((kind) => kinds.includes(kind));
  const ours = values.length > 1 ? possible(meanInterval(values, 0.025), series) : undefined;
  const mean = runs.known ?? ours?.mean ?? values[0];
  const { byExamples } = runs;
  return {
    name,
    n: values.length,
    claims: mine,
    ...(ours && { ours }),
    ...(mean !== undefined && { mean }),
    ...(byExamples && { byExamples }),
    ...(worst && { worst }),
  };
}

export const sameCell = (a: CellName, b: CellName): boolean => a[0] === b[0] && a[1] === b[1];

/** Claims about two cells stand under the table. */
export const isUnderTable = (claim: Claim): boolean => cellsOf(claim).length > 1;

const WORST_FIRST: readonly VerdictKind[] = ['differs', 'not_run', 'inconclusive', 'not_claimable', 'reproduced'];
