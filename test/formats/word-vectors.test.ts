import { expect, test } from 'vitest';
import { readWordVectors } from '../../src/formats/word-vectors.js';

const read = (text: string | Uint8Array, ...words: readonly string[]) => {
  const { size, found } = readWordVectors(typeof text === 'string' ? new TextEncoder().encode(text) : text, (word) => words.includes(word));
  return [size, Object.fromEntries(Array.from(found, ([word, vector]) => [word, [...vector]]))];
};

test.each([
  ['GloVe', 'the 0.5 -1 2e-1\ncat 1 2 3\n'],
  ['word2vec, with a blank at the end of lines', '2 3\nthe 0.5 -1 0.2 \ncat 1 2 3 \n'],
  ['fastText on Windows, without an end of the last line', '2 3\r\nthe 0.5 -1 0.2\r\ncat 1 2 3'],
  ['tabs', 'the\t0.5\t-1\t0.2\ncat\t1\t2\t3\n'],
])('%s', (_, text) => {
  expect(read(text, 'cat', 'the', 'dog')).toEqual([3, { the: [0.5, -1, Math.fround(0.2)], cat: [1, 2, 3] }]);
});

test('only what is asked for is kept, and of a word that is there twice the first', () => {
  expect(read('a 1 2\nb 3 4\na 5 6\n', 'a')).toEqual([2, { a: [1, 2] }]);
});

test('a word may be a number, hold blanks, or letters of any kind', () => {
  expect(read('word 1 2\n7 3 4\n. . . 5 6\nŁódź 7 8\n', '7', '. . .', 'Łódź')).toEqual([2, { 7: [3, 4], '. . .': [5, 6], Łódź: [7, 8] }]);
});

test('numbers of words that nobody asks for are not looked at', () => {
  expect(read('a 1 2\nb x y\n', 'a')).toEqual([2, { a: [1, 2] }]);
});

test.each([
  ['', 'it is empty'],
  ['\n', 'line 1 holds no word with its numbers'],
  ['a 1 2\nb 3\n', 'line 2 holds no word with 2 numbers'],
  ['a 1 2\nb 3 x\n', 'line 2 holds something else than 2 numbers behind "b"'],
  ['a 1 nan\n', 'line 1 holds something else than 2 numbers behind "a"'],
  [Uint8Array.of(0x1f, 0x8b, 8, 0), 'it is a gzip file: unpack it first'],
  [Uint8Array.of(0x50, 0x4b, 3, 4, 20), 'it is a zip file: unpack it first'],
])('%j: %s', (text, message) => expect(() => read(text, 'a', 'b')).toThrow(message));
