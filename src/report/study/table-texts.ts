import { visibleWidth } from '../../diagnostics/columns.js';
import { type CellName, cellsOf } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import type { Tuning } from '../../study/claims/facts.js';
import { isUnderTable, type JudgedTable, sameCell } from '../../study/claims/judge-table.js';
import { examplesJson } from '../../study/by-examples.js';
import { seedsOf, splitsOf } from '../../study/replicates.js';
import type { VerdictKind } from '../../study/verdicts/verdict.js';
import { type Align, markdownBlock, textBlocks, markdownText, pad, PLAIN, type TextStyle, textTable, wrap } from '../kit/tables.js';
import { toCsv } from '../../formats/csv.js';
import { aboutOf, type CellView, cellText, type ClaimView, countLine, MARKS, type TableView, viewTable, WORDS } from './table-view.js';

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
    [view.legend, ...view.margins.map((text) => `margin ${text}`), ...view.footnotes, ...view.reading]
      .filter(Boolean)
      .flatMap((text) => hanging('* ', text, width).map(style.faint)),
    [countIn(view, style)],
  ];
  return textBlocks(blocks);
}

/** `2 reproduced, 1 differs`, in the colours of a terminal. */
const countIn = ({ counts }: TableView, style: TableStyle): string => countLine({ counts }, (kind, text) => style.verdict(kind, text));

/** What a table came to: `2 reproduced, 1 differs` */
export const tableSummary = (config: TableConfig, judged: JudgedTable): string => countLine(viewTable(config, judged));

const HEADER = ['', 'published'] as const;
const ALIGN: readonly Align[] = ['left', 'left', 'left'];

function wideLines(view: TableView, style: TableStyle): readonly string[] {
  const widths = valueWidths(view);
  const header = ['', ...view.columns.flatMap((column) => [column, ...HEADER])].map(style.faint);
  const lines = view.rows.flatMap(({ label, cells }) => {
    const parts = cells.map((cell, column) => cellLines(cell, style, widths[column]));
    const height = Math.max(...parts.map((part) => part.length));
    return Array.from({ length: height }, (_, index) => [
      index === 0 ? label : '',
      ...parts.flatMap((part) => part[index] ?? ['', '', '']),
    ]);
  });
  return textTable([header, ...lines], ['left', ...view.columns.flatMap(() => ALIGN)]);
}

/** Where side by side is too wide: each row under its name, and what is claimed on as many lines as it needs. */
function longLines(view: TableView, style: TableStyle, width: number): readonly string[] {
  const isOneColumn = view.columns.length === 1;
  const widths = isOneColumn ? valueWidths(view) : [];
  const header = ['', isOneColumn ? (view.columns[0] ?? '') : '', ...HEADER].map(style.faint);
  const parts = view.rows.map(({ cells }) =>
    cells.flatMap((cell, column) => {
      const name = isOneColumn ? '' : style.faint(view.columns[column] ?? '');
      return cellLines(cell, style, widths[column]).map((line, index) => [index === 0 ? `  ${name}` : '', ...line]);
    }),
  );
  const all = [header, ...parts.flat()];
  const before = [0, 1, 2].reduce((sum, at) => sum + 2 + Math.max(...all.map((line) => visibleWidth(line[at] ?? ''))), 0);
  const wrapped = parts.map((lines) =>
    lines.flatMap((line) => {
      const [first = '', ...more] = wrap(line[3] ?? '', Math.max(16, width - before));
      return [[...line.slice(0, 3), first], ...more.map((text) => ['', '', '', text])];
    }),
  );
  const [heading = '', ...lines] = textTable([header, ...wrapped.flat()], ['left', ...ALIGN]);
  let next = 0;
  const shown = wrapped.flatMap(({ length }, row) => [...wrap(view.rows[row]?.label ?? '', width), ...lines.slice(next, (next += length))]);
  return [heading, ...shown];
}

/** Of each column, how wide its values are: their last digits stand below each other. */
const valueWidths = ({ columns, rows }: TableView): readonly number[] =>
  columns.map((_, column) =>
    rows.reduce((most, { cells }) => Math.max(most, visibleWidth(cells[column] ? valueOf(cells[column]) : '')), 0),
  );

const valueOf = ({ value }: CellView): string => value || '–';

/** Value, verdict, published; a further claim about the same cell has a line of its own. */
function cellLines(cell: CellView, style: TableStyle, width = 0): readonly (readonly string[])[] {
  const text = pad('', width - visibleWidth(valueOf(cell))) + cellText(cell);
  const shown = cell.worst ? style.verdict(cell.worst, text) : text;
  if (cell.claims.length === 0) return [[shown, '', '']];
  return cell.claims.map((claim, index) => [index === 0 ? shown : '', verdictOf(claim, style), claimedOf(claim, style)]);
}

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
  return wrap(text, Math.max(20, width - indent), /[ \n]+/).map((line, index) => (index === 0 ? mark : pad('', indent)) + line);
}

/** The table as Markdown that GitHub shows: cells with their verdicts and the numbers of the notes about them, the claims between cells, the reasons, the notes. */
export function tableToMarkdown(view: TableView): string {
  const isClaimed = view.columns.map((_, column) => view.rows.some(({ cells }) => (cells[column]?.claims.length ?? 0) > 0));
  const beside = (column: number, text: string): readonly string[] => (isClaimed[column] ? [text] : []);
  const header = ['', ...view.columns.flatMap((heading, column) => [markdownText(heading), ...beside(column, 'published')])];
  const rule = ['---', ...view.columns.flatMap((_, column) => ['---:', ...beside(column, '---')])];
  const rows = view.rows.map(({ label, cells }) => [
    markdownText(label),
    ...cells.flatMap((cell, column) => [markedValue(cell), ...beside(column, claimsOf(cell))]),
  ]);
  const table = [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const blocks = [
    [`# ${markdownText(view.title ?? view.name)}`],
    view.description === undefined ? [] : [markdownBlock(view.description)],
    view.source === undefined ? [] : [`Published: ${markdownText(view.source)}`],
    [`${countLine(view)}.`],
    table,
    view.legend === '' ? [] : [markdownBlock(view.legend)],
    view.under.map((claim) => `- ${MARKS[claim.kind]} ${markdownText(`${claim.claimed}: ${claim.wording}`)}${notesOf(claim)}`),
    ...folded('Why', reasonsOf(view)),
    ...headed(
      'Notes',
      view.footnotes.map((text, index) => `${index + 1}. ${markdownText(text)}`),
    ),
    [...view.margins.map((text) => `margin ${text}`), ...view.reading].map((text) => `- ${markdownText(text)}`),
  ];
  return textBlocks(blocks);
}

/** Under a heading, and closed: a reader opens it. */
const folded = (heading: string, lines: readonly string[]): readonly (readonly string[])[] =>
  lines.length === 0 ? [] : [[`## ${heading}`], ['<details>', '<summary>The reason of every verdict</summary>'], lines, ['</details>']];

const headed = (heading: string, lines: readonly string[]): readonly (readonly string[])[] =>
  lines.length === 0 ? [] : [[`## ${heading}`], lines];

const markedValue = (cell: CellView): string => `${cell.worst && cell.value !== '' ? `${MARKS[cell.worst]} ` : ''}${cellText(cell)}`;

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

const CSV_HEADER = [
  'table',
  'row',
  'column',
  'other_row',
  'other_column',
  'form',
  'value',
  'mean',
  'sd',
  'n',
  'claimed',
  'source',
  'margin',
  'low',
  'high',
  'alpha',
  'verdict',
  'wording',
] as const;

/**
 * A line for each claim, in the order of the document, and one for a cell that nothing is claimed of alone or beside another (RFC 4180). `value`,
 * what the column takes over the seeds, `mean`, `sd` and `n` are of the first cell; `low` and `high` bound the interval that decided, with `alpha` of error on each side; without a claim, that of
 * the mean.
 */
export function tableToCsv(config: TableConfig, { cells, judgements }: JudgedTable): string {
  const { claimed } = viewTable(config, { cells, judgements, footnotes: [], reading: [] });
  const table = config.table;
  const oursOf = (name: CellName): CsvCells => {
    const cell = cells.find((each) => sameCell(each.name, name));
    return [
      cell?.over ? cell.over.value : cell?.mean,
      cell?.mean,
      cell?.ours?.sd,
      config.rows[name[0]]?.baseline === undefined ? cell?.n : '',
    ];
  };
  const ofClaims = judgements.map(({ claim, verdict: { kind, wording, numbers } }, index): CsvCells => {
    const [first = ['', ''] as const, ...others] = cellsOf(claim);
    const other = [0, 1].map((part) => others.map((name) => name[part]).join('; '));
    const decided = [claim.margin ?? numbers.margin, ...(numbers.interval ?? ['', '']), numbers.alpha];
    return [table, ...first, ...other, claim.kind, ...oursOf(first), claimed[index], claim.source, ...decided, kind, wording];
  });
  const isClaimed = (name: CellName): boolean => judgements.some(({ claim }) => cellsOf(claim).some((each) => sameCell(each, name)));
  const ofOthers = cells
    .filter(({ name }) => !isClaimed(name))
    .map(({ name, ours }): CsvCells => {
      const interval = ours ? [...ours.interval, 0.025] : ['', '', ''];
      return [table, ...name, '', '', '', ...oursOf(name), '', '', '', ...interval, '', ''];
    });
  return `${toCsv([CSV_HEADER, ...ofClaims, ...ofOthers])}\n`;
}

type CsvCells = readonly (string | number | undefined)[];

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
  const splits = splitsOf(config);
  return {
    version: VERSION,
    table: config.table,
    title: config.title ?? null,
    source: config.source ?? null,
    seeds: seedsOf(config),
    ...(config.folds !== undefined && { folds: config.folds }),
    ...(splits && { splits }),
    cells: judged.cells.map(({ name: [row, column], n, mean, ours, over, byExamples, levels, worst, claims }) => ({
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
      ...(levels && { levels: { between: levels.between, within: levels.within, seeds: levels.size, share_within: levels.shareWithin } }),
      verdict: worst ?? null,
      claims,
    })),
    claims: judged.judgements.map(({ claim, verdict, stage, effects, oneAccident }) => ({
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
      ...(stage && { stage: { number: stage.number, seeds: stage.seeds, outlook: stage.outlook, chances: stage.chances ?? null } }),
      ...(effects && {
        effects: { between: effects.between, ...(effects.hedgesG && { hedges_g: effects.hedgesG }), cliffs_delta: effects.cliffsDelta },
      }),
      ...(oneAccident && { one_accident: oneAccident }),
    })),
    ...(judged.tunings && { tuned: Object.fromEntries(Object.entries(judged.tunings).map(([row, tuning]) => [row, tuningJson(tuning)])) }),
    footnotes: judged.footnotes,
    ...(judged.registered && { registered: judged.registered }),
    counts: { reproduced: 0, differs: 0, inconclusive: 0, not_run: 0, not_claimable: 0, ...counts },
  };
}
