import type { Arrays, Spec, Specs } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Shape, SplitSpec } from '../stages/stage.js';
import { trainable } from '../stages/tensors.js';

/*
 * What goes into a program and comes out of it, by name:
 *
 *     state     parameters/NAME  slots/SLOT/NAME  buffers/NAME  recurrent/NAME (where it is carried)
 *     inputs    input (and others that a dataset names)  target  weight  mask (where lengths vary)  masks/NAME (dropout, training only)
 *     scalars   step (from 1)  the optimizer's numbers  carry (0 where a pass begins from zero, else 1)
 *     outputs   KEY/sum  KEY/count, KEY being `loss` or a metric's; KEY/NAME of a metric that accumulates others
 *               collected_output  collected_target (where a dataset decodes), for the metrics that are given a whole split
 */

export const COLLECTED_OUTPUT = 'collected_output';
export const COLLECTED_TARGET = 'collected_target';

/** Whether the recurrent state goes on from batch to batch of a split: there must be as many rows as in training. */
export const carriesState = (plan: Plan, split = 'train'): boolean =>
  plan.config.values.training.recurrent_state === 'carry' &&
  Object.keys(plan.model.state).length > 0 &&
  splitOf(plan, split).batchSize === splitOf(plan, 'train').batchSize;

/** Whether a split is measured from the state that the split before it leaves, and not from zero. */
export const goesOn = (plan: Plan, split: string): boolean =>
  plan.config.values.training.before_test === 'read_train' && split !== 'train' && carriesState(plan, split);

/** Whether values of train are those at the end of an epoch: what trains then measures nothing but the loss. */
export const measuresTrainAtEnd = ({ config }: Pick<Plan, 'config'>): boolean => config.values.training.measure_train === 'end';

/** The splits that are measured after each epoch, in the order of the data. */
export const measuredSplits = (plan: Plan): readonly string[] =>
  Object.keys(plan.data.splits).filter((split) => split !== 'train' || measuresTrainAtEnd(plan));

/** The splits that are gone through after each epoch: those that are measured, and train where another one goes on from it. */
export function readSplits(plan: Plan): readonly string[] {
  const splits = Object.keys(plan.data.splits);
  return splits.some((split) => goesOn(plan, split)) ? splits : measuredSplits(plan);
}

/** What a trained model consists of. */
export function weightState(plan: Plan): Specs {
  return specs([
    ...plan.model.parameters.map(({ name, shape }) => [`parameters/${name}`, shape] as const),
    ...plan.model.buffers.map(({ name, shape }) => [`buffers/${name}`, shape] as const),
  ]);
}

/** Weights as a file has them, `NAME` and `buffers/NAME`, by the names that programs know. */
export const weightArrays = (tensors: Readonly<Record<string, { readonly values: Float32Array }>>): Arrays =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { values }]) => [name.startsWith('buffers/') ? name : `parameters/${name}`, values]),
  );

export function trainState(plan: Plan): Specs {
  return {
    ...weightState(plan),
    ...specs(
      plan.optimizer.slots.flatMap((slot) => trainable(plan.model).map(({ name, shape }) => [`slots/${slot}/${name}`, shape] as const)),
    ),
    ...(carriesState(plan) ? recurrentState(plan, splitOf(plan, 'train').batchSize) : {}),
  };
}

export const evaluateState = (plan: Plan, split: string): Specs => ({
  ...weightState(plan),
  ...(carriesState(plan, split) ? recurrentState(plan, splitOf(plan, split).batchSize) : {}),
});

export const recurrentState = (plan: Pick<Plan, 'model'>, batch: number): Specs =>
  specs(Object.entries(plan.model.state).map(([name, shape]) => [`recurrent/${name}`, [batch, ...shape]] as const));

export const evaluateScalars = (plan: Plan, split: string): readonly string[] => (carriesState(plan, split) ? ['carry'] : []);

export const trainScalars = (plan: Plan): readonly string[] => [
  'step',
  ...Object.keys(plan.optimizer.scalars),
  ...(carriesState(plan) ? ['carry'] : []),
];

export function inputSpecs(plan: Plan, split: string, mode: 'train' | 'evaluate'): Specs {
  const { batchSize, inputs, target, masked } = splitOf(plan, split);
  const batched = (shape: Shape, dtype: Spec['dtype']): Spec => ({ shape: [batchSize, ...shape], dtype });
  return {
    ...Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, batched(shape, dtype)])),
    target: batched(target.shape, target.dtype),
    weight: batched([], 'float32'),
    ...(masked ? { mask: batched(inputs.input.shape.slice(0, 1), 'float32') } : {}),
    ...(mode === 'train' ? Object.fromEntries(plan.model.masks.map((mask) => [`masks/${mask.name}`, batched(mask.shape, 'float32')])) : {}),
  };
}

/** Whether the last batch of a split is filled up. */
export function isFilledUp(plan: Plan, split: string): boolean {
  const { examples, batches, batchSize } = splitOf(plan, split);
  return examples < batches * batchSize;
}

export function splitOf(plan: Plan, split: string): SplitSpec {
  const spec = plan.data.splits[split];
  if (!spec) throw new Error(`the data of ${plan.name} has no split ${split}`);
  return spec;
}

const specs = (list: readonly (readonly [string, Shape])[]): Specs =>
  Object.fromEntries(list.map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]));
