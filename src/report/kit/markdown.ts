import { visibleText } from '../../diagnostics/columns.js';
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

/** Blocks of lines as a text, an empty line between them; what has no lines is left out. */
export const markdownBlocks = (blocks: readonly (readonly string[])[]): string =>
  `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;

/** Text of one line in which nothing is formatting, for a cell, or behind a mark of its own. */
export const markdownText = (text: string): string =>
  visibleText(text)
    .replace(/[|\\*_`[\]<]|&(?=#?\w+;)|~(?=~)|\$(?=\S)/g, (character) => `\\${character}`)
    .replaceAll(/\s*[\r\n]+\s*/g, ' ');

/** Text on a line of its own, in which nothing is formatting: what would begin a heading, a list or a quotation is text. */
export const markdownBlock = (text: string): string =>
  markdownText(text.trim())
    .replace(/^(#{1,6}(?=\s|$)|[>+-](?=\s|$|[>+-])|=+$)/, (mark) => `\\${mark}`)
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');

/** A picture that lies beside the text, whatever its name holds. */
export const markdownPicture = (name: string, file: string): string =>
  `![${name.replace(/[\\[\]]/g, (character) => `\\${character}`)}](${encodeURIComponent(file).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'))})`;
