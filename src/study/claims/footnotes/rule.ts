import { listed } from '../../../diagnostics/words.js';
import type { Interval } from '../../../statistics/means.js';
import { constantOf } from '../../verdicts/preconditions.js';
import { isDecided, type Verdict, type VerdictKind } from '../../verdicts/verdict.js';
import { type Claim, cellsOf } from '../claim.js';
import type { Judgement, TableFacts } from '../facts.js';
import { type CellRuns, type Series, seriesOf } from '../samples.js';

/** What a reader must know to believe a table, and no more: each rule is silent where there is nothing to say. */
export interface Footnote {
  readonly id: FootnoteId;
  readonly text: string;
  /** Numbers of the claims that it is about, from 0; of none where it is about the whole table. */
  readonly claims: readonly number[];
}

type FootnoteId = `F${number}`;

export type JudgedFacts = TableFacts & { readonly judgements: readonly Judgement[] };

export interface Rule {
  readonly id: FootnoteId;
  readonly truth: string;
  readonly check: (facts: JudgedFacts) => readonly Omit<Footnote, 'id'>[];
}

/** One time in so many: `40`, `25 to 40`. */
export function timesIn(chances: readonly number[]): string {
  const times = Array.from(new Set(chances.map((chance) => Math.max(1, Math.round(1 / chance))))).toSorted((a, b) => a - b);
  return times.length > 1 ? `${times[0]} to ${times.at(-1)}` : String(times[0]);
}

/** What stands where a table says nothing. */
export const USUAL = { confidence: 0.95, looks: 2 } as const;

export const fewOf = (labels: readonly string[]): string =>
  labels.length <= MOST_LABELS
    ? listed(labels, 'and')
    : `${labels.slice(0, MOST_LABELS).join(', ')} and ${labels.length - MOST_LABELS} more rows`;

const MOST_LABELS = 6;

export const spoken = (kind: Verdict['kind']): string => kind.replaceAll('_', ' ');

export const halfOf = ([low, high]: Interval): number => (high - low) / 2;

export function eachClaim(id: FootnoteId, truth: string, say: (judgement: Judgement, facts: JudgedFacts) => string | undefined): Rule {
  return {
    id,
    truth,
    check: (facts) =>
      facts.judgements.flatMap((judgement, index) => {
        const text = say(judgement, facts);
        return text === undefined ? [] : [{ text, claims: [index] }];
      }),
  };
}

/** About the runs of a cell, with the claims that rest on them. */
export function eachCell(id: FootnoteId, truth: string, say: (series: Series, runs: CellRuns) => string | undefined): Rule {
  return {
    id,
    truth,
    check: ({ names, cell, judgements }) =>
      names.flatMap((name) => {
        const runs = cell(name);
        const text = say(seriesOf(runs), runs);
        if (text === undefined) return [];
        const about = judgements.flatMap(({ claim }, index) => (concerns(claim, name) ? [index] : []));
        return [{ text, claims: about }];
      }),
  };
}

export const judgedSeeds = ({ finished, diverged }: Pick<Series, 'finished' | 'diverged'>): number => finished.length + diverged.length;

/** The cells of a claim whose runs all gave the same. */
export const constantCells = (claim: Claim, cell: TableFacts['cell']): readonly Series[] =>
  cellsOf(claim)
    .map((name) => seriesOf(cell(name)))
    .filter((series) => series.finished.length > 0 && constantOf([series]));

export const concerns = (claim: Claim, [row, column]: readonly [string, string]): boolean =>
  cellsOf(claim).some(([ofRow, ofColumn]) => ofRow === row && ofColumn === column);

export const isJudged = (kind: VerdictKind): boolean => isDecided(kind) || kind === 'inconclusive';

/** Undecided for the seeds that it lacks, whatever the others say. */
export const isHeldBack = ({ reason }: Verdict): boolean => reason === 'diverged' || reason === 'not recorded';

/** What the rounding of a printed number allows on each side of it, beside the margin. */
export const roundingOf = (claim: Claim): number => (claim.kind === 'published' ? claim.published.unit / 2 : 0);

export const seedList = (seeds: readonly number[], noun = 'seed'): string => `${noun}${seeds.length === 1 ? '' : 's'} ${seeds.join(', ')}`;

/** What all cells of a table count. */
export const tableNoun = ({ names, cell }: Pick<TableFacts, 'names' | 'cell'>): string =>
  names.map(cell).find(({ each }) => each)?.each ?? 'seed';

export const NUMERALS: readonly (string | undefined)[] = [undefined, 'one', 'two', 'three', 'four', 'five', 'six'];
