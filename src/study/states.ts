import { nextStep } from '../record/works.js';
import { readIfThere } from '../record/files.js';
import { keyFile, type Store } from '../record/layout.js';
import { type MetricPoint, parsePoints } from '../record/reader.js';
import type { SweepPlan } from './proposals/plan.js';
import { valuesAtRungs } from './proposals/prune.js';
import { selectValue, type TrialResult, type TrialState } from './proposals/results.js';
import { attemptsByWork, outcomeOf, reasonOf, type TriedRun } from '../run/attempt.js';

/** What the records say of every trial of a sweep, in one walk over the store. */
export function readStates(store: Store, plan: SweepPlan): readonly TrialResult[] {
  const attempts = attemptsByWork(store, new Set(plan.trials.map(({ work }) => work)));
  const isPruned = plan.rungs.length > 1;
  return plan.trials.map((trial) => {
    const state = stateOf(store, plan, attempts.get(trial.work) ?? []);
    const run = attempts.get(trial.work)?.find(({ id }) => 'run' in state && id === state.run);
    if (!isPruned || !run) return { trial, state };
    return { trial, state, atRungs: valuesAtRungs(selected(store, plan, run), plan, state.kind === 'finished') };
  });
}

/** As `run` would decide about it. */
function stateOf(store: Store, plan: SweepPlan, attempts: readonly TriedRun[]): TrialState {
  const next = nextStep(attempts, false);
  switch (next.kind) {
    case 'show': {
      const { attempt } = next;
      if (outcomeOf(attempt) === 'diverged') return { kind: 'diverged', run: attempt.id, ...reasonOf(store, attempt) };
      const { at } = plan.sweep.config.select;
      return { kind: 'finished', run: attempt.id, value: selectValue(selected(store, plan, attempt), at, plan.better) };
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

/** The metric that is compared, epoch by epoch. */
function selected(store: Store, { sweep }: SweepPlan, { place }: TriedRun): readonly MetricPoint[] {
  const text = readIfThere(store.files, keyFile(place, 'metrics', sweep.config.select.metric));
  return text === null ? [] : parsePoints(text);
}
