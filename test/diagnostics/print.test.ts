import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { visible, visibleWidth } from '../../src/diagnostics/columns.js';
import { nearest } from '../../src/diagnostics/words.js';
import { printDiagnostics } from '../../src/diagnostics/print.js';

const diagnostic = (text: string, column: number, length: number): Diagnostic => ({
  code: 'code',
  severity: 'error',
  message: 'message',
  place: { file: 'f.yaml', line: 7, column, length, text },
});

const caretLine = (text: string, column: number, length: number) =>
  printDiagnostics([diagnostic(text, column, length)], { color: false }).split('\n')[2]?.slice('      | '.length);

describe('carets stand under what they mean', () => {
  test.each([
    ['a: bcd', 4, 3, '   ^^^'],
    ['\ta:\tbcd', 5, 3, '\t  \t^^^'],
    ['日本: x', 5, 1, '      ^'],
    ['日本: x', 1, 2, '^^^^'],
    ['e\u0301: x', 5, 1, '   ^'],
    ['🙂: x', 4, 1, '    ^'],
    ['', 1, 1, '^'],
    ['ab', 3, 1, '  ^'],
  ])('%j %i+%i', (text, column, length, carets) => expect(caretLine(text, column, length)).toBe(carets));
});

describe('a long line', () => {
  const text = `${'a'.repeat(300)}XYZ${'b'.repeat(300)}`;

  test.each([
    [301, 3, 'XYZ'],
    [1, 3, 'aaa'],
    [601, 3, 'bbb'],
  ])('is cut around column %i', (column, length, marked) => {
    const [, line = '', carets = ''] = printDiagnostics([diagnostic(text, column, length)], { color: false }).split('\n');
    expect(line.length).toBeLessThan(135);
    expect(line.slice(carets.indexOf('^'), carets.indexOf('^') + length)).toBe(marked);
  });

  test('what is longer than the window is marked as far as it is seen', () => {
    expect(caretLine(text, 1, 603)?.length).toBeLessThanOrEqual(121);
  });
});

test('the summary counts, and names the file when there is one', () => {
  const one = diagnostic('a', 1, 1);
  const last = (...all: Diagnostic[]) => printDiagnostics(all, { color: false }).split('\n').at(-1);
  expect(last(one)).toBe('1 error in f.yaml');
  expect(last(one, one, { ...one, severity: 'warning' })).toBe('2 errors, 1 warning in f.yaml');
  expect(last(one, { ...one, place: { file: 'g.yaml', line: 1, column: 1, length: 1, text: '' } })).toBe('2 errors in 2 files');
});

test('colour adds nothing but colour', () => {
  const report = printDiagnostics([{ ...diagnostic('a: b', 1, 1), help: 'help' }], { color: true });
  const plain = printDiagnostics([{ ...diagnostic('a: b', 1, 1), help: 'help' }], { color: false });
  expect(report).not.toBe(plain);
  // oxlint-disable-next-line no-control-regex
  expect(report.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
});

test('a diagnostic without a place has no gutter', () => {
  const report = printDiagnostics([{ code: 'missing-file', severity: 'error', message: 'there is no file x', help: 'y' }], { color: false });
  expect(report).toBe('error[missing-file]: there is no file x\n  help: y\n\n1 error');
});

test.each([
  ['a', 1],
  ['日', 2],
  ['ｆ', 2],
  ['\u0301', 0],
  ['\u200d', 0],
  ['🙂', 2],
  ['𠮷', 2],
  ['👨‍👩‍👧', 2],
  ['ไทย', 3],
])('%j takes %i columns', (character, columns) => expect(visibleWidth(character)).toBe(columns));

test('control characters can be seen', () => expect(['\0', '\u001b', '\u007f', '\t', 'a'].map(visible)).toEqual(['␀', '␛', '␡', '\t', 'a']));

describe('the word that was probably meant', () => {
  const keys = ['kind', 'implementation', 'hidden_size', 'readout', 'learning_rate', 'epochs', 'batch_size', 'shuffle'];
  test.each([
    ['hiden_size', 'hidden_size'],
    ['hidden-size', 'hidden_size'],
    ['Hidden Size', 'hidden_size'],
    ['hiddenSize', 'hidden_size'],
    ['lr', 'learning_rate'],
    ['epoch', 'epochs'],
    ['batchsize', 'batch_size'],
    ['hidden', 'hidden_size'],
    ['shufle', 'shuffle'],
    ['knid', 'kind'],
    ['size', undefined],
    ['momentum', undefined],
    ['x', undefined],
    ['', undefined],
  ])('%s: %s', (word, meant) => expect(nearest(word, keys)).toBe(meant));
});
