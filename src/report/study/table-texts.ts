import { visibleWidth } from '../../diagnostics/columns.js';
import { cellsOf } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import type { Tuning } from '../../study/claims/facts.js';
import { isUnderTable, type JudgedTable } from '../../study/claims/judge-table.js';
import { examplesJson } from '../../study/by-examples.js';
import { seedsOf } from '../../study/replicates.js';
import type { VerdictKind } from '../../study/verdicts/verdict.js';
import {
  type Align,
  latexTable,
  textBlocks,
  markdownText,
  pad,
  PLAIN,
  type PlainColumn,
  type TextStyle,
  textTable,
  wrap,
} from '../kit/tables.js';
import { toCsv } from '../../formats/csv.js';
import { aboutOf, type CellView, type ClaimView, countWords, MARKS, type TableView, viewTable, WORDS } from './table-view.js';

export interface TableStyle extends TextStyle {
  readonly verdict: (kind: VerdictKind, text: string) => string;
}

export const PLAIN_TABLE: TableStyle = { ...PLAIN, verdict: (_, text) => text };

interface TerminalTable {
  readonly style?: TableStyle;
  readonly width?: number;
  /** The line of every verdict, not only of those that differ. */
  readonly reasons?: boolean;
}

/** The table with its verdicts, as one reads it at once: side by side where it fits, else a line a cell. */
export function describeTable(view: TableView, { style = PLAIN_TABLE, width = 120, reasons = false }: TerminalTable = {}): string {
  const wide = wideLines(view, style);
  const table = wide.every((line) => visibleWidth(line) <= width) ? wide : longLines(view, style, width);
  const head = [view.title, view.source].flatMap((text, index) =>
    text === undefined ? [] : [index === 0 ? style.heading(text) : style.faint(text)],
  );
  const told = view.rows.flatMap(({ label, cells }) =>
    cells.flatMap((cell, column) =>
      cell.claims
        .filter(({ kind }) => reasons || kind === 'differs')
        .map((claim) => ({ about: aboutOf(label, view.columns[column], claim), claim })),
    ),
  );
  const blocks = [
    head,
    table,
    view.under.flatMap((claim) => underLines(claim, style, width)),
    told.flatMap(({ about, claim }) => hanging(`${style.verdict(claim.kind, MARKS[claim.kind])} `, `${about}: ${claim.wording}`, width)),
    [...view.margins.map((text) => `margin ${text}`), ...view.footnotes, ...view.reading].flatMap((text) =>
      hanging('* ', text, width).map(style.faint),
    ),
    [countLine(view, style)],
  ];
  return textBlocks(blocks);
}

/** `2 reproduced, 1 differs` */
function countLine({ counts }: TableView, style: TableStyle = PLAIN_TABLE): string {
  const found = KINDS.flatMap((kind) => (counts[kind] ? [style.verdict(kind, countWords(kind, counts[kind]))] : []));
  return found.length > 0 ? found.join(', ') : 'nothing is claimed';
}

/** What a table came to: `2 reproduced, 1 differs` */
export const tableSummary = (config: TableConfig, judged: JudgedTable): string => countLine(viewTable(config, judged));

const KINDS: readonly VerdictKind[] = ['reproduced', 'differs', 'inconclusive', 'not_run', 'not_claimable'];
const HEADER = ['n', '', 'published'] as const;
const ALIGN: readonly Align[] = ['right', 'right', 'left', 'left'];

function wideLines(view: TableView, style: TableStyle): readonly string[] {
  const header = ['', ...view.columns.flatMap((column) => [column, ...HEADER])].map(style.faint);
  const lines = view.rows.flatMap(({ label, cells }) => {
    const parts = cells.map((cell) => cellLines(cell, style));
    const height = Math.max(...parts.map((part) => part.length));
    return Array.from({ length: height }, (_, index) => [
      index === 0 ? label : '',
      ...parts.flatMap((part) => part[index] ?? ['', '', '', '']),
    ]);
  });
  return textTable([header, ...lines], ['left', ...view.columns.flatMap(() => ALIGN)]);
}

/** Where side by side is too wide: each row under its name, and what is claimed on as many lines as it needs. */
function longLines(view: TableView, style: TableStyle, width: number): readonly string[] {
  const isOneColumn = view.columns.length === 1;
  const header = [isOneColumn ? `  ${view.columns[0] ?? ''}` : '', '', ...HEADER].map(style.faint);
  const parts = view.rows.map(({ cells }) =>
    cells.flatMap((cell, column) => {
      const name = isOneColumn ? '' : style.faint(view.columns[column] ?? '');
      return cellLines(cell, style).map((line, index) => [index === 0 ? `  ${name}` : '', ...line]);
    }),
  );
  const all = [header, ...parts.flat()];
  const before = [0, 1, 2, 3].reduce((sum, at) => sum + 2 + Math.max(...all.map((line) => visibleWidth(line[at] ?? ''))), 0);
  const wrapped = parts.map((lines) =>
    lines.flatMap((line) => {
      const [first = '', ...more] = wrap(line[4] ?? '', Math.max(16, width - before));
      return [[...line.slice(0, 4), first], ...more.map((text) => ['', '', '', '', text])];
    }),
  );
  const [heading = '', ...lines] = textTable([header, ...wrapped.flat()], ['left', ...ALIGN]);
  let next = 0;
  const shown = wrapped.flatMap(({ length }, row) => [...wrap(view.rows[row]?.label ?? '', width), ...lines.slice(next, (next += length))]);
  return [heading, ...shown];
}

/** Value, seeds, verdict, published; a further claim about the same cell has a line of its own. */
function cellLines(cell: CellView, style: TableStyle): readonly (readonly string[])[] {
  const value = cell.value === '' ? '–' : [cell.value, cell.spread].filter(Boolean).join(' ');
  const shown = cell.worst ? style.verdict(cell.worst, value) : value;
  const first = [shown, seedsOfCell(cell)];
  if (cell.claims.length === 0) return [[...first, '', '']];
  return cell.claims.map((claim, index) => [...(index === 0 ? first : ['', '']), verdictOf(claim, style), claimedOf(claim, style)]);
}

/** How many seeds a cell has; nothing where its number is known without any. */
const seedsOfCell = ({ n }: CellView): string => (n === undefined ? '' : String(n));

const verdictOf = ({ kind }: ClaimView, style: TableStyle): string => style.verdict(kind, `${MARKS[kind]} ${WORDS[kind]}`);
const claimedOf = ({ claimed, source }: ClaimView, style: TableStyle): string =>
  [claimed, ...(source?.split(' ').map(style.faint) ?? [])].join(' ');

const underLines = (claim: ClaimView, style: TableStyle, width: number): readonly string[] => [
  ...hanging(`${style.verdict(claim.kind, MARKS[claim.kind])} `, claim.claimed, width),
  ...hanging('  ', claim.wording, width).map(style.faint),
];

/** Text behind a mark, its further lines as far in as the first. */
function hanging(mark: string, text: string, width: number): readonly string[] {
  const indent = visibleWidth(mark);
  return wrap(text, Math.max(20, width - indent)).map((line, index) => (index === 0 ? mark : pad('', indent)) + line);
}

/** The table as Markdown that GitHub shows: cells with their verdicts and the numbers of the notes about them, the claims between cells, the reasons, the notes. */
export function tableToMarkdown(view: TableView): string {
  const isClaimed = view.columns.map((_, column) => view.rows.some(({ cells }) => (cells[column]?.claims.length ?? 0) > 0));
  const beside = (column: number, text: string): readonly string[] => (isClaimed[column] ? [text] : []);
  const header = ['', ...view.columns.flatMap((heading, column) => [markdownText(heading), ...beside(column, 'published')])];
  const rule = ['---', ...view.columns.flatMap((_, column) => ['---:', ...beside(column, '---')])];
  const rows = view.rows.map(({ label, cells }) => [
    markdownText(label),
    ...cells.flatMap((cell, column) => [valueOf(cell), ...beside(column, claimsOf(cell))]),
  ]);
  const table = [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const blocks = [
    [`# ${markdownText(view.title ?? view.name)}`],
    view.source === undefined ? [] : [`Published: ${markdownText(view.source)}`],
    [`${countLine(view)}.`],
    table,
    view.under.map((claim) => `- ${MARKS[claim.kind]} ${markdownText(`${claim.claimed}: ${claim.wording}`)}${notesOf(claim)}`),
    ...headed('Why', reasonsOf(view)),
    ...headed(
      'Notes',
      view.footnotes.map((text, index) => `${index + 1}. ${markdownText(text)}`),
    ),
    [...view.margins.map((text) => `margin ${text}`), ...view.reading].map((text) => `- ${markdownText(text)}`),
  ];
  return textBlocks(blocks);
}

const headed = (heading: string, lines: readonly string[]): readonly (readonly string[])[] =>
  lines.length === 0 ? [] : [[`## ${heading}`], lines];

function valueOf({ value, spread, n, worst }: CellView): string {
  if (value === '') return '–';
  const mark = worst === undefined ? '' : `${MARKS[worst]} `;
  return `${mark}${[value, spread].filter(Boolean).join(' ')}${n === undefined ? '' : ` (n = ${n})`}`;
}

const claimsOf = ({ claims }: CellView): string =>
  claims.map((claim) => `${MARKS[claim.kind]} ${WORDS[claim.kind]}: ${markdownText(claimOf(claim))}${notesOf(claim)}`).join('<br>');
const claimOf = ({ claimed, source }: ClaimView): string => `${claimed}${source === undefined ? '' : `, ${source}`}`;

const notesOf = ({ notes }: ClaimView): string => (notes.length === 0 ? '' : ` <sup>${notes.join(', ')}</sup>`);

const reasonsOf = ({ rows, columns }: TableView): readonly string[] =>
  rows.flatMap(({ label, cells }) =>
    cells.flatMap(({ claims }, column) =>
      claims.map((claim) => `- ${MARKS[claim.kind]} ${markdownText(`${aboutOf(label, columns[column], claim)}: ${claim.wording}`)}`),
    ),
  );

/**
 * The table for a thesis: ours beside what was published, a line a claim; claims between cells and the notes stand below. Several columns stand
 * one below the other, so that a page is wide enough for them.
 */
export function tableToLatex(view: TableView): string {
  const right = { align: 'right' } as const;
  const [only, ...more] = view.columns;
  const isOne = more.length === 0;
  const isClaimed = view.rows.some(({ cells }) => cells.some(({ claims }) => claims.length > 0));
  const columns: readonly PlainColumn[] = [
    { heading: '' },
    ...(isOne ? [] : [{ heading: '' }]),
    { heading: isOne ? (only ?? '') : 'ours', ...right },
    { heading: 'n', ...right },
    ...(isClaimed ? [{ heading: 'published' }, { heading: '' }] : []),
  ];
  const rows = view.rows.flatMap(({ label, cells }) => {
    const told = cells.flatMap((cell, column) => (isOne || cell.value !== '' || cell.claims.length > 0 ? [{ cell, column }] : []));
    const lines = told.flatMap(({ cell, column }) =>
      linesOf(cell).map((line, index) => (isOne ? line : [index === 0 ? (view.columns[column] ?? '') : '', ...line])),
    );
    return lines.map((line, index) => [index === 0 ? label : '', ...line]);
  });
  return latexTable({
    name: view.name,
    ...(view.title !== undefined && { caption: view.source === undefined ? view.title : `${view.title}. Published: ${view.source}.` }),
    columns,
    rows,
    notes: [
      ...view.under.map(({ kind, claimed, wording }) => `${MARKS[kind]} ${claimed}: ${wording}`),
      ...view.margins.map((text) => `Margin ${text}.`),
      ...view.footnotes,
      ...view.reading,
      `${countLine(view)}.`,
    ],
  });
}

function linesOf(cell: CellView): readonly (readonly string[])[] {
  const { value, spread, claims } = cell;
  const ours = [value === '' ? '–' : [value, spread].filter(Boolean).join(' '), seedsOfCell(cell)];
  if (claims.length === 0) return [[...ours, '', '']];
  return claims.map(({ kind, claimed, source }, index) => [
    ...(index === 0 ? ours : ['', '']),
    source === undefined ? claimed : `${claimed}, ${source}`,
    `${MARKS[kind]} ${WORDS[kind]}`,
  ]);
}

const CSV_HEADER = ['row', 'column', 'mean', 'low', 'high', 'n', 'claimed', 'source', 'verdict', 'wording'] as const;

/**
 * A line for each claim of a cell, and one for a cell without a claim (RFC 4180): `low` and `high` bound the 95 % interval of the mean. Claims
 * between cells follow, without a row and a column.
 */
export function tableToCsv({ rows, under }: TableView): string {
  const ofCells = rows.flatMap(({ cells }) =>
    cells.flatMap(({ row, column, n, claims, numbers: { mean, low, high } }) => {
      const known = [row, column, mean, low, high, n];
      if (claims.length === 0) return [[...known, '', '', '', '']];
      return claims.map(({ claimed, source, kind, wording }) => [...known, claimed, source, kind, wording]);
    }),
  );
  const ofTwo = under.map(({ claimed, source, kind, wording }) => ['', '', '', '', '', '', claimed, source, kind, wording]);
  return `${toCsv([CSV_HEADER, ...ofCells, ...ofTwo])}\n`;
}

/** Counts up when a reader of the JSON would have to change. */
const VERSION = 1;

/** How a row's configuration was selected, for programs. */
export const tuningJson = ({ isOnTest, selected, set, ...numbers }: Tuning) => ({
  ...numbers,
  on_test: isOnTest,
  selected: 'label' in selected ? selected.label : null,
  ...('missing' in selected && { missing: selected.missing }),
  ...(set !== '' && { set }),
});

/** What `--json` prints; `schemas/table-result.schema.json` describes it. Ends of an interval that are infinite are null, as JSON has it. */
export function tableToJson(config: TableConfig, judged: JudgedTable) {
  const { counts } = viewTable(config, judged);
  return {
    version: VERSION,
    table: config.table,
    title: config.title ?? null,
    source: config.source ?? null,
    seeds: seedsOf(config),
    ...(config.folds !== undefined && { folds: config.folds }),
    cells: judged.cells.map(({ name: [row, column], n, mean, ours, over, byExamples, worst, claims }) => ({
      row,
      column,
      baseline: config.rows[row]?.baseline ?? null,
      n,
      mean: mean ?? null,
      sd: ours?.sd ?? null,
      interval: ours?.interval ?? null,
      ...(over && {
        over_seeds: {
          of: over.seeds,
          value: over.value ?? null,
          interval: over.interval ?? null,
          ...(over.count && { count: over.count }),
        },
      }),
      ...(byExamples && { by_examples: examplesJson(byExamples) }),
      verdict: worst ?? null,
      claims,
    })),
    claims: judged.judgements.map(({ claim, verdict }) => ({
      form: claim.kind,
      cells: cellsOf(claim),
      under: isUnderTable(claim),
      source: claim.source ?? null,
      margin: claim.margin ?? null,
      because: claim.because ?? null,
      verdict: verdict.kind,
      reason: verdict.reason ?? null,
      further: verdict.further ?? null,
      wording: verdict.wording,
      numbers: verdict.numbers,
    })),
    ...(judged.tunings && { tuned: Object.fromEntries(Object.entries(judged.tunings).map(([row, tuning]) => [row, tuningJson(tuning)])) }),
    footnotes: judged.footnotes,
    ...(judged.registered && { registered: judged.registered }),
    counts: { reproduced: 0, differs: 0, inconclusive: 0, not_run: 0, not_claimable: 0, ...counts },
  };
}
