import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { identifyProgram } from '../../src/planning/program.js';
import { planned } from '../support/experiment.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const identity = (file: string, ...set: readonly string[]): string => identifyProgram(planned(file, { set }).plan, 'test', 'evaluate');

test('data of equal shapes share a program', () => {
  const seeds = ['seed=1', 'seed=2'].map((seed) => identity('experiments/lstm_addition.yaml', seed));
  expect(new Set(seeds).size).toBe(1);
});

test('a program that undoes what was fitted serves data of other scales, since those are inputs of it', () => {
  const document = join(folder, 'airline.yaml');
  const data = readFileSync('experiments/data/airline.csv', 'utf8');
  writeFileSync(document, readFileSync('experiments/airline.yaml', 'utf8').replace('data/airline.csv', 'airline.csv'));
  const of = (text: string): string => {
    writeFileSync(join(folder, 'airline.csv'), text);
    return identity(document);
  };
  expect(of(data)).toBe(of(data.replaceAll(/(?<=,)\d+/g, (value) => String(10 * Number(value) + 7))));
});

test('folds share their programs, however long their training is', () => {
  const folds = ['dataset.split={validation: 0.1, test: 0.1}', 'dataset.folds={count: 3}'];
  for (const [split, purpose] of [
    ['train', 'train'],
    ['validation', 'evaluate'],
    ['test', 'answer'],
  ] as const) {
    const identities = ['1', '2', '3'].map((fold) => {
      const { plan } = planned('experiments/airline.yaml', { set: [...folds, `fold=${fold}`] });
      return identifyProgram(plan, split, purpose);
    });
    expect(new Set(identities).size, purpose).toBe(1);
  }
});

test('a transform of a person’s own puts its numbers into the program, and folds have one each', () => {
  const { plan } = planned('experiments/airline.yaml', { set: [] });
  const own = (centre: number): string =>
    identifyProgram(
      { ...plan, data: { ...plan.data, decodesInputs: false, fitted: { transforms: { Passengers: [{ centre }] } } } },
      'test',
      'evaluate',
    );
  expect(own(1)).not.toBe(own(2));
});

test('a learning rate is an input of the program, and transforms are a part of it', () => {
  const airline = (...set: readonly string[]): string => identity('experiments/airline.yaml', ...set);
  expect(airline('optimizer.learning_rate=0.1')).toBe(airline('optimizer.learning_rate=0.2'));
  const [scaled, ranged] = ['standardize', 'min_max'].map((kind) => airline(`dataset.transform=[{kind: ${kind}}]`));
  expect(scaled).not.toBe(ranged);
});
