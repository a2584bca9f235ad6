import type { JsonSchema } from '../../src/language/type.js';
import fc from '../support/properties.js';

/** By dotted path without indices (`training.samples.prefixes`): what is written in place of what the schema alone would give. */
export type Places = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Written every time: what stands for them when they are left out takes too long, or hardly ever fits. */
const ALWAYS = new Set(['examples', 'train', 'test', 'steps', 'delay', 'max_tokens', 'hidden_size', 'readout']);

/** Keys of a map: classes that data of these tests have, and one that none has. */
const NAMES = ['0', '1', 'a', 'up', 'nobody'] as const;

/** What stands where something is left out. */
const NOTHING = Symbol('nothing');

/**
 * Values that a schema takes, on their edges rather than in their middle: the least and the largest number, the shortest list. Keys that may be
 * left out are there half of the time. A new option of a stage is so tried without a word about it.
 */
export function anyValue(schema: JsonSchema, places: Places = {}, path = ''): fc.Arbitrary<unknown> {
  const place = places[path];
  if (place) return place;
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => anyValue(one, places, path)));
  if (schema.oneOf) return fc.oneof(...schema.oneOf.map((one) => anyValue(one, places, path)));
  if (schema.properties) return anyObject(schema, places, path);
  if (typeof schema.additionalProperties === 'object')
    return fc.dictionary(fc.constantFrom(...NAMES), anyValue(schema.additionalProperties, places, path), { maxKeys: 2 });
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return edges(schema, [0, 1, 2, 3, 5]);
    case 'number':
      return edges(schema, [0, 1e-12, 0.1, 0.5, 0.9, 0.999, 1, 2.5, 1e6]);
    case 'string':
      return fc.constantFrom('a', 'x/y', ' ');
    case 'array':
      return fc.array(anyValue(schema.items ?? {}, places, path), { minLength: schema.minItems ?? 0, maxLength: 3 }).map((items) => {
        const texts = items.map((item) => JSON.stringify(item));
        return schema.uniqueItems ? items.filter((_, i) => texts.indexOf(texts[i] ?? '') === i) : items;
      });
    default:
      throw new Error(`nothing is known of ${path}: ${JSON.stringify(schema)}`);
  }
}

function edges({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema, usual: readonly number[]): fc.Arbitrary<number> {
  const fits = (value: number): boolean =>
    value >= (minimum ?? -Infinity) &&
    value <= (maximum ?? Infinity) &&
    value > (exclusiveMinimum ?? -Infinity) &&
    value < (exclusiveMaximum ?? Infinity);
  return fc.constantFrom(...new Set([minimum ?? 0, ...usual].filter(fits)));
}

function anyObject({ properties = {}, required = [] }: JsonSchema, places: Places, path: string): fc.Arbitrary<unknown> {
  const keys = Object.entries(properties).map(([name, part]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const value = anyValue(part, places, at);
    const isOptional = !ALWAYS.has(name) && (!required.includes(name) || part.default !== undefined);
    return [name, isOptional ? fc.option(value, { nil: NOTHING, freq: 1 }) : value] as const;
  });
  return fc
    .record(Object.fromEntries(keys))
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== NOTHING)));
}
