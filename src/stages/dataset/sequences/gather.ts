import { nearest } from '../../../diagnostics/nearest.js';
import type { Report } from '../../stage.js';
import { readNumber, type Cell, type Table } from './table.js';

/** Which columns are what. */
export interface Columns {
  readonly sequence: string;
  readonly order?: string | undefined;
  readonly features: readonly string[];
  readonly target: string;
  readonly split?: string | undefined;
}

export interface Reading {
  readonly task: 'classification' | 'regression';
  readonly targetPer: 'sequence' | 'step';
}

export interface Sequence {
  readonly name: string;
  readonly length: number;
  /** `[length, features]` */
  readonly features: Float64Array;
  /** Names of classes, or numbers: one, or one a step. */
  readonly targets: readonly Cell[];
  /** As the split column says. */
  readonly split?: string;
}

/**
 * The sequences of a table, in the order in which they first appear, each with its steps in order. All that is wrong is reported, cells at
 * most a few times; what can't be read is left out of the result.
 */
export function gatherSequences(table: Table, columns: Columns, reading: Reading, report: Report): readonly Sequence[] {
  if (table.rows.length === 0) {
    report({ code: 'empty-file', path: ['file'], message: 'the file holds no step of a sequence' });
    return [];
  }
  const find = (name: string, path: readonly (string | number)[]): number => {
    const index = table.columns.indexOf(name);
    if (index < 0)
      report({ code: 'missing-column', path, message: `no column is called ${JSON.stringify(name)}`, help: guess(name, table.columns) });
    return index;
  };
  const at = {
    sequence: find(columns.sequence, ['sequence']),
    order: columns.order === undefined ? undefined : find(columns.order, ['order']),
    features: columns.features.map((name, index) => find(name, ['features', index])),
    target: find(columns.target, ['target']),
    split: columns.split === undefined ? undefined : find(columns.split, ['split_column']),
  };
  if ([at.sequence, at.order, at.target, at.split, ...at.features].includes(-1)) return [];

  const cell = (row: number, column: number): Cell => table.rows[row]?.[column] ?? '';
  const tell = few(report);
  const number = (row: number, column: number): number => {
    const value = readNumber(cell(row, column));
    if (typeof value === 'number') return value;
    tell({
      code: 'not-a-number',
      path: ['file'],
      message: `${table.place(row)}: ${JSON.stringify(table.columns[column])} ${value}`,
      ...decimals(cell(row, column)),
    });
    return Number.NaN;
  };
  /** The one value that all steps of a sequence must have. */
  const shared = (rows: readonly number[], column: number, what: string, help: string): Cell => {
    const [first = 0] = rows;
    const other = rows.find((row) => String(cell(row, column)).trim() !== String(cell(first, column)).trim());
    if (other !== undefined) {
      const [name, values] = [String(cell(first, at.sequence)), [first, other].map((row) => JSON.stringify(cell(row, column)))];
      tell({
        code: 'several-values',
        path: ['file'],
        message: `${table.place(other)}: sequence ${JSON.stringify(name)} has the ${what} ${values.join(' and ')}`,
        help,
      });
    }
    return cell(first, column);
  };
  const target = (row: number): Cell => {
    if (reading.task === 'regression') return number(row, at.target);
    const name = String(cell(row, at.target)).trim();
    if (name === '')
      tell({ code: 'missing-value', path: ['file'], message: `${table.place(row)}: ${JSON.stringify(columns.target)} is empty` });
    return name;
  };

  return [...groupRows(table, at.sequence)].map(([name, found]) => {
    const rows =
      at.order === undefined
        ? found
        : sortRows(found, at.order, cell, (row, value) =>
            tell({
              code: 'order-twice',
              path: ['file'],
              message: `${table.place(row)}: sequence ${JSON.stringify(name)} has two steps at ${JSON.stringify(columns.order)} ${value}`,
            }),
          );
    const features = Float64Array.from({ length: rows.length * at.features.length }, (_, i) =>
      number(rows[Math.floor(i / at.features.length)] ?? 0, at.features[i % at.features.length] ?? 0),
    );
    const [first = 0] = rows;
    if (reading.targetPer === 'sequence')
      shared(rows, at.target, 'targets', 'write target_per: step, if every step has a target of its own');
    return {
      name,
      length: rows.length,
      features,
      targets: (reading.targetPer === 'sequence' ? [first] : rows).map(target),
      ...(at.split === undefined
        ? {}
        : { split: String(shared(rows, at.split, 'splits', 'a sequence stays whole: all its steps are in one split')).trim() }),
    };
  });
}

function groupRows(table: Table, column: number): ReadonlyMap<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [row, cells] of table.rows.entries()) {
    const name = String(cells[column] ?? '').trim();
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

/** By number where all are numbers, else by text: dates as ISO 8601 writes them come right. */
function sortRows(
  rows: readonly number[],
  column: number,
  cell: (row: number, column: number) => Cell,
  twice: (row: number, value: string) => void,
): readonly number[] {
  const numbers = new Map(rows.map((row) => [row, readNumber(cell(row, column))]));
  const text = (row: number): string => String(cell(row, column)).trim();
  const areNumbers = [...numbers.values()].every((value) => typeof value === 'number');
  const compare = (a: number, b: number): number =>
    areNumbers ? Number(numbers.get(a)) - Number(numbers.get(b)) : text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
  const sorted = rows.toSorted(compare);
  for (const [i, row] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before !== undefined && compare(before, row) === 0) twice(row, text(row));
  }
  return sorted;
}

/** A file that is wrong in one place is often wrong in a thousand: the first few are told. */
function few(report: Report): Report {
  let told = 0;
  return (problem) => {
    if (++told <= MOST_TOLD) report(problem);
  };
}

const MOST_TOLD = 5;

function guess(name: string, columns: readonly string[]): string {
  const [only = ''] = columns;
  const separator = columns.length === 1 ? [';', '\t'].find((mark) => only.includes(mark)) : undefined;
  if (separator) return `the values are separated by ${separator === ';' ? 'semicolons' : 'tabs'}: separate them by commas`;
  const meant = nearest(name, columns);
  if (meant !== undefined && meant.length + name.length > 2) return `did you mean ${JSON.stringify(meant)}?`;
  const shown = columns.slice(0, MOST_LISTED).map((column) => JSON.stringify(column));
  return `there is ${shown.join(', ')}${columns.length > shown.length ? ', …' : ''}`;
}

const MOST_LISTED = 12;

const decimals = (cell: Cell): { readonly help?: string } =>
  typeof cell === 'string' && /^\s*-?\d+,\d+\s*$/.test(cell) ? { help: `write ${cell.trim().replace(',', '.')}` } : {};
