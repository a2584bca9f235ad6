import type { Problem } from '../../../diagnostics/diagnostic.js';
import { formatCount, percent, plural } from '../../../diagnostics/numbers.js';
import { quote } from '../../../diagnostics/words.js';
import type { Fact } from '../../stage.js';

// Everything that is said of texts and of sentences whose words are tagged.

/** A value, for a person: where it stands, the name of its column, what is written there. */
export interface Value {
  readonly place: string;
  readonly column: string;
  readonly text?: string;
}

const FILE = ['file'];
const at = ({ place, column }: Value): string => `${place}: ${quote(column)}`;

export const noTexts = (): Problem => ({ code: 'empty-file', path: FILE, message: 'the file holds no text' });

export const nestedValue = (value: Value): Problem => ({
  code: 'nested-value',
  path: FILE,
  message: `${at(value)} holds a list or a mapping where a word stands`,
  help: 'write a text, or a list of words',
});

export const missingValue = (value: Value, isText: boolean): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${at(value)} ${value.text ? `is missing: ${value.text}` : isText ? 'holds no token' : 'is empty'}`,
  help: `write missing: drop to leave such rows out${value.text ? `; if ${quote(value.text)} is a value here, write missing_values: []` : ''}`,
});

export const nothingLeft = (dropped: number): Problem => ({
  code: 'empty-file',
  path: ['missing'],
  message: `a value is missing in each of the ${plural(dropped, 'row')}, and none is left`,
  help: 'name other columns',
});

export function leftOut(dropped: readonly string[], all: number): readonly Fact[] {
  if (dropped.length === 0) return [];
  const shown = dropped.slice(0, 5).join(', ');
  return [
    {
      key: 'missing-dropped',
      name: 'rows left out',
      value: `${formatCount(dropped.length)} of ${formatCount(all)}`,
      note: `A value is missing in them (missing: drop): ${shown}${dropped.length > 5 ? ', …' : ''}.`,
    },
  ];
}

export const twoSplits = (one: string, other: string): Problem => ({
  code: 'two-splits',
  path: [other],
  at: 'key',
  message: `${one} and ${other} both say who ${other === 'validation_file' ? 'validates' : other === 'test_file' ? 'tests' : 'trains'}`,
  help: 'leave one of them out',
});

export const allUnknown = (least: number): Problem => ({
  code: 'empty-vocabulary',
  path: ['minimum_count'],
  message: `no token occurs ${formatCount(least)} times in training, so that all are the unknown token`,
  help: 'write minimum_count: 1, or add texts',
});

/** Words of a language that writes no blanks are one word a text. */
export const oneToken = (share: number): Problem => ({
  code: 'one-step-sequences',
  severity: 'warning',
  path: ['tokens'],
  message: `${percent(share, 2)} of the texts are one token, in which a recurrent model has nothing to remember`,
  help: 'in a language without blanks between words write tokens: characters',
});

export const classTold = (names: readonly string[]): Problem => ({
  code: 'sees-the-answer',
  severity: 'warning',
  path: ['text'],
  message: `the texts hold the names of their own classes, and of no other: ${names.slice(0, 3).map(quote).join(', ')}${names.length > 3 ? ', …' : ''}`,
  help: 'take the label out of the texts',
});

export const standInTwo = (
  { split, earlier, count, of }: { readonly split: string; readonly earlier: string; readonly count: number; readonly of: number },
  noun: string,
  [place, equal]: readonly [string, string],
): Problem => ({
  code: 'duplicates-across-splits',
  severity: 'warning',
  path: FILE,
  message: `${formatCount(count)} of ${formatCount(of)} ${noun} of ${split} stand in ${earlier} too, word for word: ${place} is ${equal}`,
  help: 'what trained may be known by heart: keep one of each',
});

export const manyUnknown = (share: number, trained: number, most: string): Problem => ({
  code: 'unknown-tokens',
  severity: 'warning',
  path: FILE,
  message: `${percent(share, 2)} of the tokens are unknown to the model, against ${percent(trained, 2)} of what it was trained on: ${most}, …`,
  help: 'it reads them all as one unknown token: take its answers with caution',
});

export const untrainedUnknown = `Training shows no unknown token, so nothing is learnt of words that it does not know: minimum_count: 2 would change that.`;

export const cutNote = (end: 'end' | 'beginning', most: number): string =>
  `Of a longer text the ${end === 'end' ? 'first' : 'last'} ${formatCount(most)} tokens are read (maximum_length, cut: ${end}).`;

export const piecesNote = (most: number): string =>
  `A longer sentence is read in pieces of ${formatCount(most)} tokens, and no token is left out.`;

// Files of tagged words

export const noSentence = (): Problem => ({
  code: 'missing-option',
  path: [],
  message: 'a row of CSV is a word, and nothing says of which sentence',
  help: 'name the column: sentence: COLUMN',
});

export const unequalLists = (place: string, words: number, tags: number): Problem => ({
  code: 'ragged-lists',
  path: FILE,
  message: `${place} has ${plural(words, 'word')} and ${plural(tags, 'tag')}`,
  help: 'every word has one tag',
});

export const untagged = (value: Value, word: number): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${value.place}: word ${formatCount(word)} of the sentence has no tag in ${quote(value.column)}`,
  help: 'write the tag, as O for a word that belongs to no name',
});

export const noSuchColumn = (option: string, index: number, columns: number): Problem => ({
  code: 'missing-column',
  path: [option],
  message: `the file has ${plural(columns, 'column')}, counted from 0, and none with the number ${index}`,
  help: 'write a smaller number',
});

export const columnByNumber = (option: string, name: string): Problem => ({
  code: 'missing-column',
  path: [option],
  message: `columns of a CoNLL file have no names, and ${quote(name)} is one`,
  help: `write its number, counted from 0: ${option}: 0`,
});
