import { describe, expect, test } from 'vitest';
import { readPublished, suggestNumber } from '../../src/study/claims/published.js';
import { readReference } from '../../src/study/claims/reference.js';

describe('what a source prints', () => {
  test.each([
    ['1.0', 1, 0.1],
    ['1', 1, 1],
    ['0.987', 0.987, 0.001],
    ['67,044.5', 67044.5, 0.1],
    ['1,234,567', 1234567, 1],
    ['1.2e3', 1200, 100],
    ['1.20E-4', 0.00012, 0.000001],
    ['.5', 0.5, 0.1],
    ['5.', 5, 1],
    ['-0.50', -0.5, 0.01],
    ['−0.5', -0.5, 0.1],
    ['+3', 3, 1],
    ['12 %', 0.12, 0.01],
    ['98.7%', 0.987, 0.001],
    [' 1.0 ', 1, 0.1],
    ['12.5%', 0.125, 0.001],
    ['5 %', 0.05, 0.01],
  ])('%s is %f in steps of %f', (text, value, unit) => {
    expect(readPublished(text)).toEqual({ text: text.trim(), value, unit });
  });

  test.each([
    ['0.987 ± 0.003', 0.987, 0.003],
    ['0.987 +- 0.003', 0.987, 0.003],
    ['0.987+/-0.003', 0.987, 0.003],
    ['98.7 ± 0.3 %', 0.987, 0.003],
    ['98.7 % ± 0.3 %', 0.987, 0.003],
    ['98.7% +- 0.3%', 0.987, 0.003],
  ])('%s has a spread', (text, value, plusMinus) => expect(readPublished(text)).toMatchObject({ value, plusMinus }));

  test.each([
    ['0,987', '0.987'],
    ['1.234,5', '1234.5'],
    ['~1.0', '1.0'],
    ['67,044.5 tokens/s', '67,044.5'],
    ['1.0 (cuda)', '1.0'],
    ['12,34.5', undefined],
    ['', undefined],
    ['about one', undefined],
    ['1.0 ±', '1.0'],
    ['1.0 ± -2', '1.0'],
    ['NaN', undefined],
    ['98,7 %', '98.7 %'],
    ['98.7 percent', '98.7 %'],
    ['98,7 per cent', '98.7 %'],
    ['12.5 ％', '12.5 %'],
    ['98.7 % ± 0.3', '98.7 %'],
    ['29 of 30 (97 %)', '29 of 30'],
    ['31 of 30', undefined],
    ['0 of 0', undefined],
  ])('%s is refused; meant was %s', (text, meant) => {
    expect(readPublished(text)).toBeUndefined();
    expect(suggestNumber(text)).toBe(meant);
  });
});

test.each(['29 of 30', '29/30', ' 29 / 30', '29 out of 30', '29 of 30 runs'])('%s counts runs', (text) =>
  expect(readPublished(text)).toEqual({ text: text.trim(), value: 29 / 30, unit: 0, count: { hits: 29, all: 30 } }),
);

describe('references', () => {
  const read = (value: unknown, pointer = '') => readReference(JSON.stringify(value), pointer);

  test('a mapping of printed values to counts keeps its rounding', () => {
    expect(read({ perplexity: { lstm: { '1.0': 2, '1.1': 1 } } }, '/perplexity/lstm')).toEqual({
      reference: { runs: [1, 1, 1.1], printed: 0.1 },
    });
  });

  test('a list of numbers was not rounded', () => {
    expect(read([0.98, 0.99])).toEqual({ reference: { runs: [0.98, 0.99], printed: 0 } });
  });

  test('the rounding may stand beside or inside', () => {
    expect(read({ printed: 0.01, runs: [0.98, 0.99] }, '/runs')).toMatchObject({ reference: { printed: 0.01 } });
    expect(read({ values: [0.98, 0.99], printed: 0.001, diverged: 2 })).toEqual({
      reference: { runs: [0.98, 0.99], printed: 0.001, diverged: 2 },
    });
  });

  test('lines of JSON are runs', () => {
    const lines = '{"seed": 1, "accuracy": [0.1, 0.9]}\n{"seed": 2, "accuracy": [0.2, 0.8]}\n';
    expect(readReference(lines, '/accuracy/1', true)).toEqual({ reference: { runs: [0.9, 0.8], printed: 0 } });
  });

  test.each([
    [{ perplexity: { lstm: [1, 2] } }, '/perplexity/lstn', 'no-reference', 'did you mean "lstm"?'],
    [{ lstm: 'x' }, '/lstm', 'bad-reference', undefined],
    [{ lstm: { '1.0': 1.5 } }, '/lstm', 'bad-reference', undefined],
    [{ lstm: { about: 3 } }, '/lstm', 'bad-reference', undefined],
    [{ lstm: [] }, '/lstm', 'bad-reference', undefined],
    [{ lstm: ['29/30', '28/30'] }, '/lstm', 'bad-reference', undefined],
  ])('%j at %s: %s', (value, pointer, code, help) => {
    const found = read(value, pointer);
    if (!('words' in found)) throw new Error('was read');
    expect(found.words.code).toBe(code);
    if (help) expect(found.words.help).toBe(help);
  });

  test('a run that is missing is told, and left out by nobody', () => {
    const wordsOf = (found: ReturnType<typeof readReference>): string => ('words' in found ? found.words.message : 'was read');
    expect(wordsOf(read({ runs: [0.98, null, 0.99] }, '/runs'))).toBe('run 2 of the 3 of this reference is no number: null');
    expect(wordsOf(read({ runs: [0.98, 'NaN'] }, '/runs'))).toBe('run 2 of the 2 of this reference is no number: "NaN"');
    expect(wordsOf(read({ runs: { '1.0': 3, about: 1 } }, '/runs'))).toBe(
      '"about": 1 in this reference is no value with how often it was found',
    );
    const lines = '{"accuracy": [0.1, 0.9]}\n\n{"accuracy": [0.2]}\n{"accuracy": [0.3, 0.7]}\n{}\n';
    expect(wordsOf(readReference(lines, '/accuracy/1', true))).toBe('lines 3 and 5 of the reference have nothing at "/accuracy/1"');
    expect(wordsOf(readReference(lines, '/loss', true))).toBe('the reference has nothing at "/loss"');
  });
});
