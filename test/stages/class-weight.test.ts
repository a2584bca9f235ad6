import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { identifyProgram } from '../../src/planning/program.js';
import { createStreams } from '../../src/random/streams.js';
import { crossEntropy } from '../../src/stages/loss/cross-entropy.js';
import type { Data, ModelSpec } from '../../src/stages/stage.js';
import { planned, trained } from '../support/experiment.js';
import { dataOf, noProblem, numbers, problemsOf, someIndices, someNumbers, tf, tools } from './support.js';

const model: ModelSpec = { parameters: [], buffers: [], state: {}, masks: [], output: { shape: [4, 3], axes: [], dtype: 'float32' } };
const dataWith = (fitted: Data['fitted']): Data => ({ ...dataOf({ input: [4], target: [4], classes: 3 }), fitted });
const NAMED = dataWith({ classes: ['sit', 'stand', 'walk'], classCounts: [60, 30, 10] });

type Options = Parameters<typeof crossEntropy.plan>[0];
const specOf = (options: Options, data = NAMED) => crossEntropy.plan(options, { data, model }, noProblem);
const scoreOf = (options: Options, data = NAMED) => crossEntropy.create(tools, options, specOf(options, data), { data, model }).score;
const told = (options: Options, data: Data) =>
  problemsOf((report) => crossEntropy.plan(options, { data, model }, report)).map(
    ({ path, message, help }) => `${path.join('.')}: ${message} (${help})`,
  );

/** What a loss is over a batch. */
function meanOf(score: ReturnType<typeof scoreOf>, output: tf.Tensor, target: tf.Tensor, weight: tf.Tensor): number {
  const { sum, count } = score(output, target, weight);
  return (numbers(sum)[0] ?? Number.NaN) / (numbers(count)[0] ?? Number.NaN);
}

describe('what a class counts', () => {
  test('balanced: n / (K n_c), as scikit-learn has it', () => {
    expect(specOf({ class_weight: 'balanced' }).classWeights).toEqual([
      { name: 'sit', weight: 100 / (3 * 60) },
      { name: 'stand', weight: 100 / (3 * 30) },
      { name: 'walk', weight: 100 / (3 * 10) },
    ]);
  });

  test('by name, 1 where none is said', () => {
    const numbersOf = (...given: Parameters<typeof specOf>) => specOf(...given).classWeights?.map(({ weight }) => weight);
    expect(numbersOf({ class_weight: { walk: 5 } })).toEqual([1, 1, 5]);
    expect(numbersOf({ class_weight: { 2: 5 } }, dataWith({}))).toEqual([1, 1, 5]);
    expect(specOf({})).not.toHaveProperty('classWeights');
  });

  test.each<[string, Options, Data, string]>([
    [
      'a class that is none',
      { class_weight: { wlak: 2 } },
      NAMED,
      'class_weight.wlak: the data have no class "wlak" (did you mean "walk"?)',
    ],
    [
      'data that count none',
      { class_weight: 'balanced' },
      dataWith({ classes: ['sit', 'stand', 'walk'] }),
      'class_weight: this dataset does not say how many targets of each class train (write what each class counts: class_weight: {NAME: NUMBER})',
    ],
    [
      'a class that nothing trains',
      { class_weight: 'balanced' },
      dataWith({ classes: ['sit', 'stand', 'walk'], classCounts: [60, 0, 40] }),
      'class_weight: no target of the class "stand" trains, and balanced divides by how many there are (train some of it, or write what each class counts: class_weight: {NAME: NUMBER})',
    ],
  ])('%s is a mistake', (_, options, data, message) => expect(told(options, data)).toEqual([message]));
});

describe('the mean over targets, each counted by its class', () => {
  const [batch, time, size] = [5, 4, 3];
  const output = tf.mul(someNumbers('output', [batch, time, size]), 2);
  const target = someIndices('target', [batch, time], size);
  const weights = [0.5, 1, 4];
  const byName = { class_weight: { sit: 0.5, stand: 1, walk: 4 } };

  test.each([0, 0.3])('is the arithmetic of PyTorch written out, with label smoothing %f and steps that are not there', (smoothing) => {
    const weight = tf.tensor([
      [1, 1, 0, 0],
      [1, 1, 1, 1],
      [1, 0, 0, 0],
      [1, 1, 1, 0],
      [0, 0, 0, 0],
    ]);
    const [logits, right, counted] = [numbers(output), numbers(target), numbers(weight)];
    let [sum, count] = [0, 0];
    for (const [at, y] of right.entries()) {
      const row = logits.slice(at * size, (at + 1) * size);
      const total = Math.log(row.reduce((all, z) => all + Math.exp(z), 0));
      const nats = row.map((z) => total - z);
      const each = counted[at] ?? 0;
      const spread = nats.reduce((all, nat, k) => all + (weights[k] ?? 0) * nat, 0);
      sum += each * ((1 - smoothing) * (weights[y] ?? 0) * (nats[y] ?? 0) + (smoothing / size) * spread);
      count += each * (weights[y] ?? 0);
    }
    const options = { ...byName, ...(smoothing > 0 && { label_smoothing: smoothing }) };
    expect(meanOf(scoreOf(options), output, target, weight)).toBeCloseTo(sum / count, 5);
  });

  test('is that of all targets twice where all count 2, and of those of one class twice where it counts 2', () => {
    const ones = tf.ones([batch]);
    const plain = scoreOf({});
    expect(meanOf(scoreOf({ class_weight: { sit: 2, stand: 2, walk: 2 } }), output, target, ones)).toBeCloseTo(
      meanOf(plain, output, target, ones),
      6,
    );
    const rows = numbers(target).flatMap((y, at) => (y === 2 ? [at, at] : [at]));
    const kept = tf.tensor(rows, [rows.length], 'int32');
    const twice = [tf.gather(tf.reshape(output, [-1, 1, size]), kept), tf.gather(tf.reshape(target, [-1, 1]), kept)] as const;
    expect(meanOf(scoreOf({ class_weight: { walk: 2 } }), output, target, ones)).toBeCloseTo(
      meanOf(plain, ...twice, tf.ones([rows.length])),
      5,
    );
  });
});

describe('a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'retable-weights-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** One class in `every` is `rare`. Values overlap, so that a constant answer is the best to a net that counts all alike. */
  const experiment = (name: string, every: number, loss: string) => {
    const { uniform } = createStreams(5).stream('data');
    const rows = Array.from({ length: 240 }, (_, s) => {
      const isRare = s % every === 0;
      return [0, 1, 2].map(
        (t) => `${s},${(uniform() + t + (isRare ? 0.3 : 0)).toFixed(4)},${isRare ? 'rare' : 'often'},${s < 160 ? 'train' : 'test'}`,
      );
    }).flat();
    writeFileSync(join(folder, `${name}.csv`), ['id,x,label,part', ...rows].join('\n'));
    writeFileSync(
      join(folder, `${name}.yaml`),
      `experiment: weights
dataset: {kind: sequences, file: ${name}.csv, format: csv, sequence: id, features: [x], target: label, task: classification, split_column: part}
model: {kind: rnn, hidden_size: 4}
loss: {kind: cross_entropy, ${loss}}
optimizer: {kind: adam, learning_rate: 0.02}
metrics: [{kind: balanced_accuracy}, {kind: log_loss}]
training: {epochs: 12, batch_size: 16}
`,
    );
    return planned(join(folder, `${name}.yaml`));
  };

  test('finds the rare class, as eager as compiled', async () => {
    const [plain, weighed] = [experiment('plain', 8, ''), experiment('weighed', 8, 'class_weight: balanced')];
    expect(weighed.plan.loss.classWeights).toEqual([
      { name: 'often', weight: 160 / (2 * 140) },
      { name: 'rare', weight: 160 / (2 * 20) },
    ]);
    const last = async (of: typeof plain): Promise<ReadonlyMap<string, number>> => (await trained(of)).epochs.at(-1)?.[1] ?? new Map();
    const found = async (of: typeof plain): Promise<number> => (await last(of)).get('test/balanced_accuracy') ?? Number.NaN;
    expect(await found(weighed)).toBeGreaterThan((await found(plain)) + 0.1);
    const [compiled, eager] = [await trained(weighed, { until: 1 }), await trained(weighed, { kind: 'eager-js', until: 1 })];
    for (const key of ['train/loss', 'test/loss', 'test/log_loss'])
      expect(compiled.epochs[0]?.[1].get(key), key).toBeCloseTo(eager.epochs[0]?.[1].get(key) ?? Number.NaN, 5);
    expect(compiled.epochs[0]?.[1].get('test/loss')).not.toBeCloseTo(compiled.epochs[0]?.[1].get('test/log_loss') ?? 0, 2);
  });

  test('data of other counts are another program, where they weigh the classes', () => {
    const programs = (loss: string) =>
      new Set([4, 8].map((every) => identifyProgram(experiment(`every${every}`, every, loss).plan, 'train', 'train')));
    expect(programs('class_weight: balanced').size).toBe(2);
    expect(programs('label_smoothing: 0.1').size).toBe(1);
  });
});
