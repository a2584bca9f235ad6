import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatMeasure, formatSetting } from '../../src/diagnostics/numbers.js';
import { visibleWidth } from '../../src/diagnostics/columns.js';
import { brailleCurve } from '../../src/report/kit/scale.js';
import { describeRun, epochLine, type Progress, progressLine } from '../../src/report/run/summary.js';
import { cut, textTable, wrap } from '../../src/report/kit/tables.js';
import fc from '../support/properties.js';
import { points, RUN } from './fixture.js';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [62_500, '62,500'],
    [-1_234_567, '-1,234,567'],
    [1234.5678, '1,234.5678'],
    [1e21, '1e+21'],
    [Number.NaN, 'NaN'],
  ])('counts %d as %s', (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it.each([
    [0.98731, '0.9873'],
    [0.99999, '1.000'],
    [0.5, '0.5000'],
    [12_345.6, '12,346'],
    [0.000123456, '0.0001235'],
    [0.0000123, '1.230e-5'],
    [2.5e12, '2.500e12'],
    [-0.25, '-0.2500'],
    [0, '0'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('measures %d as %s', (value, text) => {
    expect(formatMeasure(value)).toBe(text);
  });

  it.each([
    [0.1767766952966369, '0.1768'],
    [0.5, '0.5'],
    [1e-8, '1e-8'],
    [1e25, '1e25'],
  ])('sets %d as %s', (value, text) => {
    expect(formatSetting(value)).toBe(text);
  });

  it('reads back as what it says, to its digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), (value) => {
        expect(Number(formatMeasure(value, 6).replaceAll(',', '')) - value).toBeLessThanOrEqual(Math.abs(value) * 1e-5);
        expect(value - Number(formatMeasure(value, 6).replaceAll(',', ''))).toBeLessThanOrEqual(Math.abs(value) * 1e-5);
      }),
    );
  });

  it.each([
    [0.0042, '4 ms'],
    [0.42, '0.4 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [72, '1 min 12 s'],
    [3599.7, '1 h'],
    [7500, '2 h 5 min'],
    [273_600, '3 d 4 h'],
    [Number.NaN, 'unknown'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [999_999, '1 MB'],
    [123_456_789, '123 MB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('text', () => {
  it('lays out columns by what a terminal shows', () => {
    const table = textTable(
      [
        ['\u001b[1mname\u001b[22m', 'n'],
        ['日本', '1,000'],
        ['e\u0301', ''],
      ],
      ['left', 'right'],
    );
    expect(table).toEqual(['\u001b[1mname\u001b[22m      n', '日本  1,000', 'e\u0301']);
  });

  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['日本語', 4, '日…'],
    ['𠮷𠮷', 3, '𠮷…'],
    ['a👨‍👩‍👧b👨‍👩‍👧', 5, 'a👨‍👩‍👧b…'],
    ['한국어', 5, '한국…'],
    ['abc', 0, ''],
  ])('cuts %s to %d columns', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  it('lines up names in any script', () => {
    const names = ['ascii', '日本', '𠮷野', 'ｆｕｌｌ', '👨‍👩‍👧', 'e\u0301', 'ไทย', '한국', '🇩🇪'];
    const lines = textTable(names.map((name) => [name, '|']));
    expect(lines.map((line) => visibleWidth(line.slice(0, line.indexOf('|'))))).toEqual(names.map(() => 10));
    expect(names.map(visibleWidth)).toEqual([5, 4, 4, 8, 2, 1, 3, 4, 2]);
  });

  it('wraps between words and loses none', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('unbreakable', 3)).toEqual(['unbreakable']);
    expect(wrap('', 3)).toEqual([]);
  });
});

describe('progressLine', () => {
  const progress: Progress = {
    epoch: 12,
    epochs: 50,
    share: 0.5,
    loss: 0.025156,
    metrics: { 'test/exact_match': 0.9165, 'test/bit_accuracy': 0.9871 },
    speed: { perSecond: 145_312, of: 'examples' },
    secondsLeft: 72.3,
  };

  it.each([
    [
      160,
      'epoch 12/50  ━━━━━━──────────────────  loss 0.02516   test/exact_match 0.9165    test/bit_accuracy 0.9871    145,000 examples/s  1 min 12 s left',
    ],
    [110, 'epoch 12/50  ━━──────  loss 0.02516   test/exact_match 0.9165    test/bit_accuracy 0.9871    1 min 12 s left'],
    [80, 'epoch 12/50  ━─────  loss 0.02516   test/exact_match 0.9165    1 min 12 s left'],
    [50, 'epoch 12/50  loss 0.02516   1 min 12 s left'],
  ])('uses %d columns for what matters most', (width, line) => {
    expect(progressLine(progress, width)).toBe(line);
  });

  it('keeps its length and that of its bar, whatever the numbers come to', () => {
    const bar = (changed: Partial<Progress>): number => (/[━─]+/.exec(progressLine({ ...progress, ...changed }, 110))?.[0] ?? '').length;
    const bars = [
      {},
      { loss: 12.3456 },
      { loss: 0.0012345 },
      { secondsLeft: 4 },
      { secondsLeft: 7200 },
      { metrics: { 'test/exact_match': undefined, 'test/bit_accuracy': undefined } },
    ].map(bar);
    expect(new Set(bars)).toEqual(new Set([8]));
  });

  it('never wraps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 1e6 }), fc.double(), (width, epoch, loss) => {
        expect(visibleWidth(progressLine({ ...progress, epoch, epochs: 1e6, loss }, width))).toBeLessThan(Math.max(width, 1));
      }),
    );
  });

  it('needs nothing but the epoch', () => {
    expect(progressLine({ epoch: 1, epochs: 1, share: 0 }, 40)).toBe(`epoch 1/1  ${'─'.repeat(24)}`);
  });
});

describe('epochLine', () => {
  it('is one line of a log', () => {
    const metrics = { 'train/loss': 0.151, 'test/exact_match': 0.095 };
    expect(epochLine({ epoch: 3, epochs: 50, metrics, seconds: 0.601, speed: { perSecond: 133_123, of: 'examples' } })).toBe(
      'epoch  3/50  train/loss 0.1510  test/exact_match 0.09500  0.6 s  133,000 examples/s',
    );
  });
});

describe('brailleCurve', () => {
  it('draws a falling line from the upper left to the lower right', () => {
    expect(brailleCurve(points(1, 0.75, 0.5, 0.25, 0), { width: 4, height: 2 })).toEqual(['⠑⢄⠀⠀', '⠀⠀⠑⢄']);
  });

  it('leaves a gap where there is no number, and is empty without one', () => {
    expect(brailleCurve(points(1, 1, Number.NaN, 1, 1), { width: 4, height: 1 }).join('')).toBe('⠤⠄⠠⠤');
    expect(brailleCurve(points(Number.NaN, Number.POSITIVE_INFINITY), { width: 4, height: 1 })).toEqual([]);
    expect(brailleCurve([], { width: 4, height: 1 })).toEqual([]);
  });
});

describe('describeRun', () => {
  it('tells the result, what to compare it with, and where to look further', () => {
    expect(`\n${describeRun(RUN)}`).toMatchInlineSnapshot(`
      "
      lstm_addition  finished: 20 epochs in 13 s, 145,000 examples/s; run 3f2a9c44, seed 1

                           last  best              chance
      train/loss        0.01600  0.01600 epoch 20
      test/loss         0.01440  0.01440 epoch 20
      test/exact_match   0.9710  0.9710 epoch 20    0.009

      0.25 ⠢⢄⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
           ⠀⠀⠈⠑⠢⠤⢄⣀⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
           ⠀⠀⠀⠀⠀⠀⠀⠀⠈⠑⠒⠢⠤⠤⠤⠤⢄⣀⣀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
         0 ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠉⠉⠑⠒⠒⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤  train/loss

      99.2 % of the test pairs were trained on: they test memory. For new pairs set dataset.held_out.

      record  runs/123456789012345678/3f2a9c44b1d04e0c8f6a7d5e2b1c0a99

      npx retable show 3f2a    all numbers of this run
      npx retable report 3f2a  one page with curves
      "
    `);
  });

  it('tells of a run that diverged, without a best where no direction is known', () => {
    const metrics = new Map([
      ['train/loss', points(0.2, 0.5, Number.NaN)],
      ['test/unknown', points(1, 2, 3)],
    ]);
    const text = describeRun({ ...RUN, status: 'diverged', metrics, chance: {}, notes: ['The loss was NaN at step 2,501.'] });
    expect(text).toContain('diverged: 3 epochs in 13 s; run 3f2a9c44, seed 1');
    expect(text).toMatch(/train\/loss +NaN +0\.2000 epoch 1\n/);
    expect(text).toMatch(/test\/unknown +3\.000\n/);
    expect(text).not.toContain('chance');
  });

  it('tells of a run that recorded nothing', () => {
    expect(describeRun({ ...RUN, status: 'killed', metrics: new Map(), notes: [] })).toContain('no metric was recorded');
  });
});
