import { type Path, record } from './located.js';
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

export interface Narrowed extends Omit<JsonSchema, 'items' | 'properties'> {
  readonly items?: Narrowed | readonly Narrowed[];
  readonly properties?: Readonly<Record<string, Narrowed>>;
}

/**
 * The schema without choices that one document is checked against: small, so that it compiles fast, and each mistake is found once.
 * Where the document leaves a kind open, what remains is the demand for one of them.
 */
export function narrow(schema: JsonSchema, value: unknown, required: (schema: JsonSchema) => readonly string[]): Narrowed {
  const { oneOf, discriminator: _, ...chosen } = choose(schema, value);
  const below = (part: JsonSchema, name: string | number) => narrow(part, valueAt(value, [name]), required);
  if (oneOf) return { ...chosen, required: ['kind'], properties: { kind: { enum: kindsOf(oneOf) } } };
  const { items, properties, ...flat } = chosen;
  if (properties) {
    const narrowed = Object.entries(properties).map(([name, part]) => [name, below(part, name)] as const);
    return { ...chosen, properties: record(narrowed) as Readonly<Record<string, Narrowed>>, required: required(chosen) };
  }
  if (!items || !isOpen(items)) return chosen;
  return Array.isArray(value) ? { ...flat, items: value.map((_, index) => below(items, index)) } : flat;
}

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

const isOpen = (schema: JsonSchema): boolean =>
  schema.oneOf !== undefined ||
  schema.anyOf !== undefined ||
  schema.properties !== undefined ||
  (schema.items !== undefined && isOpen(schema.items));

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
