import { decimalsFor, decimalsOf, fixed, formatCount, formatMeasure, placesOf, plain } from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import { type Interval, mean, standardDeviation } from '../../statistics/means.js';
import { type CellName, cellsOf, type Claim } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import { headingOver } from '../../study/claims/over-seeds.js';
import { isUnderTable, type JudgedCell, type JudgedTable } from '../../study/claims/judge-table.js';
import { byAtLeast } from '../../study/claims/wording.js';
import type { RowEvidence, RunEvidence, TableEvidence } from '../../study/evidence.js';
import type { Verdict, VerdictKind } from '../../study/verdicts/verdict.js';

/** A judged table as text in its places: what every form of output shows, each in its own way. */
export interface TableView {
  readonly name: string;
  readonly title?: string;
  readonly source?: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly CellView[] }[];
  /** Every claim in a few words, in the order of the document. */
  readonly claimed: readonly string[];
  /** Claims about two cells: they stand under the table and count alike. */
  readonly under: readonly ClaimView[];
  readonly footnotes: readonly string[];
  /** How verdicts are to be read, where there are any. */
  readonly reading: readonly string[];
  /** Why margins are what they are, each once. */
  readonly margins: readonly string[];
  readonly counts: Readonly<Partial<Record<VerdictKind, number>>>;
}

export interface CellView {
  readonly row: string;
  readonly column: string;
  /** `0.9871`, or nothing where no run is. */
  readonly value: string;
  /** The 95 % interval of the mean, from two seeds on: `± 0.004`, or `(0.982 to 1)` where values cannot lie on all of both sides. */
  readonly spread?: string;
  /** Seeds; a row that nobody trains has none. */
  readonly n?: number;
  readonly worst?: VerdictKind;
  readonly claims: readonly ClaimView[];
  readonly numbers: { readonly mean?: number; readonly low?: number; readonly high?: number };
}

export interface ClaimView {
  readonly kind: VerdictKind;
  /** What is claimed, short: `1.0`, `0.9873 ± 0.0032 (15 runs)`, `≤ 1.25`. */
  readonly claimed: string;
  readonly source?: string;
  readonly wording: string;
  /** Numbers of the footnotes about it, from 1. */
  readonly notes: readonly number[];
}

export const WORDS: Readonly<Record<VerdictKind, string>> = {
  reproduced: 'reproduced',
  differs: 'differs',
  inconclusive: 'inconclusive',
  not_run: 'not run',
  not_claimable: 'not claimable',
};

/** What a reason is about: `RNN from scratch, perplexity, PyTorch`. */
export const aboutOf = (label: string, column: string | undefined, { source }: ClaimView): string =>
  [label, column, source].filter(Boolean).join(', ');

/** `1 differs`, `2 differ` */
export const countWords = (kind: VerdictKind, count: number): string =>
  `${count} ${kind === 'differs' && count !== 1 ? 'differ' : WORDS[kind]}`;

export const MARKS: Readonly<Record<VerdictKind, string>> = {
  reproduced: '✓',
  differs: '✗',
  inconclusive: '?',
  not_run: '·',
  not_claimable: '–',
};

export function viewTable(config: TableConfig, { cells, judgements, footnotes, reading }: JudgedTable): TableView {
  const notesOf = (claim: number) => footnotes.flatMap(({ claims }, note) => (claims.includes(claim) ? [note + 1] : []));
  const views = judgements.map(({ claim, verdict }, index) => ({ claim, view: viewClaim(config, claim, verdict, notesOf(index)) }));
  const counts: Partial<Record<VerdictKind, number>> = {};
  for (const { verdict } of judgements) counts[verdict.kind] = (counts[verdict.kind] ?? 0) + 1;
  return {
    name: config.table,
    ...(config.title !== undefined && { title: config.title }),
    ...(config.source !== undefined && { source: config.source }),
    columns: Object.entries(config.columns).map(([name, { label, unit, over_seeds: over }]) =>
      [`${label ?? spoken(name)}${unit ? ` (${unit})` : ''}`, headingOver(over)].filter(Boolean).join(', '),
    ),
    rows: Object.keys(config.rows).map((row) => ({
      label: labelOf(config, row),
      cells: cells
        .filter(({ name }) => name[0] === row)
        .map((cell) =>
          viewCell(
            config,
            cell,
            cell.claims.flatMap((index) => views[index]?.view ?? []),
          ),
        ),
    })),
    claimed: views.map(({ view }) => view.claimed),
    under: views.flatMap(({ claim, view }) => (isUnderTable(claim) ? [view] : [])),
    footnotes: footnotes.map(({ text }) => text),
    reading: [...reading, ...readingOfFolds(config)],
    margins: Array.from(
      new Set(config.claims.flatMap(({ margin, because }) => (margin && because ? [`${plain(margin)}: ${because}`] : []))),
    ),
    counts,
  };
}

/** Folds share most of their training data: what is said of spread is not about them. */
const readingOfFolds = ({ folds }: TableConfig): readonly string[] =>
  Array.isArray(folds)
    ? [
        `The value of a seed is its mean over ${folds.length === 1 ? 'fold' : 'folds'} ${listed(folds.map(String), 'and')} of the data; intervals are about seeds.`,
      ]
    : [];

function viewCell(config: TableConfig, { name, n, mean, ours, over, worst }: JudgedCell, claims: readonly ClaimView[]): CellView {
  const [row, column] = name;
  const [center, interval] = over ? [over.value, over.interval] : [mean, ours?.interval];
  const decimals = cellDecimals(config.columns[column]?.digits, center, interval);
  if (over?.count) {
    const { hits, all } = over.count;
    return {
      row,
      column,
      value: all === 0 ? '' : `${formatCount(hits)} of ${formatCount(all)}`,
      n,
      ...(worst && { worst }),
      claims,
      numbers: mean === undefined ? {} : { mean },
    };
  }
  return {
    row,
    column,
    value: center === undefined ? '' : fixed(center, decimals),
    ...(center !== undefined && interval && { spread: over ? from(interval, decimals) : spreadOf(center, interval, decimals) }),
    ...(config.rows[row]?.baseline === undefined && { n }),
    ...(worst && { worst }),
    claims,
    numbers: { ...(mean !== undefined && { mean }), ...(ours && { low: ours.interval[0], high: ours.interval[1] }) },
  };
}

/** Of a value and its interval alike: as the column has them, and more where the interval would read as nothing: `1.034 ± 0.003`. */
function cellDecimals(digits: number | undefined, center = 0, interval: Interval = [center, center]): number {
  const isWide = interval[1] - interval[0] > 1e-12 * Math.abs(center);
  const meaningful = isWide ? decimalsOf(interval) : decimalsFor(center, 4);
  const half = (interval[1] - interval[0]) / 2;
  return digits === undefined ? meaningful : Math.max(digits, isWide ? decimalsFor(half, 1) : 0);
}

function spreadOf(center: number, [low, high]: Interval, decimals: number): string {
  const isEven = Math.abs(high - center - (center - low)) <= 1e-9 * (high - low);
  return isEven ? `± ${fixed((high - low) / 2, decimals)}` : from([low, high], decimals);
}

const from = ([low, high]: Interval, decimals: number): string => `(${fixed(low, decimals)} to ${fixed(high, decimals)})`;

const viewClaim = (config: TableConfig, claim: Claim, { kind, wording }: Verdict, notes: readonly number[]): ClaimView => ({
  kind,
  claimed: claimedText(config, claim),
  ...(claim.source !== undefined && { source: claim.source }),
  wording,
  notes,
});

function claimedText(config: TableConfig, claim: Claim): string {
  const isOneColumn = Object.keys(config.columns).length === 1;
  const [first = '', second = ''] = cellsOf(claim).map(([row, column]) =>
    isOneColumn ? labelOf(config, row) : `${labelOf(config, row)}, ${columnLabel(config, column)}`,
  );
  switch (claim.kind) {
    case 'published':
      return claim.published.text;
    case 'reference':
      return describeRuns(claim.runs, claim.printed);
    case 'limit': {
      const bound = typeof claim.bound === 'number' ? plain(claim.bound) : claim.bound.text;
      return `${claim.side === 'at_most' ? '≤' : '≥'} ${bound}${inShare(claim.share)}`;
    }
    case 'rank':
      return `${first} is ${claim.direction} than ${second}${byAtLeast(claim.by)}${inShare(claim.share)}`;
    case 'probability':
      return `${first} is ${claim.direction} than ${second}${byAtLeast(claim.by)}, with probability ${plain(claim.bound)} at least`;
    case 'ratio':
      return `${first} is ${claim.side === 'at_most' ? 'at most' : 'at least'} ${plain(claim.bound)} times ${second}`;
    case 'equivalent':
      return `${first} equals ${second} up to ${plain(claim.margin)}`;
    default:
      return claim satisfies never;
  }
}

const inShare = (share: number | undefined): string => (share === undefined ? '' : ` in ${plain(100 * share)} % of runs`);

/** `0.9873 ± 0.0032 (15 runs)`: mean and standard deviation of single runs. */
function describeRuns(runs: readonly number[], printed: number): string {
  const [only] = runs;
  if (runs.length === 1 && only !== undefined) return `${plain(only)} (1 run)`;
  const sd = standardDeviation(runs);
  const center = mean(runs);
  const isSpread = sd > 1e-12 * Math.abs(center);
  const decimals = isSpread ? decimalsOf([-sd, sd]) : Math.max(placesOf(printed), placesOf(center, 6));
  return `${fixed(center, decimals)} ± ${fixed(sd, decimals)} (${runs.length} runs)`;
}

const labelOf = ({ rows }: TableConfig, row: string): string => rows[row]?.label ?? spoken(row);
const columnLabel = ({ columns }: TableConfig, column: string): string => columns[column]?.label ?? spoken(column);
const spoken = (name: string): string => name.replaceAll('_', ' ');

/** A run that finished without it has no value: it does not record the metric, or stopped before the epoch. */
export const valueText = (value: number | undefined, outcome: RunEvidence['outcome']): string =>
  value !== undefined ? formatMeasure(value, 6) : outcome === 'finished' ? 'no value' : outcome;

export const rowOf = ({ rows }: TableEvidence, [row]: CellName): RowEvidence | undefined => rows.find((each) => each.row === row);
