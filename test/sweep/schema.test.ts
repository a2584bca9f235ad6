import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { emitDocument } from '../../src/language/type.js';
import { sweepSchema } from '../../src/study/proposals/document.js';
import { shippedSweeps } from './documents.js';
import { VOCABULARY } from '../support/vocabulary.js';

const emitted = emitDocument('sweep', sweepSchema);

test('the committed schema is the one that the source gives (UPDATE_GOLDEN=1 rewrites it)', () => {
  const text = `${JSON.stringify(emitted, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync('schemas/sweep.schema.json', text);
  expect(readFileSync('schemas/sweep.schema.json', 'utf8') === text, 'UPDATE_GOLDEN=1 npx vitest run test/sweep/schema.test.ts').toBe(true);
});

describe('editors accept', () => {
  const accepts = new Ajv({ discriminator: true, strict: true, strictRequired: false, strictTypes: false })
    .addVocabulary(VOCABULARY)
    .compile(emitted);

  test.each(shippedSweeps)('%s', (file) => {
    expect(accepts(parse(readFileSync(file, 'utf8'))), JSON.stringify(accepts.errors)).toBe(true);
  });

  test.each([
    ['a list of mappings', { 'optimizer.learning_rate': [0.1, { kind: 'cosine' }] }, true],
    ['a range', { 'model.hidden_size': { kind: 'range', low: 8, high: 32, step: 8 } }, true],
    ['an unknown kind of axis', { 'model.hidden_size': { kind: 'gaussian', mean: 1 } }, false],
    ['an axis without values', { 'model.hidden_size': [] }, false],
  ])('%s: %j is %s', (_, item, right) => {
    expect(accepts({ sweep: 's', base: 'b.yaml', vary: [item], select: { metric: 'test/loss' } })).toBe(right);
  });
});
