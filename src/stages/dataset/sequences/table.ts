/** What every reader gives: a row for each step of a sequence. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Where a row stands, for a person: `line 12`, `sequence 3, step 7`. */
  readonly place: (row: number) => string;
}

/** As the file holds it: text that may be a number, or a number. */
export type Cell = string | number;

/** A number, or why it is none. Blanks around it are forgiven; what stands for nothing (`NaN`, `NA`, nothing at all) is not a number. */
export function readNumber(cell: Cell): number | string {
  const text = typeof cell === 'number' ? String(cell) : cell.trim();
  const number = text === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number)) return number;
  return text === '' ? 'is empty' : `${JSON.stringify(text)} is not a number`;
}
