import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MOST_TOLD } from '../../src/diagnostics/diagnostic.js';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import { readWhole } from '../../src/language/read.js';
import { refuseTooMany } from '../../src/launch/local/local.js';
import { tooLargeFor } from '../../src/planning/memory.js';
import { openStore, prepareStore } from '../../src/record/layout.js';
import { listRuns } from '../../src/record/reader.js';
import { verifyStore } from '../../src/record/verify.js';
import { examine } from '../../src/run/prepare.js';
import { decodeData, LARGEST_TEXT, unreadableText } from '../../src/stages/dataset/encoding.js';
import { readReference } from '../../src/study/claims/reference.js';
import { examineTable } from '../../src/study/prepare-study.js';
import { examineSweep } from '../../src/study/prepare-sweep.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-sizes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = `experiment: small
dataset: { kind: binary_addition, examples: 1000 }
model: { kind: lstm, implementation: scratch, readout: last, hidden_size: 8 }
loss: { kind: mean_squared_error }
optimizer: { kind: adam, learning_rate: 0.001 }
training: { epochs: 1, batch_size: 64, shuffle: false }
`;

/** Of a document: what is told of it first, how much, and the milliseconds that it took. */
function look(text: string, sets: readonly string[] = []) {
  const file = join(folder, 'document.yaml');
  writeFileSync(file, text);
  const begin = performance.now();
  const found = examine(file, { set: sets });
  const diagnostics = 'diagnostics' in found ? found.diagnostics : [];
  const printed = printDiagnostics(diagnostics, { color: false });
  return { code: diagnostics[0]?.code, message: diagnostics[0]?.message, printed, took: performance.now() - begin };
}

const many = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('');

describe('a document takes no longer than its size says', () => {
  test.each([
    ['unknown keys', 'unknown-key', BASE + many(20_000, (i) => `unknwon_${i}: 1\n`)],
    [
      'unknown keys of a stage, on one line',
      'unknown-key',
      BASE.replace('hidden_size: 8', 'hidden_size: 8, ' + many(20_000, (i) => `hiden_${i}: 1, `)),
    ],
    ['metrics on one line', 'metric-twice', `${BASE}metrics: [${'{kind: exact_match}, '.repeat(20_000)}]\n`],
    ['metrics below each other', 'metric-twice', `${BASE}metrics:\n${'  - kind: exact_match\n'.repeat(20_000)}`],
    ['the same key', 'duplicate-key', BASE + 'seed: 1\n'.repeat(100_000)],
    ['no YAML', 'missing-colon', BASE + 'x y z\n'.repeat(60_000)],
    ['tabs', 'tab-indent', BASE + '\tx: 1\n'.repeat(60_000)],
    ['odd blanks', 'odd-blank', BASE + '\u00a0x: 1\n'.repeat(60_000)],
    ['aliases of nothing', 'unknown-anchor', `${BASE}x: [${'*b, '.repeat(60_000)}]\n`],
    ['anchors and aliases of others', 'unknown-anchor', BASE + many(10_000, (i) => `x${i}: &a${i} 1\ny${i}: *b${i}\n`)],
    ['blanks in a text', 'bad-text', BASE.replace('small', `"a${' '.repeat(500_000)}b"`)],
    ['open brackets', 'too-deep', `${BASE}x: ${'['.repeat(100_000)}`],
  ])('%s', (_, code, text) => {
    const { took, printed, ...told } = look(text);
    expect(told.code).toBe(code);
    expect(took).toBeLessThan(20_000);
    expect(printed.length).toBeLessThan(100_000);
  });

  test('of very many mistakes the first are told, and that there are more', () => {
    const { printed } = look(BASE + many(2 * MOST_TOLD, (i) => `unknwon_${i}: 1\n`));
    expect(printed.split('\n').at(-1)).toMatch(new RegExp(`^the first ${MOST_TOLD} errors in `));
  });

  test('an error is told also after very many warnings', () => {
    const place = { file: 'a.yaml', line: 1, column: 1, length: 1, text: 'x' };
    const warnings = Array.from({ length: 500 }, () => ({ code: 'w', severity: 'warning', message: 'w', place }) as const);
    expect(printDiagnostics([...warnings, { code: 'e', severity: 'error', message: 'this one', place }], { color: false })).toContain(
      'this one',
    );
  });

  test.each([3, 200])('one of %i MB is no document', (megabytes) => {
    const { message } = look(`${BASE}# ${'x'.repeat(megabytes * 1e6)}\n`);
    expect(message).toContain(`it has ${megabytes} MB, and 1 MB is the most that is read`);
  });

  test('a path of --set is as deep as values can be', () => {
    const told = look(BASE, [`${'a.'.repeat(20_000)}b=1`]);
    expect(told.code).toBe('too-deep');
    expect(told.took).toBeLessThan(5000);
  });
});

describe('what is too large is told where it is asked for', () => {
  test.each([
    ['model.hidden_size=100000', 'model-too-large'],
    ['model={kind: sequential, layers: [{kind: lstm, units: 1000000}, {kind: dense, units: 8}]}', 'model-too-large'],
    ['dataset.examples=1000000000000', 'out-of-range'],
    ['dataset={kind: binary_addition, examples: 30000000, bits: 31}', 'out-of-range'],
    ['seed=1e300', 'integer-too-large'],
    ['training.epochs=1e16', 'integer-too-large'],
    ['training.early_stopping={metric: train/loss, patience: 1e16}', 'integer-too-large'],
    ['model.num_layers=1000000', 'out-of-range'],
    ['training.samples={prefixes: [a], length: 1000000000}', 'out-of-range'],
    ['engine.threads=1000000000', 'out-of-range'],
  ])('%s', (set, code) => {
    const told = look(BASE, [set]);
    expect(told.code).toBe(code);
    expect(told.took).toBeLessThan(5000);
  });

  test('the needs of a model are named beside what the machine has', () => {
    writeFileSync(join(folder, 'base.yaml'), BASE);
    const found = examine(join(folder, 'base.yaml'), { set: ['model.hidden_size=1000'] });
    if ('diagnostics' in found) throw new Error('refused');
    const [told] = tooLargeFor(24e6, { ...found.plan, options: found.plan.config.values.model });
    expect(told).toMatchObject({ code: 'needs-more-memory', path: ['model', 'hidden_size'] });
    expect(told?.message).toMatch(/^the parameters, with gradients and optimizer, need 6\d\.?\d* MB, and this machine has 24(\.0)? MB$/);
    expect(tooLargeFor(24e9, { ...found.plan, options: found.plan.config.values.model })).toEqual([]);
  });

  const sweep = 'sweep: s\nbase: base.yaml\nvary: [{model.hidden_size: [4, 8]}]\nselect: {metric: train/loss, at: last}\n';
  const table = 'table: t\nrows: {a: {base: base.yaml}}\ncolumns: {loss: {metric: test/loss}}\n';
  test.each([
    ['sweep', examineSweep, sweep, {}],
    ['table', examineTable, table, {}],
    ['judge --seeds', examineTable, table, { set: ['seeds=1000000000'] }],
  ] as const)('seeds of a %s', (_, examineAny, text, options) => {
    writeFileSync(join(folder, 'base.yaml'), BASE);
    const file = join(folder, 'of-many.yaml');
    writeFileSync(file, 'set' in options ? text : `${text}seeds: 1000000000\n`);
    const begin = performance.now();
    const found = examineAny(file, options);
    expect('diagnostics' in found && found.diagnostics.map(({ code }) => code)).toEqual(['out-of-range']);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  test.each(['seeds: [1e300]', 'run_on: {kind: local, workers: 1e16}'])(
    '%s of a sweep is no number that can be told from its neighbours',
    (line) => {
      writeFileSync(join(folder, 'base.yaml'), BASE);
      const file = join(folder, 'inexact.yaml');
      writeFileSync(file, `${sweep}${line}\n`);
      const found = examineSweep(file, {});
      expect('diagnostics' in found && found.diagnostics.map(({ code }) => code)).toEqual(['integer-too-large']);
    },
  );

  test('more processes than memory holds are not started', () => {
    expect(() => refuseTooMany(1000, 24e9)).toThrow('1,000 processes need 60 GB before they train anything, and this machine has 24 GB');
    expect(() => refuseTooMany(100, 24e9)).not.toThrow();
  });

  test('a reference that counts more runs than fit into memory', () => {
    expect(readReference('{"0.5": 4000000000}', '')).toMatchObject({ words: { code: 'bad-reference' } });
  });
});

describe('data as wide or as deep as files can be', () => {
  const MANY = 100_000;
  const dataset = (format: string, columns: string): string =>
    BASE.replace(
      '{ kind: binary_addition, examples: 1000 }',
      `{ kind: sequences, format: ${format}, file: data.${format}, task: regression, ${columns} }`,
    );

  test('a hundred thousand columns, as many of them asked for', () => {
    const row = (cell: (index: number) => string): string => Array.from({ length: MANY }, (_, index) => cell(index)).join(',');
    const rows = Array.from({ length: 6 }, (_, line) => row((column) => String(column === 0 ? line : (line * 31 + column * 7) % 11)));
    writeFileSync(join(folder, 'data.csv'), `${[row((index) => `c${index}`), ...rows].join('\n')}\n`);
    const features = (letter: string): string => Array.from({ length: 50_000 }, (_, index) => `${letter}${index + 2}`).join(', ');
    for (const [letter, code] of [
      ['c', undefined],
      ['d', 'missing-column'],
    ] as const) {
      const told = look(dataset('csv', `sequence: c0, target: c1, features: [${features(letter)}]`));
      expect(told.printed.includes('missing-column')).toBe(code !== undefined);
      expect(told.took).toBeLessThan(20_000);
    }
  });

  test('JSON that is nested a hundred thousand deep', () => {
    writeFileSync(join(folder, 'data.jsonl'), `{"x": ${'['.repeat(MANY)}${']'.repeat(MANY)}, "y": 1}\n`);
    expect(look(dataset('jsonl', 'features: [x], target: y')).code).toBe('nested-value');
    expect(readReference(`{"a": [${'['.repeat(MANY)}${']'.repeat(MANY)}]}`, '/a')).toMatchObject({ words: { code: 'bad-reference' } });
  });
});

test('a text that no string can hold is told, and Node is not let end the process', () => {
  const bytes = Buffer.alloc(LARGEST_TEXT + 1, 'a ');
  expect(decodeData(bytes)).toEqual({ fault: { is: 'too-large', bytes: LARGEST_TEXT + 1 } });
  expect(unreadableText('huge.txt', { is: 'too-large', bytes: 561e6 }, { option: false }).message).toBe(
    'huge.txt has 561 MB, and 537 MB of text is the most that is read',
  );
});

describe.skipIf(process.platform === 'win32')('what is no regular file is not waited for', () => {
  test('pipes', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => readWhole(pipe)).toThrow('it is a pipe, and a file is read twice');
  });
  test('pipes in a store', () => {
    const store = openStore(join(folder, 'store'));
    prepareStore(store);
    mkdirSync(join(store.root, '123', 'aa'), { recursive: true });
    execFileSync('mkfifo', [join(store.root, '123', 'meta.yaml'), join(store.root, '123', 'aa', 'meta.yaml')]);
    expect(listRuns(store)).toEqual([]);
    expect(verifyStore(store).map(({ kind }) => kind)).toEqual([
      'experiment-unreadable',
      'run-unreadable',
      ...Array<string>(4).fill('folder-missing'),
    ]);
  });
  test('devices', () => expect(() => readWhole('/dev/zero')).toThrow('it is a device'));
  test('sockets', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(join(folder, 'socket'), resolve));
    expect(() => readWhole(join(folder, 'socket'))).toThrow('it is a socket');
    server.close();
  });
  test('a document says where it names one', () => {
    const data = `{ kind: text, file: /dev/zero, max_tokens: 1000 }`;
    const { message } = look(BASE.replace('{ kind: binary_addition, examples: 1000 }', data));
    expect(message).toBe('"/dev/zero" cannot be read: it is a device, and a file is read twice: write what it gives to a file first');
  });
});
