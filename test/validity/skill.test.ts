import { expect, test } from 'vitest';
import { skillNotes } from '../../src/run/skill.js';

/** What a run says of its error beside those of forecasts that need no learning. */

const KEY = 'test/mean_absolute_error';
/** On training data the mean is the best; of the test, which lies higher, it knows nothing. */
const TREND = {
  'train/mean_absolute_error': { persistence: 8, drift: 9, mean: 5 },
  [KEY]: { persistence: 10, drift: 9, mean: 30 },
};
const skill = { split: 'test', naive: 'mean', skill: 0, findings: [] };

test.each([
  ['no better than the last value', TREND, 10.5, [], `${KEY} is no better than persistence: 10.50, and persistence has 10.00.`],
  [
    'better than all',
    TREND,
    6,
    [{ ...skill, low: 0.7, high: 0.9 }],
    `${KEY} is better than the best naive forecast by 80 % (70 to 90): 6.000, and mean has 30.00; on the test itself the best of them is drift with 9.000, and this is better by 33 %.`,
  ],
  [
    'better than what was the best in training, and worse than another one',
    TREND,
    9.5,
    [],
    `${KEY} is better than the best naive forecast by 68 %: 9.500, and mean has 30.00; on the test itself the best of them is drift with 9.000, and this is no better.`,
  ],
  [
    'better than one that is the best on both',
    { ...TREND, [KEY]: { persistence: 12, drift: 13, mean: 10 } },
    8,
    [],
    `${KEY} is better than the best naive forecast by 20 %: 8.000, and mean has 10.00.`,
  ],
  [
    'better than one that is nearly the best',
    { ...TREND, [KEY]: { persistence: 12, drift: 9.999, mean: 10 } },
    8,
    [],
    `${KEY} is better than the best naive forecast by 20 %: 8.000, and mean has 10.00.`,
  ],
  [
    'an interval that reaches below nothing',
    TREND,
    9,
    [{ ...skill, low: -0.1, high: 0.2 }],
    `${KEY} is no better than the best naive forecast: 9.000, and mean has 30.00; the skill lies at -10 to 20 %.`,
  ],
])('%s', (_, baselines, value, kept, said) => {
  const metrics = new Map([[KEY, [{ step: 1, value, timestamp: 0 }]]]);
  expect(skillNotes({ metrics, baselines, about: {} }, kept)).toEqual([said]);
});

test('nothing is said of what is no error: more is better there', () => {
  const metrics = new Map([['test/r2', [{ step: 1, value: 0.9, timestamp: 0 }]]]);
  const given = { metrics, baselines: { 'test/r2': { persistence: 0.8, mean: -0.1 } } };
  expect(skillNotes({ ...given, about: { r2: { better: 'higher', unit: '' } } }, [])).toEqual([]);
});
