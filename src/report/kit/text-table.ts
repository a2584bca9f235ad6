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

export function pad(text: string, width: number, align: Align = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Columns that a terminal takes for a text: colour codes and combining marks take none, wide characters (East Asian, emoji) two. */
export function visibleWidth(text: string): number {
  const plain = text.replace(/\u001b\[[0-9;]*m/g, '');
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const character of plain) width += characterWidth(character);
  return width;
}

/** At most so many columns; what was cut is marked by an ellipsis. For text without colours. */
export function cut(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) break;
    kept += character;
  }
  return width < 1 ? '' : `${kept}…`;
}

function characterWidth(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

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
