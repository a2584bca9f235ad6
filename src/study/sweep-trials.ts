import type { LaunchRequest, Trial, TrialOrder } from '../launch/launcher.js';
import { orderOf } from '../launch/orders.js';
import { readIfThere } from '../record/files.js';
import { keyFile, type Store } from '../record/layout.js';
import { type MetricPoint, parsePoints } from '../record/reader.js';
import { nextStep } from '../record/works.js';
import { attemptsByWork, outcomeOf, reasonOf, type TriedRun } from '../run/attempt.js';
import { readByExamples } from './by-examples.js';
import { sweepRunId } from './members.js';
import type { PreparedSweep } from './prepare-sweep.js';
import type { SweepPlan } from './proposals/plan.js';
import { labelOf } from './proposals/propose.js';
import { valuesAtRungs } from './proposals/prune.js';
import { selectValue, summarize, type SweepResults, type TrialResult, type TrialState } from './proposals/results.js';

/** What the records say of every trial of a sweep, in one walk over the store. */
export function readStates(store: Store, plan: SweepPlan): readonly TrialResult[] {
  const attempts = attemptsByWork(store, new Set(plan.trials.map(({ work }) => work)));
  const rungsOf = new Map(plan.brackets.flatMap(({ configurations, rungs }) => configurations.map((index) => [index, rungs] as const)));
  return plan.trials.map((trial) => {
    const state = stateOf(store, plan, attempts.get(trial.work) ?? []);
    const run = attempts.get(trial.work)?.find(({ id }) => 'run' in state && id === state.run);
    const rungs = rungsOf.get(trial.configuration) ?? [];
    if (rungs.length < 2 || !run) return { trial, state };
    return { trial, state, atRungs: valuesAtRungs(selected(store, plan, run), rungs, plan, state.kind === 'finished') };
  });
}

/** As `run` would decide about it. */
function stateOf(store: Store, plan: SweepPlan, attempts: readonly TriedRun[]): TrialState {
  const next = nextStep(attempts, false);
  switch (next.kind) {
    case 'show': {
      const { attempt } = next;
      if (outcomeOf(attempt) === 'diverged') return { kind: 'diverged', run: attempt.id, ...reasonOf(store, attempt) };
      const { at, metric } = plan.sweep.config.select;
      const points = selected(store, plan, attempt);
      const value = selectValue(points, at, plan.better);
      const byExamples = readByExamples(store, attempt.place, metric, points, value);
      return { kind: 'finished', run: attempt.id, value, ...(byExamples && { byExamples }) };
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

/** A configuration by its number, as people know it: `hidden_size 16, learning_rate 0.01`. */
export function configurationName({ configurations, sweep }: SweepPlan): (index: number) => string {
  const label = labelOf(sweep.config);
  const names = new Map(configurations.map(({ index, assignments }) => [index, label(assignments)]));
  return (index) => names.get(index) ?? '';
}

/** What a worker is told of a trial of a sweep. */
export function ordersOf(
  { base, experiment, configurations, sweep: { config } }: PreparedSweep,
  runs: string,
  launch: LaunchRequest,
): (trial: Trial) => TrialOrder {
  const setsOf = new Map(configurations.map(({ index, sets }) => [index, sets]));
  const study = { runs, metric: config.select.metric, parent: sweepRunId(experiment, config.sweep) };
  return ({ configuration, ...trial }) => orderOf(launch, study, { base, sets: setsOf.get(configuration) ?? [], ...trial });
}

/** A sweep with what its trials came to, as reports take it. */
export interface SweepReport {
  /** The document of the sweep, as typed. */
  readonly file: string;
  /** The words behind `retable run` that say it. */
  readonly typed: string;
  /** The document of the base, as a person would type it. */
  readonly base: string;
  readonly plan: SweepPlan;
  readonly trials: readonly TrialResult[];
  readonly results: SweepResults;
  /** The metric that is compared, epoch by epoch; undefined where the record holds none. */
  readonly curveOf: (trial: TrialResult) => readonly { readonly step: number; readonly value: number }[] | undefined;
}

/** What the records of its trials hold besides is read where a form shows it. */
export function sweepReport(store: Store, sweep: PreparedSweep, trials: readonly TrialResult[]): SweepReport {
  const runs = attemptsByWork(store, new Set(sweep.trials.map(({ work }) => work)));
  const curveOf: SweepReport['curveOf'] = ({ trial, state }) => {
    if (state.kind !== 'finished' && state.kind !== 'pruned') return undefined;
    const run = runs.get(trial.work)?.find(({ id }) => id === state.run);
    const text = run && readIfThere(store.files, keyFile(run.place, 'metrics', sweep.sweep.config.select.metric));
    return text ? parsePoints(text) : undefined;
  };
  return { file: sweep.file, typed: sweep.typed, base: sweep.base, plan: sweep, trials, results: summarize(sweep, trials), curveOf };
}
