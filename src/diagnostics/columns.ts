import stringWidth from 'string-width';

/**
 * Columns that a terminal takes for a text: colour codes and marks that combine with the character before take none, wide characters (East Asian,
 * emoji) two. Tabs count nothing: what they take depends on where they stand.
 */
export const visibleWidth = (text: string): number => (/^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text));

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

/** A value as JSON, two blanks a level. What a terminal would obey or hide is escaped, so that programs read what the value is. */
export const jsonText = (value: unknown): string => JSON.stringify(value, null, 2).replace(HIDDEN, escaped);

/** A character as JSON and YAML write it where it may not stand as it is. */
export const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
