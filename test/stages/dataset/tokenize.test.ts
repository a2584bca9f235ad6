import { expect, test } from 'vitest';
import { tokenize, TokenTable } from '../../../src/stages/dataset/tokens/tokenize.js';
import { vocabularyOf } from '../../../src/stages/dataset/tokens/vocabulary.js';

const cut = (text: string, tokens: 'words' | 'characters' = 'words', lower_case = true): readonly string[] => {
  const table = new TokenTable();
  return [...tokenize(text, { tokens, lower_case }, table)].map((id) => table.tokens[id] ?? '');
};

test.each<readonly [text: string, words: readonly string[]]>([
  ['', []],
  ['   \n\t ', []],
  ['It is great!', ['it', 'is', 'great', '!']],
  ["Don't stop, it's 3.14 or 1,000.", ["don't", 'stop', ',', "it's", '3.14', 'or', '1,000', '.']],
  ["'quoted' l’été", ["'", 'quoted', "'", 'l’été']],
  ['well-known (really)', ['well', '-', 'known', '(', 'really', ')']],
  ['End.Begin 5.x', ['end', '.', 'begin', '5', '.', 'x']],
  ['Straße ÄÖÜ naïve', ['straße', 'äöü', 'naïve']],
  ['cafe\u0301', ['café']],
  ['我爱北京 hello', ['我', '爱', '北', '京', 'hello']],
  ['カメラ が', ['カ', 'メ', 'ラ', 'が']],
  ['Это хорошо?', ['это', 'хорошо', '?']],
  ['good 👍🏽 film 😀😀', ['good', '👍', '🏽', 'film', '😀', '😀']],
  ['a\u00a0b\u3000c\ufeffd', ['a', 'b', 'c', 'd']],
  ['x2 2x _y', ['x2', '2x', '_', 'y']],
])('words of %j', (text, words) => expect(cut(text)).toEqual(words));

test('upper and lower case are two where that is asked for', () => {
  expect(cut('The the', 'words', false)).toEqual(['The', 'the']);
});

test('characters are code points, and blanks in a row are one', () => {
  expect(cut(' Ab \n c😀', 'characters')).toEqual(['a', 'b', ' ', 'c', '😀']);
});

test('a token has one number, in the order in which tokens are met', () => {
  const table = new TokenTable();
  expect([...tokenize('b a b c a', { tokens: 'words', lower_case: true }, table)]).toEqual([0, 1, 0, 2, 1]);
  expect(table.tokens).toEqual(['b', 'a', 'c']);
});

test('a vocabulary holds the unknown token, then others by falling count, equal ones as they are met', () => {
  const table = new TokenTable();
  const trained = ['b a b c a', 'a d <unk>'].map((text) => tokenize(text, { tokens: 'words', lower_case: true }, table));
  const known = (minimum_count: number, vocabulary_size?: number) =>
    vocabularyOf(trained, table.tokens, { minimum_count, ...(vocabulary_size !== undefined && { vocabulary_size }) });
  expect(known(1)).toEqual({ vocabulary: ['<unk>', 'a', 'b', 'c', 'd', '<', 'unk', '>'], distinct: 7 });
  expect(known(2).vocabulary).toEqual(['<unk>', 'a', 'b']);
  expect(known(1, 1).vocabulary).toEqual(['<unk>', 'a']);
});
