import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import type { tablePlanToJson } from '../../src/report/study/table-plan.js';
import type { tableToJson } from '../../src/report/study/table-texts.js';
import { workplace } from '../support/program.js';

const place = workplace();
const write = (name: string, text: string): string => {
  const file = join(place.folder, name);
  writeFileSync(file, text);
  return file;
};
const BASE = `
experiment: grammar
dataset: {kind: reber, train: 12, test: 12}
model: {kind: rnn, hidden_size: 2, readout: every}
loss: {kind: binary_cross_entropy}
optimizer: {kind: adam, learning_rate: 0.02}
training: {epochs: 1, batch_size: 6}
`;
const base = write('grammar.yaml', BASE);
const table = (name: string, lines: string, row = 'a: {base: grammar.yaml}'): string =>
  write(`${name}.yaml`, `table: ${name}\ncolumns: {loss: {metric: test/loss}}\nrows: {${row}}\n${lines}\n`);

const runs = ['--runs', join(place.folder, 'runs')];
const json = async <T>(...words: readonly string[]): Promise<T> => {
  const { stdout, stderr, status } = await place.call(...words, ...runs, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
};
type Planned = ReturnType<typeof tablePlanToJson>;
const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/table-result.schema.json', 'utf8')) as object);
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

const file = table('two_levels', 'seeds: 2\nsplits: 3\nclaims: [{cell: [a, loss], at_most: 2}]');

it('a trial is the run that a person types with the same two seeds', async () => {
  const { works } = await json<Planned>('plan', file);
  expect(works.map(({ seed, split }) => [seed, split])).toEqual([
    [1001, 1],
    [1002, 1],
    [2001, 2],
    [2002, 2],
    [3001, 3],
    [3002, 3],
  ]);
  for (const { seed, split, work } of [works[0], works[5]].flatMap((each) => each ?? [])) {
    const typed = ['--seed', String(seed), '--set', `dataset.seed=${split}`];
    expect((await json<{ readonly work: { readonly key: string } }>('plan', base, ...typed)).work.key).toBe(work);
  }
});

it('is trained part by part; a split counts once all its seeds are there', async () => {
  const begun = await json<ReturnType<typeof tableToJson>>('run', file, '--budget', '3');
  expect(begun.cells[0]?.n).toBe(1);
  const done = await json<ReturnType<typeof tableToJson>>('run', file);
  expect(fits(done), JSON.stringify(fits.errors)).toBe(true);
  expect(done).toMatchObject({ seeds: [1, 2], splits: [1, 2, 3] });
  const [cell] = done.cells;
  expect(cell?.n).toBe(3);

  const { works } = await json<Planned>('plan', file);
  expect(works.every(({ state }) => state === 'done')).toBe(true);
  const values: number[] = [];
  for (const { seed, split } of works) {
    const { metrics } = await json<{ readonly metrics: Readonly<Record<string, { readonly value: number }>> }>(
      'run',
      base,
      '--seed',
      String(seed),
      '--set',
      `dataset.seed=${split}`,
    );
    values.push(metrics['test/loss']?.value ?? Number.NaN);
  }
  const splits = [0, 2, 4].map((at) => mean(values.slice(at, at + 2)));
  expect(cell?.mean).toBeCloseTo(mean(splits), 12);
  expect(cell?.sd).toBeCloseTo(Math.sqrt(splits.reduce((sum, each) => sum + (each - mean(splits)) ** 2, 0) / 2), 12);
  const within = mean([0, 2, 4].map((at) => ((values[at] ?? 0) - (values[at + 1] ?? 0)) ** 2 / 2));
  expect(cell?.levels?.within).toBeCloseTo(Math.sqrt(within), 12);
  expect(cell?.levels?.between).toBeCloseTo(Math.sqrt(Math.max(0, (cell?.sd ?? 0) ** 2 - within / 2)), 12);

  const told = await place.call('judge', file, ...runs);
  const words = told.stdout.replaceAll(/\s+/g, ' ');
  expect(words).toContain('From seed to seed of a split change: initial values.');
  expect(words).toContain('From split to split change: initial values, order of the examples, the examples.');
  expect(words).toContain('The value of a split is its mean over 2 seeds; intervals are about splits of the data.');
  expect(words).toContain('3 splits can miss');
  const why = await place.call('why', file, 'a', 'loss', ...runs);
  expect(why.stdout).toMatch(/mean of 3 splits.* between splits, .* within them \(2 seeds each\)/);
  expect(why.stdout).toMatch(/seed 1001, split 1 .*\n.*seed 1002, split 1 .*\n.*seed 2001, split 2/);
  expect(why.stdout).not.toMatch(/dataset\.seed +1 /);
  const page = join(place.folder, 'table.html');
  await place.call('report', file, ...runs, '--output', page);
  expect(readFileSync(page, 'utf8')).toMatch(/>seed<\/th><th[^>]*>split</);
  const status = await json<{ readonly runs: readonly object[] }>('status', file);
  expect(status.runs).toContainEqual(expect.objectContaining({ name: 'a', seed: 3002, split: 3 }));
});

it('splits of another table that gives each of them other seeds are another look', async () => {
  const more = table('two_levels', 'seeds: 3\nsplits: 3\nlooks: 1\nclaims: [{cell: [a, loss], at_most: 2}]');
  const { stdout } = await place.call('run', more, ...runs);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Second look at this claim (3 splits with seeds in each split [1,2], 3 splits with seeds in each split [1,2,3]), one was declared',
  );
  const fewer = table('two_levels', 'seeds: 3\nsplits: 2\nlooks: 1\nclaims: [{cell: [a, loss], at_most: 2}]');
  const judged = (await place.call('judge', fewer, ...runs)).stdout.replaceAll(/\s+/g, ' ');
  expect(judged).toMatch(/Splits are 1, 2, were 1 to 3 when the table was first looked at/);
});

const mistakeOf = async (document: string): Promise<string> => {
  const { status, stdout, stderr } = await place.call('check', document);
  expect(status).toBe(2);
  return stdout + stderr;
};

it('refuses data that draw nothing, and data with a seed of their own', async () => {
  write('text.txt', 'a b c d e f g h\n'.repeat(40));
  write('own_seed.yaml', BASE.replace('{kind: reber,', '{kind: reber, seed: 7,'));
  const own = await mistakeOf(table('own', 'splits: 2', 'a: {base: own_seed.yaml}'));
  expect(own).toMatch(
    /the data of the row "a" have a seed of their own, 7 \(.*own_seed\.yaml:3:\d+\), and every split would give them another/,
  );
  expect(await mistakeOf(table('set', 'splits: 2', 'a: {base: grammar.yaml, set: {dataset.seed: 7}}'))).toMatch(
    /seed of their own, 7 \(.*\)/,
  );

  write('x.csv', `t,x\n${Array.from({ length: 40 }, (_, step) => `${step},${Math.sin(step)}`).join('\n')}\n`);
  write(
    'series.yaml',
    BASE.replace(/dataset: .*/, 'dataset: {kind: series, file: x.csv, time: t, targets: [x], window: 4, split: {test: 0.2}}')
      .replace(', readout: every', '')
      .replace('binary_cross_entropy', 'mean_squared_error'),
  );
  const told = await mistakeOf(table('series_table', 'splits: 2', 'a: {base: series.yaml}'));
  expect(told).toContain('the dataset series of the row "a" is the same with every seed: nothing of it is drawn');
  expect(told).toMatch(/\n1 error/);
});
