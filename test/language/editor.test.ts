import { describe, expect, test } from 'vitest';
import { check, kindOf } from '../../src/language/check.js';
import { emitSchema } from '../../src/language/experiment.js';
import { emitDocument, type JsonSchema } from '../../src/language/type.js';
import { stages } from '../../src/stages/registry.js';
import { tableSchema } from '../../src/study/claims/document.js';
import { sweepSchema } from '../../src/study/proposals/document.js';

/** What an editor makes of a schema, by the rules of yaml-language-server; `.ci/checks/editor` asks that itself. */
describe.each([
  ['experiment', emitSchema(stages)],
  ['sweep', emitDocument('sweep', sweepSchema)],
  ['table', emitDocument('table', tableSchema)],
])('the schema of a document of kind %s', (name, schema) => {
  const parts = partsOf(schema, name);

  test('has a value for every number that stands by itself, which an editor would begin with 0', () => {
    const numbers = parts.filter(({ part: { type }, path }) => /^(?:integer|number)$/.test(type ?? '') && !path.endsWith(`|${type}`));
    expect(numbers.length).toBeGreaterThan(10);
    const without = numbers.filter(({ part }) => part.default === undefined && part.examples === undefined);
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  test('has examples that can be written so', () => {
    const wrong = parts.flatMap(({ part, path }) => (part.examples ?? []).filter((each) => check(part, each).length > 0).map(() => path));
    expect(wrong).toEqual([]);
  });

  test('calls every mapping by its key, and an alternative by its kind', () => {
    const untold = parts.filter(({ part: { properties, oneOf, title } }) => (properties ?? oneOf) && title === undefined);
    expect(untold.map(({ path }) => path)).toEqual([]);
    for (const { part } of parts) for (const each of part.oneOf ?? []) expect(each.title).toBe(kindOf(each));
  });

  test('tells a misspelt kind all kinds there are', () => {
    const choices = parts.filter(({ part: { oneOf } }) => oneOf);
    expect(choices.length).toBeGreaterThan(0);
    for (const { part } of choices) expect(part.properties?.['kind']?.enum).toEqual(part.oneOf?.map(kindOf));
  });

  test('says of every kind what it is', () => {
    const untold = parts.filter(({ part: { oneOf } }) => oneOf?.some(({ description = '' }) => description === ''));
    expect(untold.map(({ path }) => path)).toEqual([]);
  });
});

test('every stage says what it is where its kind is chosen', () => {
  const { properties = {} } = emitSchema(stages);
  const choices = [properties['dataset'], properties['model'], properties['loss'], properties['optimizer'], properties['metrics']?.items];
  for (const [index, slot] of ['dataset', 'model', 'loss', 'optimizer', 'metric'].entries()) {
    const summaries = stages.filter((stage) => stage.slot === slot).map(({ summary }) => summary);
    expect(choices[index]?.properties?.['kind']?.enumDescriptions).toEqual(summaries);
  }
});

interface Part {
  readonly path: string;
  readonly part: JsonSchema;
}

function partsOf(part: JsonSchema, path: string): readonly Part[] {
  const below: readonly Part[] = [
    ...Object.entries(part.properties ?? {}).map(([name, each]) => ({ path: `${path}.${name}`, part: each })),
    ...[part.items, part.additionalProperties].flatMap((each) => (typeof each === 'object' ? [{ path: `${path}[]`, part: each }] : [])),
    ...[...(part.oneOf ?? []), ...(part.anyOf ?? [])].map((each) => ({ path: `${path}|${kindOf(each) ?? each.type}`, part: each })),
  ];
  return [{ path, part }, ...below.flatMap((each) => partsOf(each.part, each.path))];
}
