import { choose, isObject, kindsOf, own } from './choose.js';
import type { Path } from './located.js';
import { type JsonSchema, requiredKeys } from './type.js';

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
