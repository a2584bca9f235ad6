import { existsSync } from 'node:fs';
import type { Attack } from '../attack.js';
import type { World } from '../world.js';

/** Parts of a module whose dataset and metric are a person's own; an attack puts another text in place of one of them. */
const PARTS = {
  top: '',
  spec: `{ splits: SPLITS, chance: {} }`,
  splits: '{ train: split(4), test: split(2) }',
  split: `{ examples: 4 * batches, batches, batchSize: 4, inputs: { input: TENSOR }, target: TENSOR }`,
  tensor: `{ shape: [2, 1], axes: ['time', 'bits'], dtype: 'float32' }`,
  batches: `for (let i = 0; i < (name === 'train' ? 4 : 2); i++) yield BATCH;`,
  batch: `{ inputs: { input: new Float32Array(8).fill(1) }, target: new Float32Array(8).fill(i % 2), weight: new Float32Array(4).fill(1) }`,
  metric: `{ better: 'higher', deterministic: true, unit: '' }`,
  made: `({ score: (output, target, weight) => SCORE, finish: ({ sum, count }) => FINISH })`,
  score: `({ sum: tf.sum(tf.abs(output)), count: tf.sum(weight) })`,
  finish: 'sum / count',
};
type Part = keyof typeof PARTS;

function own(world: World, changes: Partial<Record<Part, string>>, lines: Readonly<Record<string, string>> = {}): string {
  const part = { ...PARTS, ...changes };
  const text = (from: Part, holes: Readonly<Record<string, Part>>): string =>
    Object.entries(holes).reduce((all, [hole, name]) => all.replaceAll(hole, () => part[name]), part[from]);
  world.write(
    'own.mjs',
    `${part.top}
export default ({ defineStage, Type, tf }) => {
  const split = (batches) => (${text('split', { TENSOR: 'tensor' })});
  const fail = (value) => { throw value; };
  const circle = {};
  circle.circle = circle;
  return [
    defineStage({
      slot: 'dataset', kind: 'own_data', version: 1, summary: 'x', options: Type.Object({}),
      plan: () => (${text('spec', { SPLITS: 'splits' })}),
      create: () => ({ *batches(name, epoch) { ${text('batches', { BATCH: 'batch' })} } }),
    }),
    defineStage({
      slot: 'metric', kind: 'own', version: 1, summary: 'x', options: Type.Object({}),
      plan: () => (${part.metric}),
      create: () => ${text('made', { SCORE: 'score', FINISH: 'finish' })},
    }),
  ];
};
`,
  );
  return world.experiment('own.yaml', {
    use: '[./own.mjs]',
    dataset: '{kind: own_data}',
    model: '{kind: rnn, hidden_size: 3, readout: every}',
    metrics: '[{kind: own}]',
    training: '{epochs: 2, batch_size: 4}',
    engine: '{kind: eager-js}',
    ...lines,
  });
}

/** What no part of a stage may be. */
const ODD = [
  'undefined',
  'null',
  '10n',
  `Symbol('x')`,
  `'words'`,
  '[]',
  'circle',
  '(() => 3)',
  'new Array(3)',
  'Promise.resolve(1)',
  `fail(null)`,
  `fail(undefined)`,
  `fail('words')`,
  `fail(Object.create(null))`,
  `fail(new Error(''))`,
  `fail(Object.assign(new Error(), { message: 5 }))`,
  `fail(new Proxy({}, { get() { throw 1; } }))`,
  `(function deep() { return deep() + 1; })()`,
];

/** Refused at a place of the document or a line of the module, and no half record is left. */
const given = (name: string, part: Part, values: readonly string[], says = /error\[[\w-]+\]: .*own/): Attack => ({
  name,
  tries: 5,
  async attempt(world, any) {
    const file = own(world, { [part]: any.pick(values) });
    const { stderr } = await world.refused(['run', file], says);
    if (!/own\.(?:yaml|mjs):\d+:\d+: error/.test(stderr)) throw new Error(`no place is told:\n${stderr}`);
    await world.refused(['run', file, '--fresh'], says);
    if ((await world.retable(['store', 'verify'])).status === 1) throw new Error('the store is broken');
  },
});

/** Code beside the stages that changes nothing of the result. */
const harmless = (name: string, codes: readonly string[], part: 'top' | 'batches' = 'top'): Attack => ({
  name,
  tries: 4,
  async attempt(world, any) {
    const code = any.pick(codes);
    const file = own(world, { [part]: part === 'top' ? code : `${code}; ${PARTS.batches}` });
    const { stdout } = await world.succeeds(['run', file, '--json', '--runs', world.runs]);
    if ((JSON.parse(stdout) as { outcome: string }).outcome !== 'finished') throw new Error(stdout);
    await world.expectRuns(1);
  },
});

/** Code that ends the command: never with status 0, never in a stack, and the run can go on. */
const ends = (name: string, part: 'top' | 'finish' | 'batches', codes: readonly string[], says: RegExp): Attack => ({
  name,
  tries: 4,
  async attempt(world, any) {
    const code = any.pick(codes);
    const file = own(world, { [part]: part === 'batches' ? `${code}; ${PARTS.batches}` : code });
    await world.refused(['run', file], says);
    if ((await world.retable(['store', 'verify'])).status === 1) throw new Error('the store is broken');
  },
});

export const modules: readonly Attack[] = [
  given('finish gives no number', 'finish', [...ODD, '(() => { sum / count; })()', '1 / 0', '[sum / count]', '(sum / count).toFixed(2)']),
  given('score gives no sums', 'score', [
    ...ODD,
    '({})',
    '({ sum: 1, count: 1 })',
    'tf.sum(output)',
    '({ sum: output, count: tf.sum(weight) })',
  ]),
  given('score throws when it is read', 'score', [
    `({ get sum() { throw 'late'; } })`,
    `({ sum: tf.sum(output), get count() { throw null; } })`,
  ]),
  given('a metric is made of nothing', 'made', [...ODD, '({})', '({ score: 3, finish: 3 })']),
  given('a metric says nothing of itself', 'metric', [...ODD, '{ better: 1, deterministic: 1, unit: 1 }', `{ better: 'higher' }`]),
  given('a dataset says nothing of itself', 'spec', [
    ...ODD,
    `{ splits: SPLITS }`,
    `{ splits: SPLITS, chance: [], digest: '', facts: {} }`,
  ]),
  given('splits that are none', 'splits', [...ODD, '{}', '{ test: split(2) }', '{ test: split(2), train: split(4) }']),
  given(
    'names of splits that no record can hold',
    'splits',
    ['a/b', '..', '.', '../up', '', 'train/', 'a\\\\b', 'x'.repeat(300), 'a\\nb', '\\u001b[31m'].map(
      (name) => `{ train: split(4), '${name}': split(2) }`,
    ),
    /error\[[\w-]+\]: .*split/,
  ),
  given('a split without batches', 'splits', [
    '{ train: split(0), test: split(2) }',
    '{ train: split(4), test: split(0) }',
    '{ train: split(-1) }',
  ]),
  given(
    'batches that are no counts',
    'split',
    ['NaN', '1.5', `'4'`, 'Infinity', 'null'].map((count) => PARTS.split.replace('batches, b', `batches: ${count}, b`)),
  ),
  given(
    'shapes that are none',
    'tensor',
    ['[0, 1]', '[2, -1]', '[2.5, 1]', `['2', 1]`, 'null', '[2]', '[2, 1, 1]', '[NaN, 1]', '[1e300, 1]'].map((shape) =>
      PARTS.tensor.replace('[2, 1]', shape),
    ),
  ),
  given(
    'kinds of numbers that no engine has',
    'tensor',
    ['float64', 'int64', 'bool', '', 'string'].map((dtype) => PARTS.tensor.replace('float32', dtype)),
  ),
  given('batches that are none', 'batch', [...ODD, '{}', '{ inputs: { input: [1] }, target: [1], weight: [1] }']),
  given('batches that throw when they are read', 'batch', [`{ get inputs() { throw 'late'; } }`, `{ get weight() { fail(null); } }`]),
  given(
    'numbers that are none',
    'batch',
    ['NaN', 'Infinity', '-Infinity'].flatMap((value) => [
      PARTS.batch.replace('fill(1),', `fill(${value}),`),
      PARTS.batch.replace('4).fill(1)', `4).fill(${value})`),
    ]),
  ),
  given(
    'arrays of another length',
    'batch',
    ['0', '1', '7', '9', '4000'].map((length) => PARTS.batch.replace('Float32Array(8)', `Float32Array(${length})`)),
  ),
  given(
    'arrays of another kind',
    'batch',
    ['Float64Array', 'Int32Array', 'Uint8Array', 'Array', 'DataView'].map((kind) =>
      PARTS.batch.replace('Float32Array(8).fill(1)', kind === 'DataView' ? 'DataView(new ArrayBuffer(32))' : `${kind}(8)`),
    ),
  ),
  given('a batch too many or too few', 'batches', [
    `for (let i = 0; i < 5; i++) yield BATCH;`,
    `for (let i = 0; i < 3; i++) yield BATCH;`,
    `for (let i = 0; ; i++) yield BATCH;`,
    ``,
    `for (let i = 0; i < (name === 'train' ? 4 : 1); i++) yield BATCH;`,
    `for (let i = 0; i < (name === 'train' ? 4 : 3); i++) yield BATCH;`,
  ]),
  given('batches fail in the middle', 'batches', [`const i = 0; yield BATCH; fail('words');`, `const i = 0; yield BATCH; fail(null);`]),
  given('a module throws', 'top', [
    `throw null;`,
    `throw new Error('');`,
    `throw { toString() { throw 2; } };`,
    `throw Object.create(null);`,
    `await 3;`,
    `}{`,
    `import './none.mjs';`,
  ]),
  given('a module changes all objects', 'top', [
    'Object.prototype.extra = 1;',
    'Object.prototype.then = () => {};',
    `Object.prototype['a b'] = null;`,
  ]),
  harmless('a module prints', [
    `console.log('{}');`,
    `process.stdout.write('{"a": 1}\\n');`,
    `console.table([[1]]);`,
    `console.error('x'); console.dir({});`,
  ]),
  harmless('a module goes to another folder', [`process.chdir('/');`, `process.chdir('..');`]),
  harmless('a dataset goes to another folder', [`process.chdir('/')`, `process.chdir('..')`], 'batches'),
  harmless('a module leaves something open', [
    `setInterval(() => {}, 1000);`,
    `import { createServer } from 'node:net'; createServer().listen(0);`,
    `process.stdin.resume();`,
    `process.exit = () => {}; setInterval(() => {}, 9);`,
  ]),
  harmless('a module changes what other code needs', [
    `globalThis.console = undefined;`,
    `Error.stackTraceLimit = 0; Error.prepareStackTrace = () => 3;`,
    `Date.now = () => 0;`,
    `Math.random = () => 0.5;`,
  ]),
  ends(
    'a module ends the process',
    'top',
    [
      `process.exit(0);`,
      `process.exit();`,
      `process.exitCode = 0; process.exit();`,
      `process.removeAllListeners('exit'); process.exit(0);`,
      `process.reallyExit(0);`,
    ],
    /a module ended the process: \.\/own\.mjs/,
  ),
  ends(
    'a metric ends the process',
    'finish',
    [`process.exit(0)`, `process.reallyExit(0)`, `(process.removeAllListeners(), process.exit(0))`],
    /a module ended the process: \.\/own\.mjs/,
  ),
  ends(
    'a dataset ends the process',
    'batches',
    [`process.exit(0)`, `if (epoch === 2) process.exit(0)`],
    /a module ended the process: \.\/own\.mjs/,
  ),
  ends(
    'a module throws where nobody listens',
    'top',
    [
      `setTimeout(() => { throw new Error('late'); });`,
      `Promise.reject(new Error('late'));`,
      `Promise.reject('late');`,
      `setImmediate(() => { throw 'late'; });`,
      `queueMicrotask(() => { throw new Error('late'); });`,
    ],
    /a module (?:failed|threw)[^]*late/,
  ),
  {
    name: 'Tab is pressed on a document with a module',
    tries: 4,
    async attempt(world, any) {
      const file = own(world, { top: `import { writeFileSync } from 'node:fs'; writeFileSync('ran', 'x');` });
      const words = any.pick([
        ['run', ''],
        ['run', file, ''],
        ['run', file, '--set', 'metrics.'],
        ['plan', file, '--set', 'dataset.kind='],
        ['check', 'own'],
        ['judge', file, '--only', ''],
      ]);
      await world.succeeds(['complete', '--', ...words]);
      if (existsSync(world.path('ran'))) throw new Error('Tab ran the module');
      await world.succeeds(['check', file]);
      if (!existsSync(world.path('ran'))) throw new Error('this attack cannot see that a module runs');
    },
  },
  {
    name: 'one array is filled anew for every batch',
    tries: 4,
    async attempt(world, any) {
      const engine = { engine: '{kind: compiled}', training: `{epochs: ${any.integer(1, 3)}, batch_size: 4}` };
      const numbers = `Float32Array.from({ length: 8 }, (_, at) => Math.sin(at + 7 * i + ${any.integer(1, 9)}))`;
      const batch = (target: string) => `{ inputs: { input: ${numbers} }, target: ${target}, weight: new Float32Array(4).fill(1) }`;
      const loss = async (batches: string): Promise<unknown> => {
        const file = own(world, { batches }, engine);
        const { stdout } = await world.succeeds(['run', file, '--json']);
        return (JSON.parse(stdout) as { metrics: Record<string, unknown> }).metrics['train/loss'];
      };
      const each = `for (let i = 0; i < (name === 'train' ? 4 : 2); i++)`;
      const fresh = await loss(`${each} yield ${batch('new Float32Array(8).fill(i % 2)')};`);
      const reused = await loss(`const kept = new Float32Array(8); ${each} { kept.fill(i % 2); yield ${batch('kept')}; }`);
      if (JSON.stringify(fresh) !== JSON.stringify(reused)) throw new Error(`${JSON.stringify(fresh)} became ${JSON.stringify(reused)}`);
    },
  },
];
