import { describe, expect, it } from 'vitest';
import { formatView, parseView, viewRows, wrongView } from '../../src/views/view.js';
import { VIEWS } from './views.js';

describe.each(VIEWS.map((view) => [view.kind, view] as const))('a view of kind %s', (_, view) => {
  it('is taken as it is', () => expect(wrongView(view)).toBeUndefined());

  it('comes back from a record', () => {
    const recorded = { key: 'test/confusion_matrix', epoch: 3, view };
    expect(parseView(formatView(recorded))).toEqual(recorded);
  });

  it('lacks none of its parts', () => {
    for (const part of Object.keys(view)) expect(wrongView({ ...view, [part]: undefined }), part).toBeDefined();
  });

  it('has rows of numbers for a file', () => {
    const [headings = [], ...rows] = viewRows(view);
    for (const row of rows) expect(row).toHaveLength(headings.length);
    expect(rows.length).toBeGreaterThan(0);
  });
});

it.each([
  ['a matrix of too few rows', { ...VIEWS[0], values: [[1, 2]] }, 'its "values" hold 1 rows, and there are names for 2'],
  [
    'a matrix of ragged rows',
    { ...VIEWS[0], values: [[1, 2], [3]] },
    'a row of its "values" holds 1 numbers, and there are names for 2 columns',
  ],
  ['a series of too many values', { ...VIEWS[3], at: ['1960-01'] }, 'its line "truth" holds 2 values, and "at" names 1 places'],
  ['a kind that there is not', { kind: 'cake' }, 'its "kind" must be matrix, curve, bars, series or text'],
  ['no object', 'cat', 'it is no object'],
])('%s is told', (_, view, told) => expect(wrongView(view)).toBe(told));

it('what is no view is read as none', () => {
  for (const text of ['', '{', 'null', '{"key": "test/x", "epoch": 1, "view": {"kind": "text"}}']) expect(parseView(text)).toBeUndefined();
});
