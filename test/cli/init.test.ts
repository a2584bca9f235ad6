import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/commands/init.js';
import { examine } from '../../src/cli/prepare.js';
import { openTerminal } from '../../src/cli/terminal.js';
import { InputError } from '../../src/diagnostics/diagnostic.js';
import { workplace } from '../support/program.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retable-init-'));
  process.env['RETABLE_CACHE'] = 'off';
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quiet = { ...openTerminal({ quiet: true, progress: false }), out: () => {}, err: () => {} };

async function init(name: string, content: string | Uint8Array): Promise<string> {
  writeFileSync(join(folder, name), content);
  const before = readdirSync(folder);
  await run([join(folder, name)], {}, quiet);
  const [written = ''] = readdirSync(folder).filter((file) => !before.includes(file));
  return join(folder, written);
}

const STORY = 'The boat went out in the morning, and came home at noon. ';
const rows = (header: string, row: (sequence: number, step: number) => string): string =>
  [header, ...Array.from({ length: 20 * 6 }, (_, i) => row(Math.floor(i / 6), i % 6)), ''].join('\n');

/** A NumPy file of float32 [sequences, time, columns]. */
function npy(shape: readonly [number, number, number]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117).concat('\n');
  const numbers = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => Math.sin(i));
  return Buffer.concat([
    Buffer.from(`\x93NUMPY\x01\x00`, 'latin1'),
    Buffer.from([header.length, 0]),
    Buffer.from(header),
    Buffer.from(numbers.buffer),
  ]);
}

describe('what is written holds no mistake and no warning, and says what the data are', () => {
  test.each<readonly [name: string, content: string | Uint8Array, values: Readonly<Record<string, unknown>>]>([
    ['notes.txt', STORY.repeat(20), { kind: 'text', validation: 0, file: 'notes.txt' }],
    ['my diary.md', STORY.repeat(200), { kind: 'text', validation: 0.1, file: 'my diary.md' }],
    ['long.txt', STORY.repeat(3000), { kind: 'text', max_tokens: 100000 }],
    ['none.log', '春眠不覺曉處處聞啼鳥夜來風雨聲花落知多少'.repeat(40), { kind: 'text' }],
    [
      'walks.csv',
      rows('walk,step,x,y_pos,label', (s, t) => `w${s},${t},${Math.sin(s + t)},${t},${s % 2 ? 'up' : 'down'}`),
      { sequence: 'walk', order: 'step', features: ['x', 'y_pos'], target: 'label', task: 'classification', target_per: 'sequence' },
    ],
    [
      'plants.csv',
      rows('height,plant_id,when,date', (s, t) => `${Math.cos(s * t)},${s},${t / 7},${t}`),
      { sequence: 'plant_id', order: 'date', features: ['height'], target: 'when', task: 'regression', target_per: 'step' },
    ],
    [
      'lists.jsonl',
      Array.from({ length: 20 }, (_, i) => JSON.stringify({ x: [1, 2, i], label: 'ab'[i % 2] })).join('\n'),
      { features: ['x'], target: 'label', task: 'classification' },
    ],
    [
      'steps.jsonl',
      Array.from({ length: 60 }, (_, i) => JSON.stringify({ of: Math.floor(i / 3), x: i, y: i / 7 })).join('\n'),
      { sequence: 'of', features: ['x'], target: 'y', task: 'regression' },
    ],
    ['array.npy', npy([20, 5, 3]), { format: 'npy', features: [0, 1], target: 2, task: 'regression' }],
  ])('%s', async (name, content, values) => {
    const examined = examine(await init(name, content), {});
    expect('diagnostics' in examined ? examined.diagnostics : examined.warnings).toEqual([]);
    expect('plan' in examined && examined.resolved.values.dataset).toMatchObject(values);
  });

  test('every line of it that a person might wonder about says why', async () => {
    const written = readFileSync(await init('comments.txt', STORY.repeat(200)), 'utf8');
    expect(written.match(/ # /g)?.length).toBeGreaterThan(12);
    expect(Math.max(...written.split('\n').map((line) => line.length))).toBeLessThan(100);
  });
});

describe('what can’t become an experiment is said, and nothing is written', () => {
  test.each<readonly [name: string, content: string | Uint8Array, message: RegExp]>([
    ['short.txt', 'A haiku is short.', /17 characters, and a model needs 500/],
    ['picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]), /picture\.png is no text/],
    ['latin.txt', Buffer.from('caf\xe9 '.repeat(200), 'latin1'), /not UTF-8: byte 0xE9 at offset 3/],
    ['wide.txt', Buffer.from('wide '.repeat(200), 'utf16le'), /UTF-16/],
    ['single.csv', 'a,b\n1,2\n2,3\n', /does not say which sequence a row belongs to: its columns are a, b/],
    ['words.csv', rows('id,word,label', (s) => `${s},one,two`), /does not say what the model should read/],
    ['empty.csv', '', /it is empty/],
    ['broken.csv', rows('id,x,label', (s, t) => (s === 3 && t === 2 ? `${s},,a` : `${s},${t},a`)), /what the model should read/],
    ['old.yaml', 'a: 1', /is a document, and init takes data/],
  ])('%s', async (name, content, message) => {
    await expect(init(name, content)).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain(name.replace(/\.\w+$/, '.yaml').replace('old.yaml', ''));
  });

  test('a file that is not there', async () => {
    await expect(run([join(folder, 'gone.txt')], {}, quiet)).rejects.toThrow(InputError);
  });

  test('a document that is there stays as it is', async () => {
    const written = await init('twice.txt', STORY.repeat(20));
    const before = readFileSync(written, 'utf8');
    await expect(run([join(folder, 'twice.txt')], {}, quiet)).rejects.toThrow(/is there already, and nothing is overwritten/);
    expect(readFileSync(written, 'utf8')).toBe(before);
  });
});

const place = workplace();
test('from a text to samples of a trained model', { timeout: 60_000 }, async () => {
  const text = join(place.folder, 'story.txt');
  writeFileSync(text, STORY.repeat(100));
  const { stdout, status } = await place.run('init', text);
  expect([status, stdout]).toEqual([0, `npx retable run ${join(place.folder, 'story.yaml')}\n`]);
  const trained = await place.run(
    'run',
    join(place.folder, 'story.yaml'),
    '--set',
    'training.epochs=2',
    '--runs',
    join(place.folder, 'runs'),
  );
  expect(trained.stderr).toContain('epoch 2 writes: The boat went');
  expect(trained.status).toBe(0);
});
