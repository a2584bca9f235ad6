import { visibleWidth } from '../../diagnostics/columns.js';
import type { PlainTable } from './plain-table.js';
import type { TextStyle } from './text-style.js';

export type Align = 'left' | 'right';

/**
 * Rows of cells as lines of aligned columns, two spaces apart, without trailing spaces. Widths are those that a terminal shows: colours count
 * nothing.
 */
export function textTable(rows: readonly (readonly string[])[], align: readonly Align[] = []): readonly string[] {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, visibleWidth(row[column] ?? '')), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, align[column] ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** A table as a terminal shows it; one whose columns have no headings has no line for them. */
export const terminalTable = ({ columns, rows }: PlainTable, style: TextStyle): readonly string[] =>
  textTable(
    [...(columns.every(({ heading }) => heading === '') ? [] : [columns.map(({ heading }) => style.faint(heading))]), ...rows],
    columns.map(({ align = 'left' }) => align),
  );

export function pad(text: string, width: number, align: Align = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** At most so many columns; what was cut is marked by an ellipsis. For text without colours. */
export function cut(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += visibleWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** Text as lines of at most so many columns, broken between words (or where `between` says so); a word that is longer stays whole. */
export function wrap(text: string, width: number, between: RegExp = /\s+/): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(between).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && visibleWidth(last) + 1 + visibleWidth(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
