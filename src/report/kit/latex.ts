import { visibleText, visibleWidth } from '../../diagnostics/columns.js';
import type { PlainColumn, PlainTable } from './tables.js';

/** A cell; the notes that its text is marked with are numbers of notes below the table. */
export type LatexCell = string | { readonly text: string; readonly notes: readonly number[] };

/** A table of LaTeX in its parts. */
interface LatexTable {
  readonly caption?: string;
  /** What references call it: `tab:time_machine`. */
  readonly label?: string;
  /** One below the other, each with its own columns; parts after the first repeat no headings where they have the same. */
  readonly blocks: readonly LatexBlock[];
  readonly notes?: readonly LatexNote[];
}

export interface LatexBlock {
  readonly columns: readonly PlainColumn[];
  readonly groups: readonly LatexGroup[];
}

/** Rows that belong together; a label that is too long to stand beside them stands above. */
interface LatexGroup {
  readonly above?: string;
  readonly rows: readonly (readonly LatexCell[])[];
}

export interface LatexNote {
  /** Where cells are marked with it. */
  readonly number?: number;
  readonly text: string;
}

/** What a person asks of a table: caption and label in place of its own. */
export interface Wishes {
  readonly caption?: string;
  readonly label?: string;
}

/** What a document needs besides its class. */
const PACKAGES = 'amssymb,array,booktabs,tabularx,threeparttable';

/**
 * The narrowest line that a table must fit is a column of two on a letter page, 229 pt; there it is set in 7 pt, elsewhere in the size of
 * footnotes. Either has room for so many characters of 0.53 em.
 */
const ROOM = 58;
/** Of a character, in `em`; of the space between two columns, in characters. */
const CHARACTER = 0.53;
const BETWEEN = 1.26;
/** Columns of longer texts give way: their texts go on below themselves. */
const LONG = 14;
/**
 * Pages that a table must fit: how many characters a line has and how many lines there are, of captions, of rows and of the smaller notes. A column of
 * two in 7 pt, and a page of 12 pt.
 */
const PAGES = [
  { caption: { room: 44, lines: 44 }, rows: { room: ROOM, lines: 64 }, notes: { room: 64, lines: 64 } },
  { caption: { room: 64, lines: 36 }, rows: { room: 72, lines: 43 }, notes: { room: 94, lines: 54 } },
] as const;

/** What a text takes of a page, where it takes the most. */
const heightOfText = (text: string, kind: 'caption' | 'notes'): number =>
  most(PAGES.map((page) => Math.ceil(visibleWidth(text) / page[kind].room) / page[kind].lines));

/** A table with the rules of booktabs for any width of line, to be put into a document with `\input`; a long one is several floats. */
export function latexDocument({ caption, label, blocks, notes = [] }: LatexTable): string {
  const floats = floatsOf(caption, blocks.flatMap(fittingBlocks), notes);
  return [
    `% Read by \\input. In the preamble: \\usepackage{${PACKAGES}}`,
    ...floats.flatMap((float, index) => [
      '\\begin{table}',
      '  \\centering',
      '  \\ifdim\\linewidth<250pt\\scriptsize\\else\\footnotesize\\fi',
      '  \\setlength{\\tabcolsep}{2.5pt}',
      '  \\begin{threeparttable}',
      `    \\renewcommand{\\TPTminimum}{${widthOf(float.blocks)}}`,
      // Marks have a width of their own, so that none covers what is beside it.
      '    \\renewcommand{\\TPTrlap}[1]{#1}',
      // What goes on is the same table to those who count.
      ...(index === 0 ? [] : ['    \\addtocounter{table}{-1}']),
      ...(caption === undefined ? [] : [`    \\caption{${latexText(captionOf(caption, index))}}`]),
      ...(label === undefined || index > 0 ? [] : [`    \\label{${label}}`]),
      ...tabularsOf(float.blocks).flatMap((tabular, at) => [...(at > 0 ? ['', '    \\medskip'] : []), ...tabularOf(tabular)]),
      ...notesBelow(float.notes),
      '  \\end{threeparttable}',
      '\\end{table}',
    ]),
    '',
  ].join('\n');
}

/** A plain table: columns that do not fit beside each other follow below, each time behind the first column. */
export const latexTable = ({ name, caption, columns, rows, notes = [] }: PlainTable, wishes: Wishes = {}): string =>
  latexDocument({ ...named(name, caption, wishes), blocks: [{ columns, groups: groupsOf(rows) }], notes: notes.map((text) => ({ text })) });

/** A row whose first cell is empty goes on with the row above it. */
function groupsOf(rows: readonly (readonly string[])[]): readonly LatexGroup[] {
  const groups: (readonly string[])[][] = [];
  for (const cells of rows) {
    const last = groups.at(-1);
    if (last && (cells[0] ?? '') === '') last.push(cells);
    else groups.push([cells]);
  }
  return groups.map((group) => ({ rows: group }));
}

/** Caption and label, as they are asked for or as the table has them. */
export const named = (
  name: string | undefined,
  title: string | undefined,
  { caption = title, label = name === undefined ? undefined : `tab:${name}` }: Wishes,
): Wishes => ({ ...(caption !== undefined && { caption }), ...(label !== undefined && { label }) });

const captionOf = (caption: string, index: number): string => (index === 0 ? caption : `${caption} (continued)`);

// How wide

const textOf = (cell: LatexCell): string => (typeof cell === 'string' ? cell : cell.text);

interface Width {
  /** In characters: of the longest text, and of the longest word of a column that gives way. */
  readonly natural: number;
  readonly least: number;
}

const isFlexible = ({ natural, least }: Width): boolean => least < natural;

const rowsOf = ({ groups }: LatexBlock): readonly (readonly LatexCell[])[] => groups.flatMap(({ rows }) => rows);

function widthsOf(block: LatexBlock): readonly Width[] {
  const rows = rowsOf(block);
  return block.columns.map(({ heading }, column) => {
    const cells = rows.map((each) => each[column] ?? '');
    const texts = [heading, ...cells.map(textOf)];
    const marks = cells.map((cell) => (typeof cell === 'string' ? 0 : cell.notes.join().length));
    const natural = most(texts.map(visibleWidth)) + most(marks) / 1.4;
    if (natural <= LONG) return { natural, least: natural };
    const words = texts.flatMap((text) => text.split(/\s+/)).map(visibleWidth);
    return { natural, least: Math.min(LONG, most(words), natural - 1) };
  });
}

const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);

const sumOf = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, 0) + BETWEEN * (widths.length - 1);

/** Whether all columns have room beside each other on the narrowest line. */
export const fits = (block: LatexBlock): boolean =>
  sumOf(widthsOf(block).map(({ least }) => least)) <= ROOM && block.groups.every(({ above = '' }) => visibleWidth(above) < ROOM - 4);

/** A block as several, of as many columns as fit beside its first one. */
function fittingBlocks(block: LatexBlock): readonly LatexBlock[] {
  const least = widthsOf(block).map((width) => width.least);
  if (fits(block) || least.length < 3) return [block];
  const parts: number[][] = [];
  for (let column = 1; column < least.length; column++) {
    const part = parts.at(-1);
    if (part && sumOf([0, ...part, column].map((each) => least[each] ?? 0)) <= ROOM) part.push(column);
    else parts.push([column]);
  }
  return parts.map((part) => {
    const columns = [0, ...part];
    const only = (cells: readonly LatexCell[]): readonly LatexCell[] => columns.map((column) => cells[column] ?? '');
    return {
      columns: columns.flatMap((column) => block.columns[column] ?? []),
      groups: block.groups.map((group) => ({ ...group, rows: group.rows.map(only) })),
    };
  });
}

/** What columns have of a line of so many characters: their least, and of the rest what they lack, in proportion. */
function sharesOf(widths: readonly Width[], room: number): readonly number[] {
  const slack = Math.max(0, room - sumOf(widths.map(({ least }) => least)));
  const wanted = widths.reduce((sum, { natural, least }) => sum + natural - least, 0);
  return widths.map(({ natural, least }) => least + (wanted === 0 ? 0 : (Math.min(slack, wanted) * (natural - least)) / wanted));
}

// How high

interface Float {
  readonly blocks: readonly LatexBlock[];
  readonly notes: readonly LatexNote[];
}

/** Tables that each fit on a page: rows first, then notes. Rows that belong together stay so as far as they are no more than a page has. */
function floatsOf(caption: string | undefined, blocks: readonly LatexBlock[], notes: readonly LatexNote[]): readonly Float[] {
  const floats: { blocks: LatexBlock[]; notes: LatexNote[] }[] = [{ blocks: [], notes: [] }];
  const whole = 1 - (caption === undefined ? 0 : heightOfText(captionOf(caption, 1), 'caption'));
  let left = whole;
  const take = (height: number): boolean => {
    const isNew = height > left && left < whole;
    if (isNew) {
      floats.push({ blocks: [], notes: [] });
      left = whole;
    }
    left -= height;
    return isNew;
  };
  const beside = new Map(tabularsOf(blocks).flatMap((tabular) => tabular.map((block) => [block, union(tabular)] as const)));
  for (const block of blocks) {
    const heights = heightsOf(block, beside.get(block));
    let begun: LatexGroup[] = [];
    block.groups.forEach((group, index) => {
      if (take((heights[index] ?? 0) + (index === 0 ? HEADING : 0)) || index === 0) {
        begun = [];
        floats.at(-1)?.blocks.push({ columns: block.columns, groups: begun });
        if (index > 0) left -= HEADING;
      }
      begun.push(group);
    });
    if (block.groups.length === 0) floats.at(-1)?.blocks.push(block);
  }
  for (const note of notes) {
    take(heightOfText(note.text, 'notes'));
    floats.at(-1)?.notes.push(note);
  }
  return floats;
}

/** Two lines and their rules. */
const HEADING = 2 / 46;

/** What each group of a block takes of a page, where it takes the most; its columns are as wide as those of all blocks beside it. */
function heightsOf(block: LatexBlock, all = block): readonly number[] {
  const widths = widthsOf(all);
  const pages = PAGES.map(({ rows: { room, lines } }) => ({ lines, shares: sharesOf(widths, room) }));
  return block.groups.map(({ above, rows }) =>
    most(
      pages.map(({ lines, shares }) => {
        const linesOf = (cells: readonly LatexCell[]): number =>
          Math.max(1, most(cells.map((cell, at) => Math.ceil(visibleWidth(textOf(cell)) / (shares[at] ?? 1) - 1e-9))));
        const space = rows.length > 1 ? 0.4 : 0;
        return (rows.reduce((sum, cells) => sum + linesOf(cells), space) + (above === undefined ? 0 : 1)) / lines;
      }),
    ),
  );
}

/** Pages that a block takes. */
export const heightOf = (block: LatexBlock): number => heightsOf(block).reduce((sum, height) => sum + height, 0);

// The rows

const headingsOf = ({ columns }: LatexBlock): readonly string[] => columns.map(({ heading }) => heading);

/** Blocks as one, with as many columns as the widest; their headings are rows of it. */
function union(blocks: readonly LatexBlock[]): LatexBlock {
  const [widest] = blocks.toSorted((a, b) => b.columns.length - a.columns.length);
  return { columns: widest?.columns ?? [], groups: [{ rows: blocks.flatMap((block) => [headingsOf(block), ...rowsOf(block)]) }] };
}

/** Blocks share their columns as far as all of them fit so. Notes alone need a tabular too: it is what they and the caption stand at. */
function tabularsOf(blocks: readonly LatexBlock[]): readonly (readonly LatexBlock[])[] {
  const tabulars: LatexBlock[][] = [];
  for (const block of blocks) {
    const last = tabulars.at(-1);
    if (last && fits(union([...last, block]))) last.push(block);
    else tabulars.push([block]);
  }
  return tabulars.length === 0 ? [[]] : tabulars;
}

/** As wide as the texts are, in so far as a line is: of the tabulars that give way, the caption and the notes. */
function widthOf(blocks: readonly LatexBlock[]): string {
  const natural = most(tabularsOf(blocks).map((tabular) => sumOf(widthsOf(union(tabular)).map((width) => width.natural))));
  const wanted = `${Math.ceil(Math.max(LEAST, CHARACTER * natural + 1))}em`;
  return blocks.length === 0 ? '\\linewidth' : `\\ifdim ${wanted}<\\linewidth ${wanted}\\else\\linewidth\\fi`;
}
/** In `em`: of narrower notes, many lines would have one word. */
const LEAST = 24;

/** Blocks of one tabular: headings stand where they change. */
function tabularOf(blocks: readonly LatexBlock[]): readonly string[] {
  if (blocks.length === 0) return ['    \\begin{tabular}{@{}p{\\linewidth}@{}}', '      \\toprule', '    \\end{tabular}'];
  const all = union(blocks);
  const count = all.columns.length;
  const headings = blocks.map(headingsOf);
  const widths = widthsOf(all);
  const shares = sharesOf(widths, ROOM).map((share, at) => (widths[at] && isFlexible(widths[at]) ? share : 0));
  const shared = shares.reduce((sum, share) => sum + share, 0);
  const columns = all.columns.map(({ align = 'left' }, at) => {
    const share = shares[at] ?? 0;
    if (share === 0) return align === 'right' ? 'r' : 'l';
    const part = ((share * widths.filter(isFlexible).length) / shared).toFixed(3);
    return `>{\\hsize=${part}\\hsize\\${align === 'right' ? 'raggedleft' : 'raggedright'}\\arraybackslash\\hspace{0pt}}X`;
  });
  const [begin, end] = shared === 0 ? ['tabular}', 'tabular'] : ['tabularx}{\\TPTminimum}', 'tabularx'];
  const isStacked = blocks.some(({ groups }) => groups.some(({ above }) => above !== undefined));
  return [
    `    \\begin{${begin}{@{${isStacked ? '\\hspace{1em}' : ''}}${columns.join('')}@{}}`,
    '      \\toprule',
    ...blocks.flatMap(({ groups }, index) => {
      const heading = headings[index] ?? [];
      const isSaid = heading.join('') === '' || heading.join('\n') === headings[index - 1]?.join('\n');
      return [
        ...(index > 0 ? ['      \\midrule'] : []),
        ...(isSaid ? [] : [`      ${rowOf(filled(heading, count))}`, '      \\midrule']),
        ...linesOfGroups(groups, count),
      ];
    }),
    '      \\bottomrule',
    `    \\end{${end}}`,
  ];
}

/** A little space before what begins, where some rows go on. */
function linesOfGroups(groups: readonly LatexGroup[], count: number): readonly string[] {
  const isSpaced = groups.some(({ above, rows }) => above !== undefined || rows.length > 1);
  return groups.flatMap(({ above, rows }, index) => [
    ...(isSpaced && index > 0 ? ['      \\addlinespace'] : []),
    ...(above === undefined ? [] : [`      \\multicolumn{${count}}{@{}l@{}}{${latexText(above)}} \\\\*`]),
    ...rows.map((cells) => `      ${rowOf(filled(cells, count))}`),
  ]);
}

const filled = (cells: readonly LatexCell[], count: number): readonly LatexCell[] =>
  Array.from({ length: count }, (_, column) => cells[column] ?? '');

const rowOf = (cells: readonly LatexCell[]): string => `${cells.map(cellOf).join(' & ')} \\\\`;

const cellOf = (cell: LatexCell): string =>
  typeof cell === 'string'
    ? breakable(cell)
    : `${breakable(cell.text)}${cell.notes.length === 0 ? '' : `\\tnote{${cell.notes.join(',')}}`}`;

const notesBelow = (notes: readonly LatexNote[]): readonly string[] =>
  notes.length === 0
    ? []
    : [
        '    \\begin{tablenotes}[flushleft]',
        '      \\scriptsize\\raggedright',
        ...notes.map(({ number = '', text }) => `      \\item[${number}] ${breakable(text)}`),
        '    \\end{tablenotes}',
      ];

// Text

/** Text that a line can be broken in: a name behind its signs, and a long word without any where nothing else helps. */
const breakable = (text: string): string =>
  text
    .split(/(\s+)/)
    .map((word) => (visibleWidth(word) <= LONG ? latexText(word) : piecesOf(word).reduce(joined, '')))
    .join('');

/** Letters are hyphenated by LaTeX itself, up to a length; other runs are cut. */
const piecesOf = (word: string): readonly string[] =>
  (word.match(/[\p{L}\p{N}]+|./gu) ?? []).flatMap((run) => (/^\p{L}{1,20}$/u.test(run) ? [run] : (run.match(/.{1,10}/gu) ?? [])));

/** Between two pieces of a word a line may end: with a hyphen within a run, without one behind a sign. */
function joined(before: string, piece: string): string {
  const text = latexText(piece);
  if (before === '' || !/^[\p{L}\p{N}]/u.test(piece)) return before + text;
  if (/[\p{L}\p{N}]$/u.test(before)) return `${before}\\-${text}`;
  return /[_/.,:;=@#|-]$/.test(before) ? `${before}\\allowbreak{}${text}` : before + text;
}

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
