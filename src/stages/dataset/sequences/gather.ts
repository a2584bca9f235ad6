import { few, MOST_TOLD } from '../../../diagnostics/diagnostic.js';
import { nearest } from '../../../diagnostics/words.js';
import type { Fact, Report } from '../../stage.js';
import type { Item, Parts as PartsOf } from '../split.js';
import * as messages from './messages.js';
import { areNumbers, type DecimalMark, findDecimalMark, missingIn, readNumeral } from './numbers.js';
import { type Cell, cellsIn, indexOfColumn, type Table, textOf } from '../../../formats/table.js';
import { readOrder, type Order, type OrderSettings } from './order.js';

/** Which columns are what. */
interface Columns {
  readonly sequence: string;
  readonly order?: string | undefined;
  readonly features: readonly string[];
  readonly target: string;
  readonly split?: string | undefined;
  readonly group?: string | undefined;
}

interface Reading {
  readonly task: 'classification' | 'regression';
  readonly targetPer: 'sequence' | 'step';
  readonly order?: OrderSettings | undefined;
  readonly decimal?: DecimalMark | undefined;
  readonly missing?: 'error' | 'forward' | 'drop' | undefined;
  readonly missingValues?: readonly Cell[] | undefined;
  /** Answers need not be there, nor their column: NaN stands for one that is not. */
  readonly isAsked?: boolean;
}

export interface Sequence extends Item {
  readonly name: string;
  /** Where its first step stands, for a person: `line 12`. */
  readonly place: string;
  readonly length: number;
  /** `[length, features]` */
  readonly features: Float64Array;
}

export type Parts = PartsOf<Sequence>;

interface Gathered {
  readonly sequences: readonly Sequence[];
  /** What was taken to be so, filled in, left out. */
  readonly assumed: readonly Fact[];
  /** Steps stand in an order in which earlier versions did not bring them, though they read the file. */
  readonly isReordered: boolean;
  /** Columns that the document does not name, and what a sequence has there, where that is the same at all of its steps. */
  readonly others: readonly { readonly name: string; readonly valueOf: (sequence: Sequence) => string | undefined }[];
}

const NONE: Gathered = { sequences: [], assumed: [], isReordered: false, others: [] };

/**
 * The sequences of a table, in the order in which they first appear, each with its steps in order. All that is wrong is reported, cells at
 * most a few times; what can't be read is left out of the result.
 */
export function gatherSequences(table: Table, columns: Columns, reading: Reading, report: Report): Gathered {
  if (table.length === 0 && !table.empty?.length) {
    report(messages.emptyFile());
    return NONE;
  }
  const at = findColumns(table, columns, reading, report);
  if (!at) return NONE;
  const isMissing = missingIn(reading.missingValues);
  const isOrderNumeric = at.order !== undefined && areNumbers(cellsIn(table, at.order), isMissing);
  const numeric = [
    ...at.features,
    ...(reading.task === 'regression' && at.target !== undefined ? [at.target] : []),
    ...(isOrderNumeric ? [at.order ?? 0] : []),
  ];
  const { mark, assumed } = findDecimalMark(table, numeric, reading.decimal, isMissing, report);
  if (mark === undefined) return NONE;
  const tellers = { wrong: few(report), missing: few(report) };
  const cells = openCells(table, isMissing, mark, tellers);

  const groups = groupRows(cells, at.sequence);
  const ordering = few(report);
  const order =
    at.order === undefined
      ? undefined
      : readOrder(table, at.order, groups.values(), reading.order ?? {}, { mark, isMissing, report: ordering });
  const answers = reading.isAsked ? undefined : at.target;
  const used = [...at.features, ...[answers, at.order, at.split, at.group].filter((column) => column !== undefined)];
  const dropped: string[] = [];
  for (const place of table.empty ?? []) {
    if (reading.missing === 'drop') dropped.push(place);
    else tellers.missing(messages.noSteps(place));
  }
  const rowsOf = new Map<Sequence, readonly number[]>();
  let isReordered = false;
  for (const [name, found] of groups) {
    if (reading.missing === 'drop' && found.some((row) => used.some((column) => cells.isMissing(row, column)))) {
      dropped.push(name);
      continue;
    }
    const rows = order && at.order !== undefined ? sortRows(cells, name, found, order, at.order) : found;
    isReordered ||= order !== undefined && !order.isAsBefore(rows);
    const sequence = {
      name,
      place: table.place(rows[0] ?? 0),
      length: rows.length,
      features: readFeatures(cells, rows, at.features, reading),
      targets: readTargets(cells, name, rows, at.target, reading),
      ...(at.split === undefined ? {} : { split: readOne(cells, name, rows, at.split, 'split') }),
      ...(at.group === undefined ? {} : { group: readOne(cells, name, rows, at.group, 'group') }),
    };
    rowsOf.set(sequence, rows);
  }
  const sequences = [...rowsOf.keys()];
  if (sequences.length === 0 && dropped.length > 0) report(messages.nothingLeft(dropped.length));
  for (const { end } of [tellers.missing, ordering, tellers.wrong]) end();
  // There may be a hundred thousand columns.
  const named = new Set([...used, at.sequence, at.target]);
  return {
    sequences,
    assumed: [
      ...(order?.assumed ?? []),
      ...assumed,
      ...messages.filledForward(cells.filled()),
      ...messages.leftOut(dropped, dropped.length + sequences.length),
    ],
    isReordered,
    others: table.columns.flatMap((name, column) =>
      named.has(column) ? [] : [{ name, valueOf: (sequence: Sequence) => sameValue(cells, rowsOf.get(sequence) ?? [], column) }],
    ),
  };
}

function sameValue(cells: Cells, rows: readonly number[], column: number): string | undefined {
  const [first = 0] = rows;
  const value = cells.text(first, column);
  return cells.isMissing(first, column) || rows.some((row) => cells.text(row, column) !== value) ? undefined : value;
}

interface Places {
  readonly sequence: number;
  readonly order: number | undefined;
  readonly features: readonly number[];
  /** Undefined where a file that is asked about doesn't have it. */
  readonly target: number | undefined;
  readonly split: number | undefined;
  readonly group: number | undefined;
}

function findColumns(table: Table, columns: Columns, { isAsked }: Reading, report: Report): Places | undefined {
  let missing = 0;
  const find = (name: string, path: readonly (string | number)[]): number => {
    const index = indexOfColumn(table.columns, name);
    if (index < 0 && ++missing <= MOST_TOLD) report(messages.missingColumn(path, name, table.columns, nearest(name, table.columns)));
    return index;
  };
  const at = {
    sequence: find(columns.sequence, ['sequence']),
    order: columns.order === undefined ? undefined : find(columns.order, ['order']),
    features: columns.features.map((name, index) => find(name, ['features', index])),
    target: isAsked && indexOfColumn(table.columns, columns.target) < 0 ? undefined : find(columns.target, ['target']),
    split: columns.split === undefined ? undefined : find(columns.split, ['split_column']),
    group: columns.group === undefined ? undefined : find(columns.group, ['split', 'group']),
  };
  return [at.sequence, at.order, at.target, at.split, at.group, ...at.features].includes(-1) ? undefined : at;
}

/** The cells of a table as a reader of sequences asks for them. What is wrong with one is told. */
interface Cells {
  readonly count: number;
  readonly text: (row: number, column: number) => string;
  readonly isMissing: (row: number, column: number) => boolean;
  /** NaN where there is none, which is told. */
  readonly number: (row: number, column: number) => number;
  readonly told: (row: number, column: number) => messages.Value;
  readonly wrong: Report;
  readonly missing: Report;
  readonly fill: () => void;
  readonly filled: () => number;
}

function openCells(
  table: Table,
  isMissing: (cell: Cell) => boolean,
  mark: DecimalMark,
  { wrong, missing }: { readonly wrong: Report; readonly missing: Report },
): Cells {
  const { cell } = table;
  const text = (row: number, column: number): string => textOf(cell(row, column));
  const told = (row: number, column: number): messages.Value => ({
    place: table.place(row),
    column: table.columns[column] ?? '',
    text: text(row, column),
  });
  let filled = 0;
  return {
    count: table.length,
    text,
    isMissing: (row, column) => isMissing(cell(row, column)),
    number(row, column) {
      const value = cell(row, column);
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      const number = typeof value === 'number' ? undefined : readNumeral(value.trim(), mark);
      if (number === undefined) {
        const other = mark === 'comma' ? 'point' : 'comma';
        wrong(messages.notANumber(told(row, column), { mark: other, number: readNumeral(text(row, column), other) }));
      }
      return number ?? Number.NaN;
    },
    told,
    wrong,
    missing,
    fill: () => void (filled += 1),
    filled: () => filled,
  };
}

/** Rows by the name of their sequence. One without a name belongs to none. */
function groupRows(cells: Cells, column: number): ReadonlyMap<string, number[]> {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < cells.count; row++) {
    if (cells.isMissing(row, column)) {
      cells.missing(messages.missingName(cells.told(row, column)));
      continue;
    }
    const name = cells.text(row, column);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

function sortRows(cells: Cells, name: string, found: readonly number[], order: Order, column: number): readonly number[] {
  for (const row of found) if (cells.isMissing(row, column)) cells.missing(messages.missingValue(cells.told(row, column), 'order'));
  const rows = found.toSorted(order.compare);
  for (const [i, row] of rows.entries()) {
    const last = rows[i - 1];
    if (last === undefined || order.compare(last, row) !== 0 || cells.isMissing(row, column) || cells.isMissing(last, column)) continue;
    cells.wrong(messages.orderTwice(cells.told(row, column), name, cells.told(last, column).place));
  }
  return rows;
}

function readFeatures(cells: Cells, rows: readonly number[], columns: readonly number[], { missing }: Reading): Float64Array {
  const features = new Float64Array(rows.length * columns.length);
  for (const [feature, column] of columns.entries()) {
    let last: number | undefined;
    for (const [step, row] of rows.entries()) {
      if (!cells.isMissing(row, column)) last = cells.number(row, column);
      else if (missing !== 'forward') cells.missing(messages.missingValue(cells.told(row, column), 'feature'));
      else if (last === undefined) cells.missing(messages.nothingBefore(cells.told(row, column)));
      else cells.fill();
      features[step * columns.length + feature] = last ?? Number.NaN;
    }
  }
  return features;
}

/** An answer is never made up: where a sequence has one answer, rows without it say nothing else, and `forward` takes it from the others. */
function readTargets(
  cells: Cells,
  name: string,
  rows: readonly number[],
  column: number | undefined,
  { task, targetPer, missing, isAsked }: Reading,
): readonly Cell[] {
  if (column === undefined) return targetPer === 'step' ? rows.map(() => Number.NaN) : [Number.NaN];
  const read = (row: number): Cell => (task === 'regression' ? cells.number(row, column) : cells.text(row, column));
  const present = rows.filter((row) => !cells.isMissing(row, column));
  if (isAsked && targetPer === 'step') return rows.map((row) => (cells.isMissing(row, column) ? Number.NaN : read(row)));
  if (isAsked && present.length === 0) return [Number.NaN];
  const mayBeMissing = targetPer === 'sequence' && missing === 'forward' && present.length > 0;
  for (const row of rows) {
    if (!cells.isMissing(row, column)) continue;
    if (isAsked) continue;
    if (mayBeMissing) cells.fill();
    else cells.missing(messages.missingValue(cells.told(row, column), 'target'));
  }
  if (targetPer === 'step') return present.map(read);
  const [first = 0] = present;
  const answer = present.length > 0 ? read(first) : '';
  const other = present.find((row) => cells.text(row, column) !== cells.text(first, column) && read(row) !== answer);
  if (other !== undefined) cells.wrong(messages.severalValues(cells.told(other, column), name, cells.text(first, column), 'targets'));
  return [answer];
}

/** What is the same at all steps of a sequence. */
function readOne(cells: Cells, name: string, rows: readonly number[], column: number, what: 'split' | 'group'): string {
  for (const row of rows) if (cells.isMissing(row, column)) cells.missing(messages.missingValue(cells.told(row, column), what));
  const [first = 0] = rows;
  const value = cells.text(first, column);
  const other = rows.find((row) => cells.text(row, column) !== value);
  if (other !== undefined) cells.wrong(messages.severalValues(cells.told(other, column), name, value, `${what}s`));
  return value;
}
