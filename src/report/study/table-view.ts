import { decimalsFor, decimalsOf, fixed, formatCount, formatMeasure, placesOf, plain, plural } from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import { type Interval, mean, standardDeviation } from '../../statistics/means.js';
import { type CellName, cellsOf, type Claim } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import { headingOver } from '../../study/claims/over-seeds.js';
import { isUnderTable, type JudgedCell, type JudgedTable } from '../../study/claims/judge-table.js';
import { byAtLeast } from '../../study/claims/wording.js';
import type { RowEvidence, RunEvidence, TableEvidence } from '../../study/evidence.js';
import { seedsOf } from '../../study/replicates.js';
import type { Verdict, VerdictKind } from '../../study/verdicts/verdict.js';

/** A judged table as text in its places: what every form of output shows, each in its own way. */
export interface TableView {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
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
  /** What a value of ours is: the mean of our seeds, where no column takes something else. */
  readonly ours: string;
  /** What is counted. */
  readonly each: 'seed' | 'split';
  /** What a value with its bracket is, whose, and what the marks mean. */
  readonly legend: string;
  /** Why margins are what they are, each once. */
  readonly margins: readonly string[];
  readonly counts: Readonly<Partial<Record<VerdictKind, number>>>;
}

export interface CellView {
  readonly row: string;
  readonly column: string;
  /** `0.9871`, or nothing where no run is. */
  readonly value: string;
  /** The standard deviation of single runs, from two seeds on, or of the means of splits: `0.0043`. */
  readonly sd?: string;
  /** Seeds, or splits; a row that nobody trains has none. */
  readonly n?: number;
  readonly worst?: VerdictKind;
  readonly claims: readonly ClaimView[];
}

export interface ClaimView {
  readonly kind: VerdictKind;
  /** What is claimed, short: `1.0`, `0.9873 (sd 0.0032, 15 runs)`, `≤ 1.25`. */
  readonly claimed: string;
  /** Of somebody's runs, in parts for a table whose columns say what they are: `0.9873 (0.0032)`, 15. */
  readonly runs?: { readonly shown: string; readonly count: number };
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

/** What a table counts, and how its pairs are told. */
export const eachOf = ({ splits }: TableConfig): TableView['each'] => (splits === undefined ? 'seed' : 'split');
export const oneByOne = (each: TableView['each']): string => `${each} by ${each}`;

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

export const KINDS: readonly VerdictKind[] = ['reproduced', 'differs', 'inconclusive', 'not_run', 'not_claimable'];

/** `1.06 (sd 0.05, n 5)`; without a bracket where the number is known without seeds, and a dash where there is none. */
export const cellText = (cell: CellView): string => [cell.value || '–', bracketOf(cell)].filter(Boolean).join(' ');

/** `(sd 0.05, n 5)` */
export function bracketOf({ value, sd, n }: CellView): string {
  if (value === '' || n === undefined) return '';
  return `(${sd === undefined ? '' : `sd ${sd}, `}n ${n})`;
}

export function viewTable(config: TableConfig, { cells, judgements, footnotes, reading }: JudgedTable): TableView {
  const notesOf = (claim: number) => footnotes.flatMap(({ claims }, note) => (claims.includes(claim) ? [note + 1] : []));
  const views = judgements.map(({ claim, verdict }, index) => ({ claim, view: viewClaim(config, claim, verdict, notesOf(index)) }));
  const counts: Partial<Record<VerdictKind, number>> = {};
  for (const { verdict } of judgements) counts[verdict.kind] = (counts[verdict.kind] ?? 0) + 1;
  const view = {
    name: config.table,
    ...(config.title !== undefined && { title: config.title }),
    ...(config.description !== undefined && { description: config.description.trim() }),
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
    reading: [...reading, ...readingOfFolds(config), ...readingOfSplits(config)],
    margins: Array.from(
      new Set(config.claims.flatMap(({ margin, because }) => (margin && because ? [`${plain(margin)}: ${because}`] : []))),
    ),
    each: eachOf(config),
    ours: Object.values(config.columns).some(({ over_seeds: over }) => over !== undefined)
      ? 'the mean of our seeds, or what its column takes of them'
      : config.splits === undefined
        ? 'the mean of our seeds'
        : 'the mean of our splits of the data, each the mean of its seeds',
    counts,
  };
  return { ...view, legend: legendOf(view) };
}

/** One line for all that a reader sees in cells: only what this table has is explained. */
function legendOf({ rows, under, counts, each, ours: what }: Omit<TableView, 'legend'>): string {
  const cells = rows.flatMap((row) => row.cells);
  const claims = [...cells.flatMap((cell) => cell.claims), ...under];
  const ours = cells.some(({ sd }) => sd !== undefined)
    ? [
        `Ours: ${what}, in brackets the standard deviation of ${each === 'split' ? 'splits' : 'single runs'} (sd) and the number of ${each}s (n)`,
      ]
    : [];
  const theirs = [
    ...(claims.some(({ claimed, runs }) => runs && claimed.includes('(')) ? ['runs of a source: the same of theirs'] : []),
    ...(claims.some(({ claimed }) => claimed.includes('±')) ? ['a ± stands as the source printed it'] : []),
  ];
  return [sentence([...ours, ...theirs].join('; ')), sentence(marksOf(counts).join(', '))].filter(Boolean).join(' ');
}

/** `2 reproduced, 1 differs` */
export function countLine({ counts }: Pick<TableView, 'counts'>, styled = (_: VerdictKind, text: string): string => text): string {
  const found = KINDS.flatMap((kind) => (counts[kind] ? [styled(kind, countWords(kind, counts[kind]))] : []));
  return found.length > 0 ? found.join(', ') : 'nothing is claimed';
}

/** `✓ reproduced`, of the verdicts that there are. */
export const marksOf = (counts: TableView['counts']): readonly string[] =>
  KINDS.flatMap((kind) => (counts[kind] ? [`${MARKS[kind]}\u00a0${WORDS[kind]}`] : []));

const sentence = (text: string): string => (text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);

/** Folds share most of their training data: what is said of spread is not about them. */
const readingOfFolds = ({ folds }: TableConfig): readonly string[] =>
  Array.isArray(folds)
    ? [
        `The value of a seed is its mean over ${folds.length === 1 ? 'fold' : 'folds'} ${listed(folds.map(String), 'and')} of the data; intervals are about seeds.`,
      ]
    : [];

/** The seeds of a split share its data: they say nothing of other splits. */
const readingOfSplits = (config: TableConfig): readonly string[] => {
  if (config.splits === undefined) return [];
  return [`The value of a split is its mean over ${plural(seedsOf(config).length, 'seed')}; intervals are about splits of the data.`];
};

function viewCell(config: TableConfig, { name, n, mean, ours, over, worst }: JudgedCell, claims: readonly ClaimView[]): CellView {
  const [row, column] = name;
  const [center, interval] = over ? [over.value, over.interval] : [mean, ours?.interval];
  const decimals = cellDecimals(config.columns[column]?.digits, center, interval, ours?.sd);
  if (over?.count) {
    const { hits, all } = over.count;
    const value = all === 0 ? '' : `${formatCount(hits)} of ${formatCount(all)}`;
    return { row, column, value, ...(worst && { worst }), claims };
  }
  return {
    row,
    column,
    value: center === undefined ? '' : fixed(center, decimals),
    ...(ours && center !== undefined && { sd: ours.sd === 0 ? '0' : fixed(ours.sd, decimals) }),
    ...(config.rows[row]?.baseline === undefined && { n }),
    ...(worst && { worst }),
    claims,
  };
}

/** Of a value and its spread alike: as the column has them, and more where the spread would read as nothing: `1.034 (sd 0.003, n 5)`. */
function cellDecimals(digits: number | undefined, center = 0, interval: Interval = [center, center], sd = 0): number {
  const isSpread = sd > 1e-12 * Math.abs(center);
  const isWide = interval[1] - interval[0] > 1e-12 * Math.abs(center);
  return Math.max(digits ?? (isWide ? decimalsOf(interval) : decimalsFor(center, 4)), isSpread ? decimalsFor(sd, 1) : 0);
}

const viewClaim = (config: TableConfig, claim: Claim, { kind, wording }: Verdict, notes: readonly number[]): ClaimView => ({
  kind,
  claimed: claimedText(config, claim),
  ...runsOf(claim),
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
      return `${first} is ${claim.direction} than ${second}${byAtLeast(claim.by)}${inShare(claim.share)}${inPairs(claim, config)}`;
    case 'probability':
      return `${first} is ${claim.direction} than ${second}${byAtLeast(claim.by)}, with probability ${plain(claim.bound)} at least${inPairs(claim, config)}`;
    case 'across': {
      const [of, than] = [claim.of, claim.than].map((cells) =>
        listed(
          Array.from(cells, ([row]) => labelOf(config, row)),
          'and',
        ),
      );
      const column = isOneColumn ? '' : `, in ${columnLabel(config, claim.of[0]?.[1] ?? '')}`;
      return `${of} are ${claim.direction} than ${than}${byAtLeast(claim.by)}, a data set each${column}`;
    }
    case 'ranks': {
      const { methods, best, dataSets } = claim;
      const others = listed(
        methods.filter((_, method) => method !== best),
        'and',
      );
      const column = isOneColumn ? '' : `, in ${columnLabel(config, claim.of[0]?.[0]?.[1] ?? '')}`;
      const said = best === undefined ? `${others} differ` : `${methods[best]} ranks before ${others}`;
      return `${said} over ${plural(dataSets, 'data set')}${column}`;
    }
    case 'ratio':
      return `${first} is ${claim.side === 'at_most' ? 'at most' : 'at least'} ${plain(claim.bound)} times ${second}${inPairs(claim, config)}`;
    case 'equivalent':
      return `${first} equals ${second} up to ${plain(claim.margin)}${inPairs(claim, config)}`;
    default:
      return claim satisfies never;
  }
}

const inPairs = ({ paired }: { readonly paired: boolean }, config: TableConfig): string => (paired ? `, ${oneByOne(eachOf(config))}` : '');

const inShare = (share: number | undefined): string => (share === undefined ? '' : ` in ${plain(100 * share)} % of runs`);

/** Mean and standard deviation of single runs, as text: `0.9873` and `0.0032`. */
function summaryOf(runs: readonly number[], printed: number): { readonly value: string; readonly sd?: string } {
  const [only] = runs;
  if (runs.length === 1 && only !== undefined) return { value: plain(only) };
  const sd = standardDeviation(runs);
  const center = mean(runs);
  const isSpread = sd > 1e-12 * Math.abs(center);
  const decimals = isSpread ? decimalsOf([-sd, sd]) : Math.max(placesOf(printed), placesOf(center, 6));
  return { value: fixed(center, decimals), sd: isSpread ? fixed(sd, decimals) : '0' };
}

/** `0.9873 (sd 0.0032, 15 runs)` */
function describeRuns(runs: readonly number[], printed: number): string {
  const { value, sd } = summaryOf(runs, printed);
  return `${value} (${sd === undefined ? '' : `sd ${sd}, `}${plural(runs.length, 'run')})`;
}

function runsOf(claim: Claim): Pick<ClaimView, 'runs'> {
  if (claim.kind === 'published' && claim.spread) return { runs: { shown: claim.published.text, count: claim.spread.runs } };
  if (claim.kind !== 'reference') return {};
  const { value, sd } = summaryOf(claim.runs, claim.printed);
  return { runs: { shown: sd === undefined ? value : `${value} (${sd})`, count: claim.runs.length } };
}

const labelOf = ({ rows }: TableConfig, row: string): string => rows[row]?.label ?? spoken(row);
const columnLabel = ({ columns }: TableConfig, column: string): string => columns[column]?.label ?? spoken(column);
const spoken = (name: string): string => name.replaceAll('_', ' ');

/** A run that finished without it has no value: it does not record the metric, or stopped before the epoch. */
export const valueText = (value: number | undefined, outcome: RunEvidence['outcome']): string =>
  value !== undefined ? formatMeasure(value, 6) : outcome === 'finished' ? 'no value' : outcome;

export const rowOf = ({ rows }: TableEvidence, [row]: CellName): RowEvidence | undefined => rows.find((each) => each.row === row);
