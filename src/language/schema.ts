import type { Affects, JsonSchema } from './type.js';

/** The schema of a document of any kind, for editors: draft-07, what has a default isn't required, and every leaf says what it affects. */
export const emitDocument = (title: string, schema: JsonSchema): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title,
  ...editorView(schema),
});

/** May a person leave it out, and it is there after `resolve`? */
export const hasDefault = (schema: JsonSchema): boolean =>
  schema.default !== undefined ||
  (schema.type === 'object' && schema.properties !== undefined && Object.values(schema.properties).every(hasDefault));

/** The names that a person must write. */
export const requiredKeys = ({ required = [], properties = {} }: JsonSchema): readonly string[] =>
  required.filter((name) => !hasDefault(properties[name] ?? {}));

/** `affects` is inherited from the schema around it, and `result` where nobody says. */
function editorView(schema: JsonSchema, inherited: Affects = 'result'): JsonSchema {
  const { affects = inherited, ...rest } = schema;
  const view = (part: JsonSchema) => editorView(part, affects);
  const nested = {
    ...(schema.properties && { properties: mapValues(schema.properties, view), required: requiredKeys(schema) }),
    ...(schema.items && { items: view(schema.items) }),
    ...(schema.oneOf && { oneOf: schema.oneOf.map(view) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(view) }),
    ...(typeof schema.additionalProperties === 'object' && { additionalProperties: view(schema.additionalProperties) }),
  };
  const isLeaf = Object.keys(nested).length === 0;
  return { ...rest, ...nested, ...(isLeaf && { affects }) };
}

const mapValues = <T, U>(object: Readonly<Record<string, T>>, f: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, f(value)]));
