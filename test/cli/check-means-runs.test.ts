import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/record/keys.js';
import { encodeSafetensors, decodeSafetensors } from '../../src/formats/safetensors.js';
import { readReference } from '../../src/study/claims/reference.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const bin = join(import.meta.dirname, '../../bin/retable.js');

function retable(...args: readonly string[]) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr };
}

const BASE = `experiment: small
dataset: { kind: binary_addition, examples: 200 }
model: { kind: rnn, implementation: scratch, hidden_size: 4, readout: last, initializer: { kind: uniform } }
loss: { kind: mean_squared_error }
optimizer: { kind: adam, learning_rate: 0.001 }
training: { epochs: 1, batch_size: 64, shuffle: false }
engine: { kind: eager-js }
`;
beforeAll(() => writeFileSync(join(folder, 'base.yaml'), BASE));

describe('what is longer than MLflow takes is shortened in the record, and stands whole in an artifact', () => {
  const LONG = 'many words '.repeat(2000);
  test.each([
    ['a description', ['--set', `description=${LONG}`]],
    ['an address', ['--set', `tracking={uri: "http://localhost/${'x'.repeat(9000)}"}`, '--track', 'off']],
    ['a name of a run', ['--set', `description=${LONG}`, '--set', 'optimizer.learning_rate=0.002']],
  ])('%s', (name, args) => {
    const runs = name.replaceAll(' ', '-');
    expect(retable('run', 'base.yaml', ...args, '--runs', runs)).toMatchObject({ status: 0 });
    const files = readdirSync(join(folder, runs), { recursive: true, encoding: 'utf8' });
    const sizesBelow = (kind: string): number[] =>
      files
        .filter((path) => new RegExp(`[\\\\/]${kind}[\\\\/][\\w.]+$`).test(path))
        .map((path) => readFileSync(join(folder, runs, path), 'utf8').length);
    expect(Math.max(...sizesBelow('params'))).toBe(limits.parameter);
    expect(Math.max(...sizesBelow('tags'))).toBeLessThanOrEqual(limits.tag);
    const whole = files.find((path) => path.endsWith('config.resolved.yaml')) ?? '';
    expect(readFileSync(join(folder, runs, whole), 'utf8').length).toBeGreaterThan(9000);
    expect(retable('store', 'verify', '--runs', runs).status).toBe(0);
  });
});

test.each(['/accuracy/length', '/accuracy/-1', '/accuracy/01', '/accuracy/1.0', '/accuracy/7', '/constructor', '/accuracy/__proto__'])(
  'a JSON pointer to %s hits no data',
  (pointer) => {
    expect(readReference('{"accuracy": [0.5, 0.6]}', pointer)).toMatchObject({ words: { code: 'no-reference' } });
    expect(readReference('{"accuracy": [0.5, 0.6]}\n{"accuracy": [0.5, 0.6]}', pointer, true)).toMatchObject({
      words: { code: 'no-reference' },
    });
  },
);

describe('weights whose header says what can not be', () => {
  const whole = Buffer.from(encodeSafetensors({ W: { shape: [2], values: Float32Array.of(1, 2) } }));
  test.each([
    ['negative offsets', '[0,8]', '[-8,0]', 'does not say'],
    ['offsets the wrong way round', '[0,8]', '[8,0]', 'other numbers'],
    ['fractions', '[0,8]', '[.5,8.5]', 'safetensors'],
    ['numbers beyond the end', '[0,8]', '[8,16]', 'cut off'],
    ['a negative shape', '[2]', '[-2]', 'does not say'],
    ['no shape', '"shape":[2]', '"shape":null', 'does not say'],
    ['a list of nothing', '[0,8]', '[]', 'does not say'],
  ])('%s', (_, from, to, words) => {
    const length = Number(whole.readBigUInt64LE());
    const header = whole.toString('utf8', 8, 8 + length).replace(from, to);
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    expect(() => decodeSafetensors(Buffer.concat([prefix, Buffer.from(header), whole.subarray(8 + length)]))).toThrow(words);
  });
  test.each(['[]', 'null', '1', '"x"'])('a header %s', (header) => {
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    expect(() => decodeSafetensors(Buffer.concat([prefix, Buffer.from(header)]))).toThrow('does not begin as a safetensors file does');
  });
  test('cut anywhere', () => {
    for (let length = 0; length < whole.length; length++) expect(() => decodeSafetensors(whole.subarray(0, length))).toThrow();
  });
});
