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

export type Align = 'left' | 'right';

/**
 * Rows of cells as lines of aligned columns, two spaces apart, without trailing spaces. Widths are those that a terminal shows: colours count
 * nothing.
 */
export function textTable(rows: readonly (readonly string[])[], align: readonly Align[] = []): readonly string[] {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, visibleWidth(row[column] ?? '')), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, align[column] ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** A table as a terminal shows it; one whose columns have no headings has no line for them. */
export const terminalTable = ({ columns, rows }: PlainTable, style: TextStyle): readonly string[] =>
  textTable(
    [...(columns.every(({ heading }) => heading === '') ? [] : [columns.map(({ heading }) => style.faint(heading))]), ...rows],
    columns.map(({ align = 'left' }) => align),
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

/** What a document needs besides its class. */
const PACKAGES = 'booktabs,amssymb';

/** A `table` of LaTeX with the rules of booktabs, to be put into a document with `\input`. */
export function latexTable({ name, caption, columns, rows, notes = [] }: PlainTable): string {
  const isGrouped = rows.some(goesOn);
  const lines = rows.flatMap((cells, index) => [
    ...(isGrouped && index > 0 && !goesOn(cells) ? ['    \\addlinespace'] : []),
    `    ${rowOf(columns.map((_, column) => cells[column] ?? ''))}`,
  ]);
  return [
    `% In the preamble: \\usepackage{${PACKAGES}}`,
    '\\begin{table}',
    '  \\centering',
    ...(caption === undefined ? [] : [`  \\caption{${latexText(caption)}}`]),
    ...(name === undefined ? [] : [`  \\label{tab:${name}}`]),
    `  \\begin{tabular}{@{}${columns.map(({ align }) => (align === 'right' ? 'r' : 'l')).join('')}@{}}`,
    '    \\toprule',
    `    ${rowOf(columns.map(({ heading }) => heading))}`,
    '    \\midrule',
    ...lines,
    '    \\bottomrule',
    '  \\end{tabular}',
    ...(notes.length === 0 ? [] : notesBelow(notes)),
    '\\end{table}',
    '',
  ].join('\n');
}

const goesOn = ([first = '']: readonly string[]): boolean => first === '';
const rowOf = (cells: readonly string[]): string => `${cells.map(latexText).join(' & ')} \\\\`;

const notesBelow = (notes: readonly string[]): readonly string[] => [
  '',
  '  \\medskip',
  '  \\begin{minipage}{\\linewidth}',
  '    \\footnotesize',
  ...notes.map((note) => `    ${latexText(note)}\\par`),
  '  \\end{minipage}',
];

/** Text as LaTeX sets it letter by letter: nothing in it is a command. Marks and signs that its fonts lack become commands. */
export const latexText = (text: string): string =>
  visibleText(text)
    .replace(/\s+/g, ' ')
    .replace(/["\\{}&%$#_~^<>|]|[^\x00-\x7f]/g, (character) => COMMANDS[character] ?? character)
    .replace(/(?<![\w.])-(?=\d)/g, '$-$');

const COMMANDS: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '&': '\\&',
  '%': '\\%',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  '±': '$\\pm$',
  '∓': '$\\mp$',
  '×': '$\\times$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '≈': '$\\approx$',
  '−': '$-$',
  '·': '$\\cdot$',
  '²': '$^2$',
  '√': '$\\surd$',
  '✓': '$\\checkmark$',
  '✗': '$\\times$',
  '–': '--',
  '—': '---',
  '…': '\\dots{}',
  '“': '``',
  '”': "''",
  '‘': '`',
  '’': "'",
  '\u00a0': '~',
};
