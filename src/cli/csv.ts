/** Rows as RFC 4180 has them: what holds a comma, a quote or a line break stands in quotes. */
export const toCsv = (rows: readonly (readonly string[])[]): string => rows.map((row) => row.map(field).join(',')).join('\n');

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
