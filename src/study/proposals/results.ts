import { type Interval, mean, meanInterval, within } from '../../statistics/means.js';
import { type ByExamples, type OverExamples, overRuns } from '../by-examples.js';
import { bySample } from '../replicates.js';
import type { SweepConfig } from './document.js';
import type { Configuration, SweepPlan } from './plan.js';
import type { Trial } from '../../launch/launcher.js';
import type { ObservedSweep } from '../../run/observer.js';

/** What the records say of a trial. */
export type TrialState =
  | { readonly kind: 'finished'; readonly run: string; readonly value: number | undefined; readonly byExamples?: ByExamples }
  | { readonly kind: 'diverged'; readonly run: string; readonly reason?: string }
  | { readonly kind: 'failed'; readonly run?: string; readonly reason?: string }
  /** Begun, and goes on with the next `run`. */
  | { readonly kind: 'unfinished'; readonly run: string }
  /** Left behind at a comparison after `epoch`, with this value there. */
  | { readonly kind: 'pruned'; readonly run: string; readonly epoch: number; readonly value: number | undefined }
  | { readonly kind: 'needed' };

export interface TrialResult {
  readonly trial: Trial;
  readonly state: TrialState;
  /** Where configurations are pruned: the value at each rung before the end that the trial came to. */
  readonly atRungs?: readonly (number | undefined)[];
}

/** A configuration over its seeds. */
export interface Cell {
  readonly configuration: Configuration;
  /** Of the seeds that finished with a number, in each of their folds: the mean over those. */
  readonly values: readonly number[];
  readonly mean: number | undefined;
  readonly sd: number | undefined;
  /** Student's 95 % interval of the mean, as far as values can lie; undefined for fewer than two seeds. */
  readonly interval: Interval | undefined;
  /** How far other examples might move a seed; undefined where no run keeps that. */
  readonly byExamples: OverExamples | undefined;
  /** Where it was left behind: after which epoch, and its mean there. */
  readonly pruned: { readonly epoch: number; readonly mean: number } | undefined;
  readonly counts: Counts;
  /** Of the trials that finished, those whose value is missing or no number. */
  readonly mute: number;
}

type Counts = Readonly<Record<TrialState['kind'], number>>;

export interface SweepResults {
  /** In the order of the proposals. */
  readonly cells: readonly Cell[];
  /** Of the configurations of which every seed came to a number, the best; of all, where there is none. */
  readonly best: Cell | undefined;
  readonly counts: Counts;
}

/** Half of what is left out of the interval. */
const ALPHA = 0.025;

export function summarize({ configurations, better, range }: SweepPlan, results: readonly TrialResult[]): SweepResults {
  const ofConfiguration = byConfiguration(results);
  const cells = configurations.map((configuration) => cellOf(configuration, ofConfiguration.get(configuration.index) ?? [], range));
  const measured = cells.filter(({ mean }) => mean !== undefined);
  const whole = measured.filter(({ configuration, values }) => values.length === seedsOf(ofConfiguration.get(configuration.index)));
  const candidates = whole.length > 0 ? whole : measured;
  const isBetter = (a: Cell, b: Cell): boolean => (better === 'higher' ? (a.mean ?? 0) > (b.mean ?? 0) : (a.mean ?? 0) < (b.mean ?? 0));
  const best = candidates.reduce<Cell | undefined>((found, cell) => (!found || isBetter(cell, found) ? cell : found), undefined);
  return { cells, best, counts: countStates(results) };
}

export function byConfiguration(results: readonly TrialResult[]): ReadonlyMap<number, readonly TrialResult[]> {
  const found = new Map<number, TrialResult[]>();
  for (const result of results) {
    const { configuration } = result.trial;
    const before = found.get(configuration);
    if (before) before.push(result);
    else found.set(configuration, [result]);
  }
  return found;
}

function cellOf(configuration: Configuration, results: readonly TrialResult[], range: Interval): Cell {
  const values = Array.from(ofSeeds(results).values()).flatMap((folds) => {
    const found = folds.flatMap(({ state }) => valueOf(state) ?? []);
    return found.length === folds.length ? [mean(found)] : [];
  });
  const several = values.length > 1 ? meanInterval(values, ALPHA) : undefined;
  return {
    configuration,
    values,
    mean: several?.mean ?? values[0],
    sd: several?.sd,
    interval: several && within(several.interval, range),
    byExamples: overRuns(
      results.map(({ trial, state }) => (state.kind === 'finished' && trial.fold === undefined ? state.byExamples : undefined)),
    ),
    pruned: prunedAt(results),
    counts: countStates(results),
    mute: results.filter(({ state }) => state.kind === 'finished' && valueOf(state) === undefined).length,
  };
}

function prunedAt(results: readonly TrialResult[]): Cell['pruned'] {
  const cut = results.flatMap(({ state }) => (state.kind === 'pruned' ? [state] : []));
  const [first] = cut;
  return first && { epoch: first.epoch, mean: cut.reduce((sum, { value }) => sum + (value ?? Number.NaN), 0) / cut.length };
}

export function countStates(results: readonly TrialResult[]): Counts {
  const counts = { finished: 0, diverged: 0, failed: 0, pruned: 0, unfinished: 0, needed: 0 };
  for (const { state } of results) counts[state.kind] += 1;
  return counts;
}

/** Some of a sweep's trials have not come to an end. */
export const isLeft = ({ later }: Pick<SweepPlan, 'later'>, results: readonly TrialResult[]): boolean =>
  later > 0 || results.some(({ state: { kind } }) => kind === 'failed' || kind === 'unfinished' || kind === 'needed');

/** A sweep in numbers; `counts` are those of its trials. */
export const sweepStanding = ({ trials, configurations, later, repeated }: SweepPlan, counts: Counts): ObservedSweep => ({
  kind: 'sweep',
  trials: trials.length,
  configurations: configurations.length,
  later,
  repeated,
  counts,
});

const valueOf = (state: TrialState): number | undefined =>
  state.kind === 'finished' && state.value !== undefined && Number.isFinite(state.value) ? state.value : undefined;

const ofSeeds = (results: readonly TrialResult[]) => bySample(results, ({ trial }) => trial.seed);

const seedsOf = (results: readonly TrialResult[] = []): number => ofSeeds(results).size;

/** The value that counts, of a metric's points by epoch. */
export function selectValue(
  points: readonly { readonly step: number; readonly value: number }[],
  at: SweepConfig['select']['at'],
  better: SweepPlan['better'],
): number | undefined {
  if (at === 'last') return points.at(-1)?.value;
  if (typeof at === 'number') return points.find(({ step }) => step === at)?.value;
  const values = points.map(({ value }) => value).filter((value) => !Number.isNaN(value));
  return values.length === 0 ? undefined : values.reduce((a, b) => (better === 'higher' ? Math.max(a, b) : Math.min(a, b)));
}
