import { visibleText } from '../../diagnostics/columns.js';

/**
 * Rows as RFC 4180 has them: what holds a comma, a quote or a line break stands in quotes. A text that a spreadsheet would take for a formula
 * begins with an apostrophe, as spreadsheets have it; a number never does.
 */
export const toCsv = (rows: readonly (readonly (string | number | undefined)[])[]): string =>
  rows.map((row) => row.map(field).join(',')).join('\n');

function field(value: string | number | undefined): string {
  const text = value === undefined ? '' : typeof value === 'number' ? String(value) : harmless(visibleText(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text);
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|infinity)$/i;
