import { expect, test } from 'vitest';
import { FilterError, parseFilter, parseOrder } from '../../src/record/filter.js';
import type { RunSummary } from '../../src/record/summary.js';

const point = (value: number) => ({ value, step: 1, timestamp: 1 });
const run = (change: Partial<RunSummary>): RunSummary => ({
  id: 'ab12',
  experimentId: '1',
  experiment: 'addition',
  name: 'addition seed 1',
  user: 'ada',
  status: 'FINISHED',
  startTime: 1000,
  endTime: null,
  artifactUri: '',
  deleted: false,
  place: { experimentId: '1', runId: 'ab12', folder: '' },
  parameters: { seed: '1', 'model.hidden_size': '32' },
  tags: { 'mlflow.user': 'ada', note: "it's 100% (fine)" },
  latest: { 'train/loss': point(0.5), 'test/loss': point(NaN), 'a b': point(Infinity) },
  ...change,
});

test.each([
  ['metrics.`train/loss` < 1.2', true],
  ['metrics."train/loss" < .5', false],
  ["metrics.train/loss <= 0.5 AND params.seed = '1'", true],
  ['metric.`train/loss` >= 5e-1 and parameter.seed != "1"', false],
  ['metrics.`test/loss` < 1', false],
  ['metrics.`test/loss` > 1', false],
  ['metrics.`a b` = inf', true],
  ['metrics.missing != 1', false],
  ['params."model.hidden_size" = \'32\'', true],
  ['params.model.hidden_size > 4', true],
  ["tags.`mlflow.user` LIKE 'a%'", true],
  ["tags.`mlflow.user` like 'A_A'", false],
  ["tags.`mlflow.user` ILIKE 'A_A'", true],
  ['tags.note LIKE "%100% (fine)"', true],
  ["status = 'FINISHED'", true],
  ["attributes.status IN ('FAILED', 'FINISHED')", true],
  ["attributes.status NOT IN ('FAILED')", true],
  ['attributes.start_time > 999', true],
  ['attributes.end_time > 0', false],
  ["attributes.experiment = 'addition'", true],
])('%s is %s', (text, expected) => expect(parseFilter(text)(run({}))).toBe(expected));

test.each([
  ['', /a name is missing/, 1],
  ['metrics.a', /a comparison is missing/, 10],
  ['metrics.a <', /a value is missing/, 12],
  ['metrics.a < 1 or metrics.b < 2', /AND is expected, not or/, 15],
  ['metrics.a ~ 1', /a comparison is expected, not ~/, 11],
  ['tags.a = b', /text stands in quotes: 'b'/, 10],
  ['loss < 1', /there is no attribute "loss"/, 1],
  ['metrik.a < 1', /begins with none of/, 1],
  ["tags.a = 'b", /can't be read/, 10],
])('%s is refused with its place', (text, message, column) => {
  const refused = (() => {
    try {
      return parseFilter(text);
    } catch (error) {
      return error;
    }
  })();
  if (!(refused instanceof FilterError)) throw new Error('it was taken');
  expect(refused.message).toMatch(message);
  expect(refused.column).toBe(column);
});

test('an order puts numbers in order as numbers, and gaps last', () => {
  const runs = ['10', '9', undefined, '1e3'].map((size, i) => run({ id: String(i), parameters: size === undefined ? {} : { size } }));
  const order = (text: string): string =>
    runs
      .toSorted(parseOrder(text))
      .map(({ id }) => id)
      .join('');
  expect(order('params.size')).toBe('1032');
  expect(order('params.size DESC')).toBe('3012');
  expect(order('status, params.size asc')).toBe('1032');
  expect(() => parseOrder('params.size up')).toThrow(/nothing is expected/);
});
