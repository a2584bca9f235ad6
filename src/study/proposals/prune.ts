import type { SweepConfig } from './document.js';
import type { Rung, SweepPlan } from './plan.js';
import type { Trial } from '../../launch/launcher.js';
import { byConfiguration, selectValue, type TrialResult } from './results.js';

/** Synchronous successive halving (Jamieson & Talwalkar 2016), counted in epochs: `factor` times as many for one in `factor`. Without `prune`, one rung. */
export function rungsOf({ prune }: Pick<SweepConfig, 'prune'>, epochs: number, configurations: number): readonly Rung[] {
  if (!prune) return [{ epoch: epochs, configurations }];
  const rungs: Rung[] = [];
  let count = configurations;
  for (let epoch = prune.first; epoch < epochs && count > 1; epoch *= prune.factor) {
    rungs.push({ epoch, configurations: count });
    count = Math.max(1, Math.floor(count / prune.factor));
  }
  return [...rungs, { epoch: epochs, configurations: count }];
}

/** What is to be trained before the next comparison, or before the end. */
interface NextRung extends Rung {
  /** From 0. */
  readonly number: number;
  /** Trials of the rung, and those of them that are not there yet. */
  readonly all: number;
  readonly trials: readonly Trial[];
}

interface Standing {
  /** As they were given; what a comparison left behind is pruned. */
  readonly results: readonly TrialResult[];
  /** Undefined when nothing is left to do. */
  readonly next: NextRung | undefined;
}

/**
 * How far a sweep is, from the results of its trials alone: it is the same for any number of workers, after any interruption, and when it is
 * asked again. A rung is judged once each of its trials is there. A trial that failed counts as there: it ranks last until it is tried again.
 */
export function standingOf(plan: SweepPlan, results: readonly TrialResult[]): Standing {
  const ofConfiguration = byConfiguration(results);
  const pruned = new Map<number, { readonly epoch: number; readonly rung: number }>();
  let competing = plan.configurations.map(({ index }) => index);
  let next: NextRung | undefined;

  for (const [number, rung] of plan.rungs.entries()) {
    const here = competing.flatMap((index) => ofConfiguration.get(index) ?? []);
    const trials = here.filter((result) => !isThere(result, number)).map(({ trial }) => trial);
    if (trials.length > 0) next = { ...rung, number, all: here.length, trials };
    const above = plan.rungs[number + 1];
    if (next || !above) break;
    const kept = new Set(rank(competing, ofConfiguration, number, plan.better).slice(0, above.configurations));
    for (const index of competing) if (!kept.has(index)) pruned.set(index, { epoch: rung.epoch, rung: number });
    competing = competing.filter((index) => kept.has(index));
  }
  return { results: pruned.size === 0 ? results : results.map((result) => cut(result, pruned.get(result.trial.configuration))), next };
}

const isThere = ({ state, atRungs = [] }: TrialResult, rung: number): boolean =>
  state.kind === 'finished' || state.kind === 'diverged' || state.kind === 'failed' || atRungs[rung] !== undefined;

/** By the mean over seeds, the best first; a configuration that lost a seed comes after those that lost none. Equals keep the order of the proposals. */
function rank(
  competing: readonly number[],
  results: ReadonlyMap<number, readonly TrialResult[]>,
  rung: number,
  better: SweepPlan['better'],
): readonly number[] {
  const sign = better === 'higher' ? -1 : 1;
  const scores = new Map(
    competing.map((index) => {
      const values = (results.get(index) ?? []).map(({ atRungs = [] }) => atRungs[rung] ?? Number.NaN);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [index, Number.isFinite(mean) ? sign * mean : Infinity] as const;
    }),
  );
  return competing.toSorted((a, b) => compare(scores.get(a) ?? Infinity, scores.get(b) ?? Infinity));
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** What finished stays a result, also where another sweep or a person trained it to the end. */
function cut(result: TrialResult, by: { readonly epoch: number; readonly rung: number } | undefined): TrialResult {
  const { state, atRungs = [] } = result;
  if (!by || state.kind !== 'unfinished') return result;
  return { ...result, state: { kind: 'pruned', run: state.run, epoch: by.epoch, value: atRungs[by.rung] } };
}

/** The value that a trial is compared by at each rung that it came to. `ended`: it has no later epochs. */
export function valuesAtRungs(
  points: readonly { readonly step: number; readonly value: number }[],
  { rungs, better, sweep }: Pick<SweepPlan, 'rungs' | 'better' | 'sweep'>,
  ended: boolean,
): readonly (number | undefined)[] {
  const { at } = sweep.config.select;
  return rungs.slice(0, -1).map(({ epoch }) => {
    const seen = points.filter(({ step }) => step <= epoch);
    if (!ended && seen.at(-1)?.step !== epoch) return undefined;
    return selectValue(seen, typeof at === 'number' && at > epoch ? 'last' : at, better) ?? Number.NaN;
  });
}

/** Epochs of all trials together, and what they would be if none were pruned. */
export function epochsOf({ rungs, configurations, trials }: SweepPlan): { readonly pruned: number; readonly whole: number } {
  const seeds = trials.length / Math.max(1, configurations.length);
  const pruned = rungs.reduce((sum, rung, index) => sum + rung.configurations * (rung.epoch - (rungs[index - 1]?.epoch ?? 0)) * seeds, 0);
  return { pruned, whole: configurations.reduce((sum, { epochs }) => sum + epochs * seeds, 0) };
}
