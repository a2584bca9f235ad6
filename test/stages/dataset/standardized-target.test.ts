import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { identifyProgram } from '../../../src/planning/program.js';
import { planned, trained } from '../../support/experiment.js';
import { lines, prepare, told, type Options } from './own-sequences.js';

const ROWS = ['id,x,y,part', 'a,1,30,train', 'a,2,50,train', 'b,3,100,train', 'c,4,120.1,test', 'c,5,80,test', 'd,6,7,test'];
const EACH = { features: ['x'], target: 'y', task: 'regression', target_per: 'step', standardize_target: true } as const;
const [MEAN, DEVIATION] = [60, Math.sqrt((30 ** 2 + 10 ** 2 + 40 ** 2) / 3)];

describe('a target that is standardized', () => {
  test('has mean 0 and deviation 1 over what trains, and is there as the file has it besides', () => {
    const { fitted, batches, plan } = prepare(lines(...ROWS), EACH);
    expect(fitted.targetScale).toEqual({ mean: MEAN, deviation: expect.closeTo(DEVIATION, 10) });
    const [train] = batches('train');
    const scaled = [30, 50, 100].map((y) => expect.closeTo((y - MEAN) / DEVIATION, 6));
    expect([...(train?.target ?? [])]).toEqual([...scaled, 0]);
    expect(train?.inputs['truth']).toEqual(Float32Array.of(30, 50, 100, 0));
    expect(batches('test')[0]?.inputs['truth']).toEqual(Float32Array.of(120.1, 80, 7, 0));
    expect(plan().splits['test']?.inputs['truth']).toEqual({ shape: [2, 1], axes: ['time', 'outputs'], dtype: 'float32', decodes: true });
    expect(plan().facts).toMatchObject([{ key: 'target-scale', value: '(y - 60) / 29.44' }]);
  });

  test('is fitted to training data alone', () => {
    expect(prepare(lines(...ROWS).replaceAll('120.1', '-9e9'), EACH).fitted).toEqual(prepare(lines(...ROWS), EACH).fitted);
  });

  test('is a number', () => {
    const classes = { ...EACH, target: 'part', task: 'classification', target_per: 'sequence' } as const;
    expect(told(lines(...ROWS), classes)).toContain(
      'standardize_target: standardize_target scales a number, and the target is a class (leave it out)',
    );
  });
});

test('a target far from 0 is told of, where nothing is said', () => {
  const far = (options: Partial<Options>, text = lines(...ROWS)) =>
    told(text, { ...EACH, standardize_target: undefined, ...options } as unknown as Partial<Options>);
  expect(far({})).toEqual([
    'target: the targets that train are 60 ± 29.44 (mean, standard deviation), and a net begins with answers around 0 (write standardize_target: true; metrics and predictions stay in the unit of the file)',
  ]);
  expect(far({ standardize_target: false })).toEqual([]);
  expect(far({}, lines(...ROWS.map((row) => row.replace(/,(\d+),t/, ',0.$1,t'))))).toEqual([]);
});

describe('a run on it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'retable-target-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Numbers of 20 to 120, in another unit where one is said: y is the last of three numbers, and a hundred more. */
  const experiment = (name: string, dataset: string, unit = 1) => {
    const rows = Array.from({ length: 120 }, (_, s) => {
      const xs = [0, 1, 2].map((t) => Math.sin(5 * s + 3 * t));
      return xs.map((x) => `${s},${x.toFixed(4)},${(unit * (70 + 50 * (xs[2] ?? 0))).toFixed(3)},${s < 90 ? 'train' : 'test'}`);
    }).flat();
    writeFileSync(join(folder, `${name}.csv`), ['id,x,y,part', ...rows].join('\n'));
    writeFileSync(
      join(folder, `${name}.yaml`),
      `experiment: scaled
dataset: {kind: sequences, file: ${name}.csv, format: csv, sequence: id, features: [x], target: y, task: regression, split_column: part, ${dataset}}
model: {kind: gru, hidden_size: 8}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.02}
metrics: [{kind: mean_absolute_error}, {kind: r2}]
training: {epochs: 10, batch_size: 8}
`,
    );
    return planned(join(folder, `${name}.yaml`));
  };
  const last = ({ epochs }: Awaited<ReturnType<typeof trained>>, key: string): number => epochs.at(-1)?.[1].get(key) ?? Number.NaN;

  test('learns what it can not learn without, and its metrics are in the unit of the file', async () => {
    const [scaled, thousands] = [
      await trained(experiment('scaled', 'standardize_target: true')),
      await trained(experiment('thousands', 'standardize_target: true', 1000)),
    ];
    const plain = await trained(experiment('plain', 'standardize_target: false'));
    expect(last(plain, 'test/mean_absolute_error')).toBeGreaterThan(40);
    expect(last(scaled, 'test/mean_absolute_error')).toBeLessThan(5);
    expect(last(scaled, 'test/r2')).toBeGreaterThan(0.95);
    expect(last(thousands, 'test/mean_absolute_error') / last(scaled, 'test/mean_absolute_error')).toBeCloseTo(1000, -1);
    expect(last(thousands, 'test/loss')).toBeCloseTo(last(scaled, 'test/loss'), 4);
  });

  test('comes out eager as compiled', async () => {
    const one = experiment('engines', 'standardize_target: true');
    const [compiled, eager] = [await trained(one, { until: 1 }), await trained(one, { kind: 'eager-js', until: 1 })];
    for (const key of ['train/loss', 'test/mean_absolute_error']) expect(last(compiled, key) / last(eager, key), key).toBeCloseTo(1, 5);
  });

  test('has a program of its own for other data, and only so', () => {
    const programs = (dataset: string) =>
      new Set([1, 2].map((unit) => identifyProgram(experiment(`unit${unit}`, dataset, unit).plan, 'test', 'evaluate'))).size;
    expect(programs('standardize_target: true')).toBe(2);
    expect(programs('standardize: true')).toBe(1);
  });
});
