import { canonicalJson } from './canonical-json.js';
import type { Plan } from './plan.js';

/** Counts up when what stages give is held against more than before: a program that was never asked must not come out of a cache. */
const CONTRACT = 2;

/**
 * What a compiled program is made of, as text: two plans of one identity record the same program. Numbers that are inputs of the program
 * (learning rate, clip limit) are not in it, nor is the data beyond its shapes, so that a sweep over them compiles once.
 */
export function identifyProgram(plan: Plan, split: string, purpose: string): string {
  const { model, loss, optimizer, metrics, training } = plan.config.values;
  const scalars = new Set(Object.keys(plan.optimizer.scalars));
  return canonicalJson({
    contract: CONTRACT,
    purpose,
    data: { split: plan.data.splits[split], classes: plan.data.classes },
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
  });
}
