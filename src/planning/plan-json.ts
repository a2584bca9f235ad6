import { describeOrigin } from '../language/origin.js';
import type { Plan } from './plan.js';

/** Counts up when a reader of the JSON would have to change. */
export const PLAN_JSON_VERSION = 1;

/**
 * The plan as `plan --json` prints it and a record keeps it; `schemas/plan.schema.json` describes it. Stable: nothing in it depends on where the
 * program runs (no cache folder, no absolute path).
 */
export function planToJson(plan: Plan) {
  const { kind, device, threads } = plan.engine;
  const { fitted: _, ...data } = plan.data;
  return {
    version: PLAN_JSON_VERSION,
    experiment: plan.name,
    file: plan.config.file,
    seed: plan.seed,
    work: plan.work,
    data: {
      ...data,
      splits: Object.fromEntries(
        Object.entries(data.splits).map(([name, { batchSize, ...split }]) => [name, { ...split, batch_size: batchSize }]),
      ),
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
    loss: plan.loss,
    metrics: plan.metrics.map(({ key, kind: metric, splits, spec }) => ({ key, kind: metric, splits, ...spec })),
    optimizer: plan.optimizer,
    training: {
      epochs: plan.training.epochs,
      batch_size: plan.training.batchSize,
      steps_per_epoch: plan.training.stepsPerEpoch,
      total_steps: plan.training.totalSteps,
    },
    engine: { kind, device, threads },
    config: plan.config.values,
    origins: Object.fromEntries([...plan.config.origins].map(([path, origin]) => [path, describeOrigin(origin)])),
  };
}
