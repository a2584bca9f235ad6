import { Type, type Static } from '../../language/type.js';

/** How a text becomes indices into a vocabulary. */
export const corpusOptions = {
  tokens: Type.Enum(['characters', 'words'], { default: 'characters', description: 'What one step of a sequence is.' }),
  minimum_count: Type.Integer({
    minimum: 1,
    default: 1,
    description: 'Tokens that occur fewer times than this are read as the unknown token.',
  }),
};

/** `letters`: in every line, all that is no letter from A to Z becomes one space, none at the ends; lower case. `none`: the text as it is. */
export const normalizeOption = Type.Enum(['none', 'letters'], {
  default: 'none',
  description: 'none: the text as it is; letters: line by line only lower-case a to z and single spaces, as the book does.',
});

export interface CorpusOptions {
  readonly tokens: Static<typeof corpusOptions.tokens>;
  readonly minimum_count: number;
  readonly normalize: Static<typeof normalizeOption>;
}

export interface Corpus {
  /** Tokens by index: the unknown token, then the others by falling count, equal counts in the order of the text. */
  readonly vocabulary: readonly string[];
  readonly indices: Int32Array;
}

const UNKNOWN = '<unk>';

export function readCorpus(text: string, options: CorpusOptions): Corpus {
  const tokens = tokenize(text, options);
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  const known = [...counts].filter(([, count]) => count >= options.minimum_count).toSorted(([, a], [, b]) => b - a);
  const vocabulary = [UNKNOWN, ...known.map(([token]) => token)];
  return { vocabulary, indices: indicesIn(tokens, vocabulary) };
}

/** Another text by a vocabulary that is known, or the same one again: what it does not hold is the unknown token. At most so many, the first ones. */
export const readBy = (
  vocabulary: readonly string[],
  text: string,
  options: Omit<CorpusOptions, 'minimum_count'>,
  most = Infinity,
): Int32Array => indicesIn(tokenize(text, options, most), vocabulary);

function indicesIn(tokens: readonly string[], vocabulary: readonly string[]): Int32Array {
  const index = new Map(vocabulary.map((token, i) => [token, i]));
  return Int32Array.from(tokens, (token) => index.get(token) ?? 0);
}

/** Lines of letters are joined with nothing between them: the book glues the last word of a line to the first of the next. */
function tokenize(text: string, { tokens, normalize }: Omit<CorpusOptions, 'minimum_count'>, most = Infinity): readonly string[] {
  const parts = normalize === 'letters' ? linesOfLetters(text, tokens === 'characters' ? most : Infinity) : [text];
  const found = tokens === 'characters' ? [...parts.join('')] : parts.flatMap((part) => part.split(/\s+/).filter(Boolean));
  return found.length <= most ? found : found.slice(0, most);
}

/** The first lines that have so many letters and spaces together, or all. */
function linesOfLetters(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  let length = 0;
  for (const line of text.split('\n')) {
    if (length >= most) break;
    const letters = onlyLetters(line);
    length += letters.length;
    lines.push(letters);
  }
  return lines;
}

const onlyLetters = (line: string): string =>
  line
    .replace(/[^A-Za-z]+/g, ' ')
    .trim()
    .toLowerCase();
