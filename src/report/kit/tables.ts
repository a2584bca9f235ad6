import { visibleText, visibleWidth } from '../../diagnostics/columns.js';

/**
 * A table as text in its places: what sweeps, tables and runs hand to any form of output. A row whose first cell is empty goes on with the row
 * above it.
 */
export interface PlainTable {
  /** What it is called by references: `time_machine`. */
  readonly name?: string;
  readonly caption?: string;
  readonly columns: readonly PlainColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences under the table. */
  readonly notes?: readonly string[];
}

export interface PlainColumn {
  readonly heading: string;
  readonly align?: Align;
}

/** Columns with these headings; one that is written behind a `>` has its cells at the right. */
export const columnsOf = (...headings: readonly string[]): readonly PlainColumn[] =>
  headings.map((heading) => (heading.startsWith('>') ? { heading: heading.slice(1), align: 'right' } : { heading }));

/** How a terminal sets off parts of a text. The words are the same without it. */
export interface TextStyle {
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
}

export const PLAIN: TextStyle = { heading: (text) => text, faint: (text) => text };

/** Where a text is read: how parts are set off, and how many columns there are, where that is a terminal. */
export interface Told {
  readonly style: TextStyle;
  readonly width?: number;
}

export type Align = 'left' | 'right';

/**
 * Rows of cells as lines of aligned columns, two spaces apart, without trailing spaces. Widths are those that a terminal shows: colours count
 * nothing. Where a `width` is too small for a table, the words of its longest cells go on below each other; where that is not enough, its columns
 * follow in blocks that begin with the first column.
 */
export function textTable(rows: readonly (readonly string[])[], align: readonly Align[] = [], width = Infinity): readonly string[] {
  const widths = widthsOf(rows);
  const fitting = shrunken(rows, align, widths, width);
  if (sumOf(fitting) <= width) return linesOf(fitting === widths ? rows : rows.flatMap((row) => brokenRow(row, fitting)), align, fitting);
  const [first = 0, ...others] = widths;
  let room = width - first;
  const fits = others.findIndex((column) => (room -= column + BETWEEN) < 0);
  const taken = Math.max(1, fits < 0 ? others.length : fits);
  const part = (cells: readonly string[], from: number, to?: number): readonly string[] => [cells[0] ?? '', ...cells.slice(from, to)];
  const block = (from: number, to?: number): readonly string[] =>
    textTable(
      rows.map((row) => part(row, from, to)),
      [align[0] ?? 'left', ...align.slice(from, to)],
      to === undefined ? width : Infinity,
    );
  return taken >= others.length ? linesOf(rows, align, widths) : [...block(1, 1 + taken), '', ...block(1 + taken)];
}

/** Columns between two columns. */
const BETWEEN = 2;
/** A column of sentences is no narrower than this. */
const NARROW = 16;

const widthsOf = (rows: readonly (readonly string[])[]): readonly number[] =>
  Array.from({ length: rows.reduce((most, row) => Math.max(most, row.length), 0) }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, visibleWidth(row[column] ?? '')), 0),
  );

const sumOf = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width + BETWEEN, -BETWEEN);

const linesOf = (rows: readonly (readonly string[])[], align: readonly Align[], widths: readonly number[]): readonly string[] =>
  rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, align[column] ?? 'left'))
      .join(' '.repeat(BETWEEN))
      .trimEnd(),
  );

/** Widths that fit as far as they can: the widest columns of words give way first. */
function shrunken(
  rows: readonly (readonly string[])[],
  align: readonly Align[],
  widths: readonly number[],
  width: number,
): readonly number[] {
  if (sumOf(widths) <= width) return widths;
  const least = widths.map((now, column) => {
    if ((align[column] ?? 'left') === 'right') return now;
    const pieces = rows.flatMap((row) => piecesOf(row[column] ?? '').map((piece) => visibleWidth(piece.trim())));
    return Math.min(now, Math.max(NARROW, ...pieces));
  });
  const shrunk = [...widths];
  while (sumOf(shrunk) > width) {
    const slack = shrunk.map((now, column) => (now > (least[column] ?? now) ? now : 0));
    const widest = slack.indexOf(Math.max(...slack));
    if ((slack[widest] ?? 0) === 0) return shrunk;
    shrunk[widest] = (shrunk[widest] ?? 1) - 1;
  }
  return shrunk;
}

/** Words with the blanks before them; a path is broken behind its slashes. */
const piecesOf = (text: string): readonly string[] => text.match(/\s*[^\s/#]*[/#]*/g)?.filter(Boolean) ?? [];

/** A row as several, where a cell has more words than its column has room. */
function brokenRow(row: readonly string[], widths: readonly number[]): readonly (readonly string[])[] {
  const cells = row.map((cell, column) => brokenCell(cell, widths[column] ?? 0));
  const height = Math.max(1, ...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ''));
}

/** A colour around a cell is around each of its lines. */
function brokenCell(cell: string, width: number): readonly string[] {
  if (visibleWidth(cell) <= width) return [cell];
  const [, before = '', text = '', after = ''] = /^((?:\u001b\[\d+m)*)([^]*?)((?:\u001b\[\d+m)*)$/.exec(cell) ?? [];
  const lines: string[] = [];
  for (const piece of piecesOf(text)) {
    const last = lines.at(-1);
    if (last !== undefined && visibleWidth(last + piece) <= width) lines[lines.length - 1] = last + piece;
    else lines.push(piece.trimStart());
  }
  return lines.map((line) => before + line + after);
}

/** A table as a terminal of so many columns shows it; one whose columns have no headings has no line for them. */
export const terminalTable = ({ columns, rows }: PlainTable, style: TextStyle, width?: number): readonly string[] =>
  textTable(
    [...(columns.every(({ heading }) => heading === '') ? [] : [columns.map(({ heading }) => style.faint(heading))]), ...rows],
    columns.map(({ align = 'left' }) => align),
    width,
  );

export function pad(text: string, width: number, align: Align = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** At most so many columns; what was cut is marked by an ellipsis. For text without colours. */
export function cut(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += visibleWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** Text as lines of at most so many columns, broken between words (or where `between` says so); a word that is longer stays whole. */
export function wrap(text: string, width: number, between: RegExp = /\s+/): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(between).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && visibleWidth(last) + 1 + visibleWidth(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A table as GitHub's Markdown has it, line by line. */
export function markdownTable({ columns, rows }: PlainTable): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  return [
    line(columns.map(({ heading }) => heading)),
    `| ${columns.map(({ align }) => (align === 'right' ? '---:' : '---')).join(' | ')} |`,
    ...rows.map((cells) => line(columns.map((_, column) => cells[column] ?? ''))),
  ];
}

/** Blocks of lines as a text, an empty line between them; what has no lines is left out. */
export const textBlocks = (blocks: readonly (readonly string[])[]): string =>
  `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;

/** Text of one line in which nothing is formatting, for a cell, or behind a mark of its own. */
export const markdownText = (text: string): string =>
  visibleText(text)
    .replace(/[|\\*_`[\]<]|&(?=#?\w+;)|~(?=~)|\$(?=\S)/g, (character) => `\\${character}`)
    .replaceAll(/\s*[\r\n]+\s*/g, ' ');

/** Text on a line of its own, in which nothing is formatting: what would begin a heading, a list or a quotation is text. */
export const markdownBlock = (text: string): string =>
  markdownText(text.trim())
    .replace(/^(#{1,6}(?=\s|$)|[>+-](?=\s|$|[>+-])|=+$)/, (mark) => `\\${mark}`)
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');

/** A picture that lies beside the text, whatever its name holds. */
export const markdownPicture = (name: string, file: string): string =>
  `![${name.replace(/[\\[\]]/g, (character) => `\\${character}`)}](${encodeURIComponent(file).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'))})`;
