import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { workplace } from '../support/program.js';

/** A metric is recorded under the name that `as` gives it, and every document that names one names it so. */

const place = workplace();
const path = (name: string): string => join(place.folder, name);
const write = (name: string, text: string): void => writeFileSync(path(name), text);

const EXPERIMENT = `experiment: named
use: [./off.mjs]
dataset: {kind: binary_addition, bits: 4, examples: 200, train_fraction: 0.8, seed: 3}
model: {kind: rnn, hidden_size: 8}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
metrics:
  - {kind: bit_accuracy, as: bits}
  - {kind: within, distance: 0.2, as: near}
  - {kind: within, distance: 0.6, as: far, splits: [test]}
training: {epochs: 3, batch_size: 16, keep: best, early_stopping: {metric: test/far, patience: 3}}
`;

beforeAll(() => {
  write(
    'off.mjs',
    `export default ({ defineStage, Type, tf }) => [defineStage({
      slot: 'metric', kind: 'within', version: 1, summary: 'x', options: Type.Object({ distance: Type.Number({ description: 'd' }) }),
      plan: () => ({ better: 'higher', deterministic: true, unit: 'share' }),
      create: (_, { distance }) => ({
        score: (output, target, weight) => ({
          sum: tf.sum(tf.mul(tf.mean(tf.cast(tf.less(tf.abs(tf.sub(output, target)), distance), 'float32'), -1), weight)),
          count: tf.sum(weight),
        }),
        finish: ({ sum, count }) => sum / count,
      }),
    })];`,
  );
  write('named.yaml', EXPERIMENT);
  write('sweep.yaml', 'sweep: names\nbase: named.yaml\nvary:\n  - model.hidden_size: [4, 8]\nselect: {metric: test/near, at: last}\n');
  write(
    'table.yaml',
    `table: names
seeds: 2
columns: {near: {metric: test/near}, far: {metric: test/far}}
rows: {rnn: {base: named.yaml}}
claims: [{cell: [rnn, near], at_least: 0.1, source: x}]
`,
  );
});

test('one kind twice is recorded under two names, with its own options and chance', { timeout: 60_000 }, async () => {
  const { status, stdout, stderr } = await place.run('run', path('named.yaml'), '--runs', path('runs'), '--json');
  expect(status, stderr).toBe(0);
  const { metrics } = JSON.parse(stdout) as { readonly metrics: Readonly<Record<string, { readonly value: number }>> };
  expect(Object.keys(metrics).filter((key) => !key.endsWith('per_second'))).toEqual([
    'train/loss',
    'train/bits',
    'train/near',
    'test/loss',
    'test/bits',
    'test/near',
    'test/far',
  ]);
  expect(metrics['test/far']?.value).toBeGreaterThan(metrics['test/near']?.value ?? 1);
  const shown = await place.run('show', 'latest', '--runs', path('runs'));
  expect(shown.stdout).toMatch(/test\/bits +0\.\d+ +0\.\d+ epoch \d +0\.\d+/);
});

test.each(['named.yaml', 'sweep.yaml', 'table.yaml'])('%s names it so', async (file) => {
  const { status, stderr } = await place.run('check', path(file));
  expect(status, stderr).toBe(0);
});

test.each([
  ['named.yaml', 'training.early_stopping.metric=test/within', 'there is train/loss, test/loss, train/bits'],
  ['named.yaml', 'training.early_stopping.metric=train/far', 'did you mean "train/near"?'],
  ['named.yaml', 'metrics.1.as=accuracy', '"accuracy" is a kind of metric, and this one is another'],
  ['named.yaml', 'metrics.2={kind: within, distance: 0.5, as: near}', 'near would stand for two measures, this one and metrics.1'],
  ['sweep.yaml', 'select.metric=test/within', 'test/within'],
  ['table.yaml', 'columns.near.metric=test/within', 'test/within'],
])('%s refuses %s', async (file, set, said) => {
  const { status, stderr } = await place.run('check', path(file), '--set', set);
  expect(status).toBe(2);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(said);
});

test('a kind that is listed twice with other options needs names', async () => {
  write(
    'twice.yaml',
    EXPERIMENT.replace(', as: near', '').replace(', as: far, splits: [test]', ', splits: [test]').replace('test/far', 'test/within'),
  );
  const { status, stderr } = await place.run('check', path('twice.yaml'));
  expect(status).toBe(2);
  expect(stderr).toMatch(/twice\.yaml:10:12: error\[metric-name-taken\]: within would stand for two measures, this one and metrics\.1/);
  expect(stderr).toContain('give this one a name of its own: as: NAME');
});
