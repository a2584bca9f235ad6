import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { sweepToJson } from '../../src/report/study/sweep-table.js';
import type { tableToJson } from '../../src/report/study/table-texts.js';
import { workplace } from '../support/program.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
const values = Array.from({ length: 60 }, (_, step) => 10 + step / 6 + Math.sin(step));
writeFileSync(join(folder, 'sales.csv'), `t,x\n${values.map((value, step) => `${step + 1},${value.toFixed(3)}`).join('\n')}\n`);

const BASE = `
experiment: sales
dataset:
  kind: series
  file: sales.csv
  time: t
  targets: [x]
  window: 4
  transform: [{kind: standardize}]
  split: {validation: 0.1, test: 0.1}
  folds: {count: 3}
model: {kind: rnn, hidden_size: 2}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 0.01}
metrics: [{kind: root_mean_squared_error}]
training: {epochs: 2, batch_size: 8}
`;
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const base = write('sales.yaml', BASE);
const sweep = (name: string, lines: string): string =>
  write(`${name}.yaml`, `sweep: ${name}\nbase: sales.yaml\nselect: {metric: validation/root_mean_squared_error}\n${lines}\n`);
const table = (lines: string): string =>
  write('table.yaml', `table: t\ncolumns: {test: {metric: test/root_mean_squared_error}}\nrows: {a: {base: sales.yaml}}\n${lines}\n`);

const runs = join(place.folder, 'runs');
const json = async <T>(...words: readonly string[]): Promise<T> => {
  const { stdout, stderr, status } = await place.call(...words, '--runs', runs, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
};

describe('a sweep over folds', () => {
  const file = sweep('widths', 'vary: [{model.hidden_size: [2, 3]}]\nseeds: 2\nfolds: all');

  it('trains every seed in every fold, and a configuration is worth its mean over folds, then over seeds', async () => {
    const { trials, configurations, counts } = await json<ReturnType<typeof sweepToJson>>('run', file, '--workers', '2');
    expect(counts.finished).toBe(12);
    const ofFirst = trials.filter(({ configuration }) => configuration === 0);
    expect(ofFirst.map(({ seed, fold }) => [seed, fold])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
    const [first] = configurations;
    const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    const seeds = [1, 2].map((seed) => mean(ofFirst.filter((trial) => trial.seed === seed).map(({ value }) => Number(value))));
    expect(first?.seeds).toBe(2);
    expect(first?.mean).toBeCloseTo(mean(seeds), 12);
    // Spread is about seeds: the folds of one differ by far more here.
    expect(first?.sd).toBeCloseTo(Math.abs((seeds[0] ?? 0) - (seeds[1] ?? 0)) / Math.SQRT2, 12);
  });

  it('takes a fold that was trained alone, and the last one is the one that is trained without a word', async () => {
    const known = await json<ReturnType<typeof sweepToJson>>('status', file);
    const workOf = (fold: number): string | undefined =>
      known.trials.find((trial) => trial.configuration === 0 && trial.seed === 1 && trial.fold === fold)?.work;
    const planned = async (...words: readonly string[]) =>
      (await json<{ readonly work: { readonly key: string }; readonly record: unknown }>('plan', base, ...words)).work.key;
    expect(await planned('--seed', '1', '--set', 'fold=2')).toBe(workOf(2));
    expect(await planned('--seed', '1')).toBe(workOf(3));
    expect(await planned('--seed', '1', '--set', 'fold=3')).toBe(workOf(3));
  });

  it('gives the digits of a fold that is trained alone, though one program serves them all', async () => {
    const { trials } = await json<ReturnType<typeof sweepToJson>>('status', file);
    const elsewhere = ['--runs', join(place.folder, 'alone'), '--json'];
    for (const fold of [1, 3]) {
      const { stdout } = await place.call('run', base, '--set', `fold=${fold}`, '--seed', '2', ...elsewhere);
      const { metrics } = JSON.parse(stdout) as { readonly metrics: Readonly<Record<string, { readonly value: number }>> };
      const trial = trials.find((each) => each.configuration === 0 && each.seed === 2 && each.fold === fold);
      expect(trial?.value).toBe(metrics['validation/root_mean_squared_error']?.value);
    }
  });

  it('shows the fold of each trial, and says what its values are', async () => {
    const { stdout } = await place.call('plan', file, '--runs', runs);
    expect(stdout).toMatch(/^hidden_size +seed +fold +state/m);
    const report = join(place.folder, 'sweep.md');
    await place.call('report', file, '--runs', runs, '--output', report);
    expect(readFileSync(report, 'utf8')).toContain('the mean over the folds of a seed, then over seeds');
  });
});

describe('a table over folds', () => {
  it('has a value for a seed once all its folds are there, and says so', async () => {
    const file = table('seeds: 2\nfolds: [1, 3]\nclaims: [{cell: [a, test], at_most: 1000}]');
    const { folds, cells } = await json<ReturnType<typeof tableToJson>>('run', file);
    expect(folds).toEqual([1, 3]);
    expect(cells[0]?.n).toBe(2);
    const { stdout } = await place.call('judge', file, '--runs', runs);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'The value of a seed is its mean over folds 1 and 3 of the data; intervals are about seeds.',
    );
    const why = await place.call('why', file, 'a', 'test', '--runs', runs);
    expect(why.stdout).not.toContain('Infinity');
    expect(why.stdout).toMatch(/seed 1, fold 1 .*\n.*seed 1, fold 3 .*\n.*seed 2, fold 1/);
    const page = join(place.folder, 'table.html');
    await place.call('report', file, '--runs', runs, '--output', page);
    expect(readFileSync(page, 'utf8')).toMatch(/>seed<\/th><th[^>]*>fold</);
  });
});

describe('folds that a study cannot have', () => {
  const mistakeOf = async (file: string, ...words: readonly string[]): Promise<string> => {
    const { status, stderr, stdout } = await place.call('check', file, ...words);
    expect(status).toBe(2);
    return stdout + stderr;
  };

  it.each([
    ['a fold beyond the last one', 'vary: [{model.hidden_size: [2]}]\nfolds: [2, 4]', 'there are 3 folds, and fold 4 is asked for'],
    ['folds that are varied too', 'vary: [{fold: [1, 2]}]\nfolds: all', 'the sweep trains folds, and fold is varied too'],
    [
      'configurations with other numbers of folds',
      'vary: [{dataset.folds.count: [2, 3]}]\nfolds: all',
      'the experiments here have 2 and 3 folds: they would be tested on different data',
    ],
    ['a word that is none', 'vary: [{model.hidden_size: [2]}]\nfolds: al', 'did you mean "all"?'],
  ])('%s', async (_, lines, told) => {
    const text = await mistakeOf(sweep('wrong', lines));
    expect(text).toContain(told);
    expect(text).toMatch(/\n1 error/);
  });

  it('data without folds, in a sweep and in a table', async () => {
    write('plain.yaml', BASE.replace('  folds: {count: 3}\n', ''));
    const plain = write(
      'plain_sweep.yaml',
      readFileSync(sweep('p', 'vary: [{model.hidden_size: [2]}]\nfolds: all'), 'utf8').replace('sales', 'plain'),
    );
    const told = 'the dataset series of an experiment here has no folds';
    expect(await mistakeOf(plain)).toContain(told);
    expect(await mistakeOf(write('plain_table.yaml', readFileSync(table('folds: all'), 'utf8').replace('sales', 'plain')))).toContain(told);
  });

  it('more folds than a series has room for, and it says how many there is room for', async () => {
    // 48 steps lie before validation, 5 are needed to train, and each fold begins 6 steps earlier.
    const told = await mistakeOf(base, '--set', 'dataset.folds.count=9', '--set', 'fold=1');
    expect(told).toContain('write 8 at most, or a shorter test');
    expect(told).toMatch(/\n1 error/);
    const just = ['--set', 'dataset.folds.count=8', '--set', 'fold=1', '--set', 'training.batch_size=2'];
    expect((await place.call('check', base, ...just)).status).toBe(0);
  });
});

it('a moment of one fold tells how long all of them would take', async () => {
  const { measured } = await json<{ readonly measured: { readonly folds: { readonly count: number; readonly total_seconds: number } } }>(
    'plan',
    base,
    '--measure',
  );
  expect(measured.folds.count).toBe(3);
  expect(measured.folds.total_seconds).toBeGreaterThan(0);
});
