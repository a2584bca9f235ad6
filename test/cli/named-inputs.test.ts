import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { workplace } from '../support/program.js';

/*
 * A dataset with two inputs is one file: what is sold in four days, and the shop that sells it. The net reads both; decoding reads both too, and
 * metrics are in the unit of the file.
 */

const place = workplace();

const MODULE = `const SCALE = [10, 1, 0.1];
export default ({ defineStage, Type, tf }) => [
  defineStage({
    slot: 'dataset', kind: 'sales', version: 1, summary: 'Sales of shops.', options: Type.Object({}),
    look: () => ({ digest: 'sales', facts: [{ key: 'shops', name: 'shops', value: 3 }], content: { days: Array.from({ length: 48 }, (_, i) => (i * 7) % 11) } }),
    fit: (_, { facts }) => ({ own: { mean: facts.content.days.slice(0, 32).reduce((a, b) => a + b, 0) / 32 } }),
    plan: (_, { request: { batchSize } }) => {
      const split = (examples) => ({
        examples, batches: examples / batchSize, batchSize,
        inputs: { input: { shape: [4], axes: ['time'], dtype: 'float32' }, shop: { shape: [], axes: [], dtype: 'int32', tokens: 3 } },
        target: { shape: [1], axes: ['outputs'], dtype: 'float32' },
      });
      return { splits: { train: split(32), test: split(16) }, chance: {} };
    },
    create: ({ facts, fitted, request: { batchSize } }) => ({
      *batches(name) {
        const [first, end] = name === 'train' ? [0, 32] : [32, 48];
        for (let from = first; from < end; from += batchSize) {
          const rows = Array.from({ length: batchSize }, (_, row) => from + row);
          const at = (i) => facts.content.days[i % 48] - fitted.own.mean;
          yield {
            inputs: { input: Float32Array.from(rows.flatMap((i) => [at(i), at(i + 1), at(i + 2), at(i + 3)])), shop: Int32Array.from(rows, (i) => i % 3) },
            target: Float32Array.from(rows, (i) => at(i + 4)),
            weight: new Float32Array(batchSize).fill(1),
          };
        }
      },
      baselines: () => ({ persistence: ({ inputs: { input } }) => Float32Array.from({ length: batchSize }, (_, row) => input[4 * row + 3]) }),
    }),
    decode: ({ tf }, _, { fitted }) => ({ output, target }, { shop }) => {
      const scale = tf.expandDims(tf.gather(tf.tensor1d(SCALE), shop), 1);
      const inUnit = (values) => tf.mul(tf.add(values, fitted.own.mean), scale);
      return { output: inUnit(output), target: inUnit(target) };
    },
  }),
  defineStage({
    slot: 'model', kind: 'by_shop', version: 1, summary: 'A line, and a number by shop.', options: Type.Object({}),
    plan: (_, { data }) => ({
      parameters: [
        { name: 'w', shape: [4, 1], initializer: { kind: 'uniform', limit: 0.5 } },
        { name: 'shops', shape: [data.splits.train.inputs.shop.tokens, 1], initializer: { kind: 'normal', stddev: 1 } },
      ],
      buffers: [], state: {}, masks: [], output: { shape: [1], axes: ['outputs'], dtype: 'float32' },
    }),
    create: () => ({
      forward: ({ parameters, buffers, state }, { input, shop }) => ({
        output: tf.add(tf.matMul(input, parameters.w), tf.gather(parameters.shops, shop)), buffers, state,
      }),
    }),
  }),
];
`;

const DOCUMENT = `experiment: sales
use: [./sales.mjs]
dataset: {kind: sales}
model: {kind: by_shop}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.05}
metrics: [{kind: mean_absolute_error}]
training: {epochs: 3, batch_size: 8}
`;

function write(name: string, document = DOCUMENT): string {
  const folder = join(place.folder, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'sales.mjs'), MODULE);
  writeFileSync(join(folder, 'sales.yaml'), document);
  return join(folder, 'sales.yaml');
}

interface Result {
  readonly record: string;
  readonly metrics: Readonly<Record<string, { readonly value: number }>>;
}

test('a net reads two inputs by name, on every kind of engine, and its export has both', async () => {
  const file = write('both');
  const made: Result[] = [];
  for (const engine of ['compiled', 'eager-js']) {
    const { status, stdout, stderr } = await place.run('run', file, '--engine', engine, '--json', '--runs', join(place.folder, engine));
    expect(status, stderr).toBe(0);
    made.push(JSON.parse(stdout) as Result);
  }
  const [compiled, eager] = made;
  for (const [key, { value }] of Object.entries(compiled?.metrics ?? {}))
    if (!key.endsWith('per_second')) expect(value / (eager?.metrics[key]?.value ?? 0), key).toBeCloseTo(1, 5);
  // Shops of ten times and of a tenth of the scale are judged in their own unit: an error of means alone would be far smaller.
  expect(compiled?.metrics['test/mean_absolute_error']?.value).toBeGreaterThan(3);

  const session = await InferenceSession.create(readFileSync(join(compiled?.record ?? '', 'artifacts/model/model.onnx')));
  expect(session.inputNames).toEqual(['input', 'shop']);
  const answer = async (shop: number): Promise<number> => {
    const given = { input: new Tensor('float32', new Float32Array(4), [1, 4]), shop: new Tensor('int32', Int32Array.of(shop), [1]) };
    return Number((await session.run(given))['output']?.data[0]);
  };
  expect(new Set([await answer(0), await answer(1), await answer(2)]).size).toBe(3);
});

test('a model that reads one input alone is told of the others', async () => {
  const file = write('one', DOCUMENT.replace('kind: by_shop', 'kind: sequential, layers: [{kind: dense, units: 1}]'));
  const { status, stderr } = await place.run('check', file);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(
    /sales\.yaml:4:\d+: warning\[unread-input\]: the model sequential reads "input" alone, and the data hand it shop too/,
  );
});
