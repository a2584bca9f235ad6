import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stages } from '../../src/stages/registry.js';
import { defineStage, type Batch, type Stage } from '../../src/stages/stage.js';
import { Type } from '../../src/language/type.js';
import { createDataset } from '../../src/train/pipeline.js';
import { planned, trained } from '../support/experiment.js';

/* What fills up a batch, rows of the last one and steps of short sequences, counts in nothing that a run learns. */

const folder = mkdtempSync(join(tmpdir(), 'retable-filled-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An experiment on 33 sequences in batches of 32, so that one row is alone in its batch. */
function document(name: string, { lengths = () => 3, layers = '' }: { lengths?: (sequence: number) => number; layers?: string }): string {
  const rows = Array.from({ length: 40 }, (_, s) =>
    Array.from({ length: lengths(s) }, (_step, t) => {
      const [x, y] = [2 + Math.sin(3 * s + t), 5 - ((s * 5 + t * 3) % 7)];
      return `${s},${t},${x.toFixed(4)},${y},${(x + y / 2).toFixed(4)},${s < 33 ? 'train' : 'test'}`;
    }),
  ).flat();
  writeFileSync(join(folder, `${name}.csv`), ['s,t,x,y,z,part', ...rows, ''].join('\n'));
  const text = `
experiment: filled
dataset: {kind: sequences, file: ${name}.csv, format: csv, sequence: s, order: t, features: [x, y], target: z, task: regression, target_per: step,
  split_column: part, standardize: false}
model: {kind: sequential, layers: [${layers}{kind: batch_normalization, momentum: 0.5}, {kind: dense, units: 1}]}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 0.05}
training: {epochs: 2, batch_size: 32, shuffle: false}
`;
  writeFileSync(join(folder, `${name}.yaml`), text);
  return join(folder, `${name}.yaml`);
}

/** The numbers of a feature that are there, batch by batch. */
function realNumbers(batches: Iterable<Batch>, feature: number): readonly (readonly number[])[] {
  return Array.from(batches, ({ inputs: { input }, mask, weight }) => {
    const steps = input.length / 2;
    return Array.from({ length: steps }, (_, at) => at)
      .filter((at) => (mask ? mask[at] === 1 : weight[Math.floor(at / (steps / weight.length))] === 1))
      .map((at) => input[2 * at + feature] ?? Number.NaN);
  });
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe.each([
  ['of one length', {}],
  ['of several lengths', { lengths: (s: number) => 1 + (s % 4) }],
] as const)('sequences %s', (name, options) => {
  const experiment = planned(document(name.replaceAll(' ', '_'), options));

  test.each(['compiled', 'eager-js', 'eager-wasm'] as const)('moving means are those of what is there, on %s', async (kind) => {
    const { snapshots } = await trained(experiment, { kind });
    const state = snapshots.at(-1)?.state ?? {};
    for (const feature of [0, 1]) {
      let [moving, variance] = [0, 1];
      for (const epoch of [1, 2]) {
        for (const values of realNumbers(createDataset(experiment.plan, stages, experiment.files).batches('train', epoch), feature)) {
          moving = 0.5 * moving + 0.5 * mean(values);
          variance = 0.5 * variance + 0.5 * mean(values.map((value) => (value - mean(values)) ** 2));
        }
      }
      expect(state['buffers/batch_normalization.moving_mean']?.[feature]).toBeCloseTo(moving, 4);
      expect(state['buffers/batch_normalization.moving_variance_less_1']?.[feature]).toBeCloseTo(variance - 1, 4);
    }
  });
});

describe('a batch by itself', () => {
  test('trains to the same weights whether it is filled up or not', async () => {
    const file = document('alone', { lengths: (s) => 1 + (s % 4), layers: '{kind: gru, units: 3, return_sequences: true}, ' });
    const [exact, filled] = await Promise.all(
      // 33 sequences in one batch of 33, which is full; and in one of 64, which isn't.
      [33, 64].map(async (size) => {
        const { plan, files } = planned(file, { set: ['training.batch_size=33'] });
        const of = <T extends { readonly batchSize: number }>(split: T): T => ({ ...split, batchSize: size });
        const splits = Object.fromEntries(Object.entries(plan.data.splits).map(([name, split]) => [name, of(split)]));
        return trained({ files, plan: { ...plan, data: { ...plan.data, splits } } } as Parameters<typeof trained>[0]);
      }),
    );
    expect(filled?.epochs.map(([, metrics]) => metrics.get('test/loss'))).not.toContain(undefined);
    for (const [epoch, metrics] of exact?.epochs ?? []) {
      for (const key of ['train/loss', 'test/loss'])
        expect(filled?.epochs[epoch - 1]?.[1].get(key)).toBeCloseTo(metrics.get(key) ?? Number.NaN, 5);
    }
    for (const [name, values] of Object.entries(exact?.snapshots.at(-1)?.state ?? {}))
      values.forEach((value, i) => expect(filled?.snapshots.at(-1)?.state[name]?.[i], name).toBeCloseTo(value, 5));
  });
});

describe("a person's own model", () => {
  const seen: boolean[] = [];
  const own: Stage = defineStage({
    slot: 'model',
    kind: 'own',
    version: 1,
    summary: 'Writes down what it is handed.',
    options: Type.Object({}),
    plan: (_, { data }) => ({
      parameters: [{ name: 'w', shape: [2, 1], initializer: { kind: 'zeros' } }],
      buffers: [],
      state: {},
      masks: [],
      output: data.splits['train']?.target ?? { shape: [], axes: [], dtype: 'float32' },
    }),
    create: ({ tf }) => ({
      forward({ parameters, buffers, state }, { input, weight }) {
        seen.push(weight !== undefined && weight.shape.join() === String(input.shape[0]));
        const [batch = 1, time = 1] = input.shape;
        const output = tf.matMul(tf.reshape(input, [batch * time, 2]), parameters['w'] ?? tf.zeros([2, 1]));
        return { output: tf.reshape(output, [batch, time, 1]), buffers, state };
      },
    }),
  });

  test.each([
    [32, [true, true]],
    [33, [false, true]],
  ])('in batches of %d is handed weights where they are filled up', async (size, expected) => {
    seen.length = 0;
    const file = document('own', {});
    const set = ['model={kind: own}', `training.batch_size=${size}`, 'training.epochs=1'];
    await trained(planned(file, { set, stages: [...stages, own] }), { kind: 'eager-js', stages: [...stages, own] });
    // Of the training batches first, then of the test's, which 7 of the sequences leave half empty.
    expect([seen[0], seen.at(-1)]).toEqual(expected);
  });
});
