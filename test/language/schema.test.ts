import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { emitSchema, experimentSchema } from '../../src/language/experiment.js';
import { hasDefault, type JsonSchema, requiredKeys, Type } from '../../src/language/type.js';
import { stages } from '../../src/stages/registry.js';
import { VOCABULARY } from '../support/vocabulary.js';

const emitted = emitSchema(stages);

test('the committed schema is the one that the stages give (UPDATE_GOLDEN=1 rewrites it)', () => {
  const file = join(import.meta.dirname, '../../schemas/experiment.schema.json');
  const text = `${JSON.stringify(emitted, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(readFileSync(file, 'utf8') === text, 'UPDATE_GOLDEN=1 npx vitest run test/language/schema.test.ts').toBe(true);
});

test('it is a JSON Schema of draft-07', () => {
  const ajv = new Ajv({ discriminator: true, strict: true, strictRequired: false }).addVocabulary(VOCABULARY);
  expect(ajv.validateSchema(emitted)).toBe(true);
  expect(() => ajv.compile(emitted)).not.toThrow();
});

describe('every leaf', () => {
  const leaves = leavesOf(emitted, '');

  test('says what it affects', () => {
    expect(leaves.length).toBeGreaterThan(30);
    expect(leaves.filter(({ schema }) => schema.affects === undefined).map(({ path }) => path)).toEqual([]);
  });

  test('has a description, or is a kind or an item of a list', () => {
    const silent = leaves.filter(({ schema, path }) => !schema.description && !/\.kind$|\[\]$|\|\d$/.test(path));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('of the skeleton that only steers the execution is listed here', () => {
    const execution = leaves.filter(({ schema }) => schema.affects === 'execution').map(({ path }) => path);
    const samples = ['every', 'prefixes[]', 'length', 'temperature', 'top_k'].map((name) => `.training.samples.${name}`);
    expect(execution).toEqual([
      '.experiment',
      '.description',
      '.training.checkpoint_every',
      ...samples,
      '.engine.threads',
      '.tracking.uri',
      '.tracking.system_metrics',
      '.on_finish',
      '.accept[].threat',
      '.accept[].because',
    ]);
  });
});

test('what has a default need not be written', () => {
  expect(emitted.required).toEqual(['experiment', 'dataset', 'model', 'loss', 'optimizer', 'training']);
  expect(emitted.properties?.['training']?.required).toEqual(['epochs', 'batch_size']);
  for (const branch of emitted.properties?.['model']?.oneOf ?? []) expect(branch.required).toContain('kind');
});

test('every default is a value that its own schema accepts', () => {
  const ajv = new Ajv({ strict: false, discriminator: true });
  for (const { path, schema } of everyPart(emitted, '')) {
    if (schema.default !== undefined) expect(ajv.validate(schema, schema.default), path).toBe(true);
  }
});

test('datasets take a seed of their own, metrics the splits that they are measured on', () => {
  const properties: JsonSchema['properties'] = experimentSchema(stages).properties;
  for (const branch of properties?.['dataset']?.oneOf ?? []) expect(branch.properties).toHaveProperty('seed');
  for (const branch of properties?.['metrics']?.items?.oneOf ?? []) expect(branch.properties).toHaveProperty('splits');
  for (const branch of properties?.['model']?.oneOf ?? []) expect(branch.properties).not.toHaveProperty('splits');
});

test('what a mapping affects its leaves affect, unless they say otherwise', () => {
  const plots = Type.Object(
    { format: Type.Enum(['svg', 'png']), seed: Type.Integer({ affects: 'result' }), sizes: Type.Array(Type.Integer()) },
    { affects: 'execution' },
  );
  const loss = { slot: 'loss', kind: 'l', summary: 'L.', options: Type.Object({ plots, scale: Type.Number() }) } as const;
  const branch = emitSchema([loss]).properties?.['loss']?.oneOf?.[0];
  const { format, seed, sizes } = branch?.properties?.['plots']?.properties ?? {};
  expect([format?.affects, seed?.affects, sizes?.items?.affects, branch?.properties?.['scale']?.affects]).toEqual([
    'execution',
    'result',
    'execution',
    'result',
  ]);
});

test('a mapping may be left out when all of its keys may', () => {
  const some = Type.Object({ a: Type.Integer({ default: 1 }), b: Type.Integer() });
  const all = Type.Object({ a: Type.Integer({ default: 1 }) });
  expect([hasDefault(some), hasDefault(all)]).toEqual([false, true]);
  expect(requiredKeys(Type.Object({ some, all, none: Type.Optional(Type.Integer()) }))).toEqual(['some']);
});

test('what is optional stays so in a copy with other words', () => {
  const copy = { ...Type.Optional(Type.Integer({ description: 'One.' })), description: 'Another.' };
  expect(Type.Object({ copy, rest: Type.Integer() }).required).toEqual(['rest']);
  expect(JSON.stringify(Type.Optional(Type.Integer()))).toBe(JSON.stringify(Type.Integer()));
});

interface Part {
  readonly path: string;
  readonly schema: JsonSchema;
}

function everyPart(schema: JsonSchema, path: string): readonly Part[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).map(([name, part]) => ({ path: `${path}.${name}`, schema: part })),
    ...(schema.items ? [{ path: `${path}[]`, schema: schema.items }] : []),
    ...(typeof schema.additionalProperties === 'object' ? [{ path: `${path}.NAME`, schema: schema.additionalProperties }] : []),
    ...[...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].map((part, index) => ({ path: `${path}|${index}`, schema: part })),
  ];
  return [{ path, schema }, ...below.flatMap((part) => everyPart(part.schema, part.path))];
}

function leavesOf(schema: JsonSchema, path: string): readonly Part[] {
  return everyPart(schema, path).filter(
    ({ schema: { properties, items, oneOf, anyOf, additionalProperties: others } }) =>
      !properties && !items && !oneOf && !anyOf && typeof others !== 'object',
  );
}
