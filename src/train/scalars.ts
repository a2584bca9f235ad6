import type { Plan } from '../planning/plan.js';
import { rateAt } from '../stages/optimizer/schedule.js';
import { carriesState, goesOn } from './signature.js';

/** `[steps]` each, by name: the numbers that are inputs of a program. */
type ScalarArrays = Readonly<Record<string, Float32Array>>;

/** Of training steps; `done` steps of this epoch came before. */
export function trainingScalars(plan: Plan, epoch: number, done: number, steps: number): ScalarArrays {
  const { stepsPerEpoch } = plan.training;
  const before = (epoch - 1) * stepsPerEpoch + done;
  const { scalars, schedule } = plan.optimizer;
  const each = (value: (index: number) => number): Float32Array => Float32Array.from({ length: steps }, (_, index) => value(index));
  return {
    step: each((index) => before + index + 1),
    ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, each(() => value)])),
    ...(schedule ? { learning_rate: each((index) => rateAt(schedule, (before + index) / stepsPerEpoch, 1 / stepsPerEpoch)) } : {}),
    ...carry(plan, 'train', done, steps),
  };
}

/** Of steps that measure a split; `done` steps of this pass came before. */
export const evaluationScalars = (plan: Plan, split: string, done: number, steps: number): ScalarArrays => carry(plan, split, done, steps);

/** 0 where a pass over a split begins from zero; 1 at all other steps. */
function carry(plan: Plan, split: string, done: number, steps: number): ScalarArrays {
  if (!carriesState(plan, split)) return {};
  const first = goesOn(plan, split) ? 1 : 0;
  return { carry: Float32Array.from({ length: steps }, (_, index) => (done + index === 0 ? first : 1)) };
}
