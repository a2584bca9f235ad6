import { check } from '../language/check.js';
import type { JsonSchema } from '../language/type.js';
import type { MetricSpec, ModelSpec, Slot, Slots, Stage } from '../stages/stage.js';
import { describe } from './check-spec.js';

/** What each slot's `create` makes, by the names that must be there; of a metric, in the form that its `plan` announced. */
export const functionsOf = (slot: Slot, spec: Slots[Slot]['spec']): readonly string[] =>
  slot === 'metric'
    ? functionsOfMetric(spec as MetricSpec)
    : slot === 'model' && (spec as ModelSpec).attends
      ? [...FUNCTIONS.model, 'attention']
      : FUNCTIONS[slot];

const FUNCTIONS: Readonly<Record<Exclude<Slot, 'metric'>, readonly string[]>> = {
  dataset: ['batches'],
  model: ['forward'],
  loss: ['score'],
  optimizer: ['update'],
  transform: ['apply', 'invert'],
};

const functionsOfMetric = ({ accumulates, collects }: MetricSpec): readonly string[] =>
  collects ? ['evaluate'] : accumulates ? ['accumulate', 'finish'] : ['score', 'finish'];

const SLOTS: readonly string[] = ['dataset', 'model', 'loss', 'metric', 'optimizer', 'transform'] satisfies readonly Slot[];

/** A stage that somebody else wrote, or in a few words what is wrong with it: `has no kind`. */
export function checkStage(value: unknown): { readonly stage: Stage } | { readonly wrong: string } {
  if (typeof value !== 'object' || value === null) return { wrong: `is ${describe(value)}` };
  const wrong = WRONG.map((find) => find(value as Readonly<Record<string, unknown>>)).find((found) => found !== undefined);
  return wrong === undefined ? { stage: value as Stage } : { wrong };
}

type Part = Readonly<Record<string, unknown>>;

const WRONG: readonly ((stage: Part) => string | undefined)[] = [
  ({ slot }) => (SLOTS.some((known) => known === slot) ? undefined : `must say a slot, one of ${SLOTS.join(', ')}`),
  ({ kind }) => (typeof kind === 'string' && /^[a-z][a-z0-9_]*$/.test(kind) ? undefined : 'must say a kind: small letters, digits and "_"'),
  ({ version }) => (Number.isInteger(version) ? undefined : 'must say its version, a whole number'),
  ({ summary }) => (typeof summary === 'string' ? undefined : 'must say a summary, one sentence'),
  ({ slot, options }) => wrongOptions(slot, options as JsonSchema | undefined),
  ({ plan }) => (typeof plan === 'function' ? undefined : 'has no function "plan"'),
  ({ create }) => (typeof create === 'function' ? undefined : 'has no function "create"'),
  ({ inspect }) =>
    inspect === undefined ? undefined : 'has "inspect", which is called "look"; what it fits to training data, "fit" gives',
  ({ look }) => (isFunctionIfThere(look) ? undefined : 'has a "look" that is no function'),
  ({ draws }) => (isFunctionIfThere(draws) ? undefined : 'has a "draws" that is no function'),
  ({ fit }) => (isFunctionIfThere(fit) ? undefined : 'has a "fit" that is no function'),
  ({ encode }) => (isFunctionIfThere(encode) ? undefined : 'has an "encode" that is no function'),
  ({ source }) => (isFunctionIfThere(source) ? undefined : 'has a "source" that is no function'),
  ({ recipe }) => (isFunctionIfThere(recipe) ? undefined : 'has a "recipe" that is no function'),
  ({ decode }) => (isFunctionIfThere(decode) ? undefined : 'has a "decode" that is no function'),
];

const isFunctionIfThere = (value: unknown): boolean => value === undefined || typeof value === 'function';

function wrongOptions(slot: unknown, options: JsonSchema | undefined): string | undefined {
  if (options?.type !== 'object' || !options.properties) return 'must say its options: Type.Object({ … }), also where there are none';
  const entries = Object.entries(options.properties);
  if (entries.some(([name]) => name === 'kind')) return 'has an option "kind", which is the name of the stage itself';
  if (slot === 'metric' && entries.some(([name]) => name === 'as')) return 'has an option "as", which names what a metric is recorded as';
  for (const [name, schema] of entries) {
    const wrong = wrongSchema(schema);
    if (wrong !== undefined) return `has an option "${name}" with ${wrong}`;
  }
  for (const [name, schema] of entries) {
    const isWrong = (value: unknown): boolean => check(schema, value).length > 0;
    if (schema.default !== undefined && isWrong(schema.default))
      return `has an option "${name}" whose default is not what the option takes`;
    if (schema.examples?.some(isWrong)) return `has an option "${name}" with an example that is not what the option takes`;
  }
  return undefined;
}

/** What a document's values are held against nowhere, because it is JSON Schema that nobody here reads. */
function wrongSchema(schema: JsonSchema): string | undefined {
  const { type, pattern, properties = {}, items, additionalProperties, oneOf = [], anyOf = [] } = schema;
  const word = Object.keys(schema).find((key) => !Object.hasOwn(KEYWORDS, key));
  if (word !== undefined) return `"${word}", which retable doesn't check; what it checks is ${Object.keys(KEYWORDS).join(', ')}`;
  if (type !== undefined && !TYPES.includes(type)) return `a type ${JSON.stringify(type)}; there are ${TYPES.join(', ')}`;
  if (pattern !== undefined && !isPattern(pattern)) return `a pattern ${JSON.stringify(pattern)}, which is no regular expression`;
  return [...Object.values(properties), items, additionalProperties, ...oneOf, ...anyOf]
    .filter((part) => typeof part === 'object')
    .map(wrongSchema)
    .find((wrong) => wrong !== undefined);
}

const TYPES = ['boolean', 'integer', 'number', 'string', 'array', 'object'];

const KEYWORDS: Readonly<Record<Exclude<keyof JsonSchema, '$schema' | 'patternProperties' | 'definitions' | '$ref'>, true>> = {
  ...{
    type: true,
    enum: true,
    enumDescriptions: true,
    default: true,
    otherwise: true,
    examples: true,
    title: true,
    description: true,
    affects: true,
    path: true,
  },
  ...{ minimum: true, maximum: true, exclusiveMinimum: true, exclusiveMaximum: true, minLength: true, pattern: true },
  ...{ items: true, minItems: true, uniqueItems: true, properties: true, required: true, additionalProperties: true },
  ...{ oneOf: true, anyOf: true, discriminator: true },
};

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'u'));
  } catch {
    return false;
  }
}

/** The first of these functions that isn't there. */
export const missingPart = (value: unknown, names: readonly string[]): string | undefined =>
  typeof value === 'object' && value !== null ? names.find((name) => typeof (value as Part)[name] !== 'function') : names[0];

/** `metric half`, or which one of its module's list it is. */
export function nameOf(value: unknown, position: number): string {
  const { slot, kind } = typeof value === 'object' && value !== null ? (value as Part) : {};
  return typeof kind === 'string' ? `${typeof slot === 'string' ? slot : 'stage'} ${kind}` : `stage ${position + 1}`;
}
