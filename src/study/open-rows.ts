import type { Plan } from '../planning/plan.js';
import { sum } from '../statistics/means.js';
import { type CellName, cellsOf, type Claim } from './claims/claim.js';
import type { Judgement } from './claims/facts.js';
import type { PlannedWork } from './plan-rows.js';
import type { PreparedTable } from './prepare-study.js';
import type { Stages } from './replicates.js';

/** Rows whose seeds are added in stages, which are trained next. */
export interface NextStage {
  /** From 1. */
  readonly number: number;
  /** The first one first. */
  readonly rows: readonly string[];
  /** In the order of the rows, then of the seeds. */
  readonly works: readonly PlannedWork[];
  /** How many these rows have at this stage, with those that are done. */
  readonly trials: number;
}

/**
 * What is trained next of a table whose seeds come in stages: each row to the first one; from there on each row of a claim that is open to the stage
 * after the one that left it open. Rows at the lowest such stage come first, all of them together, so that what was interrupted goes on as if
 * it had not been. Among these the order is that of expected decisions for the cost: the chances of the open claims about a row to be decided there,
 * over its new seeds times what training one computes. All of it follows from the document and from stages that are complete, so that any number
 * of workers trains equal trials.
 */
export function nextStage(
  { table, rows, works }: Pick<PreparedTable, 'table' | 'rows' | 'works'>,
  { stages: counts, until = Infinity }: Stages,
  judgements: readonly Judgement[],
  { isSettled, isLeft, chanceAtFirst }: Settling,
): NextStage | undefined {
  const open = judgements.flatMap(({ stage, ...judgement }) => (stage?.outlook === 'open' ? [{ ...judgement, stage }] : []));
  const rowsOf = ({ claim }: Judgement): readonly string[] => cellsOf(claim).map(([row]: CellName) => row);
  const waiting = Object.keys(table.config.rows).flatMap((row) => {
    const mine = works.filter((work) => work.rows.includes(row));
    const lacks = (number: number): readonly PlannedWork[] =>
      mine.filter((work) => work.seed <= (counts[number - 1] ?? 0) && !isSettled(work));
    const about = open.filter((judgement) => rowsOf(judgement).includes(row));
    const reached = judgements.flatMap(({ stage, ...judgement }) => (stage && rowsOf(judgement).includes(row) ? [stage.number] : []));
    const wanted = [1, ...reached, ...about.map(({ stage }) => stage.number + 1)].filter(
      (number) => number > 0 && (counts[number - 1] ?? Infinity) <= until,
    );
    const number = Math.min(...wanted.filter((each) => lacks(each).length > 0));
    const left = lacks(number).filter(isLeft);
    const plan = rows[row]?.plan;
    if (left.length === 0 || !plan) return [];
    const chances = about
      .filter(({ stage }) => stage.number + 1 === number)
      .map((judgement) => judgement.stage.chances?.[number - 1] ?? chanceAtFirst(judgement.claim) ?? UNKNOWN);
    const [before = 0, all = 0] = [counts[number - 2], counts[number - 1]];
    const ofStage = mine.filter((work) => work.seed > before && work.seed <= all);
    return [{ row, number, left, ofStage, worth: sum(chances) / ((all - before) * costOf(plan)) }];
  });
  const number = Math.min(...waiting.map((each) => each.number));
  const next = waiting.filter((each) => each.number === number).toSorted((a, b) => b.worth - a.worth);
  if (next.length === 0) return undefined;
  return {
    number,
    rows: next.map(({ row }) => row),
    works: Array.from(new Set(next.flatMap(({ left }) => left))),
    trials: new Set(next.flatMap(({ left, ofStage }) => [...left, ...ofStage].map(({ work }) => work))).size,
  };
}

interface Settling {
  readonly isSettled: (work: PlannedWork) => boolean;
  /** Of what is not settled, whether it may be tried now. */
  readonly isLeft: (work: PlannedWork) => boolean;
  /** Before it has seeds, the chance of a claim to be decided at the first stage, where anything tells. */
  readonly chanceAtFirst: (claim: Claim) => number | undefined;
}

/** The chance of a claim of which nothing tells how its runs will spread. */
const UNKNOWN = 0.5;

/** What training with one seed computes, as far as rows are compared: examples that pass, times weights that each meets. */
const costOf = ({ training: { totalSteps, batchSize }, parameterCount }: Plan): number => totalSteps * batchSize * parameterCount;
