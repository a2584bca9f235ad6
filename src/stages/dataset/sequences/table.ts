import type { Fact } from '../../stage.js';

/** What every reader gives: a row for each step of a sequence. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Where a row stands, for a person: `line 12`, `sequence 3, step 7`. */
  readonly place: (row: number) => string;
  /** Places of sequences that have no step at all, where a file can hold such. */
  readonly empty?: readonly string[];
  /** What the file did not say and its reader took to be so: what separates values, which lines are comments. */
  readonly assumed?: readonly Fact[];
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
