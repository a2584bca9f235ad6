import type { ColumnConfig } from './document.js';
import type { OverSeeds } from './over-seeds.js';
import { type Interval, mean } from '../../statistics/means.js';
import { type TwoLevels, twoLevels } from '../../statistics/two-levels.js';
import type { OverExamples } from '../by-examples.js';

/**
 * How one seed of a cell ended, or one split, whose number then stands as `seed`. `diverged` is a result: its value is no number, and never dropped silently. `crashed` is the machine's
 * fault: no data, and the seed is to be repeated.
 */
export interface Sample {
  readonly seed: number;
  readonly outcome: 'finished' | 'diverged' | 'crashed';
  /** Of the column's metric at the stated epoch; none where the run didn't record it. */
  readonly value?: number;
  /** Digest of code, engine and data: runs of different procedures are not pooled. */
  readonly procedure?: string;
  /** In what it differs from what would be run today: `model rnn@1, now rnn@2`. */
  readonly difference?: string;
  /** Milliseconds since 1970. */
  readonly endedAt?: number;
  readonly run?: string;
  /** The values that it is the mean of, where it is one: of a seed its folds', of a split its seeds'. */
  readonly parts?: readonly number[];
}

/**
 * The folds of a seed, or the seeds of a split, as one sample: the mean of their values. It has diverged where one of them did, and is to be repeated
 * where one of them crashed; where one is missing, it is no sample yet.
 */
export function overParts(all: readonly (readonly Sample[])[]): readonly Sample[] {
  const [only, ...others] = all;
  if (!only || others.length === 0) return only ?? [];
  const procedures = new Set(only.map(({ procedure }) => procedure));
  return Array.from(procedures).flatMap((procedure): readonly Sample[] => {
    const found = all.flatMap((samples) => samples.findLast((sample) => sample.procedure === procedure) ?? []);
    const [first] = found;
    if (!first || found.length < all.length) return [];
    const values = found.flatMap(({ value }) => value ?? []);
    const difference = found.find((sample) => sample.difference !== undefined)?.difference;
    return [
      {
        seed: first.seed,
        outcome: OUTCOMES.find((outcome) => found.some((sample) => sample.outcome === outcome)) ?? first.outcome,
        ...(values.length === found.length && { value: mean(values), parts: values }),
        ...(procedure !== undefined && { procedure }),
        ...(difference !== undefined && { difference }),
        endedAt: Math.max(...found.map(({ endedAt = 0 }) => endedAt)),
      },
    ];
  });
}

/** The worst first: it is what the parts of a sample come to together. */
const OUTCOMES = ['crashed', 'diverged', 'finished'] as const;

/** What is known of one cell. */
export interface CellRuns {
  /** How sentences call it. */
  readonly label: string;
  /** What a sample is, where it is no seed. */
  readonly each?: 'split';
  /** The seeds that the table asks for, or the splits. */
  readonly seeds: readonly number[];
  readonly samples: readonly Sample[];
  /** How far other examples might move a seed, where runs keep it. */
  readonly byExamples?: OverExamples;
  /** The data say themselves which examples the metric is measured on, as those of a publication do: what others would change is not asked. */
  readonly isGivenSplit?: boolean;
  /** What must come first, where it is not known yet what its runs are: `the sweep FILE is not finished`. */
  readonly awaits?: string;
  /** The number of an answer that needs no learning: there are no runs. */
  readonly known?: number;
  /** Decimals that the column shows, where it says how many. */
  readonly digits?: number;
  /** The one that is judged; that of the newest run, where it is left out. */
  readonly procedure?: string;
  /** The step in which values come, where they do: 1/N of a share counted over N examples. */
  readonly resolution?: number;
  /** From the least to the most that a value can be; an end may be infinite. */
  readonly range?: Interval;
  /** The best answer that ignores the input. */
  readonly chance?: number;
  /** What the data are for that the metric is measured on. */
  readonly role?: 'train' | 'validation' | 'test';
  /** The epoch whose value counts, where it is not the last one. */
  readonly at?: ColumnConfig['at'];
  /** What the column takes over the seeds; their mean, where it is left out. */
  readonly overSeeds?: OverSeeds;
  /** Which end is good; a diverged seed ranks at the other. */
  readonly better?: 'lower' | 'higher';
  /** A speed is faster, not higher. */
  readonly isSpeed?: boolean;
  /** `tokens/s`. */
  readonly unit?: string;
  /** `train/perplexity`. */
  readonly metric?: string;
}

/** The seeds of a cell that are judged. */
export interface Series {
  readonly label: string;
  /** What is counted, where it is no seed. */
  readonly each?: 'split';
  /** What is taken over the values; their mean, where it is left out. */
  readonly overSeeds?: OverSeeds;
  /** Where values can lie. */
  readonly range?: Interval;
  readonly wanted: number;
  readonly finished: readonly { readonly seed: number; readonly value: number; readonly parts?: readonly number[] }[];
  readonly diverged: readonly number[];
  /** Of these, the seeds that finished, and whose value is no number. */
  readonly senseless: readonly number[];
  readonly crashed: readonly number[];
  /** Finished, without a value of the metric. */
  readonly unrecorded: readonly number[];
  /** Of the judged ones, what would be run otherwise today, though it is the same procedure. */
  readonly earlier: readonly { readonly seed: number; readonly difference: string }[];
  /** Runs of another procedure than the judged one, and in what they differ, each once. */
  readonly leftOut: number;
  readonly differences: readonly string[];
}

/** The newest procedure's runs, one for each seed (its newest); a value that is no number has diverged. Verdicts and footnotes ask for those of a cell many times. */
export function seriesOf(runs: CellRuns): Series {
  const series = known.get(runs) ?? judgedOf(runs);
  known.set(runs, series);
  return series;
}
const known = new WeakMap<CellRuns, Series>();

function judgedOf({ label, each, range, seeds, samples, procedure: judged }: CellRuns): Series {
  const byAge = samples.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
  const settled = byAge.filter(({ outcome }) => outcome !== 'crashed');
  const newest = judged ?? settled.at(-1)?.procedure;
  const pooled = new Map(settled.filter(({ procedure }) => procedure === newest).map((sample) => [sample.seed, sample]));
  const others = settled.filter(({ procedure }) => procedure !== newest);
  const ofNewest = Array.from(pooled.values()).toSorted((a, b) => a.seed - b.seed);
  const diverged = (sample: Sample) => sample.outcome === 'diverged' || (sample.value !== undefined && !Number.isFinite(sample.value));
  const sound = ofNewest.filter((sample) => !diverged(sample));
  return {
    label,
    ...(each && { each }),
    ...(range && { range }),
    wanted: seeds.length,
    finished: sound.flatMap(({ seed, value, parts }) => (value === undefined ? [] : [{ seed, value, ...(parts && { parts }) }])),
    diverged: ofNewest.filter(diverged).map(({ seed }) => seed),
    senseless: ofNewest.filter((sample) => sample.outcome === 'finished' && diverged(sample)).map(({ seed }) => seed),
    crashed: samples.filter(({ seed, outcome }) => outcome === 'crashed' && !pooled.has(seed)).map(({ seed }) => seed),
    unrecorded: sound.filter(({ value }) => value === undefined).map(({ seed }) => seed),
    earlier: ofNewest.flatMap(({ seed, difference }) => (difference === undefined ? [] : [{ seed, difference }])),
    leftOut: others.length,
    differences: Array.from(new Set(others.flatMap(({ difference }) => difference ?? []))),
  };
}

/** The two levels of the spread of a cell over splits, of the judged ones whose seeds are known; undefined of any other cell. */
export const levelsOf = ({ each, finished }: Pick<Series, 'each' | 'finished'>): TwoLevels | undefined =>
  each === 'split' ? twoLevels(finished.flatMap(({ parts }) => (parts ? [parts] : []))) : undefined;

/** By how much more a single run varies than the samples of a cell do: of means over n seeds within² (1 - 1/n), of single runs nothing. */
export function varianceOfRun(series: Pick<Series, 'each' | 'finished'>): number {
  const levels = levelsOf(series);
  return levels ? levels.within ** 2 * (1 - 1 / levels.size) : 0;
}

export const valuesOf = ({ finished }: Series): readonly number[] => finished.map(({ value }) => value);
