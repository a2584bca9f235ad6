/**
 * A JSON Schema that is also a TypeScript type: the one place that says what a person may write about something.
 *
 *     const options = Type.Object({ hidden_size: Type.Integer({ minimum: 1, description: 'Units of the hidden state.' }) });
 *     type Options = Static<typeof options>;            // { hidden_size: number }
 *
 * A property with a `default` may be left out by the person and is always there after `resolve`; `Type.Optional` may be left out and stays out.
 * `affects` marks a leaf as part of the result (then it is part of the work key; the default) or of the execution only.
 */
export type Affects = 'result' | 'execution';

export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  /** What holds where a key without a `default` is left out: a value, or words (`the targets`). For people; nothing is filled in. */
  readonly otherwise?: string | number | boolean;
  /** Values as a person might write them: an editor begins with the first one. */
  readonly examples?: readonly unknown[];
  readonly affects?: Affects;
  /** A file's path: the work key holds the digest of its content in its place. */
  readonly path?: boolean;
  readonly enum?: readonly (string | number | boolean)[];
  /** Of each word of `enum`, for editors. */
  readonly enumDescriptions?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  /** For editors alone: what keys may be besides those of `properties`, and what is told once (`#/definitions/NAME`). */
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly $ref?: string;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly discriminator?: { readonly propertyName: string };
}

// Plain names, not symbols: declaration files of other modules must be able to write them.

export type Schema<T> = JsonSchema & { readonly '~static'?: T };
type OptionalSchema<T> = Schema<T> & { readonly '~optional': true };
export type Static<S> = S extends { readonly '~static'?: infer T } ? T : unknown;

type Properties = Readonly<Record<string, JsonSchema>>;
type OptionalKeys<P extends Properties> = { [K in keyof P]: P[K] extends { readonly '~optional': true } ? K : never }[keyof P];
type ObjectOf<P extends Properties> = { readonly [K in Exclude<keyof P, OptionalKeys<P>>]: Static<P[K]> } & {
  readonly [K in OptionalKeys<P>]?: Static<P[K]>;
};
/** Without a parameter: any object schema, whose static type is not known. */
export type ObjectSchema<P extends Properties = Properties> = JsonSchema & { readonly properties: P } & (string extends keyof P
    ? unknown
    : Schema<ObjectOf<P>>);

type Note<T> = {
  readonly description?: string;
  readonly default?: T;
  readonly otherwise?: string | number | boolean;
  readonly examples?: readonly T[];
  readonly affects?: Affects;
};
type Range = {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
};

/** How a schema says at run time that it is optional: a symbol goes along into a copy ({ ...schema, description }) and into no JSON. */
const OPTIONAL = Symbol.for('retable.optional');

/** A stage as a document writes it: its kind, and its options. */
type Listed = Readonly<Record<string, unknown>> & { readonly kind: string };

/** The slot whose stages a schema of `Type.Stages` lists. */
const STAGES = Symbol.for('retable.stages');
export const slotListed = (schema: JsonSchema): string | undefined => (schema as { readonly [STAGES]?: string })[STAGES];

export const Type = {
  Boolean: (note: Note<boolean> = {}): Schema<boolean> => ({ type: 'boolean', ...note }),
  Integer: (note: Note<number> & Range = {}): Schema<number> => ({ type: 'integer', ...note }),
  Number: (note: Note<number> & Range = {}): Schema<number> => ({ type: 'number', ...note }),
  String: (
    note: Note<string> & { readonly minLength?: number; readonly pattern?: string; readonly path?: boolean } = {},
  ): Schema<string> => ({
    type: 'string',
    ...note,
  }),
  /** One of a closed list of words. */
  Enum: <const T extends readonly [string, ...string[]]>(words: T, note: Note<T[number]> = {}): Schema<T[number]> => ({
    type: 'string',
    enum: words,
    ...note,
  }),
  Array: <S extends JsonSchema>(
    items: S,
    note: Note<readonly Static<S>[]> & { readonly minItems?: number; readonly uniqueItems?: boolean } = {},
  ): Schema<readonly Static<S>[]> => ({ type: 'array', items, ...note }),
  Object: <const P extends Properties>(properties: P, note: Note<ObjectOf<P>> = {}): ObjectSchema<P> => ({
    type: 'object',
    properties,
    required: Object.entries(properties)
      .filter(([, s]) => !Object.hasOwn(s, OPTIONAL))
      .map(([name]) => name),
    additionalProperties: false,
    ...note,
  }),
  /** A mapping whose keys are a person's own names. */
  Map: <S extends JsonSchema>(
    values: S,
    note: Note<Readonly<Record<string, Static<S>>>> = {},
  ): Schema<Readonly<Record<string, Static<S>>>> => ({
    type: 'object',
    additionalProperties: values,
    ...note,
  }),
  /** A list of stages of a slot, each of its kind: what kinds there are is known once a document's own modules are. */
  Stages: (slot: string, note: Note<readonly Listed[]> = {}): Schema<readonly Listed[]> =>
    ({ type: 'array', items: { type: 'object' }, ...note, [STAGES]: slot }) as Schema<readonly Listed[]>,
  /** May be left out, and stays out. */
  Optional: <S extends JsonSchema>(schema: S) => ({ ...schema, [OPTIONAL]: true }) as unknown as S & OptionalSchema<Static<S>>,
  /** Alternatives told apart by their `kind`: each key of `kinds` is a kind, its schema the other keys. */
  Tagged: <const K extends Readonly<Record<string, ObjectSchema>>>(
    kinds: K,
    note: Note<never> = {},
  ): Schema<{ [N in keyof K]: { readonly kind: N } & Static<K[N]> }[keyof K]> => ({
    type: 'object',
    discriminator: { propertyName: 'kind' },
    oneOf: Object.entries(kinds).map(([kind, schema]) => withKind(kind, schema)),
    ...note,
  }),
  /** Alternatives told apart by their JSON type: a number or an object, a word or a number. */
  Either: <const T extends readonly [JsonSchema, ...JsonSchema[]]>(
    alternatives: T,
    note: Note<Static<T[number]>> = {},
  ): Schema<Static<T[number]>> => ({
    anyOf: alternatives,
    ...note,
  }),
};

/** The options of one kind as the person writes them: with the key `kind` in front. */
export function withKind(kind: string, schema: ObjectSchema): JsonSchema {
  return {
    ...schema,
    properties: { kind: { type: 'string', enum: [kind] }, ...schema.properties },
    required: ['kind', ...(schema.required ?? [])],
    ...(schema.examples && { examples: schema.examples.map((example) => ({ kind, ...(example as object) })) }),
  };
}

/**
 * The schema of a document of any kind, for editors: draft-07, what has a default isn't required, and every leaf says what it affects. Every mapping
 * is called by its key, and an alternative by its kind.
 */
export const emitDocument = (title: string, schema: JsonSchema): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...editorView(schema, title),
});

/** What a schema says about itself, and at the end what holds where its key is left out. */
export const describedWhole = ({ description, otherwise }: JsonSchema): string | undefined =>
  otherwise === undefined ? description : `${description === undefined ? '' : `${description} `}Default: ${otherwise}.`;

/** May a person leave it out, and it is there after `resolve`? */
export const hasDefault = (schema: JsonSchema): boolean =>
  schema.default !== undefined ||
  (schema.type === 'object' && schema.properties !== undefined && Object.values(schema.properties).every(hasDefault));

/** The names that a person must write. */
export const requiredKeys = ({ required = [], properties = {} }: JsonSchema): readonly string[] =>
  required.filter((name) => !hasDefault(properties[name] ?? {}));

/** `affects` is inherited from the schema around it, and `result` where nobody says. */
function editorView(schema: JsonSchema, name: string, inherited: Affects = 'result'): JsonSchema {
  const { affects = inherited, otherwise: _, default: value, ...rest } = schema;
  const view = (part: JsonSchema, called = name) => editorView(part, called, affects);
  const description = describedWhole(schema);
  const nested = {
    ...(schema.properties && { properties: mapValues(schema.properties, view), required: requiredKeys(schema) }),
    ...(schema.items && { items: listed(view(schema.items)) }),
    ...(schema.oneOf && withAllKinds(schema.oneOf, view)),
    ...(schema.anyOf && { anyOf: schema.anyOf.map((part) => view(part)) }),
    ...(schema.patternProperties && { patternProperties: mapValues(schema.patternProperties, (part) => view(part)) }),
    ...(schema.definitions && { definitions: mapValues(schema.definitions, view) }),
    ...(typeof schema.additionalProperties === 'object' && { additionalProperties: view(schema.additionalProperties) }),
  };
  const isLeaf = Object.keys(nested).length === 0 && schema.$ref === undefined;
  const isMapping = schema.properties !== undefined || schema.oneOf !== undefined;
  return {
    ...(isMapping && { title: name }),
    ...rest,
    // An editor would write an empty list, where a person wants to begin one.
    ...(value !== undefined && !(Array.isArray(value) && value.length === 0) && { default: value }),
    ...(description !== undefined && { description }),
    ...nested,
    ...(isLeaf && { affects }),
  };
}

/** An editor takes what it begins an item of a list with from a default alone. */
const listed = (items: JsonSchema): JsonSchema => (items.examples ? { default: items.examples[0], ...items } : items);

/** All kinds stand beside the alternatives: a misspelt one is of no alternative, and is told what kinds there are. */
const withAllKinds = (oneOf: readonly JsonSchema[], view: (part: JsonSchema, name: string) => JsonSchema): JsonSchema => ({
  properties: { kind: view(kindSchema(oneOf), 'kind') },
  oneOf: oneOf.map((alternative) => view(alternative, wordOf(alternative))),
});

/** The schema of a `kind` alone, any of these, each with what it is. */
export function kindSchema(oneOf: readonly JsonSchema[]): JsonSchema {
  const about = oneOf.map(({ description = '' }) => description);
  const told = about.some((each) => each !== '') && { enumDescriptions: about };
  return { type: 'string', enum: oneOf.map(wordOf), ...told, description: 'What it is.' };
}

const wordOf = ({ properties }: JsonSchema): string => properties?.['kind']?.enum?.join() ?? '';

const mapValues = <T, U>(object: Readonly<Record<string, T>>, f: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, f(value, name)]));
