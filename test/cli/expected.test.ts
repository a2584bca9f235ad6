import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ended, workplace } from '../support/program.js';

const place = workplace();
const folder = place.folder;
const bin = join(import.meta.dirname, '../../bin/retable.js');
const cache = join(folder, 'cache');

/** What trains holds its run until its process has ended. */
const retable = (args: readonly string[]): Promise<Ended> =>
  args[0] === 'run' ? place.start(args, {}, folder).ended : place.callIn(folder, ...args);

/** Whatever was expected is told in one or two lines, without the place in our code. */
function expectSentence({ status, stderr, stdout }: Ended, words?: string): void {
  expect(stderr + stdout).not.toMatch(/\n\s+at |fault of retable|node:internal/);
  if (words === undefined) return;
  expect(stderr).toContain(words);
  expect(status).not.toBe(0);
}

beforeAll(async () => {
  writeFileSync(join(folder, 'notes.txt'), 'it was so, and it was not so, and nobody knew why it was so. '.repeat(100));
  await retable(['init', 'notes.txt', '-o', 'text.yaml']);
  writeFileSync(
    join(folder, 'table.yaml'),
    'table: t\nseeds: 1\ncolumns: {loss: {metric: train/loss}}\nrows: {a: {base: text.yaml}}\nclaims: [{cell: [a, loss], at_most: 9, because: it is small}]\n',
  );
  writeFileSync(
    join(folder, 'sweep.yaml'),
    'sweep: s\nbase: text.yaml\nvary: [{model.hidden_size: [4]}]\nselect: {metric: train/loss, at: last}\n',
  );
  const small = ['--engine', 'eager-js', '--runs', 'whole'];
  await retable(['run', 'table.yaml', '--set', 'rows.a.set={training.epochs: 1, model.hidden_size: 4}', ...small]);
  await retable(['run', 'text.yaml', '--set', 'training.epochs=1', '--set', 'model.hidden_size=4', ...small]);
  await retable(['list', '--runs', 'whole']);
  const [members = ''] = readdirSync(join(folder, 'whole'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('members.json'),
  );
  writeFileSync(join(folder, 'whole', dirname(members), 'looks.json'), '{\n "declared": [[2]]\n}\n');
}, 120_000);

let count = 0;
/** A copy of the store in which one file is another. */
function damaged(file: string, change: (bytes: Buffer) => Buffer | string, all = true): string {
  const store = `store-${++count}`;
  cpSync(join(folder, 'whole'), join(folder, store), { recursive: true });
  const found = readdirSync(join(folder, store), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(file));
  expect(found.length).toBeGreaterThan(0);
  for (const path of all ? found : found.slice(0, 1)) {
    const whole = join(folder, store, path);
    writeFileSync(whole, change(readFileSync(whole)));
  }
  return store;
}

const RUN = ['run', 'text.yaml', '--set', 'training.epochs=1', '--set', 'model.hidden_size=4', '--engine', 'eager-js'];

describe('what lies in a store may be cut, empty or of another version', () => {
  const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);
  const DAMAGES = { cut, empty: () => '', null: () => 'null', 'a list': () => '[1]', 'a mapping': () => '{"a": 1}' } as const;
  const COMMANDS = {
    'plan.json': [
      ['sample', 'latest', '--prefix', 'it'],
      ['show'],
      ['report', '-o', 'x.html'],
      ['run', 'text.yaml', '--from', 'latest'],
      ['judge', 'table.yaml'],
    ],
    'members.json': [
      ['status', 't'],
      ['status', 'table.yaml'],
      ['stop', 't'],
    ],
    'looks.json': [
      ['judge', 'table.yaml'],
      ['report', 'table.yaml', '-o', 'x.html'],
      ['why', 'table.yaml', 'a'],
    ],
    'weights.safetensors': [['export', '-o', 'x.npz'], ['sample', 'latest', '--prefix', 'it'], ['show']],
    'environment.json': [['show'], ['report', '-o', 'x.html']],
    'start.json': [['show'], ['list']],
    '000001.json': [['show'], ['list'], ['status', 't'], RUN],
    '.retable-index': [['list']],
    '.retable-works': [RUN],
  } as const;
  const cases = Object.entries(COMMANDS).flatMap(([file, commands]) =>
    Object.entries(DAMAGES).map(([how, change]) => [file, how, change, commands] as const),
  );
  test.each(cases)('%s: %s', async (file, _, change, commands) => {
    const store = damaged(file, change);
    for (const command of commands) expectSentence(await retable([...command, '--runs', store]));
    for (const action of ['verify', 'repair', 'verify']) expectSentence(await retable(['store', action, '--runs', store]));
    if (/plan|members|looks|weights|environment/.test(file) && ['cut', 'empty', 'null'].includes(_)) {
      expect((await retable(['store', 'verify', '--runs', damaged(file, change)])).status).toBe(1);
      expect((await retable(['store', 'verify', '--runs', store])).stdout).not.toContain(file);
    }
  });

  test('a plan of another version', async () => {
    const store = damaged('plan.json', (bytes) => bytes.toString().replace(/"version": \d+/, '"version": 99'));
    expectSentence(await retable(['sample', 'latest', '--prefix', 'it', '--runs', store]), 'is of version 99');
    expectSentence(await retable(['run', 'text.yaml', '--from', 'latest', '--runs', store]), 'is of version 99');
  });

  test('a store of another version is written into by nothing', async () => {
    const store = damaged('.retable-store', (bytes) => bytes.toString().replace('"format":1', '"format":9'));
    // Both are derived, and would be made again.
    for (const derived of ['.retable-works', '.retable-index']) rmSync(join(folder, store, derived), { force: true });
    const before = readdirSync(join(folder, store), { recursive: true }).length;
    const RUNS = ['--runs', store];
    for (const command of [
      [...RUN, '--fresh'],
      ['run', 'sweep.yaml'],
      ['run', 'table.yaml', '--seeds', '2'],
      ['remove', 'latest'],
      ['store', 'repair'],
      ['store', 'gc'],
      ['sync', '--to', 'http://127.0.0.1:1'],
    ])
      expectSentence(await retable([...command, ...RUNS]), 'a newer retable made this');
    expect((await retable(['store', 'verify', ...RUNS])).stdout).toContain('store-newer');
    await retable(['list', ...RUNS]);
    expect(readdirSync(join(folder, store), { recursive: true }).length).toBe(before);
  });

  test.each(['', '{}', '\0\0\0\0', '{"format": 1, "nonce": "ab'])('an identity of %j is told and made again', async (text) => {
    const store = damaged('.retable-store', () => text);
    expectSentence(await retable([...RUN, '--fresh', '--runs', store]), 'store repair" may mend it');
    expect((await retable(['store', 'repair', '--runs', store])).stdout).toContain('store-unreadable: made it again');
    expect((await retable(['store', 'verify', '--runs', store])).status).toBe(0);
    expect((await retable([...RUN, '--fresh', '--runs', store])).status).toBe(0);
  });

  test('a continue that disagrees with its record', async () => {
    const store = damaged('train/loss', (bytes) => bytes.toString().replace(/ [\d.]+ /, ' 77 '));
    const runs = readdirSync(join(folder, store), { recursive: true, encoding: 'utf8' });
    for (const path of runs.filter((each) => each.endsWith('.checkpoint'))) rmSync(join(folder, store, path));
    for (const path of runs.filter(
      (each) => /[0-9a-f]{32}.meta\.yaml$/.test(each) && !each.includes('inputs') && !each.includes('datasets'),
    ))
      writeFileSync(join(folder, store, path), readFileSync(join(folder, store, path), 'utf8').replace(/^status: 3$/m, 'status: 5'));
    for (const path of runs.filter((each) => each.endsWith('retable.outcome'))) writeFileSync(join(folder, store, path), 'stopped');
    expectSentence(await retable([...RUN, '--runs', store]), 'was recorded with train/loss 77');
  });
});

test('a broken cache of facts is made again', async () => {
  expect((await retable(['check', 'text.yaml'])).status).toBe(0);
  writeFileSync(join(folder, 'base.yaml'), readFileSync(join(import.meta.dirname, '../../experiments/lstm_addition.yaml')));
  expect((await retable(['check', 'base.yaml'])).status).toBe(0);
  for (const text of ['{}', 'null', '[]', '{"digest": 1}', '{"sum": "x", "text": "{}"}', '{"facts'])
    for (const file of readdirSync(join(cache, 'facts'))) {
      writeFileSync(join(cache, 'facts', file), text);
      const told = await retable(['plan', 'base.yaml', '--runs', 'whole']);
      expectSentence(told);
      expect(told.status).toBe(0);
    }
});

test.skipIf(process.platform === 'win32')('the folder in which a command runs may be gone', () => {
  const gone = join(folder, 'gone');
  const line = `mkdir ${gone} && cd ${gone} && rmdir ${gone} && exec ${process.execPath} ${bin} list`;
  const { status, stderr, stdout } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  expectSentence({ status, stderr, stdout }, 'the folder in which this command runs is gone');
});

test.each([
  ['list', '--sort', '__proto__'],
  ['list', '--sort', 'constructor'],
  ['list', '--filter', '__proto__ = 1'],
  ['list', '--filter', 'toString.x = 1'],
  ['list', '--filter', 'metrics.loss = constructor'],
  ['store', 'constructor'],
  ['store', '__proto__'],
])('words that every object of JavaScript knows: %s %s %s', async (...args) => {
  expectSentence(await retable([...args, '--runs', 'whole']), 'error: ');
});

test('a stack reaches a person through one place', () => {
  const sources = join(import.meta.dirname, '../../src');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const readers = files.filter((file) => /\.stack\b(?!\()/.test(readFileSync(join(sources, file), 'utf8').replaceAll('tf.stack', '')));
  // One tells it, the other looks up a line of a person's own code in it.
  // Node prints the stack of what nobody caught: every program listens first.
  const code = (file: string): string => readFileSync(join(sources, file), 'utf8');
  const programs = files.filter((file) => /(^|[\\/])(bin[\\/]\w+|worker)\.ts$/.test(file));
  expect(programs.length).toBe(5);
  for (const file of programs) expect(code(file), file).toMatch(/^(listenForFaults\(\);|await runProgram\()/m);
  // A console would show an error with its stack.
  const consoles = files.filter((file) => /console\.(error|warn|trace|dir|table)\(|\binspect\((?!options)/.test(code(file)));
  expect(consoles.filter((file) => !/look-at-data|stages/.test(file))).toEqual([]);
  expect(readers.map((file) => file.replaceAll('\\', '/')).toSorted()).toEqual(['host/fault.ts', 'modules/place-in-code.ts']);
});
