import { nextStep } from '../../record/attempt.js';
import { readIfThere } from '../../record/files.js';
import { keyFile, type Store } from '../../record/layout.js';
import { readTag } from '../../record/reader.js';
import { parsePoints } from '../../record/series.js';
import type { SweepPlan } from '../../sweep/plan-trials.js';
import { selectValue, type TrialResult, type TrialState } from '../../sweep/results.js';
import { attemptsByWork, outcomeOf, reasonTag, type TriedRun } from '../work/attempt.js';

/** What the records say of every trial of a sweep, in one walk over the store. */
export function readStates(store: Store, plan: SweepPlan): readonly TrialResult[] {
  const attempts = attemptsByWork(store, new Set(plan.trials.map(({ work }) => work)));
  return plan.trials.map((trial) => ({ trial, state: stateOf(store, plan, attempts.get(trial.work) ?? []) }));
}

/** As `run` would decide about it. */
function stateOf(store: Store, { sweep, better }: SweepPlan, attempts: readonly TriedRun[]): TrialState {
  const next = nextStep(attempts, false);
  switch (next.kind) {
    case 'show': {
      const { attempt } = next;
      if (outcomeOf(attempt) === 'diverged') return { kind: 'diverged', run: attempt.id, ...reasonOf(store, attempt) };
      const { metric, at } = sweep.config.select;
      const text = readIfThere(store.files, keyFile(attempt.place, 'metrics', metric));
      return { kind: 'finished', run: attempt.id, value: selectValue(text === null ? [] : parsePoints(text), at, better) };
    }
    case 'continue':
      return { kind: 'unfinished', run: next.attempt.id };
    case 'start': {
      const [failed] = attempts;
      return failed ? { kind: 'failed', run: failed.id, ...reasonOf(store, failed) } : { kind: 'needed' };
    }
    default:
      return next satisfies never;
  }
}

function reasonOf(store: Store, { place }: TriedRun): { readonly reason?: string } {
  const reason = readTag(store, place, reasonTag);
  return reason === null ? {} : { reason };
}
