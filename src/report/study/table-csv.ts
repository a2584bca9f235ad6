import { toCsv } from '../kit/csv.js';
import type { TableView } from './table-view.js';

const HEADER = ['row', 'column', 'mean', 'low', 'high', 'n', 'claimed', 'source', 'verdict', 'wording'] as const;

/**
 * A line for each claim of a cell, and one for a cell without a claim (RFC 4180): `low` and `high` bound the 95 % interval of the mean. Claims
 * between cells follow, without a row and a column.
 */
export function tableToCsv({ rows, under }: TableView): string {
  const ofCells = rows.flatMap(({ cells }) =>
    cells.flatMap(({ row, column, n, claims, numbers: { mean, low, high } }) => {
      const known = [row, column, mean, low, high, n];
      if (claims.length === 0) return [[...known, '', '', '', '']];
      return claims.map(({ claimed, source, kind, wording }) => [...known, claimed, source, kind, wording]);
    }),
  );
  const ofTwo = under.map(({ claimed, source, kind, wording }) => ['', '', '', '', '', '', claimed, source, kind, wording]);
  return `${toCsv([HEADER, ...ofCells, ...ofTwo])}\n`;
}
