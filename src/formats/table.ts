/** What every reader gives: a row for each step of a sequence. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
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

export const textOf = (cell: Cell): string => (typeof cell === 'number' ? String(cell) : cell.trim());

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number as programs write it, `-12.5` or `1e-3`; undefined for anything else, such as `0x1F`, `1_000`, `Infinity`. */
export function plainNumber(text: string): number | undefined {
  const number = PLAIN.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

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
