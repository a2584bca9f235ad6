/** Columns that a character takes in a terminal: 0 for marks that combine with the one before, 2 for wide ones; a tab is left to the terminal. */
export function columnsOf(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return /^\p{Emoji_Presentation}$/u.test(character) || isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
}

/** Control characters as their pictures, so that they can be seen and take a column. */
export function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\t') return character;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code >= 0x7f && code < 0xa0 ? '\u2421' : character;
}

/**
 * A text that a terminal, a picture or a spreadsheet takes for nothing but text: control characters are shown as their pictures, and those that
 * turn the direction of writing as a replacement mark. Line breaks and tabs stay, and so does what `keep` matches.
 */
export const visibleText = (text: string, keep?: RegExp): string => {
  if (text.search(HIDDEN) < 0) return text;
  const parts = keep === undefined ? [text] : text.split(keep);
  const kept = keep === undefined ? [] : Array.from(text.matchAll(keep), ([match]) => match);
  return parts.map((part, index) => part.replace(HIDDEN, markOf) + (kept[index] ?? '')).join('');
};

/** A carriage return is hidden unless it belongs to a line break. */
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\r(?!\n)/g;
const markOf = (character: string): string => (character > '\u00ff' ? '\ufffd' : visible(character));

/** East Asian wide and fullwidth forms (Unicode Standard Annex 11), in ranges broad enough for text. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe4f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

const isWide = (code: number): boolean => WIDE.some(([first, last]) => code >= first && code <= last);
