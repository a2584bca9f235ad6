import { fixed, measured, placesOf, plain } from '../../diagnostics/numbers.js';
import { nounOf } from '../claims/over-seeds.js';
import type { Pair } from '../claims/pairs.js';
import { type Series, valuesOf } from '../claims/samples.js';
import { mean } from '../../statistics/means.js';
import { DUST } from '../../statistics/ranks.js';
import { roundAsPrinted } from '../../statistics/round-as-printed.js';
import { singleRunRank } from '../../statistics/tests.js';
import * as wording from '../claims/wording.js';
import type { Verdict } from './verdict.js';

/** Fewer show too little of the spread for any verdict on a mean. */
export const FEWEST = 3;

/** Nothing finished, or the metric isn't recorded: what any claim about these cells comes to. */
export function nothingToJudge(
  all: readonly { readonly series: Series; readonly metric: string; readonly awaits?: string | undefined }[],
): Verdict | undefined {
  for (const { series, metric, awaits } of all) {
    const { finished, diverged, crashed, unrecorded, wanted } = series;
    if (finished.length > 0) continue;
    const none = { numbers: { n: 0 }, couldDecide: false };
    if (awaits !== undefined) return { ...none, kind: 'not_run', wording: wording.notKnownYet(awaits) };
    if (unrecorded.length > 0) return { ...none, kind: 'not_claimable', reason: 'not recorded', wording: wording.notRecorded(metric) };
    if (diverged.length === 0) return { ...none, kind: 'not_run', wording: wording.notRun(0, wanted, crashed.length, nounOf(series)) };
  }
  return undefined;
}

/** The runs of somebody else, and the unit in which they were printed. */
interface Others {
  readonly runs: readonly number[];
  readonly printed: number;
}

/** One or two seeds, with how they stand among the others' runs if there are any. Zero: all of them diverged. */
export function tooFew(series: Series, others?: Others): Verdict | undefined {
  const values = valuesOf(series);
  const n = values.length;
  if (n >= FEWEST) return undefined;
  if (n === 0) return noneLeft(wording.allDiverged(series.diverged.length, nounOf(series)));
  const remarks = others ? values.map((value) => standing(roundAsPrinted(value, others.printed), others, n > 1)) : [];
  const seeds = series.finished.map(({ seed }) => seed);
  return fewOf(wording.fewSeeds(values, Array.from(new Set(remarks)).join('. '), nounOf(series)), n, seeds);
}

/** One or two seeds that two cells share; `compared` is what is made of a pair, in the order of the pairs. */
export function tooFewPairs(pairs: readonly Pair[], compared: readonly number[], noun: string): Verdict | undefined {
  const n = pairs.length;
  if (n >= FEWEST) return undefined;
  if (n === 0) return noneLeft(wording.noPairs(noun));
  return fewOf(
    wording.fewPairs(compared),
    n,
    pairs.map(({ seed }) => seed),
  );
}

const noneLeft = (text: string): Verdict => ({
  kind: 'inconclusive',
  reason: 'diverged',
  further: 'never',
  wording: text,
  numbers: { n: 0 },
  couldDecide: false,
});

const fewOf = (text: string, n: number, seeds: readonly number[]): Verdict => ({
  kind: 'inconclusive',
  reason: 'few seeds',
  further: FEWEST - n,
  wording: text,
  numbers: { n, seeds },
  couldDecide: false,
});

/**
 * Every seed gave the same: it changes nothing, or the metric is saturated, and then more seeds say no more than one. Unless that is so on
 * purpose (`deterministic`), no spread is known by which a mean could be judged.
 */
export const zeroSpread = (values: readonly number[], what: string, whose = ''): Verdict => ({
  kind: 'inconclusive',
  reason: 'zero spread',
  further: 'never',
  wording: wording.zeroSpread(values.length, mean(values), what, whose),
  numbers: { n: values.length, mean: mean(values), sd: 0 },
  couldDecide: false,
});

/** The cell of two whose seeds all gave the same. */
export function constantOf(all: readonly Series[]): Series | undefined {
  return all.find((series) => series.diverged.length === 0 && Number.isFinite(valuesOf(series)[0]) && allEqual(valuesOf(series)));
}

function standing(value: number, { runs, printed }: Others, isOneOfSeveral: boolean): string {
  const above = runs.filter((y) => y >= value).length;
  const below = runs.filter((y) => y <= value).length;
  const shown = printed > 0 ? fixed(value, placesOf(printed)) : measured(value);
  return wording.standing(shown, above, below, runs.length, singleRunRank(value, runs).twoSided, isOneOfSeveral);
}

/** Equal but for what binary arithmetic adds: `scale` is the size of the numbers that they were computed from. */
export function allEqual(values: readonly number[], scale = largest(values)): boolean {
  const [first] = values;
  if (values.every((value) => value === first)) return true;
  const apart = Math.max(...values) - Math.min(...values);
  return Number.isFinite(apart) && apart <= DUST * scale;
}

export const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

export const boundText = (bound: number | { readonly text: string }): string => (typeof bound === 'number' ? plain(bound) : bound.text);
