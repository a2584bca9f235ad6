import type { SweepConfig } from './document.js';
import type { Bracket, Rung, SweepPlan } from './plan.js';
import type { Trial } from '../../launch/launcher.js';
import { byConfiguration, selectValue, type TrialResult } from './results.js';

/**
 * Which configurations compete, and where: those of a round, and under `hyperband` those of a bracket. Without `prune` nothing is compared on the
 * way.
 */
export function bracketsOf(
  { prune, search }: Pick<SweepConfig, 'prune' | 'search'>,
  epochs: number,
  rounds: readonly (readonly number[])[],
): readonly Bracket[] {
  const bracket = (configurations: readonly number[], first: number): Bracket => ({
    configurations,
    rungs: rungsFrom(first, prune?.factor ?? 1, epochs, configurations.length),
  });
  if (prune?.kind !== 'hyperband')
    return prune
      ? rounds.map((indices) => bracket(indices, prune.first))
      : [{ configurations: rounds.flat(), rungs: [{ epoch: epochs, configurations: rounds.flat().length }] }];
  const begins = [prune.first];
  for (let next = prune.first; next < epochs; begins.push(next)) next *= prune.factor;
  const dealt =
    search.kind === 'tpe'
      ? rounds.map((indices, round) => ({ indices, first: begins[round % begins.length] ?? epochs }))
      : deal(rounds.flat(), sharesOf(begins.length, prune.factor)).map((indices, number) => ({ indices, first: begins[number] ?? epochs }));
  return dealt.filter(({ indices }) => indices.length > 0).map(({ indices, first }) => bracket(indices, first));
}

/** Synchronous successive halving (Jamieson and Talwalkar 2016), counted in epochs: `factor` times as many for one in `factor`. */
function rungsFrom(first: number, factor: number, epochs: number, configurations: number): readonly Rung[] {
  const rungs: Rung[] = [];
  let count = configurations;
  for (let epoch = first; epoch < epochs && count > 1; epoch *= factor) {
    rungs.push({ epoch, configurations: count });
    count = Math.max(1, Math.floor(count / factor));
  }
  return [...rungs, { epoch: epochs, configurations: count }];
}

/** How many configurations each bracket of hyperband has to the others' (Li et al. 2018): so that all of them train for about equally many epochs. */
const sharesOf = (brackets: number, factor: number): readonly number[] =>
  Array.from({ length: brackets }, (_, number) => {
    const comparisons = brackets - 1 - number;
    return Math.ceil((brackets / (comparisons + 1)) * factor ** comparisons);
  });

/** Each item to the bracket that lacks most of its share: more items begin with the same ones, and neighbours come into different brackets. */
function deal(items: readonly number[], shares: readonly number[]): readonly (readonly number[])[] {
  const hands: number[][] = shares.map(() => []);
  for (const item of items) {
    const lack = shares.map((share, hand) => (hands[hand]?.length ?? 0) / share);
    hands[lack.indexOf(lack.reduce((a, b) => Math.min(a, b), Infinity))]?.push(item);
  }
  return hands;
}

/** What is to be trained before the next comparison, or before the end. */
interface NextRung extends Rung {
  /** From 0; `rungs`: how many its bracket has. */
  readonly number: number;
  readonly rungs: number;
  /** From 0. */
  readonly bracket: number;
  /** Trials of the rung, and those of them that are not there yet. */
  readonly all: number;
  readonly trials: readonly Trial[];
}

interface Standing {
  /** As they were given; what a comparison left behind is pruned. */
  readonly results: readonly TrialResult[];
  /** Undefined when nothing is left to do. */
  readonly next: NextRung | undefined;
  /**
   * The numbers of the configurations, the best first, by the mean over their seeds: those that trained to the end, then those that were pruned, the
   * later ones first, then those that lost a seed. None while something is left to do.
   */
  readonly ranked: readonly number[];
}

/**
 * How far a sweep is, from the results of its trials alone: it is the same for any number of workers, after any interruption, and when it is
 * asked again. A rung is judged once each of its trials is there. A trial that failed counts as there: it ranks last until it is tried again.
 */
export function standingOf(plan: SweepPlan, results: readonly TrialResult[]): Standing {
  const ofConfiguration = byConfiguration(results);
  const pruned = new Map<number, { readonly epoch: number; readonly rung: number }>();
  const places: { readonly index: number; readonly epoch: number; readonly score: number }[] = [];
  let next: NextRung | undefined;

  for (const [bracket, { configurations, rungs }] of plan.brackets.entries()) {
    let competing = configurations;
    for (const [number, rung] of rungs.entries()) {
      const here = competing.flatMap((index) => ofConfiguration.get(index) ?? []);
      const trials = here.filter((result) => !isThere(result, number)).map(({ trial }) => trial);
      if (trials.length > 0) next = { ...rung, number, rungs: rungs.length, bracket, all: here.length, trials };
      if (next) break;
      const scores = scoresOf(competing, ofConfiguration, number, plan.better);
      const scoreOf = (index: number): number => scores.get(index) ?? Infinity;
      const above = rungs[number + 1];
      const ranked = competing.toSorted((a, b) => compare(scoreOf(a), scoreOf(b)));
      const kept = new Set(above ? ranked.slice(0, above.configurations) : []);
      for (const index of competing) {
        if (kept.has(index)) continue;
        if (above) pruned.set(index, { epoch: rung.epoch, rung: number });
        places.push({ index, epoch: rung.epoch, score: scoreOf(index) });
      }
      competing = competing.filter((index) => kept.has(index));
    }
    if (next) break;
  }
  const isLost = ({ score }: { readonly score: number }): number => Number(score === Infinity);
  const ranked = places.toSorted((a, b) => isLost(a) - isLost(b) || b.epoch - a.epoch || compare(a.score, b.score) || a.index - b.index);
  return {
    results: pruned.size === 0 ? results : results.map((result) => cut(result, pruned.get(result.trial.configuration))),
    next,
    ranked: next ? [] : ranked.map(({ index }) => index),
  };
}

const isThere = ({ state, atRungs = [] }: TrialResult, rung: number): boolean =>
  state.kind === 'finished' || state.kind === 'diverged' || state.kind === 'failed' || atRungs[rung] !== undefined;

/** The mean over seeds, smaller ones better; infinite for a configuration that lost a seed, which so comes after those that lost none. */
function scoresOf(
  competing: readonly number[],
  results: ReadonlyMap<number, readonly TrialResult[]>,
  rung: number,
  better: SweepPlan['better'],
): ReadonlyMap<number, number> {
  const sign = better === 'higher' ? -1 : 1;
  return new Map(
    competing.map((index) => {
      const values = (results.get(index) ?? []).map(({ state, atRungs = [] }) =>
        rung < atRungs.length ? (atRungs[rung] ?? Number.NaN) : state.kind === 'finished' ? (state.value ?? Number.NaN) : Number.NaN,
      );
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [index, Number.isFinite(mean) ? sign * mean : Infinity] as const;
    }),
  );
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
  rungs: readonly Rung[],
  { better, sweep }: Pick<SweepPlan, 'better' | 'sweep'>,
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
export function epochsOf({ brackets, configurations, trials }: SweepPlan): { readonly pruned: number; readonly whole: number } {
  const seeds = trials.length / Math.max(1, configurations.length);
  const pruned = brackets.flatMap(({ rungs }) =>
    rungs.map((rung, index) => rung.configurations * (rung.epoch - (rungs[index - 1]?.epoch ?? 0)) * seeds),
  );
  return {
    pruned: pruned.reduce((sum, epochs) => sum + epochs, 0),
    whole: configurations.reduce((sum, { epochs }) => sum + epochs * seeds, 0),
  };
}

/** Whether configurations are compared on the way. */
export const isPruned = ({ brackets }: Pick<SweepPlan, 'brackets'>): boolean => brackets.some(({ rungs }) => rungs.length > 1);

/** A sweep with every round that the records settle the way to, and how it stands then. `read`: what the records say of its trials. */
export function unfold<P extends SweepPlan>(sweep: P, read: (sweep: P) => readonly TrialResult[]): Standing & { readonly sweep: P } {
  let grown = sweep;
  for (;;) {
    const standing = standingOf(grown, read(grown));
    if (standing.next || grown.later === 0) return { sweep: grown, ...standing };
    grown = { ...grown, ...grown.grow(standing.ranked) };
  }
}
