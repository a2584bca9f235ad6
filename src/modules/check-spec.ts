import { check, isObject, type Misfit } from '../language/check.js';
import { describeExpected } from '../language/describe.js';
import { type JsonSchema, type ObjectSchema, Type } from '../language/type.js';
import type { DataSpec, Fitted, MetricSpec, ModelSpec, OptimizerSpec, Slot, Slots, SplitSpec, TensorSpec } from '../stages/stage.js';
import { get, trainSplit } from '../stages/tensors.js';

/**
 * What is wrong with what a person's own stage gives in `plan`, in a few words: `it gives no "unit"`. Everything later rests on it, and a
 * module need not be typed.
 */
export function wrongSpec(slot: Slot, spec: unknown): Wrong | undefined {
  const given = withoutUndefined(spec);
  const moved = slot === 'dataset' && isObject(given) ? movedIn(given) : undefined;
  if (moved) return moved;
  const [misfit] = check(SPECS[slot], given);
  if (misfit) return { reason: describeMisfit(SPECS[slot], given, misfit) };
  switch (slot) {
    case 'dataset':
      return wrongData(given as DataSpec);
    case 'model':
      return wrongModel(given as ModelSpec);
    case 'optimizer':
      return wrongOptimizer(given as OptimizerSpec);
    case 'metric':
      return wrongMetric(given as MetricSpec);
    case 'loss':
    case 'transform':
      return undefined;
    default:
      return slot satisfies never;
  }
}

/** What is wrong with what an own dataset finds in `look`. */
export function wrongFacts(facts: unknown): Wrong | undefined {
  // What the content holds is between the stage and itself.
  const given = isObject(facts) ? { ...facts, facts: withoutUndefined(facts['facts']) } : facts;
  const [misfit] = check(FACTS, given);
  return misfit && { reason: describeMisfit(FACTS, given, misfit) };
}

/** What is wrong with what an own dataset gives in `fit`. */
export function wrongFitted(fitted: unknown): Wrong | undefined {
  const given = withoutUndefined(fitted);
  const [misfit] = check(FITTED, given);
  if (misfit) return { reason: describeMisfit(FITTED, given, misfit) };
  const { means, deviations } = given as Fitted;
  return !means === !deviations ? undefined : { reason: 'it gives means or deviations, and must give both or neither' };
}

export interface Wrong {
  readonly reason: string;
  readonly help?: string;
}

/** A stage may keep more in its spec than we know of. */
const open = (properties: Readonly<Record<string, JsonSchema>>): ObjectSchema => ({
  ...Type.Object(properties),
  additionalProperties: true,
});
const map = (values: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: values });
const shape = Type.Array(Type.Integer({ minimum: 1 }));
const names = Type.Array(Type.String());
const facts = Type.Array(
  open({ key: Type.String({ minLength: 1 }), name: Type.String(), value: Type.Either([Type.Number(), Type.String()]) }),
);

const tensor = open({
  shape,
  axes: names,
  dtype: Type.Enum(['float32', 'int32']),
  tokens: Type.Optional(Type.Integer({ minimum: 1 })),
  decodes: Type.Optional(Type.Boolean()),
});

const split = open({
  examples: Type.Integer({ minimum: 0 }),
  batches: Type.Integer({ minimum: 0 }),
  batchSize: Type.Integer({ minimum: 1 }),
  inputs: { ...map(tensor), properties: { input: tensor }, required: ['input'] },
  target: tensor,
  tokens: Type.Optional(Type.Integer({ minimum: 0 })),
  masked: Type.Optional(Type.Boolean()),
  filledAtEnd: Type.Optional(Type.Boolean()),
});

const initializer = Type.Tagged({
  zeros: open({}),
  constant: open({ value: Type.Number() }),
  normal: open({ stddev: Type.Number({ minimum: 0 }) }),
  uniform: open({ limit: Type.Number({ minimum: 0 }) }),
  orthogonal: open({
    part: Type.Optional(
      open({ of: Type.String({ minLength: 1 }), index: Type.Integer({ minimum: 0 }), count: Type.Integer({ minimum: 1 }) }),
    ),
  }),
  blocks: open({ blocks: Type.Array({ type: 'object' }, { minItems: 1 }) }),
  vectors: open({ file: Type.String({ minLength: 1 }), otherwise: { type: 'object' } }),
});

const FACTS = open({ digest: Type.String({ minLength: 1 }), facts, content: { type: 'object' } });

const FITTED = open({
  vocabulary: Type.Optional(names),
  separator: Type.Optional(Type.String()),
  classes: Type.Optional(names),
  classCounts: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
  features: Type.Optional(names),
  means: Type.Optional(Type.Array(Type.Number())),
  deviations: Type.Optional(Type.Array(Type.Number())),
  targetScale: Type.Optional(open({ mean: Type.Number(), deviation: Type.Number({ exclusiveMinimum: 0 }) })),
  naiveErrors: Type.Optional(map(Type.Number())),
  own: Type.Optional({ type: 'object' }),
});

const SPECS: Readonly<Record<Slot, ObjectSchema>> = {
  dataset: open({
    splits: map(split),
    classes: Type.Optional(Type.Integer({ minimum: 1 })),
    chance: map(Type.Number()),
    baselines: Type.Optional(map(map(Type.Number()))),
    outputs: Type.Optional(open({ steps: Type.Integer({ minimum: 1 }), names: Type.Array(Type.String(), { minItems: 1 }) })),
    folds: Type.Optional(
      Type.Array(
        Type.Array(
          open({
            split: Type.String(),
            from: Type.Integer({ minimum: 0 }),
            to: Type.Integer({ minimum: 0 }),
            begins: Type.String(),
            ends: Type.String(),
          }),
        ),
      ),
    ),
    facts: Type.Optional(facts),
  }),
  model: open({
    parameters: Type.Array(
      open({ name: Type.String({ minLength: 1 }), shape, initializer, axes: Type.Optional(names), frozen: Type.Optional(Type.Boolean()) }),
    ),
    buffers: Type.Array(open({ name: Type.String({ minLength: 1 }), shape, axes: Type.Optional(names) })),
    state: map(shape),
    masks: Type.Array(open({ name: Type.String({ minLength: 1 }), shape, rate: Type.Number({ minimum: 0, exclusiveMaximum: 1 }) })),
    output: tensor,
    attends: Type.Optional(Type.Boolean()),
  }),
  loss: open({
    reading: Type.Enum(['values', 'logits', 'class_logits']),
    classWeights: Type.Optional(Type.Array(open({ name: Type.String(), weight: Type.Number({ exclusiveMinimum: 0 }) }))),
  }),
  metric: open({
    better: Type.Enum(['higher', 'lower']),
    deterministic: Type.Boolean(),
    unit: Type.String(),
    is: Type.Optional(Type.Enum(['speed'])),
    accumulates: Type.Optional(map(shape)),
    collects: Type.Optional(Type.Boolean()),
    calibrates: Type.Optional(Type.Boolean()),
  }),
  transform: open({ lost: Type.Integer({ minimum: 0 }) }),
  optimizer: open({ slots: Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true }), scalars: map(Type.Number()) }),
};

/** `it gives no "unit"`, `its "splits.train.input.dtype" must be float32 or int32, and is "int64"`. */
function describeMisfit(schema: JsonSchema, given: unknown, { path, demand, key }: Misfit): string {
  if (demand === 'required') return `it gives no "${[...path, key].join('.')}"`;
  if (path.length === 0) return `it gives ${describe(given)}`;
  return `its "${path.join('.')}" must be ${expectedAt(schema, path)}, and is ${describe(valueAt(given, path))}`;
}

const valueAt = (value: unknown, [first, ...rest]: Misfit['path']): unknown =>
  first === undefined ? value : valueAt((value as Readonly<Record<string, unknown>>)[first], rest);

function expectedAt(schema: JsonSchema, [first, ...rest]: Misfit['path']): string {
  if (first === undefined) return describeExpected(schema);
  const { properties = {}, items, additionalProperties: others, oneOf } = schema;
  if (oneOf && first === 'kind') return describeExpected({ enum: oneOf.flatMap((one) => one.properties?.['kind']?.enum ?? []) });
  const inside = oneOf?.map((one) => one.properties?.[first]).find((one) => one !== undefined);
  const part = typeof first === 'number' ? items : (properties[first] ?? inside ?? (typeof others === 'object' ? others : undefined));
  return expectedAt(part ?? {}, rest);
}

export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A key with nothing in it is a key that isn't there; a hole in a list is nothing. What a stage keeps for itself may hold itself. */
function withoutUndefined(value: unknown, depth = DEEPEST): unknown {
  if (depth === 0) return value;
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => withoutUndefined(item, depth - 1));
  if (!isObject(value) || ArrayBuffer.isView(value)) return value;
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts.map(([name, part]) => [name, withoutUndefined(part, depth - 1)]));
}

/** Nothing that is checked lies deeper: `splits.train.input.shape.0`. */
const DEEPEST = 6;

/** What stands where datasets had it before inputs had names and `fit` was a function of its own. */
function movedIn(spec: Readonly<Record<string, unknown>>): Wrong | undefined {
  const fitted = ['fitted', 'vocabulary', 'separator'].find((name) => name in spec);
  if (fitted !== undefined)
    return {
      reason: `its plan gives "${fitted}", which is what "fit" gives`,
      help: 'write beside plan: fit: (options, { facts, inherited }) => ({ vocabulary, separator, classes, features, means, deviations }), of these what there is',
    };
  const splits = isObject(spec['splits']) ? Object.entries(spec['splits']) : [];
  const old = splits.find(([, split]) => isObject(split) && 'input' in split && !('inputs' in split));
  return (
    old && {
      reason: `its "splits.${old[0]}" gives "input" by itself`,
      help: 'inputs have names: write inputs: { input: { shape, axes, dtype } }',
    }
  );
}

function wrongData({ splits, outputs }: DataSpec): Wrong | undefined {
  const { train } = splits;
  if (!train) return { reason: 'it gives no split "train"' };
  if (Object.keys(splits)[0] !== 'train') return { reason: 'its split "train" must be the first' };
  for (const [name, each] of Object.entries(splits)) {
    if (!/^[^/]+$/.test(name) || name.includes('..') || name === 'system')
      return { reason: `a split can't be called ${JSON.stringify(name)}` };
    const wrong = wrongSplit(`splits.${name}`, each, train) ?? wrongOutputs(`splits.${name}`, each, outputs);
    if (wrong) return wrong;
  }
  return undefined;
}

/** What is wrong between what a dataset has fitted and what it plans: a name and a scale are for each of what there is. */
export function misfitted({ splits, classes }: DataSpec, { fitted }: Pick<Slots['dataset']['upstream'], 'fitted'>): Wrong | undefined {
  const { tokens, dtype, shape: lengths } = trainSplit({ splits }).inputs.input;
  const width = dtype === 'float32' ? lengths.at(-1) : undefined;
  const counts = { vocabulary: tokens ?? classes, classes, classCounts: classes, features: width, means: width, deviations: width };
  for (const [name, wanted] of Object.entries(counts)) {
    const list = fitted[name as keyof typeof counts];
    if (list && list.length !== wanted) return { reason: `its fit gives ${list.length} ${name}, and its plan has ${wanted ?? 'none'}` };
  }
  return undefined;
}

function wrongSplit(path: string, { inputs, target }: SplitSpec, train: SplitSpec): Wrong | undefined {
  const [names, known] = [Object.keys(inputs), Object.keys(train.inputs)];
  if (names.toSorted().join() !== known.toSorted().join())
    return { reason: `its "${path}.inputs" are ${names.join(', ')}, and those of the train split ${known.join(', ')}` };
  for (const [name, input] of Object.entries(inputs)) {
    if (TAKEN.includes(name) || !/^[a-z]\w*$/i.test(name))
      return { reason: `an input can't be called ${JSON.stringify(name)}: letters, digits and "_", and not ${TAKEN.join(', ')}` };
    const wrong = wrongInput(`${path}.inputs.${name}`, input, get(train.inputs, name));
    if (wrong) return wrong;
  }
  const answers = target.dtype !== train.target.dtype ? 'dtype' : target.shape.length !== train.target.shape.length ? 'shape' : undefined;
  return wrongTensor(`${path}.target`, target) ?? (answers && { reason: `its "${path}.target.${answers}" is not that of the train split` });
}

function wrongOutputs(path: string, { target }: SplitSpec, outputs: DataSpec['outputs']): Wrong | undefined {
  const [last, wanted] = [target.shape.at(-1), outputs && outputs.steps * outputs.names.length];
  return wanted === undefined || wanted === last
    ? undefined
    : {
        reason: `its "outputs" are ${wanted} numbers, steps times names, and the last axis of its "${path}.target" holds ${last ?? 'none'}`,
      };
}

/** What a program is handed besides inputs. */
const TAKEN: readonly string[] = ['target', 'weight', 'mask', 'answer', 'output'];

function wrongInput(path: string, input: TensorSpec, trained: TensorSpec): Wrong | undefined {
  const wrong = wrongTensor(path, input);
  if (wrong) return wrong;
  if (input.dtype === 'int32' && input.tokens === undefined) {
    return {
      reason: `its "${path}" is int32 and doesn't say how many tokens there are; "classes" is about the answers alone`,
      help: `write tokens beside dtype: { shape: [${input.shape.join(', ')}], axes: [${input.axes.map((axis) => `'${axis}'`).join(', ')}], dtype: 'int32', tokens: vocabulary.length }`,
    };
  }
  const differs =
    (['dtype', 'tokens'] as const).find((part) => input[part] !== trained[part]) ??
    (input.shape.length !== trained.shape.length ? 'shape' : undefined);
  return differs && { reason: `its "${path}.${differs}" is not that of the train split` };
}

function wrongTensor(path: string, { shape: lengths, axes, dtype, tokens }: TensorSpec): Wrong | undefined {
  if (lengths.length !== axes.length) return { reason: `its "${path}" has ${lengths.length} lengths and ${axes.length} names of axes` };
  if (tokens !== undefined && dtype !== 'int32')
    return { reason: `its "${path}" is float32 and says tokens, which only indices in int32 have` };
  return undefined;
}

function wrongModel({ parameters, buffers, masks, output }: ModelSpec): Wrong | undefined {
  for (const [what, list] of [
    ['parameters', parameters],
    ['buffers', buffers],
    ['masks', masks],
  ] as const) {
    const twin = list.find(({ name }, index) => list.findIndex((other) => other.name === name) < index);
    if (twin) return { reason: `its "${what}" hold "${twin.name}" twice` };
  }
  const misnamed = [...parameters, ...buffers].find(({ shape: lengths, axes }) => axes && axes.length !== lengths.length);
  if (misnamed)
    return { reason: `its parameter "${misnamed.name}" has ${misnamed.shape.length} lengths and ${misnamed.axes?.length} names of axes` };
  return wrongTensor('output', output);
}

function wrongMetric({ accumulates, collects, calibrates }: MetricSpec): Wrong | undefined {
  if (calibrates && !collects) return { reason: 'it says "calibrates" without "collects"', help: 'collects: true' };
  if (accumulates && collects)
    return { reason: 'it says both "accumulates" and "collects"', help: 'sums over batches, or the whole split' };
  if (!accumulates) return undefined;
  const names = Object.keys(accumulates);
  if (names.length === 0) return { reason: 'its "accumulates" names no sum' };
  const odd = names.find((name) => !/^[a-z]\w*$/i.test(name));
  return odd === undefined ? undefined : { reason: `a sum can't be called ${JSON.stringify(odd)}: letters, digits and "_"` };
}

function wrongOptimizer({ scalars }: OptimizerSpec): Wrong | undefined {
  const taken = ['step', 'carry'].find((name) => name in scalars);
  return taken === undefined ? undefined : { reason: `its "scalars" hold "${taken}", which the runner gives itself` };
}
