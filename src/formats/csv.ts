import type { Problem, Report } from '../diagnostics/diagnostic.js';
import { formatCount, plural } from '../diagnostics/numbers.js';
import { visibleText } from '../diagnostics/columns.js';
import { quote } from '../diagnostics/words.js';
import { type Assumed, holdsAll, plainNumber, quickNumber, type Table } from './table.js';

const SEPARATORS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;
type Separator = keyof typeof SEPARATORS;

/** What a document says of a file; what it leaves out is read off the file. */
interface CsvSettings {
  readonly separator?: Separator | undefined;
  /** What a line begins with that is no row. */
  readonly comment?: string | undefined;
  /** Columns that are asked for: the separator is the one that makes them. */
  readonly wanted?: readonly string[];
}

/** With the lines of the file that rows begin in, from 1. */
export interface CsvTable extends Table {
  readonly line: (row: number) => number;
}

/**
 * A table of separated values (RFC 4180, with other separators than commas too): the first record names the columns; `"` around a value that holds
 * separators, line breaks or quotes, which are doubled inside. Lines end with LF, CRLF or CR. Passed over are a byte order mark, Excel's first line
 * `sep=;`, empty lines, rows of empty values alone, and lines that begin with `#` and are no rows. What was taken to be so is `assumed`.
 */
export function readCsv(source: string, report: Report, settings: CsvSettings = {}): CsvTable {
  const text = source.replace(/^\uFEFF/, '');
  const { comment = '#' } = settings;
  const top = readTop(text, comment);
  const mark = settings.separator ? SEPARATORS[settings.separator] : (top.separator ?? findSeparator(text, top, settings));
  const header = findHeader(text, top, mark, settings);
  const { names } = header;
  const records = scan(text, header.start, { mark, comment }, report);
  const columns = names ?? (records.count > 0 ? records.cells(0).map((name) => name.trim()) : []);
  const above = names ? 0 : 1;
  const parsed = Uint32Array.from({ length: Math.max(0, records.count - above) }, (_, index) => index + above);
  const found = leaveOutComments(records, parsed, columns, settings, report);
  const full = found.filter((record) => !isBlankFrom(records, record, 0));
  const table = fitWidth(columns, records, full);

  const seen = new Set<string>();
  const twice = table.columns.find((name) => name !== '' && (seen.has(name) || !seen.add(name)));
  if (twice !== undefined) report(columnTwice(twice));
  const unequal = full.filter((record) => table.width(record) !== table.columns.length);
  for (const record of unequal.slice(0, 3)) report(unequalRow(records.line(record), table.width(record), table.columns.length, mark));
  const line = (row: number): number => records.line(full[row] ?? 0);
  return {
    columns: table.columns,
    length: full.length,
    cell: (row, column) => records.cell(full[row] ?? 0, column),
    number: (row, column) => records.number(full[row] ?? 0, column),
    line,
    place: (row) => `line ${line(row)}`,
    assumed: [
      ...(mark !== ',' && settings.separator === undefined ? [readSeparator(mark, top.separator !== undefined)] : []),
      ...(header.isBehindComment ? [readNames(comment)] : []),
      ...readComments(header.comments + parsed.length - found.length, settings.comment),
      ...(full.length < found.length ? [readEmptyRows(found.length - full.length)] : []),
      ...table.assumed,
    ],
  };
}

interface Start {
  readonly at: number;
  readonly line: number;
}

/** What stands above the first record that does not begin as a comment does. */
interface Top extends Start {
  /** As Excel's first line says. */
  readonly separator: string | undefined;
  readonly comments: readonly (Start & { readonly text: string })[];
}

function readTop(text: string, comment: string): Top {
  let [at, line] = [0, 1];
  let separator: string | undefined;
  const comments: (Start & { readonly text: string })[] = [];
  while (at < text.length) {
    const end = nextLine(text, at);
    const source = text.slice(at, end).trimEnd();
    const said = line === 1 ? /^"?sep=(.)"?$/i.exec(text.slice(at, end).replace(/[\r\n]+$/, ''))?.[1] : undefined;
    if (said !== undefined) separator = said;
    else if (source.startsWith(comment)) comments.push({ at, line, text: source });
    else if (source !== '') break;
    at = end;
    line += 1;
  }
  return { at, line, separator, comments };
}

const LINE_END = /\r+\n|\n|\r/g;

/** Where the line after this one begins. */
function nextLine(text: string, at: number): number {
  LINE_END.lastIndex = at;
  return LINE_END.exec(text) ? LINE_END.lastIndex : text.length;
}

/** Where the header is among the lines at the top. `names` are given where it stands behind the sign of a comment; else the first record holds them. */
function findHeader(text: string, top: Top, mark: string, { comment = '#', wanted = [] }: CsvSettings): Header {
  const namesIn = (source: string, start: Start, sign?: string): readonly string[] =>
    firstRecords(source, start, mark, sign, 1)[0]?.map((name) => name.trim()) ?? [];
  const first = namesIn(text, top, comment);
  const [raw, last] = [top.comments[0], top.comments.at(-1)];
  const plain: Header = { start: top, comments: top.comments.length, isBehindComment: false };
  if (!raw || !last || (wanted.length > 0 && holdsAll(first, wanted))) return plain;
  // A column may well be called "#".
  const rawNames = namesIn(raw.text, BEGIN);
  if (wanted.length > 0 && holdsAll(rawNames, wanted))
    return { names: rawNames, start: { at: nextLine(text, raw.at), line: raw.line + 1 }, comments: 0, isBehindComment: false };
  const names = namesIn(last.text.slice(comment.length).trimStart(), BEGIN);
  const areNames =
    names.length === first.length && names.length > 1 && (wanted.length > 0 ? holdsAll(names, wanted) : isRow(first) && !isRow(names));
  return areNames ? { names, start: top, comments: top.comments.length - 1, isBehindComment: true } : plain;
}

interface Header {
  readonly names?: readonly string[];
  /** Where the records begin. */
  readonly start: Start;
  /** Lines above them that are passed over. */
  readonly comments: number;
  readonly isBehindComment: boolean;
}

const BEGIN: Start = { at: 0, line: 1 };

/** Values rather than names. */
const isRow = (cells: readonly string[]): boolean => cells.some((cell) => plainNumber(cell) !== undefined);

/**
 * The one that makes the columns that are asked for; where none does, or nothing is asked for, the one that cuts the first lines into equal numbers
 * of values. A comma wherever it will do.
 */
function findSeparator(text: string, top: Top, settings: CsvSettings): string {
  const { comment = '#', wanted = [] } = settings;
  const marks = Object.values(SEPARATORS).map((mark) => {
    const { names } = findHeader(text, top, mark, settings);
    const [header = [], ...rows] = [...(names ? [names] : []), ...firstRecords(text, top, mark, comment, SAMPLE)];
    // One more where rows are numbered, or where they end with a separator.
    const isEven = header.length > 1 && rows.every(({ length }) => length === header.length || length === header.length + 1);
    return {
      mark,
      holds:
        wanted.length > 0 &&
        holdsAll(
          header.map((name) => name.trim()),
          wanted,
        ),
      isEven,
      isCut: header.length > 1,
    };
  });
  const best = marks.find(({ holds }) => holds) ?? marks.find(({ isEven }) => isEven) ?? marks.find(({ isCut }) => isCut);
  return best?.mark ?? ',';
}

const SAMPLE = 50;

function firstRecords(text: string, start: Start, mark: string, comment: string | undefined, most: number): readonly (readonly string[])[] {
  const records = scan(text, start, { mark, comment }, () => {}, most);
  return Array.from({ length: records.count }, (_, record) => record).flatMap((record) =>
    records.marked.has(record) ? [] : [records.cells(record)],
  );
}

/** Lines that begin with `#` and have another number of values than there are columns are comments; with the same number they may be rows. */
function leaveOutComments(
  { marked, width, line }: Records,
  found: Uint32Array,
  columns: readonly string[],
  { comment }: CsvSettings,
  report: Report,
): Uint32Array {
  if (marked.size === 0) return found;
  const rows = found.filter((record) => !(marked.has(record) && (comment !== undefined || width(record) !== columns.length)));
  const unclear = rows.find((record) => marked.has(record));
  if (unclear !== undefined && rows.some((record) => !marked.has(record))) report(commentOrRow(line(unclear)));
  return rows;
}

/** Brings rows and names together where it is plain how: separators at the end of lines, and numbers of rows that have no name. */
function fitWidth(
  columns: readonly string[],
  records: Records,
  rows: Uint32Array,
): { readonly columns: readonly string[]; readonly width: (record: number) => number; readonly assumed: readonly Assumed[] } {
  const named = columns.findLastIndex((name) => name !== '') + 1;
  const isFull = (record: number): boolean => records.width(record) >= named && isBlankFrom(records, record, named);
  const most = named > 0 && rows.every(isFull) ? named : columns.length;
  const isLonger = (record: number): boolean => records.width(record) > most && isBlankFrom(records, record, most);
  if (most < columns.length || rows.some(isLonger)) {
    return { columns: columns.slice(0, most), width: (record) => (isLonger(record) ? most : records.width(record)), assumed: [] };
  }
  const [first] = rows;
  const begin = first === undefined ? Number.NaN : Number(records.cell(first, 0));
  const areNumbered =
    columns.length > 1 &&
    (begin === 0 || begin === 1) &&
    rows.every((record, row) => records.width(record) === most + 1 && records.cell(record, 0).trim() === String(begin + row));
  return areNumbered
    ? { columns: ['', ...columns], width: records.width, assumed: [readRowNumbers()] }
    : { columns, width: records.width, assumed: [] };
}

function isBlankFrom({ width, isBlank }: Records, record: number, start: number): boolean {
  for (let column = start; column < width(record); column++) if (!isBlank(record, column)) return false;
  return true;
}

interface Marks {
  readonly mark: string;
  readonly comment: string | undefined;
}

/** Records of a text: where their cells begin. A cell is cut out when it is asked for, so that a table takes little more room than its text. */
interface Records {
  readonly count: number;
  /** The line that a record begins in, from 1. */
  readonly line: (record: number) => number;
  /** Cells of a record. */
  readonly width: (record: number) => number;
  /** Empty where a record has no such cell. */
  readonly cell: (record: number, column: number) => string;
  readonly cells: (record: number) => readonly string[];
  readonly number: (record: number, column: number) => number | undefined;
  /** Is a cell nothing but blanks? */
  readonly isBlank: (record: number, column: number) => boolean;
  /** Records whose line begins as a comment does. */
  readonly marked: ReadonlySet<number>;
}

/** Added to where a cell begins that stands in quotes; no text is as long. */
const QUOTED = 2 ** 31;
const [LF, CR, BLANK, QUOTE, LAST_SIGN] = [10, 13, 32, 34, 126];

/** `most`: ends after so many records that are no comments. */
function scan(text: string, start: Start, { mark, comment }: Marks, report: Report, most = Infinity): Records {
  const separator = mark.charCodeAt(0);
  const marked = new Set<number>();
  let [starts, firsts, lines] = [new Uint32Array(1024), new Uint32Array(256), new Uint32Array(256)];
  let [cells, count] = [0, 0];
  let { at, line } = start;
  while (at < text.length && count - marked.size < most) {
    const isMarked = comment !== undefined && text.startsWith(comment, at);
    if (count + 1 >= firsts.length) [firsts, lines] = [longer(firsts), longer(lines)];
    [firsts[count], lines[count]] = [cells, line];
    let isOpen = false;
    for (;;) {
      if (cells === starts.length) starts = longer(starts);
      const quote = isMarked ? -1 : quoteAt(text, at);
      starts[cells] = quote < 0 ? at : quote + QUOTED;
      cells += 1;
      const close = quote < 0 ? at - 1 : closing(text, quote);
      if (close === undefined) {
        report(openQuote(line));
        [isOpen, at] = [true, text.length];
        break;
      }
      if (quote >= 0) line += text.slice(quote, close).match(LINE_END)?.length ?? 0;
      at = endOf(text, close + 1, separator);
      if (text.charCodeAt(at) !== separator) break;
      at += 1;
    }
    const isEmpty = cells === (firsts[count] ?? 0) + 1 && valueAt(text, starts[cells - 1] ?? 0, separator) === '';
    if (isOpen || isEmpty) cells = firsts[count] ?? 0;
    else {
      if (isMarked) marked.add(count);
      count += 1;
    }
    at = afterLine(text, at);
    line += 1;
  }
  firsts[count] = cells;
  const place = (record: number, column: number): number => (firsts[record] ?? 0) + column;
  const width = (record: number): number => (firsts[record + 1] ?? 0) - (firsts[record] ?? 0);
  const cell = (record: number, column: number): string =>
    column < width(record) ? valueAt(text, starts[place(record, column)] ?? 0, separator) : '';
  return {
    count,
    line: (record) => lines[record] ?? 0,
    width,
    cell,
    cells: (record) => Array.from({ length: width(record) }, (_, column) => cell(record, column)),
    number(record, column) {
      const first = starts[place(record, column)] ?? 0;
      const isPlain = column < width(record) && first < QUOTED;
      return (isPlain ? quickNumber(text, first, separator) : undefined) ?? plainNumber(cell(record, column).trim());
    },
    isBlank(record, column) {
      const first = starts[place(record, column)] ?? 0;
      // Nearly every cell begins with what is no blank.
      const code = first >= QUOTED ? BLANK : text.charCodeAt(first);
      const isSign = code > BLANK && code <= LAST_SIGN && code !== separator;
      return !isSign && cell(record, column).trim() === '';
    },
    marked,
  };
}

function longer(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(2 * array.length);
  all.set(array);
  return all;
}

/** Where a value without quotes ends: at a separator, at the end of its line. */
function endOf(text: string, start: number, separator: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === separator || code === LF || code === CR) break;
  }
  return at;
}

/** Where the next line begins, from the end of one. */
function afterLine(text: string, end: number): number {
  let at = end;
  while (text.charCodeAt(at) === CR) at += 1;
  if (text.charCodeAt(at) === LF) return at + 1;
  return Math.min(end + 1, text.length);
}

/** Where the quote stands that opens a value here, after blanks or at once; -1 where none does. */
function quoteAt(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) === BLANK) at += 1;
  return text.charCodeAt(at) === QUOTE ? at : -1;
}

/** Where the quote stands that closes a value; undefined where none does. */
function closing(text: string, open: number): number | undefined {
  for (let close = text.indexOf('"', open + 1); close >= 0; close = text.indexOf('"', close + 2)) {
    if (text.charCodeAt(close + 1) !== QUOTE) return close;
  }
  return undefined;
}

function valueAt(text: string, start: number, separator: number): string {
  if (start < QUOTED) return text.slice(start, endOf(text, start, separator));
  const open = start - QUOTED;
  const close = closing(text, open) ?? text.length;
  const after = text.slice(close + 1, endOf(text, close + 1, separator));
  return text.slice(open + 1, close).replaceAll('""', '"') + after.trimEnd();
}

// Writing

/**
 * Rows as RFC 4180 has them: what holds a comma, a quote or a line break stands in quotes. A text that a spreadsheet would take for a formula
 * begins with an apostrophe, as spreadsheets have it; a number never does.
 */
export const toCsv = (rows: readonly (readonly (string | number | undefined)[])[]): string =>
  rows.map((row) => row.map(field).join(',')).join('\n');

function field(value: string | number | undefined): string {
  const text = value === undefined ? '' : typeof value === 'number' ? String(value) : harmless(visibleText(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text);
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|infinity)$/i;

// What is said of such a file

const FILE = ['file'];

export const MARKS: Readonly<Record<string, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };

const columnTwice = (name: string): Problem => ({
  code: 'column-twice',
  path: FILE,
  message: `two columns are called ${quote(name)}`,
  help: 'rename one of them',
});

const unequalRow = (line: number, values: number, columns: number, mark: string): Problem => ({
  code: 'unequal-rows',
  path: FILE,
  message: `line ${line} has ${plural(values, 'value')}, and the first line names ${plural(columns, 'column')}`,
  help: `a value that holds a ${MARKS[mark] ?? mark} stands in quotes: "1${mark === '\t' ? ' ' : mark}5"`,
});

const openQuote = (line: number): Problem => ({
  code: 'open-quote',
  path: FILE,
  message: `a quote that opens in line ${line} is never closed`,
  help: 'double a quote inside a value: ""',
});

const commentOrRow = (line: number): Problem => ({
  code: 'comment-or-row',
  path: FILE,
  message: `line ${line} begins with "#" and has as many values as there are columns: it may be a comment or a row`,
  help: 'write comment: "#" to pass over such lines, or put the first value of a row in quotes',
});

const readSeparator = (mark: string, said: boolean): Assumed => ({
  key: 'separator',
  name: 'separator',
  value: MARKS[mark] ?? mark,
  note: said
    ? 'The first line of the file says so.'
    : `The first lines fall into columns so${mark in MARKS ? `; separator: ${MARKS[mark]} says it in the document` : ''}.`,
});

const readNames = (comment: string): Assumed => ({
  key: 'names',
  name: 'names of columns',
  value: `behind ${quote(comment)}`,
  note: 'The last comment above the rows has a word for each of their values.',
});

const readComments = (lines: number, stated: string | undefined): readonly Assumed[] =>
  lines === 0
    ? []
    : [
        {
          key: 'comments',
          name: 'comments',
          value: `${plural(lines, 'line')} passed over`,
          note: `They begin with ${quote(stated ?? '#')}${stated === undefined ? ' and are no rows' : ''}.`,
        },
      ];

const readEmptyRows = (rows: number): Assumed => ({
  key: 'empty-rows',
  name: 'empty rows',
  value: `${formatCount(rows)} passed over`,
  note: 'Nothing stands in them but separators.',
});

const readRowNumbers = (): Assumed => ({
  key: 'row-numbers',
  name: 'first column',
  value: 'numbers the rows',
  note: 'Each row has a value more than there are names, and the first ones count the rows.',
});
