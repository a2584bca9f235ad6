import type { Slot, Stage } from '../stages/stage.js';
import { engine, head, onFinish, tracking, training } from './experiment.js';
import { type Affects, type JsonSchema, type ObjectSchema, Type } from './type.js';

/** What the language must know of a stage: how it is called, and what may be written about it. */
export type Kind = Pick<Stage, 'slot' | 'kind' | 'summary' | 'options'>;

/** The schema of an `experiment:` document, in the order in which a person reads one. */
export function experimentSchema(stages: readonly Kind[]): ObjectSchema {
  return Type.Object({
    ...head.properties,
    dataset: oneOf('dataset', stages, { seed: dataSeed }),
    model: oneOf('model', stages),
    loss: oneOf('loss', stages),
    optimizer: oneOf('optimizer', stages),
    metrics: Type.Array(oneOf('metric', stages, { splits, as }), { default: [], description: 'What is measured besides the loss.' }),
    training: { ...training, description: 'How training goes through the data.' },
    engine: { ...engine, description: 'What computes, and where.' },
    tracking: Type.Optional({ ...tracking, description: 'Where records are sent besides the folder of runs.' }),
    on_finish: Type.Optional(onFinish),
  });
}

/** The same for editors: draft-07, what has a default isn't required, and every leaf says what it affects. */
export const emitSchema = (stages: readonly Kind[]): JsonSchema => emitDocument('A retable experiment', experimentSchema(stages));

/** The schema of a document of any kind, for editors. */
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

const dataSeed = Type.Either([Type.Enum(['inherit']), Type.Integer({ minimum: 0 })], {
  default: 'inherit',
  description:
    'Where the random numbers of the data come from: inherit takes the seed of the experiment; a number gives the same data whatever that is.',
});

const splits = Type.Optional(
  Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1,
    uniqueItems: true,
    description: 'Measured on these splits only; on all when left out.',
  }),
);

const as = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$',
    description:
      'The name that stands behind SPLIT/ in the record, of letters, digits, "_", "-" and "."; the kind when left out. Two names let one kind be listed twice.',
  }),
);

const oneOf = (slot: Slot, stages: readonly Kind[], shared: Readonly<Record<string, JsonSchema>> = {}) =>
  Type.Tagged(
    Object.fromEntries(
      stages
        .filter((stage) => stage.slot === slot)
        .map(({ kind, summary, options }) => [kind, { ...withKeys(options, shared), description: summary }]),
    ),
  );

/** Shared keys stand behind a stage's own; a stage that has a key of that name keeps its own. */
const withKeys = (options: ObjectSchema, shared: Readonly<Record<string, JsonSchema>>): ObjectSchema => ({
  ...options,
  properties: { ...options.properties, ...shared, ...options.properties },
});

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
