import { type Align, pad, textTable, wrap } from '../kit/text-table.js';
import { visibleWidth } from '../../diagnostics/columns.js';
import { type CellView, type ClaimView, type TableView, aboutOf, countWords, MARKS, WORDS } from './table-view.js';
import { PLAIN, type TextStyle } from '../kit/text-style.js';
import type { VerdictKind } from '../../study/verdicts/verdict.js';

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
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** `2 reproduced, 1 differs` */
export function countLine({ counts }: TableView, style: TableStyle = PLAIN_TABLE): string {
  const found = KINDS.flatMap((kind) => (counts[kind] ? [style.verdict(kind, countWords(kind, counts[kind]))] : []));
  return found.length > 0 ? found.join(', ') : 'nothing is claimed';
}

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
  const first = [shown, String(cell.n)];
  if (cell.claims.length === 0) return [[...first, '', '']];
  return cell.claims.map((claim, index) => [...(index === 0 ? first : ['', '']), verdictOf(claim, style), claimedOf(claim, style)]);
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
  return wrap(text, Math.max(20, width - indent)).map((line, index) => (index === 0 ? mark : pad('', indent)) + line);
}
