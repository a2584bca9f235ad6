import { fixed, measured, placesOf, plain } from '../figures.js';
import type { Series } from '../samples.js';
import { valuesOf } from '../samples.js';
import { roundAsPrinted } from '../statistics/round-as-printed.js';
import { singleRunRank } from '../statistics/single-run-rank.js';
import * as wording from '../wording.js';
import type { Verdict } from './verdict.js';

/** Fewer show too little of the spread for any verdict on a mean. */
export const FEWEST = 3;

/** Nothing finished, or the metric isn't recorded: what any claim about these cells comes to. */
export function nothingToJudge(all: readonly { readonly series: Series; readonly metric: string }[]): Verdict | undefined {
  for (const { series, metric } of all) {
    const { finished, diverged, crashed, unrecorded, wanted } = series;
    if (finished.length > 0) continue;
    const none = { numbers: { n: 0 }, couldDecide: false };
    if (unrecorded.length > 0) return { ...none, kind: 'not_claimable', reason: 'not recorded', wording: wording.notRecorded(metric) };
    if (diverged.length === 0) return { ...none, kind: 'not_run', wording: wording.notRun(0, wanted, crashed.length) };
  }
  return undefined;
}

/** The runs of somebody else, and the unit in which they were printed. */
export interface Others {
  readonly runs: readonly number[];
  readonly printed: number;
}

/** One or two seeds, with how they stand among the others' runs if there are any. Zero: all of them diverged. */
export function tooFew(series: Series, others?: Others): Verdict | undefined {
  const values = valuesOf(series);
  const n = values.length;
  if (n >= FEWEST) return undefined;
  if (n === 0) {
    const text = wording.allDiverged(series.diverged.length);
    return { kind: 'inconclusive', reason: 'diverged', further: 'never', wording: text, numbers: { n }, couldDecide: false };
  }
  const remarks = others ? values.map((value) => standing(roundAsPrinted(value, others.printed), others, n > 1)) : [];
  return {
    kind: 'inconclusive',
    reason: 'few seeds',
    further: FEWEST - n,
    wording: wording.fewSeeds(values, Array.from(new Set(remarks)).join('. ')),
    numbers: { n, seeds: series.finished.map(({ seed }) => seed) },
    couldDecide: false,
  };
}

function standing(value: number, { runs, printed }: Others, isOneOfSeveral: boolean): string {
  const above = runs.filter((y) => y >= value).length;
  const below = runs.filter((y) => y <= value).length;
  const shown = printed > 0 ? fixed(value, placesOf(printed)) : measured(value);
  return wording.standing(shown, above, below, runs.length, singleRunRank(value, runs).twoSided, isOneOfSeveral);
}

/** Equal up to rounding noise. */
export const allEqual = (values: readonly number[]): boolean =>
  Math.max(...values) - Math.min(...values) <= 1e-12 * Math.max(1, ...values.map(Math.abs));

export const boundText = (bound: number | { readonly text: string }): string => (typeof bound === 'number' ? plain(bound) : bound.text);
