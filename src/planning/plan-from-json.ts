import { PLAN_JSON_VERSION, type planToJson } from './plan-json.js';
import type { TensorSpec } from '../stages/stage.js';
import type { Plan } from './plan.js';

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
  const splits = Object.entries(json.data.splits).map(
    ([name, { batch_size, ...split }]) =>
      [name, { ...split, input: withTokens(split.input, json.data.classes), batchSize: batch_size }] as const,
  );
  return {
    name: json.experiment,
    seed: json.seed,
    config: { kind: 'experiment', file: json.file, source: '', values: json.config, origins: new Map(), execution: new Set() },
    facts: { digest: json.data.digest, facts: json.data.facts, content: {} },
    data: { ...json.data, splits: Object.fromEntries(splits) },
    model,
    loss: json.loss,
    metrics: json.metrics.map(({ key, kind, splits: measured, ...spec }) => ({ key, kind, splits: measured, spec })),
    optimizer: json.optimizer,
    training: { epochs, batchSize, stepsPerEpoch, totalSteps },
    parameterCount,
    engine: { ...json.engine, cache },
    work: json.work,
  };
}

/** Older records have one number for the indices that come in and the classes that come out. */
const withTokens = (input: TensorSpec, classes: number | undefined): TensorSpec =>
  input.dtype === 'int32' && input.tokens === undefined && classes !== undefined ? { ...input, tokens: classes } : input;
