import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atItsStage } from '../../src/run/engine-fault.js';
import { examine } from '../../src/run/prepare.js';
import { type Diagnostic, InputError, isError } from '../../src/diagnostics/diagnostic.js';
import { createEngine } from '../../src/engine/create.js';
import { createDataset, createFinishers, pipelineFor } from '../../src/train/pipeline.js';
import { freshStart } from '../../src/train/start.js';
import { train } from '../../src/train/run.js';
import { workplace } from '../support/program.js';

/*
 * A person's own stages, each wrong in one way: what they give is not what they announced. Every one is told at its place in the document, and
 * before a number is on record.
 */

const place = workplace();
let number = 0;

/** Parts of a module that learns which of two answers a sequence of tokens has; a test changes one of them. */
const PARTS = {
  fit: `{}`,
  plan: `({ splits: { train: split(16, 4), test: split(8, 2) }, classes: 2, chance: {} })`,
  split: `{ examples, batches, batchSize: 4, inputs: { input: { shape: [3], axes: ['time'], dtype: 'int32', tokens: 7 } }, target: { shape: [], axes: [], dtype: 'int32' } }`,
  batch: `{ inputs: { input }, target, weight: new Float32Array(4).fill(1) }`,
  batches: `*batches(name) {`,
  count: `name === 'train' ? 4 : 2`,
  reading: `'class_logits'`,
  loss: `tf.sum(tf.mul(nats(output, target), weight))`,
  better: `{ better: 'higher', deterministic: true, unit: 'share' }`,
  sum: `tf.sum(tf.mul(hits(output, target), weight))`,
  metricCount: `tf.sum(weight)`,
  finish: `sum / count`,
  parameters: `[{ name: 'W', shape: [7, 2], initializer: { kind: 'zeros' } }]`,
  announced: `{ shape: [2], axes: ['classes'], dtype: 'float32' }`,
  forward: `tf.sum(tf.gather(parameters.W, input), 1)`,
  attends: '',
  attention: '',
  updated: `{ W: tf.sub(parameters.W, tf.mul(gradients.W, scalars.learning_rate)) }`,
  state: `{}`,
  scalars: `{ learning_rate: 0.5 }`,
};
type Parts = Partial<typeof PARTS & { readonly metric: string }>;

/** A metric in the short form. */
const meanOf = (part: typeof PARTS): string =>
  `{ score: (output, target, weight) => ({ sum: ${part.sum}, count: ${part.metricCount} }), finish: ({ sum, count }) => ${part.finish} }`;

/** A metric that accumulates, and one that is given the whole split. */
const ACCUMULATES = PARTS.better.replace(' }', ', accumulates: { right: [2], all: [] } }');
const accumulating = (right: string, finished: string): string =>
  `{ accumulate: (output, target, weight) => ({ right: ${right}, all: tf.sum(weight) }), finish: ({ right, all }) => (${finished}) }`;
const RIGHT = `tf.sum(tf.mul(tf.oneHot(target, 2, 1, 0, 'float32'), tf.expandDims(tf.mul(hits(output, target), weight), 1)), 0)`;
const SHARE = `(right[0] + right[1]) / all[0]`;
const COLLECTS = PARTS.better.replace(' }', ', collects: true }');

const moduleOf = (changes: Parts): string => {
  const part: typeof PARTS & { readonly metric?: string } = { ...PARTS, ...changes };
  return `export default ({ defineStage, Type, tf }) => {
  const hits = (output, target) => tf.cast(tf.equal(tf.argMax(output, -1), target), 'float32');
  const nats = (output, target) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(output), tf.oneHot(target, 2, 1, 0, 'float32')), -1));
  const split = (examples, batches) => (${part.split});
  const none = Type.Object({});
  const thrown = (traps) => { throw new Proxy({}, traps); };
  return [
    defineStage({
      slot: 'dataset', kind: 'own_data', version: 1, summary: 'x', options: none,
      look: () => ({ digest: 'x', facts: [], content: {} }),
      fit: () => (${part.fit}),
      plan: () => ${part.plan},
      create: () => ({
        ${part.batches}
          for (let i = 0; i < (${part.count}); i++) {
            const input = Int32Array.from({ length: 12 }, (_, at) => ((at + 13 * i + (name === 'train' ? 0 : 101)) ** 2 * 3) % 7);
            const target = Int32Array.from({ length: 4 }, (_, row) => Number(input[3 * row] + input[3 * row + 1] + input[3 * row + 2] > 9));
            yield ${part.batch};
          }
        },
      }),
    }),
    defineStage({
      slot: 'model', kind: 'own_model', version: 1, summary: 'x', options: none,
      plan: () => ({ parameters: ${part.parameters}, buffers: [], state: {}, masks: [], output: ${part.announced}${part.attends} }),
      create: () => ({ forward: ({ parameters, buffers, state }, { input }) => ({ output: ${part.forward}, buffers, state })${part.attention} }),
    }),
    defineStage({
      slot: 'loss', kind: 'own_loss', version: 1, summary: 'x', options: none,
      plan: () => ({ reading: ${part.reading} }),
      create: () => ({ score: (output, target, weight) => ({ sum: ${part.loss}, count: tf.sum(weight) }) }),
    }),
    defineStage({
      slot: 'metric', kind: 'own_metric', version: 1, summary: 'x', options: none,
      plan: () => (${part.better}),
      create: () => (${part.metric ?? meanOf(part)}),
    }),
    defineStage({
      slot: 'optimizer', kind: 'own_optimizer', version: 1, summary: 'x', options: none,
      plan: () => ({ slots: [], scalars: ${part.scalars} }),
      create: () => ({ update: (gradients, state, parameters, scalars) => ({ parameters: ${part.updated}, state: ${part.state} }) }),
    }),
  ];
};
`;
};

const DOCUMENT = `experiment: own
use: [./own.mjs]
dataset: {kind: own_data}
model: {kind: own_model}
loss: {kind: own_loss}
optimizer: {kind: own_optimizer}
metrics: [{kind: own_metric}]
training: {epochs: 2, batch_size: 4}
engine: {kind: eager-js}
`;
const LINES = { dataset: 3, model: 4, loss: 5, optimizer: 6, metrics: 7 };

function write(changes: Parts, document = DOCUMENT): string {
  const folder = join(place.folder, String(number++));
  mkdirSync(folder);
  writeFileSync(join(folder, 'own.mjs'), moduleOf(changes));
  writeFileSync(join(folder, 'own.yaml'), document);
  return join(folder, 'own.yaml');
}

test('stages that give what they announce are trained, by both kinds of engine', async () => {
  for (const engine of ['eager-js', 'compiled']) {
    const { status, stdout, stderr } = await place.run(
      'run',
      write({}),
      '--engine',
      engine,
      '--set',
      'training.epochs=40',
      '--json',
      '--runs',
      join(place.folder, 'good'),
    );
    expect(status, stderr).toBe(0);
    expect((JSON.parse(stdout) as { metrics: Record<string, { value: number }> }).metrics['test/own_metric']?.value).toBe(1);
  }
});

test.each([
  ['each step as much as another', `tf.fill([4, 3], 1 / 3)`, ''],
  [
    'one weight for each sequence',
    `tf.ones([4])`,
    'the attention on test could not be kept: model own_model gives attention as float32 [4]; announced is float32 [4, 3]',
  ],
  ['what fails', `tf.none()`, 'the attention on test could not be kept: model own_model of'],
])('a model that attends gives %s', async (_, weights, note) => {
  const document = write({
    batches: `rows: (split) => Array.from({ length: split === 'test' ? 8 : 16 }, (_, at) => ({ series: String(at), times: [] })), ${PARTS.batches}`,
    attends: ', attends: true',
    attention: `, attention: ({ parameters }, { input }) => ${weights}`,
  });
  const { status, stdout, stderr } = await place.run('run', document, '--json', '--runs', join(place.folder, 'attends'));
  expect(status, stderr).toBe(0);
  const { record } = JSON.parse(stdout) as { record: string };
  expect(existsSync(join(record, 'artifacts', 'predictions-test.csv'))).toBe(true);
  const view = join(record, 'artifacts', 'views', 'test', 'attention.json');
  if (note === '') expect(readFileSync(view, 'utf8')).toMatch(/"tokens": \[\s*"1",\s*"2",\s*"3"\s*\],\s*"weights": \[\s*0\.3333,/);
  else expect(existsSync(view)).toBe(false);
  expect(stderr.includes('attention')).toBe(note !== '');
  expect(stderr).toContain(note);
});

type Case = readonly [what: string, at: keyof typeof LINES, message: RegExp, changes: Parts];

/** Found by `check`, before anything runs. */
const SPECS: readonly Case[] = [
  [
    'int32 without tokens',
    'dataset',
    /"splits\.train\.inputs\.input" is int32 and doesn't say how many tokens/,
    { split: PARTS.split.replace(', tokens: 7', '') },
  ],
  [
    'tokens of numbers',
    'dataset',
    /says tokens, which only indices/,
    { split: PARTS.split.replace("dtype: 'int32', tokens", "dtype: 'float32', tokens") },
  ],
  [
    'tokens that are none',
    'dataset',
    /"splits\.train\.inputs\.input\.tokens" must be/,
    { split: PARTS.split.replace('tokens: 7', 'tokens: 0') },
  ],
  [
    'an axis without a name',
    'dataset',
    /"splits\.train\.inputs\.input" has 1 lengths and 0 names/,
    { split: PARTS.split.replace("axes: ['time']", 'axes: []') },
  ],
  [
    'a dtype that no engine knows',
    'dataset',
    /"splits\.train\.inputs\.input\.dtype" must be float32 or int32, and is "int64"/,
    { split: PARTS.split.replace("dtype: 'int32'", "dtype: 'int64'") },
  ],
  [
    'classes that are no number',
    'dataset',
    /"classes" must be .* and is a list/,
    { plan: PARTS.plan.replace('classes: 2', "classes: ['a', 'b']") },
  ],
  ['a vocabulary of another size', 'dataset', /its fit gives 2 vocabulary, and its plan has 7/, { fit: `{ vocabulary: ['a', 'b'] }` }],
  ['scales without a middle', 'dataset', /it gives means or deviations, and must give both/, { fit: `{ means: [1] }` }],
  [
    'names that are none',
    'dataset',
    /its "classes\.1" must be a text, and is 2|its "classes\.1" must be/,
    { fit: `{ classes: ['a', 2] }` },
  ],
  ['a fit that gives nothing', 'dataset', /fails in fit: it gives nothing/, { fit: 'undefined' }],
  [
    'an input in the old place',
    'dataset',
    /its "splits\.train" gives "input" by itself/,
    { split: PARTS.split.replace('inputs: { input: { shape', 'input: { shape').replace('7 } }', '7 }') },
  ],
  [
    'an input whose name is taken',
    'dataset',
    /an input can't be called "mask"/,
    { split: PARTS.split.replace('inputs: {', "inputs: { mask: { shape: [3], axes: ['time'], dtype: 'float32' },") },
  ],
  [
    'inputs of a split that are others',
    'dataset',
    /its "splits\.test\.inputs" are more, input, and those of the train split input/,
    {
      split: PARTS.split.replace('inputs: {', "inputs: { ...(examples === 8 && { more: { shape: [1], axes: ['x'], dtype: 'float32' } }),"),
    },
  ],
  [
    'a vocabulary in the old place',
    'dataset',
    /its plan gives "vocabulary", which is what "fit" gives/,
    { plan: PARTS.plan.replace('classes: 2', "classes: 2, vocabulary: ['a', 'b']") },
  ],
  ['no train split', 'dataset', /gives no split "train"/, { plan: PARTS.plan.replace('train: split(16, 4), ', '') }],
  [
    'splits of different vocabularies',
    'dataset',
    /"splits\.test\.inputs\.input\.tokens" is not that of the train split/,
    { split: PARTS.split.replace('tokens: 7', 'tokens: examples') },
  ],
  [
    'outputs that the target does not hold',
    'dataset',
    /"outputs" are 6 numbers, steps times names, and the last axis of its "splits\.train\.target" holds none/,
    { plan: PARTS.plan.replace('classes: 2', "classes: 2, outputs: { steps: 3, names: ['a', 'b'] }") },
  ],
  [
    'a parameter twice',
    'model',
    /"parameters" hold "W" twice/,
    { parameters: `[${PARTS.parameters.slice(1, -1)}, ${PARTS.parameters.slice(1, -1)}]` },
  ],
  [
    'a shape that is no list of lengths',
    'model',
    /"parameters\.0\.shape\.1" must be/,
    { parameters: PARTS.parameters.replace('[7, 2]', '[7, 2.5]') },
  ],
  [
    'an initializer that nobody knows',
    'model',
    /"parameters\.0\.initializer\.kind" must be .*, and is "ones"/,
    { parameters: PARTS.parameters.replace("'zeros'", "'ones'") },
  ],
  ['a reading that nobody knows', 'loss', /"reading" must be values, logits or class_logits, and is "classes"/, { reading: `'classes'` }],
  [
    'a direction that is none',
    'metrics',
    /"better" must be higher or lower, and is "more"/,
    { better: PARTS.better.replace('higher', 'more') },
  ],
  [
    'a truth that is a word',
    'metrics',
    /"deterministic" must be true or false, and is "yes"/,
    { better: PARTS.better.replace('true', "'yes'") },
  ],
  ['a unit that is none', 'metrics', /"unit" must be text, and is 1/, { better: PARTS.better.replace("'share'", '1') }],
  ['a list with holes', 'model', /"parameters\.0" must be/, { parameters: 'new Array(2)' }],
  ['a spec that throws when it is read', 'metrics', /fails in plan: late/, { better: `({ get better() { throw 'late'; } })` }],
  ['a part that is missing', 'metrics', /gives no "unit"/, { better: PARTS.better.replace(", unit: 'share'", '') }],
  [
    'a scalar that is no number',
    'optimizer',
    /"scalars\.learning_rate" must be a number, and is "fast"/,
    { scalars: `{ learning_rate: 'fast' }` },
  ],
  [
    'both forms of a metric',
    'metrics',
    /it says both "accumulates" and "collects"/,
    { better: `${ACCUMULATES.slice(0, -2)}, collects: true }` },
  ],
  ['sums without a name', 'metrics', /"accumulates" names no sum/, { better: PARTS.better.replace(' }', ', accumulates: {} }') }],
  [
    'a sum of half a row',
    'metrics',
    /"accumulates\.counts\.0" must be a whole number/,
    { better: PARTS.better.replace(' }', ', accumulates: { counts: [0.5] } }') },
  ],
  [
    'a sum that no program can name',
    'metrics',
    /a sum can't be called "a\/b"/,
    { better: PARTS.better.replace(' }', ", accumulates: { 'a/b': [] } }") },
  ],
  [
    'a metric that is a weight',
    'metrics',
    /"is" must be speed, and is "weight"/,
    { better: PARTS.better.replace(' }', ", is: 'weight' }") },
  ],
  ['a scalar of the runner', 'optimizer', /"scalars" hold "step"/, { scalars: `{ learning_rate: 0.5, step: 1 }` }],
];

/** Found in the first step or the first epoch. */
const GIVEN: readonly Case[] = [
  ['a vector of sums', 'metrics', /gives sum as float32 \[4\]; announced is one number/, { sum: `hits(output, target)` }],
  ['a sum in a list', 'metrics', /gives sum as float32 \[1\]/, { sum: `tf.reshape(${PARTS.sum}, [1])` }],
  ['a count that is no tensor', 'metrics', /gives count as no tensor but a number/, { metricCount: '4' }],
  ['truth values', 'metrics', /gives sum as bool \[\]/, { sum: `tf.any(tf.greater(hits(output, target), 0))` }],
  ['nothing', 'metrics', /gives count as nothing/, { metricCount: 'undefined' }],
  ['no value', 'metrics', /fails in finish: it gives nothing/, { finish: '{ sum / count; }' }],
  ['a text', 'metrics', /fails in finish: it gives "\d/, { finish: '(sum / count).toFixed(3)' }],
  ['a list', 'metrics', /fails in finish: it gives a list/, { finish: '[sum / count]' }],
  ['no finite number', 'metrics', /fails in finish: it gives Infinity/, { finish: 'sum / 0 + 1 / 0' }],
  ['an old form where another was announced', 'metrics', /fails in create: it gives no "accumulate"/, { better: ACCUMULATES }],
  ['sums where the whole split was announced', 'metrics', /fails in create: it gives no "evaluate"/, { better: COLLECTS }],
  ['another form that was not announced', 'metrics', /fails in create: it gives no "score"/, { metric: accumulating(RIGHT, SHARE) }],
  [
    'a sum of another shape',
    'metrics',
    /gives accumulate\.right as float32 \[\]; announced is float32 \[2\]/,
    { better: ACCUMULATES, metric: accumulating(PARTS.sum, SHARE) },
  ],
  [
    'a sum more',
    'metrics',
    /gives accumulate\.more, which it did not announce/,
    { better: ACCUMULATES, metric: accumulating(`${RIGHT}, more: tf.sum(weight)`, SHARE) },
  ],
  ['a list of all sums', 'metrics', /fails in finish: it gives an object/, { better: ACCUMULATES, metric: accumulating(RIGHT, 'right') }],
  [
    'no finite number of finite sums',
    'metrics',
    /fails in finish: it gives Infinity for the sums right, all/,
    { better: ACCUMULATES, metric: accumulating(RIGHT, '1 / 0') },
  ],
  [
    'a view that is none',
    'metrics',
    /gives a view that can't be drawn: its "values" hold 1 rows, and there are names for 2/,
    {
      better: ACCUMULATES,
      metric: accumulating(
        RIGHT,
        `{ value: ${SHARE}, view: { kind: 'matrix', rows: { title: 'r', names: ['a', 'b'] }, columns: { title: 'c', names: ['a'] }, values: [[1]] } }`,
      ),
    },
  ],
  ['a view without a value', 'metrics', /fails in finish: it gives an object/, { finish: `({ view: { kind: 'text', text: 'x' } })` }],
  ['no value of a whole split', 'metrics', /fails in evaluate: it gives nothing/, { better: COLLECTS, metric: '{ evaluate: () => {} }' }],
  ['a loss that is a vector', 'loss', /gives sum as float32 \[4\]/, { loss: 'tf.mul(nats(output, target), weight)' }],
  [
    'another output',
    'model',
    /gives output as float32 \[4, 3, 2\]; announced is float32 \[4, 2\]/,
    { forward: 'tf.gather(parameters.W, input)' },
  ],
  ['no attention where it says that it attends', 'model', /attention/, { attends: ', attends: true' }],
  ['an output of another kind', 'model', /gives output as int32 \[4, 2\]/, { forward: `tf.cast(${PARTS.forward}, 'int32')` }],
  [
    'a parameter of another shape',
    'optimizer',
    /gives parameters\.W as float32 \[7, 1\]; announced is float32 \[7, 2\]/,
    { updated: `{ W: tf.sum(parameters.W, 1, true) }` },
  ],
  ['a parameter less', 'optimizer', /gives parameters\.W as nothing/, { updated: '{}' }],
  ['a parameter more', 'optimizer', /gives parameters\.V, which it did not announce/, { updated: `{ W: parameters.W, V: parameters.W }` }],
  ['a slot more', 'optimizer', /gives state\.m, which it did not announce/, { state: `{ m: { W: parameters.W } }` }],
  [
    'a loss without a gradient',
    'loss',
    /can't be differentiated by every parameter of the model: .*Equal/,
    { loss: 'tf.sum(hits(output, target))' },
  ],
  ['an output that depends on no parameter', 'loss', /can't be differentiated by every parameter/, { forward: 'tf.zeros([4, 2])' }],
  [
    'a parameter that nothing depends on',
    'loss',
    /can't be differentiated by every parameter/,
    { parameters: PARTS.parameters.replace('}]', "}, { name: 'V', shape: [2], initializer: { kind: 'zeros' } }]") },
  ],
  [
    'an index too far',
    'dataset',
    /inputs\.input\[0\] is 7, and plan announced tokens: 7, .* \(batch 1 of train, epoch 1\)/,
    { batch: `(input.fill(7), ${PARTS.batch})` },
  ],
  ['an index below 0', 'dataset', /inputs\.input\[2\] is -1/, { batch: `(input.set([-1], 2), ${PARTS.batch})` }],
  [
    'an index too far in the test',
    'dataset',
    /target\[3\] is 2, and plan announced classes: 2, .* \(batch 2 of test, epoch 1\)/,
    { batch: `(name === 'test' && i === 1 && target.fill(2, 3), ${PARTS.batch})` },
  ],
  [
    'a fraction',
    'dataset',
    /inputs\.input must be numbers in Int32Array, and is Float32Array/,
    { batch: PARTS.batch.replace('{ input }', '{ input: Float32Array.from(input, (value) => value + 0.5) }') },
  ],
  [
    'a plain list',
    'dataset',
    /target must be numbers in Int32Array, and is a list/,
    { batch: PARTS.batch.replace('target,', 'target: [...target],') },
  ],
  [
    'a batch too short',
    'dataset',
    /inputs\.input must hold \[4, 3\], 12 numbers, and holds 9/,
    { batch: PARTS.batch.replace('{ input }', '{ input: input.subarray(3) }') },
  ],
  ['no weight', 'dataset', /weight must be numbers in Float32Array, and is nothing/, { batch: '{ inputs: { input }, target }' }],
  ['an input without a name', 'dataset', /it gives "input" by itself/, { batch: PARTS.batch.replace('inputs: { input }', 'input') }],
  ['no inputs', 'dataset', /inputs must be arrays by name, and is nothing/, { batch: PARTS.batch.replace('inputs: { input }, ', '') }],
  [
    'an input that nobody announced',
    'dataset',
    /it gives the input "more", and plan did not announce it/,
    { batch: PARTS.batch.replace('{ input }', '{ input, more: new Float32Array(4) }') },
  ],
  ['a weight below 0', 'dataset', /weight\[0\] is -1/, { batch: PARTS.batch.replace('fill(1)', 'fill(-1)') }],
  ['a weight that is no number', 'dataset', /weight\[0\] is NaN/, { batch: PARTS.batch.replace('fill(1)', 'fill(NaN)') }],
  [
    'a mask that plan did not speak of',
    'dataset',
    /gives a mask, and plan did not say masked: true/,
    { batch: PARTS.batch.replace(/ \}$/, ', mask: new Float32Array(12).fill(1) }') },
  ],
  [
    'no mask',
    'dataset',
    /mask must be numbers in Float32Array, and is nothing/,
    { split: PARTS.split.replace('batchSize: 4,', 'batchSize: 4, masked: true,') },
  ],
  ['a batch too few', 'dataset', /gives 3 batches of train in epoch 1, and plan announced 4/, { count: `name === 'train' ? 3 : 2` }],
  [
    'a batch too many',
    'dataset',
    /gives more than 2 batches of test in epoch 1, and plan announced 2/,
    { count: `name === 'train' ? 4 : 3` },
  ],
  ['batches without end', 'dataset', /gives more than 4 batches of train in epoch 1/, { count: 'Infinity' }],
  [
    'no list of batches',
    'dataset',
    /fails in batches: it gives nothing, and batches are gone through one by one/,
    { batches: 'batches() {}, *others() {' },
  ],
  ['batches that are waited for', 'dataset', /it gives an object, and batches are gone through/, { batches: 'async *batches(name) {' }],
  ['null in place of an error', 'metrics', /fails in finish: it throws null/, { finish: '(() => { throw null; })()' }],
  ['an error that can not be read', 'loss', /fails in score: it throws an object/, { loss: `thrown({ get() { throw 1; } })` }],
  [
    'an error whose words are none',
    'model',
    /fails in forward: it throws an error without/,
    { forward: `(() => { throw Object.assign(new Error(), { message: 5 }); })()` },
  ],
  ['a batch that throws when it is read', 'dataset', /fails in batches: late/, { batch: `{ get inputs() { throw 'late'; } }` }],
  ['a score that throws when it is read', 'metrics', /fails in score: late/, { metricCount: `1, get sum() { throw 'late'; }` }],
];

const lineOf = ({ place }: Diagnostic): number | undefined => place?.line;

function mistakesOf(file: string): readonly Diagnostic[] {
  const found = examine(file, {});
  return 'diagnostics' in found ? found.diagnostics : [];
}

/** What training told, and how many epochs it recorded. */
async function trainingOf(file: string): Promise<{ readonly told: readonly Diagnostic[]; readonly epochs: number }> {
  const prepared = examine(file, {});
  if ('diagnostics' in prepared) return { told: prepared.diagnostics, epochs: 0 };
  const { plan, stages, files } = prepared;
  const engine = await createEngine(plan.engine);
  let epochs = 0;
  try {
    await atItsStage(prepared, async () =>
      train({
        plan,
        pipeline: pipelineFor(plan, stages),
        finishers: createFinishers(plan, stages),
        dataset: createDataset(plan, stages, files),
        engine,
        start: freshStart(plan, files),
        until: plan.training.epochs,
        stopped: () => false,
        onProgress: () => {},
        onEpoch: () => (epochs += 1),
        onCheckpoint: () => {},
      }),
    );
    return { told: [], epochs };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { told: error.diagnostics, epochs };
  } finally {
    await engine.dispose();
  }
}

describe('check tells', () => {
  test.each(SPECS)('%s', (_, at, message, changes) => {
    const [first, ...others] = mistakesOf(write(changes)).filter(isError);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ severity: 'error', message: expect.stringMatching(message) });
    expect(first && lineOf(first)).toBe(LINES[at]);
  });
});

describe('a run tells before it records a number', () => {
  test.each(GIVEN)('%s', async (_, at, message, changes) => {
    const { told, epochs } = await trainingOf(write(changes));
    expect(told).toMatchObject([{ severity: 'error', message: expect.stringMatching(message) }]);
    expect(told.map(lineOf)).toEqual([LINES[at]]);
    expect(epochs).toBe(0);
  });

  test('an answer that has weight 0 may be any number', async () => {
    const batch = `(target.fill(-1, 3), { inputs: { input }, target, weight: Float32Array.of(1, 1, 1, 0) })`;
    expect(await trainingOf(write({ batch }))).toEqual({ told: [], epochs: 2 });
  });

  test('what a stage keeps for itself may be anything', async () => {
    const plan = PARTS.plan.replace(
      'chance: {}',
      'chance: {}, mine: (() => { const mine = { of: new Map(), size: 1n }; return Object.assign(mine, { mine }); })()',
    );
    expect(await trainingOf(write({ plan }))).toEqual({ told: [], epochs: 2 });
  });

  test('what create makes may have its functions from a class', async () => {
    const forward = PARTS.forward;
    const file = write({});
    const module = join(file, '..', 'own.mjs');
    const made = `create: () => ({ forward: ({ parameters, buffers, state }, { input }) => ({ output: ${forward}, buffers, state }) }),`;
    const text = moduleOf({});
    expect(text).toContain(made);
    writeFileSync(
      module,
      text.replace(
        made,
        `create: () => new (class { forward({ parameters, buffers, state }, { input }) { return { output: ${forward}, buffers, state }; } })(),`,
      ),
    );
    expect(await trainingOf(file)).toEqual({ told: [], epochs: 2 });
  });

  test('a value from sums that are not finite may be what it comes to', async () => {
    expect(await trainingOf(write({ sum: 'tf.div(tf.sum(weight), 0)' }))).toEqual({ told: [], epochs: 2 });
  });
});

test('a vector is refused by the compiled engine too, and no cache lets it through', { timeout: 60_000 }, async () => {
  const file = write({ sum: 'hits(output, target)' });
  for (let i = 0; i < 2; i++) {
    const { status, stderr } = await place.run('run', file, '--engine', 'compiled', '--runs', join(place.folder, 'vector'));
    expect(stderr).toMatch(
      /own\.yaml:7:18: error\[not-as-announced\]: metric own_metric gives sum as float32 \[4\]; announced is one number/,
    );
    expect(status).toBe(2);
  }
});
