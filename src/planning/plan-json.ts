import { describeOrigin } from '../language/resolve.js';
import type { Fact, SplitSpec, TensorSpec } from '../stages/stage.js';
import type { Plan } from './plan.js';

/** Counts up when a reader of the JSON would have to change. */
export const PLAN_JSON_VERSION = 1;

/**
 * The plan as `plan --json` prints it and a record keeps it; `schemas/plan.schema.json` describes it. Stable: nothing in it depends on where the
 * program runs (no cache folder, no absolute path).
 */
export function planToJson(plan: Plan) {
  const { kind, device, threads } = plan.engine;
  const { splits, classes, fitted, ...data } = plan.data;
  return {
    version: PLAN_JSON_VERSION,
    experiment: plan.name,
    file: plan.config.file,
    seed: plan.seed,
    work: plan.work,
    data: {
      splits: Object.fromEntries(Object.entries(splits).map(([name, split]) => [name, splitToJson(split)])),
      ...(classes !== undefined && { classes }),
      ...(fitted.vocabulary && { vocabulary: fitted.vocabulary }),
      ...(fitted.separator !== undefined && { separator: fitted.separator }),
      ...data,
    },
    model: {
      parameter_count: plan.parameterCount,
      parameters: plan.model.parameters,
      buffers: plan.model.buffers,
      state: plan.model.state,
      masks: plan.model.masks,
      output: plan.model.output,
      ...(plan.model.stepwise !== undefined && { stepwise: plan.model.stepwise }),
    },
    ...(plan.vectors && { vectors: plan.vectors }),
    loss: plan.loss,
    metrics: plan.metrics.map(({ key, kind: metric, splits, spec }) => ({ key, kind: metric, splits, ...spec })),
    optimizer: plan.optimizer,
    training: {
      epochs: plan.training.epochs,
      batch_size: plan.training.batchSize,
      steps_per_epoch: plan.training.stepsPerEpoch,
      total_steps: plan.training.totalSteps,
    },
    ...(plan.accepted && { accepted: plan.accepted }),
    engine: { kind, device, threads },
    config: plan.config.values,
    origins: Object.fromEntries([...plan.config.origins].map(([path, origin]) => [path, describeOrigin(origin)])),
  };
}

function splitToJson({ batchSize, inputs: { input, ...others }, ...split }: SplitSpec) {
  return { ...split, input, ...(Object.keys(others).length > 0 && { other_inputs: others }), batch_size: batchSize };
}

export type PlanJson = ReturnType<typeof planToJson>;

/** Whether a value is a plan as this version of retable writes it; one of another version, or cut, is none. */
export const isPlanJson = (value: unknown): value is PlanJson =>
  versionOfPlan(value) === PLAN_JSON_VERSION && PARTS.every((name) => name in Object(value));

export const versionOfPlan = (value: unknown): unknown => (Object(value) as { readonly version?: unknown }).version;

const PARTS: readonly (keyof PlanJson)[] = [
  'experiment',
  'config',
  'data',
  'model',
  'loss',
  'metrics',
  'optimizer',
  'training',
  'engine',
  'work',
];

/**
 * The plan that a record keeps, as far as it is needed to use the trained model: shapes, vocabulary, options. Where its values came from isn't
 * read back, nor what a dataset would need to be made again.
 */
export function planFromJson(json: PlanJson, cache: string | null): Plan {
  const { parameter_count: parameterCount, ...model } = json.model;
  const { epochs, batch_size: batchSize, steps_per_epoch: stepsPerEpoch, total_steps: totalSteps } = json.training;
  const { vocabulary, separator, ...data } = json.data;
  const splits = Object.entries(data.splits).map(
    ([name, { batch_size, input, other_inputs: others, ...split }]) =>
      [name, { ...split, inputs: { ...others, input: withTokens(input, data.classes) }, batchSize: batch_size }] as const,
  );
  const facts = data.facts.map((fact) => ({ ...fact, key: (fact as Partial<Fact>).key ?? fact.name }));
  const classes = vocabulary?.length === data.classes ? vocabulary : undefined;
  return {
    name: json.experiment,
    seed: json.seed,
    config: { kind: 'experiment', file: json.file, source: '', values: json.config, origins: new Map(), execution: new Set() },
    facts: { digest: data.digest, facts, content: {} },
    data: {
      ...data,
      splits: Object.fromEntries(splits),
      facts,
      fitted: { ...(vocabulary && { vocabulary }), ...(separator !== undefined && { separator }), ...(classes && { classes }) },
    },
    model,
    loss: json.loss,
    metrics: json.metrics.map(({ key, kind, splits: measured, ...spec }) => ({ key, kind, splits: measured, spec })),
    optimizer: json.optimizer,
    training: { epochs, batchSize, stepsPerEpoch, totalSteps },
    parameterCount,
    ...(json.accepted && { accepted: json.accepted }),
    engine: { ...json.engine, cache },
    work: json.work,
  };
}

/** Older records have one number for the indices that come in and the classes that come out. */
const withTokens = (input: TensorSpec, classes: number | undefined): TensorSpec =>
  input.dtype === 'int32' && input.tokens === undefined && classes !== undefined ? { ...input, tokens: classes } : input;
