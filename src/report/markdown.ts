import type { PlainTable } from './plain-table.js';

/** A table as GitHub's Markdown has it, line by line. */
export function markdownTable({ columns, rows }: PlainTable): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  return [
    line(columns.map(({ heading }) => heading)),
    `| ${columns.map(({ align }) => (align === 'right' ? '---:' : '---')).join(' | ')} |`,
    ...rows.map((cells) => line(columns.map((_, column) => cells[column] ?? ''))),
  ];
}

/** Text in which nothing is formatting. */
export const markdownText = (text: string): string => text.replace(/[|\\*_`[\]<]/g, (character) => `\\${character}`).replaceAll('\n', ' ');
