import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../../src/run/prepare.js';
import { workplace } from '../support/program.js';
import { InputError, type Diagnostic } from '../../src/diagnostics/diagnostic.js';

let folder = '';
let number = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retable-use-'));
  process.env['RETABLE_CACHE'] = 'off';
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A document that uses these files; the first is the module. Every call has a folder of its own, because Node imports a file once. */
function write(files: Readonly<Record<string, string>>, more = ''): string {
  const here = join(folder, String(number++));
  const all = { 'experiment.yaml': document(`use: [./${Object.keys(files)[0]}]\n${more}`), ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(here, name)), { recursive: true });
    writeFileSync(join(here, name), text);
  }
  return join(here, 'experiment.yaml');
}

const document = (head: string, metric = 'half') => `experiment: own
${head}
dataset: {kind: binary_addition, bits: 4, examples: 64, train_fraction: 0.5}
model: {kind: rnn, hidden_size: 4, initializer: {kind: uniform}}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 0.1}
metrics: [{kind: ${metric}}]
training: {epochs: 1, batch_size: 8}
`;

const HALF = `defineStage({
  slot: 'metric', kind: 'half', version: 1, summary: 'Half of it.', options: Type.Object({}),
  plan: () => ({ better: 'higher', deterministic: true, unit: '' }),
  create: () => ({ score: (output, target, weight) => ({ sum: tf.sum(output), count: tf.sum(weight) }), finish: ({ sum }) => sum / 2 }),
})`;
const module = (stages: string) => `export default ({ defineStage, Type, tf }) => [${stages}];\n`;

function diagnosticsOf(file: string): readonly Diagnostic[] {
  try {
    const found = examine(file, {});
    return 'diagnostics' in found ? found.diagnostics : found.warnings;
  } catch (error) {
    if (error instanceof InputError) return error.diagnostics;
    throw error;
  }
}

function keyOf(file: string): string {
  const found = examine(file, {});
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return found.plan.work.key;
}

test('stages of a module are there', () => {
  expect(diagnosticsOf(write({ 'own.mjs': module(HALF) }))).toEqual([]);
  expect(diagnosticsOf(write({ 'own.cjs': `module.exports = ({ defineStage, Type, tf }) => [${HALF}];` }))).toEqual([]);
});

describe('a module that can’t be used is told with its place', () => {
  const broken: readonly (readonly [name: string, code: string, message: RegExp, line: string, files: Readonly<Record<string, string>>])[] =
    [
      [
        'throws',
        'module-fails',
        /can't be imported: data is not defined$/,
        'own.mjs:2',
        { 'own.mjs': 'const a = 1;\nconst b = data.length;\n' },
      ],
      ['no grammar', 'module-fails', /can't be imported: Unexpected/, 'own.mjs:2', { 'own.mjs': '\nexport default = 3;\n' }],
      ['imports what is not there', 'module-fails', /Cannot find module/, 'experiment.yaml:2', { 'own.mjs': "import './other.mjs';\n" }],
      ['waits', 'module-waits', /"await" outside of functions/, 'experiment.yaml:2', { 'own.mjs': 'export default await 3;\n' }],
      ['no function', 'no-stages', /exports a number/, 'experiment.yaml:2', { 'own.mjs': 'export default 3;\n' }],
      ['no default', 'no-stages', /must export a function/, 'experiment.yaml:2', { 'own.mjs': 'export const stages = [];\n' }],
      ['no list', 'no-stages', /gives nothing/, 'experiment.yaml:2', { 'own.mjs': 'export default () => {};\n' }],
      [
        'the function throws',
        'module-fails',
        /tf\.ones is read before there are tensors/,
        'own.mjs:1',
        { 'own.mjs': module('tf.ones([2])') },
      ],
      [
        'no slot',
        'wrong-stage',
        /^stage half of \.\/own\.mjs must say a slot/,
        'experiment.yaml:2',
        { 'own.mjs': module(HALF.replace("slot: 'metric', ", '')) },
      ],
      ['no version', 'wrong-stage', /must say its version/, 'experiment.yaml:2', { 'own.mjs': module(HALF.replace('version: 1, ', '')) }],
      [
        'no options',
        'wrong-stage',
        /must say its options/,
        'experiment.yaml:2',
        { 'own.mjs': module(HALF.replace('options: Type.Object({}),', '')) },
      ],
      ...(
        [
          [
            'a keyword that is not read',
            'Type.Array({ ...Type.Number(), multipleOf: 2 })',
            /"a" with "multipleOf", which retable doesn't check/,
          ],
          ['a type that is not one', "{ type: ['string', 'number'] }", /"a" with a type \["string","number"\]; there are boolean/],
          ['a pattern that is not one', "Type.String({ pattern: '(' })", /"a" with a pattern "\(", which is no regular expression/],
        ] as const
      ).map(
        ([name, option, message]) =>
          [
            name,
            'wrong-stage',
            message,
            'experiment.yaml:2',
            { 'own.mjs': module(HALF.replace('Type.Object({})', `Type.Object({ a: ${option} })`)) },
          ] as const,
      ),
      ['no create', 'wrong-stage', /no function "create"/, 'experiment.yaml:2', { 'own.mjs': module(HALF.replace('create:', 'make:')) }],
      [
        'a bad default',
        'wrong-stage',
        /option "n" whose default/,
        'experiment.yaml:2',
        { 'own.mjs': module(HALF.replace('Object({}', 'Object({ n: Type.Integer({ minimum: 2, default: 1 }) }')) },
      ],
      [
        'a bad example',
        'wrong-stage',
        /option "n" with an example that is not/,
        'experiment.yaml:2',
        { 'own.mjs': module(HALF.replace('Object({}', 'Object({ n: Type.Integer({ minimum: 2, examples: [1] }) }')) },
      ],
      [
        'a kind of ours',
        'kind-taken',
        /retable has one of that kind/,
        'experiment.yaml:2',
        { 'own.mjs': module(HALF.replace("'half'", "'accuracy'")) },
      ],
      ['a kind twice', 'kind-taken', /\.\/own\.mjs has one of that kind/, 'experiment.yaml:2', { 'own.mjs': module(`${HALF}, ${HALF}`) }],
      [
        'tf while planning',
        'stage-fails',
        /fails in plan: tf\.ones is read/,
        'own.mjs:3',
        { 'own.mjs': module(HALF.replace('plan: () =>', 'plan: () => tf.ones([1]) &&')) },
      ],
      [
        'plan gives too little',
        'stage-fails',
        /fails in plan: it gives no "unit"/,
        'experiment.yaml:8',
        { 'own.mjs': module(HALF.replace(", unit: ''", '')) },
      ],
      ['no such option', 'unknown-key', /metric half has no key/, 'experiment.yaml:7', { 'own.mjs': module(HALF) }],
      ['not a module', 'not-a-module', /is no JavaScript/, 'experiment.yaml:2', { 'own.txt': '' }],
    ];

  test.each(broken)('%s', (name, code, message, line, files) => {
    const file = write({
      ...files,
      ...(name === 'no such option' && { 'experiment.yaml': document('use: [./own.mjs]', 'half, hlaf: 1').replace('\n\n', '\n') }),
    });
    const [first, ...others] = diagnosticsOf(file);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ code, severity: 'error', message: expect.stringMatching(message) });
    const { place } = first ?? {};
    expect(place ? `${place.file.split('/').at(-1)}:${place.line}` : '').toBe(line);
  });

  test('a file that is not there, with the name that was meant', () => {
    const file = write({ 'own.mjs': module(HALF), 'experiment.yaml': document('use: [./onw.mjs]') });
    expect(diagnosticsOf(file)).toMatchObject([{ code: 'missing-module', help: 'did you mean "./own.mjs"?' }]);
  });

  const typeScript = 'typescript' in process.features && Boolean(process.features.typescript);
  test('TypeScript, where Node reads it', () => {
    const file = write({ 'own.ts': module(HALF).replace('({ defineStage, Type, tf })', '({ defineStage, Type, tf }: any)') });
    expect(diagnosticsOf(file).map(({ code }) => code)).toEqual(typeScript ? [] : ['needs-newer-node']);
  });
});

describe('the work knows the code that it runs', () => {
  const IMPORTING = `import './part.mjs';\n${module(HALF)}`;
  const key = (files: Readonly<Record<string, string>>, yaml?: string) =>
    keyOf(write(yaml === undefined ? files : { ...files, 'experiment.yaml': yaml }));

  test('a module that is moved or renamed is the same work', () => {
    const first = key({ 'own.mjs': IMPORTING, 'part.mjs': '1;' });
    expect(key({ 'lib/other.mjs': IMPORTING, 'lib/part.mjs': '1;' })).toBe(first);
  });

  test('a change in it, or in what it imports, is another', () => {
    const first = key({ 'own.mjs': IMPORTING, 'part.mjs': '1;' });
    expect(key({ 'own.mjs': `${IMPORTING} `, 'part.mjs': '1;' })).not.toBe(first);
    expect(key({ 'own.mjs': IMPORTING, 'part.mjs': '2;' })).not.toBe(first);
  });

  test('modules that import each other', () => {
    expect(key({ 'own.mjs': IMPORTING, 'part.mjs': "import './own.mjs';" })).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a document without modules is the work that it was', () => {
    const file = write({ 'own.mjs': module(HALF), 'experiment.yaml': document('', 'bit_accuracy') });
    const found = examine(file, {});
    expect('plan' in found && found.plan.work.ingredients).not.toHaveProperty('modules');
  });
});

/** logits = one_hot(x) W: of every token, what follows it. */
const BIGRAM = `import { sizeOf } from './lib/size.mjs';
export default ({ defineStage, Type, tf }) => [defineStage({
  slot: 'model', kind: 'bigram', version: 1, summary: 'What follows a token.', options: Type.Object({}),
  plan: (_, { data }) => ({
    parameters: [{ name: 'W', shape: [sizeOf(data), sizeOf(data)], initializer: { kind: 'zeros' } }], buffers: [], state: {}, masks: [],
    output: { shape: [...data.splits.train.input.shape, sizeOf(data)], axes: ['time', 'outputs'], dtype: 'float32' },
  }),
  create: (_, __, ___, { data }) => ({
    forward: ({ parameters, buffers, state }, { input }) => {
      const flat = tf.reshape(tf.oneHot(tf.cast(input, 'int32'), sizeOf(data)), [-1, sizeOf(data)]);
      return { output: tf.reshape(tf.matMul(tf.cast(flat, 'float32'), parameters.W), [...input.shape, sizeOf(data)]), buffers, state };
    },
  }),
})];
`;

const place = workplace();
test('a shape that does not fit is told at the line that asks for it, also while the step is recorded', async () => {
  const file = write({ 'own.mjs': module(HALF.replace('tf.sum(output)', 'tf.sum(tf.matMul(output, target))')) });
  const { status, stderr } = await place.run('plan', file, '--graph');
  expect(status).toBe(2);
  expect(stderr).toMatch(/own\.mjs:4:\d+: error\[stage-fails\]: metric half of \.\/own\.mjs fails in score: .*inner shapes/);
});

test.each([
  [
    'an operation that no program holds',
    'tf.sum(tf.unique(tf.reshape(output, [-1])).values)',
    /operation Unique, which can't be compiled/,
    /eager-js or eager-wasm/,
  ],
  [
    'a branch on a value',
    'tf.max(output).arraySync() > 0 ? tf.sum(output) : tf.sum(target)',
    /reads the value of a tensor/,
    /eager-js or eager-wasm/,
  ],
  ['a value that nobody waits for', '(output.data(), tf.sum(output))', /reads the value of a tensor/, /eager-js or eager-wasm/],
  ['a number that is drawn', 'tf.sum(tf.dropout(output, 0.5))', /draws random numbers/, /hand them in/],
])('%s is told at the stage, with the line of its code', async (_, line, said, help) => {
  const file = write({ 'own.mjs': module(HALF.replace('tf.sum(output)', line)) });
  const { status, stderr } = await place.run('plan', file, '--graph');
  expect(status).toBe(2);
  expect(stderr).toMatch(/experiment\.yaml:8:10: error\[not-compiled\]: metric: own train /);
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(/\(.*own\.mjs:4:\d+\)/);
  expect(stderr).toMatch(help);
});

test('a function that gives a promise is told so', async () => {
  const file = write({ 'own.mjs': module(HALF.replace('score: (', 'score: async (')) });
  const { status, stderr } = await place.run('plan', file, '--graph');
  expect(status).toBe(2);
  expect(stderr).toMatch(/error\[stage-fails\]: metric half of \.\/own\.mjs fails in score: it is an async function/);
});

test('a record keeps the modules, and its model writes on when they are gone', { timeout: 60_000 }, async () => {
  const here = join(place.folder, 'project');
  mkdirSync(join(here, 'lib'), { recursive: true });
  writeFileSync(join(here, 'bigram.mjs'), BIGRAM);
  writeFileSync(join(here, 'lib', 'size.mjs'), 'export const sizeOf = (data) => data.classes ?? 1;\n');
  writeFileSync(join(here, 'text.txt'), 'abcd'.repeat(500));
  const experiment = `experiment: bigram
use: [./bigram.mjs]
dataset: {kind: text, file: text.txt, time_steps: 8}
model: {kind: bigram}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.5}
training: {epochs: 4, batch_size: 8}
`;
  writeFileSync(join(here, 'experiment.yaml'), experiment);
  const runs = join(place.folder, 'runs');
  const trained = await place.run('run', join(here, 'experiment.yaml'), '--runs', runs);
  expect(trained.status, trained.stderr).toBe(0);
  rmSync(here, { recursive: true });
  const { stdout, stderr } = await place.run('sample', 'latest', '--prefix', 'a', '--length', '7', '--runs', runs);
  expect(stdout, stderr).toBe('abcdabcd\n');
});
