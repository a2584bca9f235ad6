import { type Cell, type Table, textOf } from '../../../formats/table.js';
import type { Fact, Report } from '../../stage.js';
import { before, compilePattern, guessPatterns, type Instant, readIso8601 } from './dates.js';
import * as messages from './messages.js';
import { type DecimalMark, readNumeral } from './numbers.js';

/** What a document says of the order of steps. */
export interface OrderSettings {
  readonly written?: string | undefined;
  readonly as?: 'number' | 'text' | 'natural' | undefined;
}

export interface Order {
  /** Of two rows: below 0 where the first comes first, 0 where both stand at one place. */
  readonly compare: (a: number, b: number) => number;
  readonly assumed: readonly Fact[];
  /** Did earlier versions, which knew numbers and text alone, bring these rows of one sequence into the same order? */
  readonly isAsBefore: (rows: readonly number[]) => boolean;
}

interface Column {
  readonly cell: (row: number) => Cell;
  /** Rows that have a value. */
  readonly rows: readonly number[];
  readonly told: (row: number) => messages.Value;
}

/**
 * How a column orders the steps of each sequence: as numbers where all of a sequence are numbers, as moments where all are ISO 8601, else as the document
 * says. What is neither, and what the document does not say, is refused: one word among numbers makes no text of them. Undefined where something was
 * reported.
 */
export function readOrder(
  table: Table,
  at: number,
  sequences: Iterable<readonly number[]>,
  settings: OrderSettings,
  context: { readonly mark: DecimalMark; readonly isMissing: (cell: Cell) => boolean; readonly report: Report },
): Order | undefined {
  let isWrong = false;
  const report: Report = (problem) => {
    isWrong = true;
    context.report(problem);
  };
  const order = orderOf(table, at, sequences, settings, { ...context, report });
  return isWrong ? undefined : order;
}

function orderOf(
  table: Table,
  at: number,
  sequences: Iterable<readonly number[]>,
  settings: OrderSettings,
  { mark, isMissing, report }: Parameters<typeof readOrder>[4],
): Order | undefined {
  const cell = (row: number): Cell => table.cell(row, at);
  const rows = Array.from({ length: table.length }, (_, row) => row).filter((row) => !isMissing(cell(row)));
  const name = table.columns[at] ?? '';
  const column: Column = { cell, rows, told: (row) => ({ place: table.place(row), column: name, text: textOf(cell(row)) }) };
  const { written, as } = settings;
  if (written !== undefined && as !== undefined) report(messages.twoOrders());
  if (as === 'text') return byText(column, compareText);
  if (as === 'natural') return byText(column, compareNatural);
  if (written !== undefined) return byPattern(column, written, report);

  const numbers = new Map<number, number>();
  for (const row of rows) {
    const value = toNumber(cell(row), mark);
    if (value !== undefined) numbers.set(row, value);
    else if (as === 'number') report(messages.notANumber(column.told(row)));
  }
  if (as === undefined && numbers.size < rows.length) return byMoment(column, numbers, sequences, report);
  const dates = as === undefined ? datesOfNumbers(column) : [];
  if (dates.length > 0) report(messages.datesAsNumbers(column.told(rows[0] ?? 0), dates));
  return { compare: byNumber(column, numbers), assumed: [], isAsBefore: wasSorted(column) };
}

const toNumber = (cell: Cell, mark: DecimalMark): number | undefined =>
  typeof cell === 'number' ? (Number.isFinite(cell) ? cell : undefined) : readNumeral(cell.trim(), mark);

function byNumber({ cell }: Column, numbers: ReadonlyMap<number, number>): Order['compare'] {
  // Of nanoseconds since 1970 a double holds no last digits.
  const digits = (row: number): bigint | undefined =>
    /^[+-]?\d{16,}$/.test(textOf(cell(row))) ? BigInt(textOf(cell(row)).replace(/^\+/, '')) : undefined;
  return (a, b) => {
    const difference = (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0);
    if (difference !== 0) return difference;
    const [first, second] = [digits(a), digits(b)];
    return first === undefined || second === undefined ? 0 : first < second ? -1 : first > second ? 1 : 0;
  };
}

function byMoment(
  column: Column,
  numbers: ReadonlyMap<number, number>,
  sequences: Iterable<readonly number[]>,
  report: Report,
): Order | undefined {
  const { cell, rows, told } = column;
  const moments = new Map<number, Instant>();
  for (const row of rows) {
    const moment = readIso8601(textOf(cell(row)));
    if (moment) moments.set(row, moment);
  }
  const unread = rows.filter((row) => !numbers.has(row) && !moments.has(row));
  const kind = numbers.size > moments.size ? 'number' : 'date';
  if (2 * unread.length >= rows.length) {
    const texts = [...new Set(unread.map((row) => textOf(cell(row))))];
    const isNumbered = texts.every((text) => /\d/.test(text)) && new Set(texts.map((text) => text.replaceAll(/\d+/g, '0'))).size === 1;
    report(messages.unknownOrder(told(unread[0] ?? 0), guessPatterns(texts), isNumbered));
    return undefined;
  }
  for (const row of unread) report(messages.oddStep(told(row), kind));
  // Steps are compared with those of their own sequence alone, and each of it may be ordered in its own way.
  const byDate = new Map<number, Instant>();
  for (const sequence of sequences) {
    const present = sequence.filter((row) => numbers.has(row) || moments.has(row));
    if (present.every((row) => numbers.has(row))) continue;
    const [first = 0] = present;
    for (const row of present) {
      const [moment, other] = [moments.get(row), moments.get(first)];
      if (!moment || !other) report(messages.oddStep(told(moment ? first : row), kind));
      else if (moment.dated !== other.dated) report(messages.mixedMoments(told(first), told(row), 'date'));
      else if (moment.zoned !== other.zoned) report(messages.mixedMoments(told(first), told(row), 'zone'));
      else {
        byDate.set(row, moment);
        continue;
      }
      break;
    }
  }
  const compare = byNumber(column, numbers);
  const [dated = 0] = byDate.keys();
  return {
    compare(a, b) {
      const [first, second] = [byDate.get(a), byDate.get(b)];
      return first && second ? before(first, second) : compare(a, b);
    },
    assumed: [messages.readMoments(told(dated))],
    isAsBefore: wasSorted(column),
  };
}

function byPattern(column: Column, pattern: string, report: Report): Order | undefined {
  const read = compilePattern(pattern);
  if (typeof read !== 'function') {
    report(messages.badPattern(pattern, read.why, read.meant));
    return undefined;
  }
  const moments = new Map<number, Instant>();
  for (const row of column.rows) {
    const moment = read(textOf(column.cell(row)));
    if (moment) moments.set(row, moment);
    else report(messages.notWrittenSo(column.told(row), pattern));
  }
  return {
    compare: (a, b) => before(moments.get(a) ?? EPOCH, moments.get(b) ?? EPOCH),
    assumed: [],
    isAsBefore: () => true,
  };
}

const EPOCH: Instant = { seconds: 0, fraction: 0, zoned: false, dated: true };

function byText({ cell }: Column, compare: (a: string, b: string) => number): Order {
  return { compare: (a, b) => compare(textOf(cell(a)), textOf(cell(b))), assumed: [], isAsBefore: () => true };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Runs of digits by their number, all else as text: t2 before t10. */
export function compareNatural(a: string, b: string): number {
  const [first, second] = [a, b].map((text) => text.match(/\d+|\D+/g) ?? []);
  for (const [i, part] of (first ?? []).entries()) {
    const other = second?.[i];
    if (other === undefined) return 1;
    const difference = /^\d/.test(part) && /^\d/.test(other) ? compareDigits(part, other) : compareText(part, other);
    if (difference !== 0) return difference;
  }
  return (first?.length ?? 0) - (second?.length ?? 0);
}

function compareDigits(a: string, b: string): number {
  const [first, second] = [a, b].map((digits) => digits.replace(/^0+(?=\d)/, ''));
  return (first?.length ?? 0) - (second?.length ?? 0) || compareText(first ?? '', second ?? '');
}

/** By number where all of a sequence were numbers, else by text. */
const wasSorted =
  ({ cell }: Column): Order['isAsBefore'] =>
  (rows) => {
    const texts = rows.map((row) => textOf(cell(row)));
    const areNumbers = texts.every((text) => text !== '' && Number.isFinite(Number(text)));
    return texts.every((text, i) => {
      const last = texts[i - 1];
      return last === undefined || (areNumbers ? Number(last) <= Number(text) : last < text);
    });
  };

/** Patterns of dates that look like numbers and are not in their order: 25.01, 01.02; 25012020, 01022020. */
function datesOfNumbers({ cell, rows }: Column): readonly string[] {
  const texts = new Set<string>();
  for (const row of rows) {
    const text = textOf(cell(row));
    if (typeof cell(row) === 'number' || !/^\d\d\.\d\d$|^\d{8}$/.test(text)) return [];
    texts.add(text);
  }
  const all = [...texts];
  if (all.some((text) => text.includes('.'))) {
    const hasZero = all.some((text) => text.startsWith('0'));
    return hasZero ? fitting(['dd.MM', 'MM.dd'], all).filter((pattern) => pattern === 'dd.MM') : [];
  }
  return fitting(['yyyyMMdd'], all).length > 0 ? [] : fitting(['ddMMyyyy', 'MMddyyyy'], all);
}

const fitting = (patterns: readonly string[], texts: readonly string[]): readonly string[] =>
  patterns.filter((pattern) => {
    const read = compilePattern(pattern);
    return typeof read === 'function' && texts.every(read);
  });
