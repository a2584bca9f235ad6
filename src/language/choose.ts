import type { Path } from './located.js';
import type { JsonSchema } from './type.js';

/**
 * The schema that this value is meant to follow where a schema leaves a choice: the kind that it names, the alternative of its JSON
 * type. One level; what lies below may hold further choices. A value that fits no alternative, or several, gets the schema as it is.
 */
export function choose(schema: JsonSchema, value: unknown): JsonSchema {
  const branches = schema.oneOf
    ? schema.oneOf.filter((branch) => isObject(value) && kindOf(branch) === value['kind'])
    : (schema.anyOf?.filter((branch) => typeFits(branch.type, value)) ?? []);
  const [branch, another] = branches;
  if (!branch || another) return schema;
  const { oneOf: _, anyOf: __, discriminator: ___, ...outer } = schema;
  return { ...outer, ...choose(branch, value) };
}

/** The schema of the value at a path, as far as the document decides it. */
export const schemaAt = (schema: JsonSchema, document: unknown, path: Path): JsonSchema =>
  choose(declaredAt(schema, document, path), valueAt(document, path));

/** The schema of the value at a path, with the choice that it leaves there. */
export function declaredAt(schema: JsonSchema, value: unknown, [name, ...rest]: Path): JsonSchema {
  if (name === undefined) return schema;
  const chosen = choose(schema, value);
  const part = typeof name === 'number' ? chosen.items : partOf(chosen, name);
  return part ? declaredAt(part, valueAt(value, [name]), rest) : {};
}

/** The words that may stand at a path: the kinds there are, or those of an enumeration. */
export function wordsAt(
  schema: JsonSchema,
  document: unknown,
  path: Path,
): { readonly words: readonly string[]; readonly areKinds: boolean } {
  const kinds = path.at(-1) === 'kind' ? kindsOf(schemaAt(schema, document, path.slice(0, -1)).oneOf ?? []) : [];
  const areKinds = kinds.length > 0;
  return { words: areKinds ? kinds : (schemaAt(schema, document, path).enum ?? []).map(String), areKinds };
}

/** What is asked of the value of a key: of one that the schema names, or of any other. */
export const partOf = ({ properties, additionalProperties: others }: JsonSchema, name: string): JsonSchema | undefined =>
  own(properties, name) ?? (typeof others === 'object' ? others : undefined);

/** A property of the object itself: a person's key may be called `constructor`. */
export const own = <T>(object: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  object && Object.hasOwn(object, name) ? object[name] : undefined;

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, name) => (Array.isArray(inner) ? inner[Number(name)] : isObject(inner) ? own(inner, String(name)) : undefined),
    value,
  );

export const kindOf = (branch: JsonSchema): unknown => branch.properties?.['kind']?.enum?.[0];

export const kindsOf = (branches: readonly JsonSchema[]): readonly string[] =>
  branches.map(kindOf).filter((kind) => typeof kind === 'string');

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeFits(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    default:
      return type === typeof value;
  }
}
