import type { Problem, Report } from '../diagnostics/diagnostic.js';
import { formatCount, plural } from '../diagnostics/numbers.js';
import { visibleText } from '../diagnostics/columns.js';
import { quote } from '../diagnostics/words.js';
import { type Assumed, holdsAll, plainNumber, type Table } from './table.js';

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

/**
 * A table of separated values (RFC 4180, with other separators than commas too): the first record names the columns; `"` around a value that holds
 * separators, line breaks or quotes, which are doubled inside. Lines end with LF, CRLF or CR. Passed over are a byte order mark, Excel's first line
 * `sep=;`, empty lines, rows of empty values alone, and lines that begin with `#` and are no rows. What was taken to be so is `assumed`.
 */
export function readCsv(source: string, report: Report, settings: CsvSettings = {}): Table {
  const text = source.replace(/^\uFEFF/, '');
  const { comment = '#' } = settings;
  const top = readTop(text, comment);
  const mark = settings.separator ? SEPARATORS[settings.separator] : (top.separator ?? findSeparator(text, top, settings));
  const header = findHeader(text, top, mark, settings);
  const { names } = header;
  const parsed = [...parse(text, header.start, { mark, comment }, report)];
  const columns = names ?? parsed[0]?.cells.map((name) => name.trim()) ?? [];
  const { records, comments } = leaveOutComments(names ? parsed : parsed.slice(1), columns, settings, report);
  const full = records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  const table = fitWidth(columns, full);

  const seen = new Set<string>();
  const twice = table.columns.find((name) => name !== '' && (seen.has(name) || !seen.add(name)));
  if (twice !== undefined) report(columnTwice(twice));
  const unequal = table.records.filter(({ cells }) => cells.length !== table.columns.length);
  for (const { line, cells } of unequal.slice(0, 3)) report(unequalRow(line, cells.length, table.columns.length, mark));
  return {
    columns: table.columns,
    rows: table.records.map(({ cells }) => cells),
    place: (row) => `line ${table.records[row]?.line ?? '?'}`,
    assumed: [
      ...(mark !== ',' && settings.separator === undefined ? [readSeparator(mark, top.separator !== undefined)] : []),
      ...(header.isBehindComment ? [readNames(comment)] : []),
      ...readComments(header.comments + comments, settings.comment),
      ...(full.length < records.length ? [readEmptyRows(records.length - full.length)] : []),
      ...table.assumed,
    ],
  };
}

interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** The line begins as a comment does. */
  readonly marked: boolean;
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
    firstRecords(source, start, mark, sign, 1)[0]?.cells.map((name) => name.trim()) ?? [];
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
    const [header = [], ...rows] = [...(names ? [names] : []), ...firstRecords(text, top, mark, comment, SAMPLE).map(({ cells }) => cells)];
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

function firstRecords(text: string, start: Start, mark: string, comment: string | undefined, most: number): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  for (const record of parse(text, start, { mark, comment }, () => {})) {
    if (!record.marked) records.push(record);
    if (records.length === most) break;
  }
  return records;
}

/** Lines that begin with `#` and have another number of values than there are columns are comments; with the same number they may be rows. */
function leaveOutComments(
  found: readonly CsvRecord[],
  columns: readonly string[],
  { comment }: CsvSettings,
  report: Report,
): { readonly records: readonly CsvRecord[]; readonly comments: number } {
  const isComment = ({ marked, cells }: CsvRecord): boolean => marked && (comment !== undefined || cells.length !== columns.length);
  const records = found.filter((record) => !isComment(record));
  const unclear = records.find(({ marked }) => marked);
  if (unclear && records.some(({ marked }) => !marked)) report(commentOrRow(unclear.line));
  return { records, comments: found.length - records.length };
}

/** Brings rows and names together where it is plain how: separators at the end of lines, and numbers of rows that have no name. */
function fitWidth(
  columns: readonly string[],
  records: readonly CsvRecord[],
): { readonly columns: readonly string[]; readonly records: readonly CsvRecord[]; readonly assumed: readonly Assumed[] } {
  const named = columns.findLastIndex((name) => name !== '') + 1;
  const width = named > 0 && records.every(({ cells }) => cells.length >= named && isEmptyFrom(cells, named)) ? named : columns.length;
  if (width < columns.length || records.some(({ cells }) => cells.length > width && isEmptyFrom(cells, width))) {
    const cut = (cells: readonly string[]): readonly string[] =>
      cells.length > width && isEmptyFrom(cells, width) ? cells.slice(0, width) : cells;
    return { columns: columns.slice(0, width), records: records.map((record) => ({ ...record, cells: cut(record.cells) })), assumed: [] };
  }
  const begin = Number(records[0]?.cells[0]);
  const areNumbered =
    columns.length > 1 &&
    (begin === 0 || begin === 1) &&
    records.every(({ cells }, row) => cells.length === width + 1 && cells[0]?.trim() === String(begin + row));
  return areNumbered ? { columns: ['', ...columns], records, assumed: [readRowNumbers()] } : { columns, records, assumed: [] };
}

const isEmptyFrom = (cells: readonly string[], start: number): boolean => {
  for (let i = start; i < cells.length; i++) if (cells[i]?.trim() !== '') return false;
  return true;
};

interface Marks {
  readonly mark: string;
  readonly comment: string | undefined;
}

function* parse(text: string, start: Start, { mark, comment }: Marks, report: Report): Iterable<CsvRecord> {
  const plain = plainReader(mark);
  let { at, line } = start;
  while (at < text.length) {
    const first = line;
    const marked = comment !== undefined && text.startsWith(comment, at);
    const cells: string[] = [];
    let more = true;
    while (more) {
      const quote = marked ? -1 : quoteAt(text, at);
      const cell = quote < 0 ? plain(text, at) : quoted(text, quote, plain);
      if (cell.end === undefined) {
        report(openQuote(line));
        return;
      }
      cells.push(cell.value);
      line += cell.lines;
      at = cell.end;
      more = text[at] === mark;
      at += more ? 1 : 0;
    }
    at = nextLine(text, at);
    line += 1;
    if (cells.length > 1 || cells[0] !== '') yield { line: first, cells, marked };
  }
}

interface Value {
  readonly value: string;
  /** After it; undefined where the text ended inside. */
  readonly end: number | undefined;
  /** Line breaks inside. */
  readonly lines: number;
}

type PlainReader = (text: string, start: number) => { readonly value: string; readonly end: number; readonly lines: number };

function plainReader(mark: string): PlainReader {
  const end = new RegExp(String.raw`[\r\n\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}]|$`, 'g');
  return (text, start) => {
    end.lastIndex = start;
    const at = end.exec(text)?.index ?? text.length;
    return { value: text.slice(start, at), end: at, lines: 0 };
  };
}

/** Where the quote stands that opens a value here, after blanks or at once; -1 where none does. */
function quoteAt(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ') at += 1;
  return text[at] === '"' ? at : -1;
}

function quoted(text: string, start: number, plain: PlainReader): Value {
  let close = start + 1;
  for (;;) {
    close = text.indexOf('"', close);
    if (close < 0) return { value: '', end: undefined, lines: 0 };
    if (text[close + 1] !== '"') break;
    close += 2;
  }
  const inside = text.slice(start + 1, close);
  const { value: after, end } = plain(text, close + 1);
  return { value: inside.replaceAll('""', '"') + after.trimEnd(), end, lines: inside.match(LINE_END)?.length ?? 0 };
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
