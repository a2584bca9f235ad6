import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { emitDocument } from '../../src/language/type.js';
import { tableSchema } from '../../src/study/claims/document.js';
import { VOCABULARY } from '../support/vocabulary.js';

const emitted = emitDocument('table', tableSchema);

test('the committed schema is the one that the source gives (UPDATE_GOLDEN=1 rewrites it)', () => {
  const text = `${JSON.stringify(emitted, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync('schemas/table.schema.json', text);
  expect(readFileSync('schemas/table.schema.json', 'utf8') === text, 'UPDATE_GOLDEN=1 npx vitest run test/table/schema.test.ts').toBe(true);
});

describe('editors accept', () => {
  const accepts = new Ajv({ discriminator: true, strict: true, strictRequired: false, strictTypes: false })
    .addVocabulary(VOCABULARY)
    .compile(emitted);
  const shipped = readdirSync('experiments/tables').map((file) => `experiments/tables/${file}`);

  test.each(shipped)('%s', (file) => {
    expect(accepts(parse(readFileSync(file, 'utf8'))), JSON.stringify(accepts.errors)).toBe(true);
  });

  test.each([
    ['a claim', { cell: ['a', 'x'], published: '1.0' }, true],
    ['a cell without a column', { cell: ['a'], published: '1.0' }, false],
    ['a claim with a key that no claim has', { cell: ['a', 'x'], publisht: '1.0' }, false],
  ])('%s: %j is %s', (_, claim, right) => {
    const table = { table: 't', columns: { x: { metric: 'test/loss' } }, rows: { a: { base: 'b.yaml' } }, claims: [claim] };
    expect(accepts(table)).toBe(right);
  });
});
