import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { numerics } from '../../src/engine/engine.js';
import { remembered } from '../../src/planning/look-at-data.js';
import { planExperiment } from '../../src/planning/plan-experiment.js';
import { stages } from '../../src/stages/registry.js';
import { describePlan } from '../../src/report/plan/describe.js';
import { examine } from '../../src/run/prepare.js';
import { freshStart } from '../../src/train/start.js';
import { planned, trained } from '../support/experiment.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'words.yaml');

beforeAll(() => {
  writeFileSync(join(folder, 'text.txt'), 'the cat sits on the mat and the dog sits on the cat. '.repeat(12));
  writeFileSync(join(folder, 'vectors.txt'), 'the 1 2 3\nbird 9 9 9\ncat 4 5 6\n');
  writeFileSync(join(folder, 'other.txt'), 'the 1 2 3\ncat 4 5 6.5\n');
  writeFileSync(join(folder, 'birds.txt'), 'bird 9 9 9\n');
  writeFileSync(join(folder, 'broken.txt'), 'the 1 2 3\ncat 4\n');
  mkdirSync(join(folder, 'elsewhere'));
  writeFileSync(join(folder, 'elsewhere', 'more.vec'), '4 3\nmouse 0 0 0\ncat 4 5 6\nthe 1 2 3\nbird 9 9 9\n');
  writeFileSync(
    file,
    `experiment: words
dataset: {kind: text, file: text.txt, tokens: words, time_steps: 4}
model: {kind: gru, hidden_size: 5, readout: every, initializer: {kind: pytorch}, embedding: {size: 3, file: vectors.txt, frozen: true}}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.1}
training: {epochs: 1, batch_size: 8}
`,
  );
});

const withFile = (name: string) => planned(file, { set: [`model.embedding.file=${join(folder, name)}`] });
const ROWS = { the: [1, 2, 3], cat: [4, 5, 6] };

test('tokens that the file has begin with its vectors, all others as they are drawn without it', async () => {
  const { plan, files } = planned(file);
  const { vocabulary = [] } = plan.data.fitted;
  const given = freshStart(plan, files).state['parameters/E'] ?? [];
  const { file: _, ...embedding } = plan.config.values.model['embedding'] as Record<string, unknown>;
  const drawn = freshStart(planned(file, { set: [`model.embedding=${JSON.stringify(embedding)}`] }).plan).state['parameters/E'] ?? [];
  const row = (values: ArrayLike<number>, at: number) => Array.from(values).slice(3 * at, 3 * at + 3);
  expect(vocabulary.length).toBeGreaterThan(5);
  for (const [at, token] of vocabulary.entries()) {
    expect(row(given, at), token).toEqual(token in ROWS ? ROWS[token as keyof typeof ROWS] : row(drawn, at));
  }
  const { snapshots } = await trained({ ...planned(file) });
  expect([...(snapshots.at(-1)?.state['parameters/E'] ?? [])]).toEqual([...given]);
});

test('the plan tells how many tokens were found; what the file gives has learnt, and is not told as random', () => {
  const { plan, warnings } = planned(file);
  const tokens = plan.data.fitted.vocabulary?.length ?? 0;
  expect(plan.vectors).toMatchObject([{ parameter: 'E', found: 2, tokens }]);
  expect(describePlan(plan)).toContain(`E: 2 of ${tokens} tokens (${((100 * 2) / tokens).toPrecision(3)} %) begin with the vectors of`);
  expect(warnings).toEqual([]);
});

test('the same vectors are the same work, wherever they lie and whatever else is there; others are another', () => {
  const [first, moved, other] = [planned(file), withFile('elsewhere/more.vec'), withFile('other.txt')].map(({ plan }) => plan.work);
  expect(moved?.key).toBe(first?.key);
  expect(other?.key).not.toBe(first?.key);
  expect(JSON.stringify(first?.ingredients)).not.toContain('vectors.txt');
});

test('plans that share what they know of files look into one once', () => {
  const { plan, files } = planned(file);
  const read: string[] = [];
  const counting = { read: (path: string) => (read.push(path), files.read(path)) };
  const tools = { files: counting, numerics, factsCache: remembered(undefined) };
  const [first, second] = [1, 2].map(() => planExperiment(plan.config, stages, tools).plan?.vectors);
  expect(second).toEqual(first);
  expect(first).toEqual(plan.vectors);
  expect(read.filter((path) => path.endsWith('vectors.txt'))).toHaveLength(1);
});

test('where nothing is looked up, nothing is said of the file', () => {
  const found = examine(file, { set: ['dataset={kind: binary_addition}', 'loss.kind=mean_squared_error', 'model.readout=last'] });
  expect('diagnostics' in found && found.diagnostics.map(({ code }) => code)).toEqual(['no-tokens']);
});

test.each([
  [
    'model.embedding.size=5',
    'vectors-of-other-size',
    'a vector in "vectors.txt" holds 3 numbers, and the embedding is to have 5',
    'write size: 3',
  ],
  ['model.embedding.file=birds.txt', 'no-vector-found', /has no vector of any token of these data: /, /small letters/],
  [
    'model.embedding.file=broken.txt',
    'unreadable-vectors',
    /line 2 holds no word with 3 numbers/,
    /as GloVe, word2vec and fastText write it/,
  ],
  ['model.embedding.file=gone.txt', 'unreadable-file', /cannot be read/, /a path counts from/],
])('a file that does not fit is told at its option: %s', (set, code, message, help) => {
  const found = examine(file, { set: [set.replace('file=', `file=${folder}/`)] });
  if (!('diagnostics' in found)) throw new Error('no mistake was found');
  expect(found.diagnostics).toMatchObject([
    { code, message: expect.stringMatching(message) as string, help: expect.stringMatching(help) as string },
  ]);
});
