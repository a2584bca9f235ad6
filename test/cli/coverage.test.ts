import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workplace } from '../support/program.js';

/* The share of the truth that intervals hold: as the kept forecasts have it, on what tests alone, and on other data. */

const place = workplace();
const at = (name: string): string => join(place.folder, name);
const write = (name: string, text: string): string => (writeFileSync(at(name), text), at(name));
const retable = (...args: readonly string[]) => place.call(...args, '--runs', at('runs'));

const [heading = '', ...months] = readFileSync('experiments/data/airline.csv', 'utf8').trim().split('\n');
const document = (metrics: string, split = '{validation: {from: 1955-01}, test: {from: 1957-01}}'): string => `experiment: airline
dataset: {kind: series, file: airline.csv, time: Month, targets: [Passengers], window: 12, transform: [{kind: standardize}], split: ${split}}
model: {kind: lstm, hidden_size: 4}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: ${metrics}
training: {epochs: 3, batch_size: 4}
engine: {kind: eager-js}
`;

describe('coverage', () => {
  let record = '';
  let metrics: Readonly<Record<string, { readonly value: number }>> = {};

  beforeAll(async () => {
    write('airline.csv', [heading, ...months, ''].join('\n'));
    const both = '[{kind: coverage, level: 0.8}, {kind: coverage, level: 0.5, as: half}]';
    const { stdout, stderr, status } = await retable('run', write('airline.yaml', document(both)), '--json');
    expect(status, stderr).toBe(0);
    ({ record, metrics } = JSON.parse(stdout) as { record: string; metrics: typeof metrics });
  }, 60_000);

  /** What is off in a file of kept forecasts: truth and forecast are its third and fourth columns. */
  const errors = (split: string): readonly number[] =>
    readFileSync(join(record, 'artifacts', `predictions-${split}.csv`), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
      .map((cells) => Math.abs(Number(cells.at(-3)) - Number(cells.at(-2))));

  it.each([
    ['coverage', 0.8],
    ['half', 0.5],
  ])('%s follows from the kept forecasts, and is measured where nothing trains or validates', (name, level) => {
    const sorted = errors('validation').toSorted((a, b) => a - b);
    const reach = sorted[Math.ceil((sorted.length + 1) * level) - 1] ?? Number.NaN;
    const test = errors('test');
    expect(sorted).toHaveLength(24);
    expect(metrics[`test/${name}`]?.value).toBeCloseTo(test.filter((error) => error <= reach).length / test.length, 9);
    expect(metrics).not.toHaveProperty([`validation/${name}`]);
    expect(metrics).not.toHaveProperty([`train/${name}`]);
  });

  it('is the same when the run is asked about its test, and is told of another file by the same intervals', async () => {
    const evaluate = async (...args: readonly string[]) => {
      const { stdout, stderr, status } = await retable('evaluate', 'latest', ...args, '--json');
      expect(status, stderr).toBe(0);
      return JSON.parse(stdout) as { metrics: { name: string; value: number }[]; notes: string[] };
    };
    const valueIn = ({ metrics: all }: Awaited<ReturnType<typeof evaluate>>) => all.find(({ name }) => name === 'coverage')?.value;
    expect(valueIn(await evaluate())).toBe(metrics['test/coverage']?.value);

    const last = write('last.csv', [heading, ...months.slice(-60), ''].join('\n'));
    expect(valueIn(await evaluate(last))).toBe(metrics['test/coverage']?.value);

    renameSync(at('airline.csv'), at('away.csv'));
    const without = await evaluate(last);
    renameSync(at('away.csv'), at('airline.csv'));
    expect(valueIn(without)).toBeUndefined();
    expect(without.notes.join('\n')).toContain('nothing is said of intervals');
  });
});

it.each([
  ['on what calibrates it', document('[{kind: coverage, splits: [validation]}]'), 'help: write splits: [test]'],
  ['without validation', document('[{kind: coverage}]', '{test: {from: 1957-01}}'), 'hold some of the data out for validation'],
  ['of too few', document('[{kind: coverage}]', '{validation: {from: 1956-01}, test: {from: 1957-01}}'), 'write a level of at most 0.923'],
])('coverage %s is refused before it is trained', async (_, text, help) => {
  write('airline.csv', [heading, ...months, ''].join('\n'));
  const { status, stderr } = await place.call('check', write('wrong.yaml', text));
  expect(status).toBe(2);
  expect(stderr).toContain(help);
});
