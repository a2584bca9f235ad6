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

test('where a program undoes what was fitted, data of equal shapes and other scales have their own', () => {
  const document = join(folder, 'airline.yaml');
  const data = readFileSync('experiments/data/airline.csv', 'utf8');
  writeFileSync(document, readFileSync('experiments/airline.yaml', 'utf8').replace('data/airline.csv', 'airline.csv'));
  const of = (text: string): string => {
    writeFileSync(join(folder, 'airline.csv'), text);
    return identity(document);
  };
  expect(of(data)).toBe(of(data));
  expect(of(data)).not.toBe(of(data.replaceAll(/(?<=,)\d+/g, (value) => String(10 * Number(value) + 7))));
});

test('a learning rate is an input of the program, and transforms are a part of it', () => {
  const airline = (...set: readonly string[]): string => identity('experiments/airline.yaml', ...set);
  expect(airline('optimizer.learning_rate=0.1')).toBe(airline('optimizer.learning_rate=0.2'));
  const [scaled, ranged] = ['standardize', 'min_max'].map((kind) => airline(`dataset.transform=[{kind: ${kind}}]`));
  expect(scaled).not.toBe(ranged);
});
