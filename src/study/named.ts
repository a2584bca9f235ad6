import { nearest } from '../diagnostics/words.js';
import type { CellName } from './claims/claim.js';
import type { TableConfig } from './claims/document.js';
import * as messages from './claims/messages.js';
import { Refusal } from '../host/exit.js';

/** The cell that a person names; the column goes without saying where there is one only. */
export function namedCell(config: TableConfig, row: string, column: string | undefined): CellName {
  const columns = Object.keys(config.columns);
  const meant = column ?? (columns.length === 1 ? columns[0] : undefined);
  checkRow(config, row);
  if (meant === undefined) throw new Refusal('which column?', { help: `columns: ${columns.join(', ')}` });
  if (!columns.includes(meant)) throw refusal(messages.unknownColumn(meant, nearest(meant, columns), columns));
  return [row, meant];
}

/** The cells of `--only ROW` and `--only ROW,COLUMN`; undefined where all are meant. A run fills all columns of its row. */
export function onlyCells(config: TableConfig, only: readonly string[] | undefined): readonly CellName[] | undefined {
  return only?.flatMap((text): readonly CellName[] => {
    const [row = '', column] = text.split(',').map((part) => part.trim());
    if (column !== undefined) return [namedCell(config, row, column)];
    checkRow(config, row);
    return Object.keys(config.columns).map((each) => [row, each]);
  });
}

function checkRow({ rows }: TableConfig, row: string): void {
  const known = Object.keys(rows);
  if (!known.includes(row)) throw refusal(messages.unknownRow(row, nearest(row, known), known));
}

const refusal = ({ message, help }: messages.Words): Refusal => new Refusal(message, { ...(help !== undefined && { help }) });
