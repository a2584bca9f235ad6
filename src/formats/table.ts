/** What every reader gives: a row for each step of a sequence. */
export interface Table {
  readonly columns: readonly string[];
  /** Rows. */
  readonly length: number;
  /** By row and column, from 0. What a file lacks is an empty text. A cell may be cut out of the file's text when it is asked for. */
  readonly cell: (row: number, column: number) => Cell;
  /** The number that a cell is, as programs write it; undefined for anything else. */
  readonly number: (row: number, column: number) => number | undefined;
  /** Where a row stands, for a person: `line 12`, `sequence 3, step 7`. */
  readonly place: (row: number) => string;
  /** Places of sequences that have no step at all, where a file can hold such. */
  readonly empty?: readonly string[];
  /** What the file did not say and its reader took to be so: what separates values, which lines are comments. */
  readonly assumed?: readonly Assumed[];
}

/** What a reader took to be so, for a person. */
export interface Assumed {
  readonly key: string;
  readonly name: string;
  readonly value: number | string;
  readonly note?: string;
}

/** As the file holds it: text that may be a number, or a number. */
export type Cell = string | number;

/** The cells of a column, row by row. */
export const cellsIn = ({ length, cell }: Table, column: number): readonly Cell[] => Array.from({ length }, (_, row) => cell(row, column));

/** A table of cells that are at hand. */
export function rowsAsTable(rows: readonly (readonly Cell[])[]): Pick<Table, 'length' | 'cell' | 'number'> {
  const cell = (row: number, column: number): Cell => rows[row]?.[column] ?? '';
  const number = (row: number, column: number): number | undefined => {
    const given = cell(row, column);
    return typeof given === 'number' ? given : plainNumber(given.trim());
  };
  return { length: rows.length, cell, number };
}

export const textOf = (cell: Cell): string => (typeof cell === 'number' ? String(cell) : cell.trim());

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number as programs write it, `-12.5` or `1e-3`; undefined for anything else, such as `0x1F`, `1_000`, `Infinity`. */
export function plainNumber(text: string): number | undefined {
  const number = PLAIN.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/**
 * The number that stands in a text up to a separator or the end of the line, without cutting it out; undefined where that is for `plainNumber` to say. Up to
 * fifteen digits are a whole number that a double holds, and so is the power of ten under them, so that their quotient is rounded once, as `Number`
 * rounds it (Clinger 1990).
 */
export function quickNumber(text: string, start: number, separator: number): number | undefined {
  const sign = text.charCodeAt(start);
  let digits = 0;
  let point = -1;
  let value = 0;
  for (let at = sign === MINUS || sign === PLUS ? start + 1 : start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= ZERO + 9) {
      value = value * 10 + (code - ZERO);
      digits += 1;
    } else if (code === POINT && point < 0) point = digits;
    else if (code === separator || code === LF || code === CR) break;
    else return undefined;
  }
  if (digits === 0 || digits > 15) return undefined;
  const whole = point < 0 ? value : value / (POWERS[digits - point] ?? 1);
  return sign === MINUS ? -whole : whole;
}

const [LF, CR, PLUS, MINUS, POINT, ZERO] = [10, 13, 43, 45, 46, 48];
const POWERS = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The index of the column that a name means, -1 for none: the column of that very name; else the only one that looks the same on a screen. `ü` may be
 * one character or two, `µ` is two characters of Unicode, and a blank may be one that doesn't break.
 */
export function indexOfColumn(columns: readonly string[], name: string): number {
  const { exact, alike } = lookedUp(columns);
  return exact.get(name) ?? alike().get(look(name)) ?? -1;
}

interface Places {
  readonly exact: ReadonlyMap<string, number>;
  /** By how they look; -1 where several look the same. */
  readonly alike: () => ReadonlyMap<string, number>;
}

/** Kept for as long as the columns: a table may have a hundred thousand, and as many may be asked for. */
const kept = new WeakMap<readonly string[], Places>();

function lookedUp(columns: readonly string[]): Places {
  const before = kept.get(columns);
  if (before) return before;
  const exact = new Map<string, number>();
  for (const [index, column] of columns.entries()) if (!exact.has(column)) exact.set(column, index);
  let alike: Map<string, number> | undefined;
  const lookAlike = (): Map<string, number> => {
    const found = new Map<string, number>();
    for (const [index, column] of columns.entries()) found.set(look(column), found.has(look(column)) ? -1 : index);
    return found;
  };
  const places = { exact, alike: () => (alike ??= lookAlike()) };
  kept.set(columns, places);
  return places;
}

export const holdsAll = (columns: readonly string[], names: readonly string[]): boolean =>
  names.every((name) => indexOfColumn(columns, name) >= 0);

const look = (name: string): string => name.normalize('NFKC').replaceAll(/\s+/g, ' ').trim();
