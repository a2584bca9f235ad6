import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type Ended, workplace } from '../support/program.js';

const place = workplace();
let number = 0;

/** An experiment whose own metric is of this module: code at its top, and parts of the metric. */
function documentOf(top: string, parts: { readonly plan?: string; readonly score?: string; readonly finish?: string } = {}): string {
  const folder = join(place.folder, String(number++));
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'own.mjs'),
    `${top}
export default ({ defineStage, Type, tf }) => [defineStage({
  slot: 'metric', kind: 'own', version: 1, summary: 'A metric.', options: Type.Object({}),
  plan() { ${parts.plan ?? ''}; return { better: 'higher', deterministic: true, unit: '' }; },
  create: () => ({
    score(output, target, weight) { ${parts.score ?? ''}; return { sum: tf.sum(output), count: tf.sum(weight) }; },
    finish({ sum, count }) { ${parts.finish ?? ''}; return sum / count; },
  }),
})];
`,
  );
  const file = join(folder, 'own.yaml');
  writeFileSync(
    file,
    `experiment: own
use: [./own.mjs]
dataset: {kind: binary_addition, bits: 4, examples: 64, train_fraction: 0.5}
model: {kind: rnn, hidden_size: 4, initializer: {kind: uniform}}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 0.1}
metrics: [{kind: own}]
training: {epochs: 1, batch_size: 8}
`,
  );
  return file;
}

const run = (file: string, ...options: readonly string[]): Promise<Ended> =>
  place.run('run', file, '--runs', join(file, '..', 'runs'), ...options);

describe('what a module prints', () => {
  const noisy = documentOf(
    `console.log('log'); console.info('info'); console.table([['table']]); console.dir('dir'); process.stdout.write('write\\n');`,
    { plan: `console.log('planned')`, score: `console.log('scored')`, finish: `process.stdout.write('finished\\n')` },
  );

  test.each([
    ['run', '--json', '--runs', join(place.folder, 'noisy')],
    ['plan', '--json'],
  ])('goes to stderr: stdout of %s carries one JSON value', async (command, ...options) => {
    const { status, stdout, stderr } = await place.run(command, noisy, ...options);
    expect(status, stderr).toBe(0);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
    for (const word of ['log', 'info', 'table', 'dir', 'write', 'planned']) expect(stderr).toContain(word);
  });
});

describe('a module that ends the process', () => {
  test.each([
    ['where it is imported', documentOf('process.exit(0);')],
    ['while it plans', documentOf('', { plan: 'process.exit(0)' })],
    ['while a program is made', documentOf('', { score: 'process.exit(0)' })],
    ['while a metric is finished', documentOf('', { finish: 'process.exit(0)' })],
    [
      'from a timer',
      documentOf('setTimeout(() => process.exit(0), 1);', { plan: 'const end = Date.now() + 50; while (Date.now() < end);' }),
    ],
    ['with another status', documentOf('process.exit(7);')],
    ['with a status that it set', documentOf('process.exitCode = 0; process.exit();')],
    ['and takes listeners away', documentOf(`process.removeAllListeners('exit');`, { plan: 'process.exit(0)' })],
    ['by what Node ends itself with', documentOf('', { finish: 'process.reallyExit(0)' })],
  ])('has failed the command: %s', async (_, file) => {
    const { status, stderr } = await run(file);
    expect(status).toBe(1);
    expect(stderr).toContain('error: a module ended the process: ./own.mjs');
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('has failed check and plan', async () => {
    const file = documentOf('process.exit(0);');
    for (const command of ['check', 'plan']) expect((await place.run(command, file)).status).toBe(1);
  });
});

describe('what a module throws where nobody waits for it', () => {
  const busy = {
    plan: 'const end = Date.now() + 50; while (Date.now() < end);',
    finish: 'const end = Date.now() + 300; while (Date.now() < end);',
  };
  test.each([
    ['in a timer', documentOf(`setTimeout(() => { throw new Error('late'); }, 1);`, busy), /late \(.*own\.mjs:1:\d+\)/],
    ['in a promise', documentOf(`Promise.reject(new Error('late'));`, busy), /late \(.*own\.mjs:1:\d+\)/],
    ['a text', documentOf(`setTimeout(() => { throw 'late'; }, 1);`, busy), /late \(\.\/own\.mjs\)/],
    ['nothing', documentOf(`Promise.reject();`, busy), /undefined \(\.\/own\.mjs\)/],
  ])('is one sentence: %s', async (_, file, says) => {
    const { status, stderr } = await run(file);
    expect(status).toBe(1);
    expect(stderr).toContain('error: a module failed where nobody waits for it: ');
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^ {4}at |Node\.js v|node:internal/m);
  });
});

test.each([
  ['a timer', 'setInterval(() => {}, 1000);'],
  ['a server', `import { createServer } from 'node:http';\ncreateServer().listen(0);`],
  ['a worker', `import { Worker } from 'node:worker_threads';\nnew Worker('setInterval(() => {}, 1000)', { eval: true });`],
  ['a status', 'process.exitCode = 5;'],
])('%s that a module leaves open keeps no finished run alive', async (_, top) => {
  const { status, stdout, stderr } = await run(documentOf(top), '--json');
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'finished' });
});

it.each(['check', 'plan', 'schema'])('%s says once that it ran the modules', async (command) => {
  const { stderr } = await place.run(command, documentOf(''));
  expect(stderr.match(/note: this ran the code of .*own\.mjs/g)).toHaveLength(1);
  expect((await place.run(command, 'experiments/lstm_addition.yaml')).stderr).not.toContain('ran the code');
});

test.each([
  ['a timer', `setTimeout(() => { throw new Error('late'); }, 1);`],
  ['a promise that nobody waits for', `Promise.reject(new Error('late'));`],
  [
    'an event that nobody hears',
    `import { EventEmitter } from 'node:events'; setImmediate(() => new EventEmitter().emit('error', new Error('late')));`,
  ],
])('what %s of a module throws is a sentence, and the run goes on later', async (_, top) => {
  const { status, stderr } = await run(documentOf(top));
  expect(stderr).toContain('error: a module failed where nobody waits for it: late');
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(status).toBe(1);
});

test('a module that goes to another folder takes nothing of ours along', async () => {
  const file = documentOf(`process.chdir('/');`, { plan: `process.chdir('/tmp')`, score: `process.chdir('/')` });
  const { status, stderr } = await place.start(['run', 'own.yaml', '--runs', 'runs'], {}, dirname(file)).ended;
  expect(status, stderr).toBe(0);
  expect(readdirSync(join(dirname(file), 'runs')).length).toBeGreaterThan(0);
});

test('a module that gives every object a property is refused by its name', async () => {
  const { status, stderr } = await run(documentOf('Object.prototype.extra = 1;'));
  expect(stderr).toMatch(/own\.yaml:2:7: error\[module-fails\]: .* gives every object a property "extra"/);
  expect(status).toBe(2);
});

describe('a folder that shows no sign of a store', () => {
  test.each(['repair', 'relocate', 'gc', 'verify'])('is left as it is by %s', async (action) => {
    const folder = join(place.folder, `home ${action}`);
    mkdirSync(join(folder, 'project', '.trash'), { recursive: true });
    writeFileSync(join(folder, 'project', 'meta.yaml'), 'name: of somebody else\n');
    writeFileSync(join(folder, 'writing-this.txt'), 'mine');
    const before = readdirSync(folder, { recursive: true });
    expect(await place.run('store', action, '--runs', folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is left as it is') as string,
    });
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it('is no store whose identity was lost, which is mended', async () => {
    const file = documentOf('');
    await run(file);
    const runs = join(file, '..', 'runs');
    const { rmSync } = await import('node:fs');
    for (const name of ['.retable-store', '.retable-works', '.retable-index', '.trash'])
      rmSync(join(runs, name), { recursive: true, force: true });
    expect((await place.run('store', 'repair', '--runs', runs)).status).toBe(0);
  });
});
