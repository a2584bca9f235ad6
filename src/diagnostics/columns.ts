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

/**
 * Lines of at most so many columns, broken between cells, which two blanks part, and in a long cell between words; what goes on stands under the
 * second cell, or under the beginning of the long one. A command for a person to copy stays whole, and so does a word that is too long.
 */
export const folded = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => (visibleWidth(line) <= width || COMMAND.test(line) ? line : foldLine(line, width)))
    .join('\n');

/** What a person copies begins a line. */
const COMMAND = /^\s*(?:\u001b\[\d+m)*(?:npx|npm|pip|ssh) /;
const INDENT = /^(?:\u001b\[\d+m)*( *)/;

/** Of the screen: a cell that is longer than the first share is a sentence, and one that begins before the second share has room for its own column. */
const SENTENCE = 0.5;
const HAS_ROOM = 0.65;

function foldLine(line: string, width: number): string {
  const lines: string[] = [];
  const indent = INDENT.exec(line)?.[1]?.length ?? 0;
  let now = '';
  let second: number | undefined;
  const begin = (hang: number, word: string): void => {
    lines.push(now);
    now = ' '.repeat(hang) + word;
  };
  for (const [, gap = '', cell = ''] of line.matchAll(/(^ *| {2,})((?:\S| (?! ))+)/g)) {
    const at = visibleWidth(now + gap);
    if (now !== '' && at <= width * SENTENCE) second ??= at;
    const hang = second ?? Math.min(indent + 2, width / 2);
    const isWide = visibleWidth(cell) > Math.min(width * SENTENCE, width - hang);
    if (at + visibleWidth(cell) <= width) now += gap + cell;
    else if (!isWide) begin(hang, cell);
    else {
      const own = now === '' ? hang : at <= width * HAS_ROOM ? at : hang;
      const [first = '', ...words] = cell.split(' ');
      if (now === '' || own === at) now += gap + first;
      else begin(hang, first);
      for (const word of words) {
        if (visibleWidth(now) + 1 + visibleWidth(word) <= width) now += ` ${word}`;
        else begin(own, word);
      }
    }
  }
  return [...lines, now].join('\n');
}
