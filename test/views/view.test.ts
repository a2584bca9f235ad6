import { describe, expect, it } from 'vitest';
import { formatView, parseView, viewRows, wrongView } from '../../src/views/view.js';
import { VIEWS } from './views.js';

const MAY_LACK = ['bands', 'around', 'note', 'shares'];

describe.each(VIEWS.map((view) => [view.kind, view] as const))('a view of kind %s', (_, view) => {
  it('is taken as it is', () => expect(wrongView(view)).toBeUndefined());

  it('comes back from a record', () => {
    const recorded = { key: 'test/confusion_matrix', epoch: 3, view };
    expect(parseView(formatView(recorded))).toEqual(recorded);
  });

  it('lacks none of its parts', () => {
    for (const part of Object.keys(view).filter((name) => !MAY_LACK.includes(name)))
      expect(wrongView({ ...view, [part]: undefined }), part).toBeDefined();
    for (const part of MAY_LACK) expect(wrongView({ ...view, [part]: undefined }), part).toBeUndefined();
  });

  it('has rows of numbers for a file', () => {
    const [headings = [], ...rows] = viewRows(view);
    for (const row of rows) expect(row).toHaveLength(headings.length);
    expect(rows.length).toBeGreaterThan(0);
  });
});

const weighed = (changes: object) => ({
  kind: 'tokens',
  separator: ' ',
  rows: [{ name: 'line 7', note: '', tokens: ['a', 'b'], weights: [0, 1], ...changes }],
});

it.each([
  ['a matrix of too few rows', { ...VIEWS[0], values: [[1, 2]] }, 'its "values" hold 1 rows, and there are names for 2'],
  [
    'a matrix of ragged rows',
    { ...VIEWS[0], values: [[1, 2], [3]] },
    'a row of its "values" holds 1 numbers, and there are names for 2 columns',
  ],
  ['shares of what there is not', { ...VIEWS[0], shares: 'columns' }, 'its "shares" must be rows'],
  ['a series of too many values', { ...VIEWS[3], at: ['1960-01'] }, 'its line "truth" holds 2 values, and "at" names 1 places'],
  ['a kind that there is not', { kind: 'cake' }, 'its "kind" must be matrix, curve, bars, series, histogram, tokens or text'],
  [
    'a band of too few values',
    { ...VIEWS[3], bands: [{ name: '80 %', low: [1], high: [2, 3] }] },
    'its band "80 %" holds 1 and 2 values, and "at" names 2 places',
  ],
  [
    'a band without its high side',
    { ...VIEWS[3], bands: [{ name: '80 %', low: [1, 2] }] },
    'its "bands" must be a list of names with numbers "low" and "high"',
  ],
  ['a level that is no number', { ...VIEWS[3], around: 'zero' }, 'its "around" must be a number'],
  ['a note that is no text', { ...VIEWS[4], note: 3 }, 'its "note" must be a text'],
  ['a histogram without width', { ...VIEWS[4], width: 0 }, 'its "width" must be above 0'],
  ['a histogram that begins nowhere', { ...VIEWS[4], from: Number.NaN }, 'its "from" must be a number'],
  ['a text of too few weights', weighed({ weights: [1] }), 'its row "line 7" holds 1 weights, and there are 2 tokens'],
  [
    'a weight below 0',
    weighed({ weights: [1, -0.5] }),
    'its "rows" must be a list of a name, a note, tokens (texts) and weights (numbers from 0 on) each',
  ],
  ['no object', 'cat', 'it is no object'],
])('%s is told', (_, view, told) => expect(wrongView(view)).toBe(told));

it('what is no view is read as none', () => {
  for (const text of ['', '{', 'null', '{"key": "test/x", "epoch": 1, "view": {"kind": "text"}}']) expect(parseView(text)).toBeUndefined();
});
