import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { visibleWidth } from '../../src/diagnostics/columns.js';
import { workplace } from '../support/program.js';

/** On a terminal of 80 columns and of 60 nothing is wider, so that no terminal breaks inside a word. */

const place = workplace();
const runs = join(place.folder, 'runs');
const at = (name: string): string => join(place.folder, name);

const BASE = `experiment: a_base_with_a_long_name
description: A net that is far too small for what it is asked, which is why nobody should take its numbers for anything.
dataset: {kind: binary_addition, bits: 3, examples: 200}
model: {kind: rnn, hidden_size: 3}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.0123}
metrics: [{kind: exact_match}, {kind: bit_accuracy}]
training: {epochs: 3, batch_size: 20}
`;
const SWEEP = `sweep: how_wide
base: base.yaml
vary:
  - {optimizer.learning_rate: {kind: log_uniform, low: 1.0e-4, high: 0.1}}
  - {model.hidden_size: [3, 4]}
search: {kind: sobol, trials: 3}
seeds: [1, 2]
select: {metric: test/bit_accuracy}
`;
const TABLE = `table: how_wide
title: Numbers that somebody printed somewhere, held against what came out here
columns:
  bits: {metric: test/bit_accuracy, label: share of the bits that are right}
  loss: {metric: test/loss, label: loss over the test}
rows:
  small: {base: base.yaml, label: A recurrent net of three units}
seeds: [1, 2]
claims:
  - {cell: [small, bits], published: "0.62", source: "Somebody 2019, page 12, the second table from above", margin: 0.05}
  - {cell: [small, loss], at_most: 0.4, source: "Somebody 2019"}
`;

beforeAll(async () => {
  writeFileSync(at('base.yaml'), BASE);
  writeFileSync(at('sweep.yaml'), SWEEP);
  writeFileSync(at('table.yaml'), TABLE);
  cpSync('experiments/data/airline.csv', at('airline.csv'));
  for (const file of ['base.yaml', 'sweep.yaml', 'table.yaml'])
    expect([0, 3], file).toContain((await place.run('run', at(file), '--runs', runs)).status);
}, 120_000);

const streams = [process.stdout, process.stderr];
const before = streams.map(({ isTTY, columns }) => ({ isTTY, columns }));
const screen = (columns: number): void => streams.forEach((stream) => Object.assign(stream, { isTTY: true, columns }));
afterAll(() => streams.forEach((stream, index) => Object.assign(stream, before[index])));

/** What is wider than the screen, but for a command that is copied in one piece, and a word that leaves no room beside it. */
async function tooWide(columns: number, args: readonly string[]): Promise<readonly string[]> {
  screen(columns);
  const { stdout, stderr } = await place.callIn(place.folder, ...args);
  streams.forEach((stream, index) => Object.assign(stream, before[index]));
  expect(stdout + stderr, args.join(' ')).not.toContain('unknown option');
  return `${stdout}\n${stderr}`
    .split(/\r?\n|\r(?:\u001b\[\d+A)?\u001b\[J/)
    .map((line) => line.replaceAll(/\u001b\[\d+m/g, ''))
    .filter((line) => visibleWidth(line) > columns && !/^ *npx /.test(line) && longestWord(line) < columns - 34);
}

const longestWord = (line: string): number => Math.max(...line.trim().split(/\s+/).map(visibleWidth));

const HELP = [['--help'], ...COMMANDS.map(({ name }) => [name, '--help'])];
const SAID = [
  ['run', 'base.yaml', '--runs', runs],
  ['run', 'base.yaml', '--runs', runs, '--fresh', '--progress', 'lines'],
  ['run', 'sweep.yaml', '--runs', runs],
  ['run', 'table.yaml', '--runs', runs],
  ['judge', 'table.yaml', '--runs', runs, '--reasons'],
  ['why', 'table.yaml', 'small', 'bits', '--runs', runs],
  ...['base', 'sweep', 'table'].map((kind) => ['plan', `${kind}.yaml`, '--runs', runs]),
  ['plan', 'base.yaml', '--runs', runs, '--origins'],
  ['status', 'sweep.yaml', '--runs', runs],
  ['status', 'table.yaml', '--runs', runs],
  ['list', '--runs', runs],
  ['show', '--runs', runs],
  ['compare', 'a_base_with_a_long_name', '--runs', runs],
  ['diff', 'base.yaml', 'base.yaml'],
  ['init', 'airline.csv', '--output', 'airline.yaml'],
  ['run', 'base.yaml', '--set', 'model.hiden_size=3', '--runs', runs],
  ['store', 'verify', '--runs', runs],
] as const;

describe.each([80, 60])('%d columns', (columns) => {
  test.each(HELP)('%s %s', async (...args) => {
    expect(
      await tooWide(
        columns,
        args.filter((word) => typeof word === 'string'),
      ),
    ).toEqual([]);
  });
  test.each(SAID.map((args) => [args.filter((word) => word !== runs && word !== '--runs').join(' '), args] as const))(
    '%s',
    async (_, args) => {
      expect(await tooWide(columns, args)).toEqual([]);
    },
  );
});
