import { canonicalJson } from './canonical-json.js';
import type { StageConfig } from '../language/experiment.js';
import { findStage, stages } from '../stages/registry.js';
import type { SplitSpec } from '../stages/stage.js';
import type { Plan } from './plan.js';

/** Counts up when what stages give is held against more than before: a program that was never asked must not come out of a cache. */
const CONTRACT = 2;

/**
 * What a compiled program is made of, as text: two plans of one identity record the same program. Numbers that are inputs of the program
 * (learning rate, clip limit) are not in it, nor is the data beyond its shapes, so that a sweep over them compiles once. A dataset that decodes may put
 * numbers of its data into the program, unless it says that they are inputs too; a loss puts in what classes weigh.
 */
export function identifyProgram(plan: Plan, split: string, purpose: string): string {
  const { dataset, model, loss, optimizer, metrics, training } = plan.config.values;
  const scalars = new Set(Object.keys(plan.optimizer.scalars));
  return canonicalJson({
    contract: CONTRACT,
    purpose,
    data: { split: shapesOf(plan, split), classes: plan.data.classes },
    ...(mayDecode(dataset) && { decode: plan.data.decodesInputs ? dataset : [dataset, plan.data.digest, plan.data.fitted] }),
    model: [model, plan.model],
    loss,
    ...(plan.loss.classWeights && { class_weights: plan.loss.classWeights }),
    metrics: metrics.filter((_, index) => plan.metrics[index]?.splits.includes(split)),
    optimizer: [
      Object.fromEntries(Object.entries(optimizer).map(([key, value]) => [key, scalars.has(key) ? 'input' : value])),
      plan.optimizer.slots,
    ],
    versions: plan.work.ingredients['stages'],
    modules: plan.work.ingredients['modules'],
    carry: training.recurrent_state,
    ...(split === 'train' && training.measure_train === 'end' && { measured: 'end' }),
  });
}

/** What a program is made for. How many batches there are is nothing to it, unless a person's own stages look at that. */
function shapesOf({ data, work }: Plan, split: string): Partial<SplitSpec> | undefined {
  const spec = data.splits[split];
  if (!spec || work.ingredients['modules'] !== undefined) return spec;
  const { batchSize, inputs, target, masked, filledAtEnd } = spec;
  return { batchSize, inputs, target, ...(masked !== undefined && { masked }), ...(filledAtEnd !== undefined && { filledAtEnd }) };
}

function mayDecode(dataset: StageConfig): boolean {
  const stage = findStage(stages, 'dataset', dataset.kind);
  return stage === undefined || (stage.decode !== undefined && stage.decodes?.(dataset) !== false);
}
