/** What a token is, and whether "The" and "the" are one. */
export interface Tokenization {
  readonly tokens: 'words' | 'characters';
  readonly lower_case: boolean;
}

/** Every token once, and the number that stands for it: its place in the order in which it was first met. */
export class TokenTable {
  readonly tokens: string[] = [];
  readonly #ids = new Map<string, number>();

  idOf(token: string): number {
    const known = this.#ids.get(token);
    if (known !== undefined) return known;
    const id = this.tokens.length;
    this.#ids.set(token, id);
    this.tokens.push(token);
    return id;
  }

  idIfKnown(token: string): number | undefined {
    return this.#ids.get(token);
  }
}

/** How a token is written where upper and lower case are one. A letter with its accent is one character, however the file writes it (NFC). */
export function normalized(text: string, { lower_case: lower }: Pick<Tokenization, 'lower_case'>): string {
  const composed = isAscii(text) ? text : text.normalize('NFC');
  return lower ? composed.toLowerCase() : composed;
}

// eslint-disable-next-line no-control-regex
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/**
 * The tokens of a text as numbers of `table`.
 *
 * `words`: runs of letters and digits, with apostrophes inside (`don't`), and with a point or a comma between digits (`3.14`); every other character that
 * is no blank is a token of its own. Chinese characters and kana, which no blank separates, are a token each, as BERT has it. `characters`: every
 * character (code point); a run of blanks is one.
 *
 * Differs from `str.split()`, which leaves `great!` one word, and from Keras' TextVectorization, which takes punctuation out.
 */
export function tokenize(source: string, how: Tokenization, table: TokenTable): Int32Array {
  const text = normalized(source, how);
  return how.tokens === 'words' ? words(text, table) : characters(text, table);
}

function characters(text: string, table: TokenTable): Int32Array {
  return Int32Array.from([...text.trim().replaceAll(/\s+/g, ' ')], (character) => table.idOf(character));
}

function words(text: string, table: TokenTable): Int32Array {
  const ids: number[] = [];
  let at = 0;
  while (at < text.length) {
    const sort = sortAt(text, at);
    if (sort === BLANK) {
      at += 1;
      continue;
    }
    let end = at + widthAt(text, at);
    if (sort === LETTER || sort === DIGIT) end = endOfWord(text, end);
    ids.push(table.idOf(text.slice(at, end)));
    at = end;
  }
  return Int32Array.from(ids);
}

/** Where the word ends of which a part ends at `at`. */
function endOfWord(text: string, from: number): number {
  let at = from;
  for (;;) {
    const sort = sortAt(text, at);
    if (sort === LETTER || sort === DIGIT) at += widthAt(text, at);
    else if (joins(text, at)) at += 1;
    else return at;
  }
}

/** Does a sign stand between what belongs together: an apostrophe between letters, a point or a comma between digits? */
function joins(text: string, at: number): boolean {
  const mark = text[at];
  const [before, after] = [sortAt(text, at - 1), sortAt(text, at + 1)];
  if (mark === "'" || mark === '’') return before === LETTER && after === LETTER;
  return (mark === '.' || mark === ',') && before === DIGIT && after === DIGIT;
}

const [UNKNOWN, BLANK, LETTER, DIGIT, SIGN] = [0, 1, 2, 3, 4];

/** By unit of UTF-16, as far as they were met. */
const sorts = new Uint8Array(0x10000);

function sortAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (Number.isNaN(unit)) return BLANK;
  // Of a character of two units, the first one says what both are.
  if (isSurrogate(unit)) return sortOf(String.fromCodePoint(text.codePointAt(unit >= 0xdc00 ? at - 1 : at) ?? unit));
  const known = sorts[unit] ?? UNKNOWN;
  if (known !== UNKNOWN) return known;
  return (sorts[unit] = sortOf(String.fromCharCode(unit)));
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
const widthAt = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

function sortOf(character: string): number {
  // U+0085 is a line break that \s does not know; characters without a width are none.
  if (/[\s\p{Cc}\p{Cf}]/u.test(character)) return BLANK;
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(character)) return SIGN;
  if (/\p{N}/u.test(character)) return DIGIT;
  return /[\p{L}\p{M}]/u.test(character) ? LETTER : SIGN;
}
