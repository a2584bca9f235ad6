import { few } from '../../../diagnostics/diagnostic.js';
import { nearest } from '../../../diagnostics/words.js';
import { readCsv } from '../../../formats/csv.js';
import { readObjects } from '../../../formats/jsonl.js';
import { indexOfColumn, textOf } from '../../../formats/table.js';
import type { Fact, Report } from '../../stage.js';
import { decodeData, encodingFact, unreadableText } from '../encoding.js';
import { missingColumn } from '../sequences/messages.js';
import { missingIn } from '../sequences/numbers.js';
import type { Item } from '../split.js';
import * as messages from './messages.js';
import type { FileOptions } from './options.js';
import { normalized, type Tokenization, tokenize, type TokenTable } from './tokenize.js';

/** A text, or a sentence whose tokens have an answer each. */
export interface TokenText extends Item {
  /** What it is called where answers are told: as a column says, else its place. */
  readonly name: string;
  /** Where it stands, for a person: `line 12`. */
  readonly place: string;
  /** The tokens of the text, as numbers of a table. */
  readonly ids: Int32Array;
  /** One class, or one for each token; empty where it is asked about and the file has none. */
  readonly targets: readonly string[];
  /** How it begins, as the file has it: asked for where answers are told. */
  readonly begins: () => string;
}

/** Texts of one file, and what was taken to be so. */
export interface ReadTexts {
  readonly texts: readonly TokenText[];
  readonly assumed: readonly Fact[];
  /** Columns that the document does not name. */
  readonly others?: readonly { readonly name: string; readonly valueOf: (text: TokenText) => string | undefined }[];
}

export const NOTHING_READ: ReadTexts = { texts: [], assumed: [] };

/** How a dataset reads the text of a file. */
export type ReadFile<O> = (
  options: O,
  source: string,
  given: { readonly table: TokenTable; readonly answered: boolean; readonly report: Report },
) => ReadTexts;

/** The text of a file's bytes; undefined where it is none, which is reported. */
export function textOfFile(
  { file, encoding: stated }: Pick<FileOptions, 'file' | 'encoding'>,
  bytes: Uint8Array,
  report: Report,
): { readonly text: string; readonly facts: readonly Fact[] } | undefined {
  const decoded = decodeData(bytes, stated);
  if ('fault' in decoded) {
    report(unreadableText(file, decoded.fault, { option: true }));
    return undefined;
  }
  return { text: decoded.text, facts: stated === undefined ? encodingFact(decoded.encoding, { option: true }) : [] };
}

/** Rows of a CSV file, or objects of JSON Lines, by the names of their columns. */
export interface Rows {
  readonly columns: readonly string[];
  readonly length: number;
  /** A text, or a list of them where JSON has one. */
  readonly value: (row: number, column: number) => string | readonly string[];
  readonly place: (row: number) => string;
  readonly assumed: readonly Fact[];
}

/** Is it JSON Lines? Its first character is a brace then, which no header of CSV begins with. */
export const isJsonLines = (text: string): boolean => /^\uFEFF?\s*\{/.test(text);

/** `report` is told of the file, `tell` of its cells, of which many may be wrong. */
export function readRows(
  text: string,
  wanted: readonly string[],
  { separator }: Pick<FileOptions, 'separator'>,
  { report, tell }: { readonly report: Report; readonly tell: Report },
): Rows {
  const lines = linesOfOneColumn(text, wanted);
  if (lines) return lines;
  if (!isJsonLines(text)) {
    const table = readCsv(text, report, { separator, wanted });
    return { ...table, value: (row, column) => textOf(table.cell(row, column)), assumed: table.assumed ?? [] };
  }
  const objects = [...readObjects(text, report)];
  const columns = [...new Set(objects.flatMap(({ fields }) => Object.keys(fields)))];
  const told = (row: number, column: number): messages.Value => ({
    place: `line ${objects[row]?.line ?? '?'}`,
    column: columns[column] ?? '',
  });
  const single = (value: unknown, row: number, column: number): string => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (value !== null && value !== undefined) tell(messages.nestedValue(told(row, column)));
    return '';
  };
  return {
    columns,
    length: objects.length,
    value(row, column) {
      const { fields = {} } = objects[row] ?? {};
      const name = columns[column] ?? '';
      const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return Array.isArray(value) ? value.map((each: unknown) => single(each, row, column)) : single(value, row, column).trim();
    },
    place: (row) => `line ${objects[row]?.line ?? '?'}`,
    assumed: [],
  };
}

/**
 * A file of one column, the first line of which is its name: every line is a value, whatever commas it holds. Where one begins with a quote it is CSV, in
 * which a value may have several lines.
 */
function linesOfOneColumn(text: string, [name, another]: readonly string[]): Rows | undefined {
  const [header = '', ...all] = text.replace(/^\uFEFF/, '').split(/\r+\n|\n|\r/);
  if (name === undefined || another !== undefined || header.trim() !== name || all.some((line) => line.startsWith('"'))) return undefined;
  const found = all.flatMap((line, at) => (line.trim() === '' ? [] : [{ value: line.trim(), place: `line ${at + 2}` }]));
  return {
    columns: [name],
    length: found.length,
    value: (row) => found[row]?.value ?? '',
    place: (row) => found[row]?.place ?? '',
    assumed: [],
  };
}

/** The place of a column in rows; one that is not there is reported under its option. */
export function columnIn(
  { columns }: Pick<Rows, 'columns'>,
  name: string | number,
  path: readonly (string | number)[],
  report: Report,
): number {
  const at = indexOfColumn(columns, String(name));
  if (at < 0) report(missingColumn(path, String(name), columns, nearest(String(name), columns)));
  return at;
}

/** What of a row is not about its text: whose it is, in which split, how it is called. */
export interface RowOptions {
  readonly id?: string | number;
  readonly split?: { readonly group?: string | number };
  readonly split_column?: string | number;
  readonly missing?: 'error' | 'drop';
  readonly missing_values?: readonly (string | number)[];
}

interface TextOptions extends FileOptions, RowOptions, Tokenization {
  readonly text: string | number;
  readonly target: string | number;
}

/** Texts and their classes, a row each. A text may be a list of tokens in JSON: they are then taken as they are. */
export const readTexts: ReadFile<TextOptions> = (options, source, { table, answered, report }) => {
  const tell = few(report);
  const rows = readRows(source, [options.text, ...(answered ? [options.target] : [])].map(String), options, { report, tell });
  const at = {
    text: columnIn(rows, options.text, ['text'], report),
    target: answered || indexOfColumn(rows.columns, String(options.target)) >= 0 ? columnIn(rows, options.target, ['target'], report) : -1,
    ...optionalColumns(rows, options, answered, report),
  };
  if (at.text < 0 || (answered && at.target < 0)) return NOTHING_READ;
  if (rows.length === 0) report(messages.noTexts());
  const isMissing = missingIn(options.missing_values);
  const texts: TokenText[] = [];
  const rowOf = new Map<TokenText, number>();
  const dropped: string[] = [];
  for (let row = 0; row < rows.length; row++) {
    const value = rows.value(row, at.text);
    const ids = typeof value === 'string' ? tokenize(value, options, table) : tokensAsGiven(value, options, table);
    const label = at.target < 0 ? '' : oneOf(rows.value(row, at.target));
    const place = rows.place(row);
    const lacks = ids.length === 0 ? options.text : answered && isMissing(label) ? options.target : undefined;
    if (lacks !== undefined) {
      if (options.missing === 'drop') dropped.push(place);
      else tell(messages.missingValue({ place, column: String(lacks), text: lacks === options.text ? '' : label }, lacks === options.text));
      continue;
    }
    const read: TokenText = {
      ...about(rows, row, at, isMissing, tell),
      place,
      ids,
      targets: [isMissing(label) ? '' : label],
      begins: () => beginningOf(oneOf(value)),
    };
    rowOf.set(read, row);
    texts.push(read);
  }
  tell.end();
  if (texts.length === 0 && dropped.length > 0) report(messages.nothingLeft(dropped.length));
  const named = new Set<number>(Object.values(at));
  return {
    texts,
    assumed: [...rows.assumed, ...messages.leftOut(dropped, dropped.length + texts.length)],
    others: rows.columns.flatMap((name, column) =>
      named.has(column) ? [] : [{ name, valueOf: (text: TokenText) => oneOf(rows.value(rowOf.get(text) ?? -1, column)) }],
    ),
  };
};

const oneOf = (value: string | readonly string[]): string => (typeof value === 'string' ? value : value.join(' '));

/** Tokens that somebody has cut already. */
export const tokensAsGiven = (tokens: readonly string[], how: Pick<Tokenization, 'lower_case'>, table: TokenTable): Int32Array =>
  Int32Array.from(tokens, (token) => table.idOf(normalized(token, how)));

/** Places of the columns that tell something about a row, -1 of those that nobody names. */
interface RowColumns {
  readonly id: number;
  readonly split: number;
  readonly group: number;
}

/** Columns that say who trains are of no use in a file that a trained model is asked about. */
export function optionalColumns(rows: Rows, options: RowOptions, answered: boolean, report: Report): RowColumns {
  const find = (name: string | number | undefined, path: readonly string[]): number =>
    name === undefined ? -1 : columnIn(rows, name, path, report);
  return {
    id: options.id === undefined || (!answered && indexOfColumn(rows.columns, String(options.id)) < 0) ? -1 : find(options.id, ['id']),
    split: find(options.split_column, ['split_column']),
    group: find(options.split?.group, ['split', 'group']),
  };
}

export function about(
  rows: Rows,
  row: number,
  at: RowColumns,
  isMissing: (cell: string) => boolean,
  report: Report,
): Pick<TokenText, 'name' | 'split' | 'group'> {
  const valueOf = (column: number): string => {
    const value = oneOf(rows.value(row, column));
    if (isMissing(value)) report(messages.missingValue({ place: rows.place(row), column: rows.columns[column] ?? '', text: value }, false));
    return value;
  };
  return {
    name: at.id < 0 ? rows.place(row) : valueOf(at.id),
    ...(at.split >= 0 && { split: valueOf(at.split) }),
    ...(at.group >= 0 && { group: valueOf(at.group) }),
  };
}

const MOST_SHOWN = 500;

/** Enough of a text to know it again. */
export function beginningOf(text: string): string {
  const line = text
    .slice(0, 4 * MOST_SHOWN)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}
