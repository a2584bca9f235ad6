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
