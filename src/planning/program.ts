import { canonicalJson } from './canonical-json.js';
import { findStage, stages } from '../stages/registry.js';
import type { Plan } from './plan.js';

/** Counts up when what stages give is held against more than before: a program that was never asked must not come out of a cache. */
const CONTRACT = 2;

/**
 * What a compiled program is made of, as text: two plans of one identity record the same program. Numbers that are inputs of the program
 * (learning rate, clip limit) are not in it, nor is the data beyond its shapes, so that a sweep over them compiles once. A dataset that decodes puts
 * numbers of its data into the program, its scales for one; a person's own may.
 */
export function identifyProgram(plan: Plan, split: string, purpose: string): string {
  const { dataset, model, loss, optimizer, metrics, training } = plan.config.values;
  const scalars = new Set(Object.keys(plan.optimizer.scalars));
  return canonicalJson({
    contract: CONTRACT,
    purpose,
    data: { split: plan.data.splits[split], classes: plan.data.classes },
    ...(mayDecode(dataset.kind) && { decode: [dataset, plan.data.digest, plan.data.fitted] }),
    model: [model, plan.model],
    loss,
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

function mayDecode(kind: string): boolean {
  const stage = findStage(stages, 'dataset', kind);
  return stage === undefined || stage.decode !== undefined;
}
