import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../support/program.js';

/* What a run keeps of its forecasts: each of them, its skill beside the best naive one, and what is odd about them. */

const place = workplace();

/** A model that says its last input, times a weight that hardly moves. */
const MODULE = `export default ({ defineStage, Type, tf }) => [
  defineStage({
    slot: 'model', kind: 'last', version: 1, summary: 'The last input.',
    options: Type.Object({ weight: Type.Number({ default: 1, description: 'Times this.' }) }),
    plan: ({ weight }) => ({
      parameters: [{ name: 'w', shape: [], initializer: { kind: 'constant', value: weight } }],
      buffers: [], state: {}, masks: [], output: { shape: [1], axes: ['outputs'], dtype: 'float32' },
    }),
    create: () => ({
      forward: ({ parameters, buffers, state }, { input }) => {
        const [batch, time, width] = input.shape;
        const last = tf.reshape(tf.slice(input, [0, time - 1, width - 1], [batch, 1, 1]), [batch, 1]);
        return { output: tf.mul(last, parameters.w), buffers, state };
      },
    }),
  }),
];
`;

/** A walk that nobody can foresee, and a column that holds what it is two steps later. */
const WALK = Array.from({ length: 123 }, (_, i) => i).reduce<number[]>(
  (walk, i) => [...walk, (walk.at(-1) ?? 100) + (((i * i * 7919) % 13) - 6)],
  [],
);
const ROWS = WALK.slice(0, 120).map((x, i) => `${1900 + i},${x},${WALK[i + 2]}`);

interface Kept {
  readonly predictions: readonly (readonly string[])[];
  readonly skill: { readonly skill: number; readonly low: number; readonly high: number; readonly naive: string };
  readonly error: number;
  readonly told: string;
}

async function kept(name: string, model: string, features = ''): Promise<Kept> {
  const folder = join(place.folder, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'last.mjs'), MODULE);
  writeFileSync(join(folder, 'walk.csv'), ['year,x,later', ...ROWS].join('\n'));
  writeFileSync(
    join(folder, 'walk.yaml'),
    `experiment: walk
use: [./last.mjs]
dataset: {kind: series, file: walk.csv, time: year, targets: [x], window: 2, season: 1${features}}
model: ${model}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 1e-12}
metrics: [{kind: mean_absolute_error}]
training: {epochs: 1, batch_size: 8}
engine: {kind: eager-js}
`,
  );
  const runs = join(folder, 'runs');
  const { status, stdout, stderr } = await place.run('run', join(folder, 'walk.yaml'), '--json', '--runs', runs);
  expect(status, stderr).toBe(0);
  const { record, metrics } = JSON.parse(stdout) as { record: string; metrics: Record<string, { value: number }> };
  const read = (file: string): string => readFileSync(join(record, 'artifacts', file), 'utf8');
  const { stdout: told } = await place.run('show', 'latest', '--runs', runs);
  return {
    predictions: read('predictions-test.csv')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',')),
    skill: (JSON.parse(read('skill.json')) as Kept['skill'][])[0] ?? { skill: 0, low: 0, high: 0, naive: '' },
    error: metrics['test/mean_absolute_error']?.value ?? Number.NaN,
    told: told.replaceAll(/\s+/g, ' '),
  };
}

test('every forecast stands in a file, beside the truth and the best naive one, and the metric follows from it', async () => {
  const { predictions, skill, error, told } = await kept('repeats', '{kind: last}');
  const [head, ...rows] = predictions;
  expect(head).toEqual(['origin', 'time', 'ahead', 'x', 'x forecast', `x ${skill.naive}`]);
  expect(rows.map(([origin, time]) => [origin, time])).toEqual(Array.from({ length: 24 }, (_, i) => [String(1995 + i), String(1996 + i)]));
  expect(rows.map((row) => Number(row[3]))).toEqual(WALK.slice(96, 120));
  const errorOf = (column: number): number =>
    rows.reduce((sum, row) => sum + Math.abs(Number(row[3]) - Number(row[column])), 0) / rows.length;
  expect(errorOf(4)).toBeCloseTo(error, 5);
  expect(skill.skill).toBeCloseTo(1 - errorOf(4) / errorOf(5), 5);
  expect([skill.low <= skill.skill, skill.skill <= skill.high]).toEqual([true, true]);
  expect(told).toContain('test/mean_absolute_error is no better than persistence');
  expect(told).toContain('The forecasts of test repeat the last value that was read');
});

test('forecasts that never change, and ones that are a step early, are told', async () => {
  expect((await kept('constant', '{kind: last, weight: 1e-9}')).told).toContain('On test every forecast is nearly the same');
  expect((await kept('early', '{kind: last}', ', features: [x, later]')).told).toContain('to the step after as to their own');
});
