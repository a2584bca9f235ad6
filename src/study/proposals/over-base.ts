import { choose, isObject, own } from '../../language/check.js';
import { type Affects, describedWhole, type JsonSchema, kindSchema, Type } from '../../language/type.js';
import { axisKinds, sweepSchema } from './document.js';

/** The experiment that a sweep varies, as far as an editor has to know it. */
interface Base {
  /** Of its document, with the stages of its own modules. */
  readonly schema: JsonSchema;
  /** What it says. */
  readonly document: unknown;
  /** What it records and can be chosen by. */
  readonly metrics: readonly string[];
}

/**
 * The schema of sweeps over one experiment, for editors: the paths of `vary`, `set` and `exclude` are those that stand in the experiment or could, each
 * with the values that it takes, and `select` offers the metrics that it records. What is no path of any experiment is a mistake; a path of another
 * kind of stage is none, since a sweep may vary kinds.
 */
export function sweepSchemaOver({ schema, document, metrics }: Base): JsonSchema {
  const definitions = new Map<JsonSchema, string>([
    [NUMBERS, 'numbers'],
    [WHOLE_NUMBERS, 'whole_numbers'],
    [CHOICE, 'choice'],
  ]);
  const paths = pathsIn(schema, document).filter(({ path, affects }) => affects === 'result' && path !== 'seed');
  const others = `^(?:${tailsOf([schema]).join('|')})$`;
  const byPath = (valuesOf: (path: PathOfBase) => JsonSchema, anything: JsonSchema): JsonSchema => ({
    type: 'object',
    properties: Object.fromEntries(paths.map((path) => [path.path, valuesOf(path)])),
    patternProperties: { [others]: anything },
    additionalProperties: false,
  });
  /** A mapping is long, and may stand at several paths: it is told once. */
  const told = ({ path, part }: PathOfBase): JsonSchema => {
    if (!part.properties && !part.oneOf && !part.items?.oneOf && !part.items?.properties) return part;
    const name = definitions.get(part) ?? path;
    definitions.set(part, name);
    return named(name);
  };
  const axisOf = (path: PathOfBase): JsonSchema => ({
    description: describedWhole(path.part) ?? '',
    anyOf: [Type.Array(told(path), { minItems: 1 }), named(definitions.get(drawnAs(path)) ?? '')],
    ...listBegun(path),
  });
  const { vary, set, exclude, select, ...rest } = sweepSchema.properties;
  const properties = {
    ...rest,
    vary: { ...vary, items: byPath(axisOf, partOfItems(vary)) },
    set: { ...set, ...byPath(told, {}) },
    exclude: { ...exclude, items: byPath(() => ({}), {}) },
    select: { ...select, properties: { ...select.properties, metric: { ...select.properties.metric, examples: metrics } } },
  };
  return { ...sweepSchema, properties, definitions: Object.fromEntries(Array.from(definitions, ([part, name]) => [name, part])) };
}

const named = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });

const partOfItems = ({ items }: JsonSchema): JsonSchema =>
  typeof items?.additionalProperties === 'object' ? items.additionalProperties : {};

interface PathOfBase {
  readonly path: string;
  readonly part: JsonSchema;
  readonly affects: Affects;
  /** What stands there. */
  readonly value: unknown;
}

/** Where values stand below a value, or could by the kinds that it has. */
function pathsIn(schema: JsonSchema, value: unknown, above = '', inherited: Affects = 'result'): readonly PathOfBase[] {
  const chosen = choose(schema, value);
  const parts: readonly (readonly [name: string, part: JsonSchema, value: unknown])[] = [
    ...Object.entries(chosen.properties ?? {}).map(([name, part]) => {
      const whole = name === 'kind' && schema.oneOf ? kindSchema(schema.oneOf) : part;
      return [name, whole, isObject(value) ? own(value, name) : undefined] as const;
    }),
    ...(Array.isArray(value) ? value.map((item: unknown, index) => [String(index), chosen.items ?? {}, item] as const) : []),
  ];
  return parts.flatMap(([name, part, inner]) => {
    const path = above === '' ? name : `${above}.${name}`;
    const { affects = inherited } = part;
    return [{ path, part, affects, value: inner }, ...pathsIn(part, inner, path, affects)];
  });
}

const { range, integer, choice } = axisKinds;
const NUMBERS = Type.Tagged(axisKinds);
const WHOLE_NUMBERS = Type.Tagged({ range, integer, choice });
const CHOICE = Type.Tagged({ choice });

/** How the values of an axis are drawn where they are not listed. */
function drawnAs({ part }: PathOfBase): JsonSchema {
  const types = [part, ...(part.anyOf ?? [])].map(({ type }) => type);
  return types.includes('number') ? NUMBERS : types.includes('integer') ? WHOLE_NUMBERS : CHOICE;
}

/** What an editor begins a list of values with: all words, or the number or the kind that stands there. */
function listBegun({ path, part, value }: PathOfBase): JsonSchema {
  if (typeof value === 'number' || (path.endsWith('.kind') && value !== undefined)) return { examples: [[value]] };
  const words = part.type === 'boolean' ? [true, false] : part.enum;
  return words && !path.endsWith('.kind') ? { examples: [words] } : {};
}

/** Regular expressions of the paths that begin in some mapping of these kinds, without a first point. */
function tailsOf(schemas: readonly JsonSchema[]): readonly string[] {
  const all = schemas.flatMap(alternativesOf);
  const below = new Map<string, JsonSchema[]>();
  for (const { properties = {}, items } of all) {
    for (const [name, part] of Object.entries(properties)) below.set(name, [...(below.get(name) ?? []), part]);
    if (items) below.set('\\d+', [...(below.get('\\d+') ?? []), items]);
  }
  return Array.from(below, ([name, parts]) => {
    const tails = parts.some((part) => alternativesOf(part).some(isOpen)) ? ['.+'] : tailsOf(parts);
    return tails.length === 0 ? name : `${name}(?:\\.(?:${tails.join('|')}))?`;
  });
}

const alternativesOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const below = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  return below.length === 0 ? [schema] : below.flatMap(alternativesOf);
};

/** A mapping of a person's own keys, or anything at all. */
const isOpen = ({ type, additionalProperties, properties }: JsonSchema): boolean =>
  type === undefined || (type === 'object' && (typeof additionalProperties === 'object' || properties === undefined));
