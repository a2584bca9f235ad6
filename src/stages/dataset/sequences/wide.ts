import type { Report } from '../../stage.js';
import { type Cell, type Table, textOf } from '../../../formats/table.js';
import { LINE } from '../../../formats/jsonl.js';
import * as messages from './messages.js';

/** Columns that are one thing at one step after the other, by the place of `*` in their names: `x_*` of `x_1`, `x_2`, …. */
interface Run {
  readonly pattern: string;
  /** The places of the columns in the table, in the order of their numbers. */
  readonly columns: readonly number[];
}

export const isPattern = (name: string): boolean => name.includes('*');

/** The columns whose names are a pattern with a number in the place of its `*`. */
function runOf(columns: readonly string[], pattern: string): Run {
  const [before = '', after = ''] = pattern.split('*');
  const found = columns.flatMap((name, index) => {
    if (name.length <= before.length + after.length || !name.startsWith(before) || !name.endsWith(after)) return [];
    const number = name.slice(before.length, name.length - after.length);
    return /^\d+$/.test(number) ? [{ index, number: Number(number) }] : [];
  });
  return { pattern, columns: found.toSorted((a, b) => a.number - b.number).map(({ index }) => index) };
}

/**
 * A table with a sequence on each row as one with a step on each row. `patterns` name what varies from step to step; a sequence ends with the last
 * step at which one of them has a value. All other columns hold for every step. Undefined where that can't be, which is reported.
 */
export function unfold(table: Table, patterns: readonly string[], report: Report): Table | undefined {
  const runs = patterns.map((pattern) => runOf(table.columns, pattern));
  const [first] = runs;
  const missing = runs.find(({ columns }) => columns.length === 0);
  if (missing) {
    report(messages.noColumnsOfPattern(missing.pattern, table.columns));
    return undefined;
  }
  const other = runs.find(({ columns }) => columns.length !== first?.columns.length);
  if (!first || other) {
    if (first && other) report(messages.unequalRuns([first.pattern, first.columns.length], [other.pattern, other.columns.length]));
    return undefined;
  }
  const taken = new Set(runs.flatMap(({ columns }) => columns));
  const others = table.columns.flatMap((name, index) => (taken.has(index) ? [] : [{ name, index }]));
  const has = (row: number, step: number): boolean => runs.some(({ columns }) => textOf(table.cell(row, columns[step] ?? -1)) !== '');
  const [rows, steps, empty]: [number[], number[], string[]] = [[], [], []];
  for (let row = 0; row < table.length; row++) {
    let length = first.columns.length;
    while (length > 0 && !has(row, length - 1)) length -= 1;
    if (length === 0) empty.push(table.place(row));
    for (let step = 0; step < length; step++) {
      rows.push(row);
      steps.push(step);
    }
  }
  const columns = [LINE, ...patterns, ...others.map(({ name }) => name)];
  /** The column of the file that a cell stands in; undefined of the number of its row. */
  const placeOf = (at: number, column: number): number | undefined =>
    column === 0 ? undefined : (runs[column - 1]?.columns[steps[at] ?? 0] ?? others[column - 1 - runs.length]?.index ?? -1);
  return {
    columns,
    length: rows.length,
    cell(at, column): Cell {
      const [row, place] = [rows[at] ?? 0, placeOf(at, column)];
      return place === undefined ? String(row + 1) : place < 0 ? '' : table.cell(row, place);
    },
    number(at, column) {
      const [row, place] = [rows[at] ?? 0, placeOf(at, column)];
      return place === undefined ? row + 1 : place < 0 ? undefined : table.number(row, place);
    },
    place: (at) => `${table.place(rows[at] ?? 0)}, step ${(steps[at] ?? 0) + 1}`,
    empty,
    ...(table.assumed && { assumed: table.assumed }),
  };
}
