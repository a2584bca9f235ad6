import type { Align } from './text-table.js';

/**
 * A table as text in its places: what sweeps, tables and runs hand to any form of output. A row whose first cell is empty goes on with the row
 * above it.
 */
export interface PlainTable {
  /** What it is called by references: `time_machine`. */
  readonly name?: string;
  readonly caption?: string;
  readonly columns: readonly PlainColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences under the table. */
  readonly notes?: readonly string[];
}

export interface PlainColumn {
  readonly heading: string;
  readonly align?: Align;
}

/** Columns with these headings; one that is written behind a `>` has its cells at the right. */
export const columnsOf = (...headings: readonly string[]): readonly PlainColumn[] =>
  headings.map((heading) => (heading.startsWith('>') ? { heading: heading.slice(1), align: 'right' } : { heading }));
