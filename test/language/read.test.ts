import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readDocument } from '../../src/language/read.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-read-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ['lstm_addition.yaml', 'gru_addition.yml', 'notes.txt']) writeFileSync(join(folder, name), 'experiment: e\n');
mkdirSync(join(folder, 'empty'));

function words(file: string) {
  const read = readDocument(file);
  const [{ code = '', help = '' } = {}] = 'diagnostics' in read ? read.diagnostics : [];
  return { code, help };
}

describe('a document that cannot be read', () => {
  test.each(['lstm_adition.yaml', 'lstm_addition.yml', 'lstm_addition', 'LSTM_addition.yaml', 'lstm-addition.yaml'])(
    '%s: the nearest name is told',
    (name) => {
      expect(words(join(folder, name))).toEqual({ code: 'missing-file', help: `did you mean "${join(folder, 'lstm_addition.yaml')}"?` });
    },
  );

  test('nothing near is nothing told', () => expect(words(join(folder, 'perceptron.yaml'))).toEqual({ code: 'missing-file', help: '' }));
  test('a missing folder', () => expect(words(join(folder, 'x/lstm_addition.yaml')).code).toBe('missing-file'));
  test('a file taken for a folder', () => expect(words(join(folder, 'notes.txt/a.yaml')).code).toBe('missing-file'));

  test('a folder lists its documents', () => {
    expect(words(folder)).toEqual({ code: 'is-directory', help: 'it holds gru_addition.yml and lstm_addition.yaml' });
    expect(words(join(folder, 'empty')).help).toBe('it holds no YAML files');
  });

  test.skipIf(process.getuid?.() === 0)('a file without permission', () => {
    const file = join(folder, 'closed.yaml');
    writeFileSync(file, '');
    chmodSync(file, 0);
    expect(words(file).code).toBe('no-permission');
  });
});

test('the bytes are those of the file', () => {
  const read = readDocument(join(folder, 'lstm_addition.yaml'));
  expect('bytes' in read && Buffer.from(read.bytes).toString()).toBe('experiment: e\n');
});
