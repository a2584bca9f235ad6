import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What is said to a person may be said otherwise tomorrow: nothing in the program may hang on it. Facts have keys, faults have codes. */

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const lines = files.flatMap((file) =>
  readFileSync(join('src', file), 'utf8')
    .split('\n')
    .map((text, index) => ({ file: file.replaceAll('\\', '/'), at: `${file}:${index + 1}`, text })),
);

/** Programs that are not ours answer in words alone: MLflow, Ray, Slurm, Node and the YAML parser. */
const FOREIGN = ['track/errors.ts', 'track/artifacts.ts', 'launch/', 'engine/native.ts', 'language/parse.ts'];
const ours = lines.filter(({ file }) => !FOREIGN.some((part) => file.startsWith(part)));

test('no message is compared, searched or parsed', () => {
  const reads =
    /\b(message|wording|help)(\(\))?\s*((===|!==)(?!\s*undefined)|\.(includes|startsWith|endsWith|indexOf|match|search|split)\((?!'\\n'))|\.(test|exec)\((message|wording)/;
  expect(ours.filter(({ text }) => reads.test(text)).map(({ at }) => at)).toEqual([]);
});

test('nothing is found by a sentence', () => {
  const compares = /(===|!==|(includes|startsWith|endsWith|indexOf)\()\s*(['"`])(?:(?!\3).)*[a-z]+ [a-z]+ [a-z]+ (?:(?!\3).)*\3/;
  expect(ours.filter(({ text }) => compares.test(text)).map(({ at }) => at)).toEqual([]);
});

test('what a metric or a split is for is not guessed by a part of its name', () => {
  const guesses = /(startsWith|endsWith|includes)\('(test|_per_second|train|validation)/;
  expect(
    ours.filter(({ text }) => guesses.test(text) && !/names\.includes/.test(text)).map(({ at, text }) => `${at} ${text.trim()}`),
  ).toEqual([]);
});
