import type { Path } from './located.js';
import { describedWhole, type JsonSchema, requiredKeys } from './type.js';

/** A demand of the schema that is not met. `key` is the name that is missing or that nobody knows. */
export interface Misfit {
  readonly path: Path;
  readonly demand: 'type' | 'enum' | 'range' | 'text' | 'minItems' | 'uniqueItems' | 'required' | 'unknown';
  readonly key?: string;
}

/**
 * JSON Schema for the part of it that `Type` makes, as JSON Schema defines it, but for two things that a person wants: a choice is settled
 * first, by the kind or the type of the value, so that one mistake is one misfit; and what has a default need not be there.
 */
export function check(schema: JsonSchema, value: unknown, path: Path = []): readonly Misfit[] {
  const chosen = choose(schema, value);
  const misfit = (demand: Misfit['demand']): readonly Misfit[] => [{ path, demand }];
  if (chosen.oneOf) return isObject(value) ? checkKind(kindsOf(chosen.oneOf), value, path) : misfit('type');
  if (chosen.anyOf) return chosen.anyOf.some((branch) => check(branch, value, path).length === 0) ? [] : misfit('type');
  if (!isOfType(chosen.type, value)) return misfit('type');
  if (chosen.enum && !chosen.enum.some((word) => word === value)) return misfit('enum');
  if (typeof value === 'number') return isInRange(chosen, value) ? [] : misfit('range');
  if (typeof value === 'string') return isText(chosen, value) ? [] : misfit('text');
  if (Array.isArray(value)) return checkItems(chosen, value, path);
  return isObject(value) ? checkKeys(chosen, value, path) : [];
}

function checkKind(kinds: readonly string[], value: Readonly<Record<string, unknown>>, path: Path): readonly Misfit[] {
  const kind = own(value, 'kind');
  if (kind === undefined) return [{ path, demand: 'required', key: 'kind' }];
  return kinds.some((known) => known === kind) ? [] : [{ path: [...path, 'kind'], demand: 'enum' }];
}

function checkItems({ items, minItems = 0, uniqueItems = false }: JsonSchema, value: readonly unknown[], path: Path): readonly Misfit[] {
  if (value.length < minItems) return [{ path, demand: 'minItems' }];
  if (uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < value.length) return [{ path, demand: 'uniqueItems' }];
  return items ? value.flatMap((item, index) => check(items, item, [...path, index])) : [];
}

function checkKeys(schema: JsonSchema, value: Readonly<Record<string, unknown>>, path: Path): readonly Misfit[] {
  const { properties, additionalProperties: others = true } = schema;
  const missing = requiredKeys(schema).filter((key) => !Object.hasOwn(value, key));
  const inside = Object.entries(value).flatMap(([key, inner]): readonly Misfit[] => {
    const part = own(properties, key) ?? others;
    if (part === false) return [{ path, demand: 'unknown', key }];
    return part === true ? [] : check(part, inner, [...path, key]);
  });
  return [...missing.map((key): Misfit => ({ path, demand: 'required', key })), ...inside];
}

function isOfType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    default:
      return typeof value === type;
  }
}

/** A whole number that can't be told from its neighbours (`1e300`) is in no range. */
const isInRange = (
  { type, minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity }: JsonSchema,
  value: number,
): boolean =>
  value >= minimum &&
  value <= maximum &&
  value > exclusiveMinimum &&
  value < exclusiveMaximum &&
  (type !== 'integer' || Number.isSafeInteger(value));

const isText = ({ minLength = 0, pattern }: JsonSchema, value: string): boolean =>
  Array.from(value).length >= minLength && (pattern === undefined || new RegExp(pattern, 'u').test(value));

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

interface Completion {
  /** What the whole argument becomes: `model.`, `model.hidden_size=`, `model.readout=last`. */
  readonly text: string;
  readonly description?: string;
}

/** How the argument of `--set` can go on for a document of any kind, in the order of its schema; `document` decides which kinds are meant. */
export function completeValue(typed: string, schema: JsonSchema, document: unknown = {}): readonly Completion[] {
  const equals = typed.indexOf('=');
  const path = (equals < 0 ? typed : typed.slice(0, equals)).split('.').map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  const above = path.slice(0, -1);
  if (equals < 0) {
    const before = typed.slice(0, typed.lastIndexOf('.') + 1);
    return keys(schemaAt(schema, document, above), valueAt(document, above), before).filter(({ text }) => text.startsWith(typed));
  }
  // The document's own kind leaves no choice: what counts here is what could stand in its place.
  const { oneOf } = declaredAt(schema, document, above);
  const words = oneOf && path.at(-1) === 'kind' ? kindsOf(oneOf) : values(schemaAt(schema, document, path));
  return words.map((word) => ({ text: `${typed.slice(0, equals)}=${word}` })).filter(({ text }) => text.startsWith(typed));
}

function keys(schema: JsonSchema, value: unknown, before: string): readonly Completion[] {
  if (schema.items) {
    const length = Array.isArray(value) ? value.length : 0;
    return Array.from({ length: length + 1 }, (_, index) => ({ text: `${before}${index}.` }));
  }
  const kinds = schema.oneOf && { kind: { description: 'What it is.', enum: kindsOf(schema.oneOf) } };
  return Object.entries(schema.properties ?? kinds ?? {}).map(([name, part]) => {
    const description = describedWhole(part);
    return {
      text: `${before}${name}${isLeaf(part, isObject(value) ? own(value, name) : undefined) ? '=' : '.'}`,
      ...(description !== undefined && { description }),
    };
  });
}

/** Words that can be written; numbers and texts are a person's own. */
function values(schema: JsonSchema): readonly string[] {
  if (schema.enum) return schema.enum.map(String);
  if (schema.anyOf) return schema.anyOf.flatMap(values);
  return schema.type === 'boolean' ? ['true', 'false'] : [];
}

/** A choice between a number and a mapping is a leaf unless the document has chosen the mapping; a list of plain values is one too. */
const isLeaf = ({ properties, oneOf, items }: JsonSchema, value: unknown): boolean =>
  !isObject(value) && !properties && !oneOf && !(items?.properties ?? items?.oneOf);
