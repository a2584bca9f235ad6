import { formatMeasure, plural } from '../diagnostics/numbers.js';
import type { RunPlace, Store } from '../record/layout.js';
import { type MetricPoint, readTag } from '../record/reader.js';
import { keptTag } from '../run/attempt.js';
import { readAnswers } from '../run/class-answers.js';
import { type Interval, mean } from '../statistics/means.js';

/** How far other examples of the same kind might move what a run was measured as. */
export interface ByExamples {
  /** Half the width of the 95 % interval. */
  readonly half: number;
  readonly examples: number;
  /** Where examples of one subject belong together. */
  readonly groups?: number;
  /** Equal where the same examples were answered. */
  readonly digest?: string;
}

/** Over several runs: the mean of their half widths. */
export interface OverExamples extends Omit<ByExamples, 'digest'> {
  /** All runs were measured on the same examples; else each has its own, and what runs differ by holds part of what examples do. */
  readonly isShared: boolean;
}

/**
 * What a run keeps of a metric, `SPLIT/METRIC`, of which `points` are on record and `value` is what counts. Its interval is about the weights that it
 * kept, so there is none where another epoch counts and had another value.
 */
export function readByExamples(
  store: Store,
  run: RunPlace,
  metric: string,
  points: readonly MetricPoint[],
  value: number | undefined,
): ByExamples | undefined {
  const [split = '', name = ''] = metric.split(/\/(.*)/);
  const found = readAnswers(store, run).find((each) => each.split === split);
  const [low, high] = found?.intervals[name] ?? [];
  if (!found || low === undefined || high === undefined) return undefined;
  const kept = Number(readTag(store, run, keptTag));
  if (points.find(({ step }) => step === kept)?.value !== value) return undefined;
  const { examples, groups, digest } = found;
  return { half: (high - low) / 2, examples, ...(groups !== undefined && { groups }), ...(digest !== undefined && { digest }) };
}

/** Undefined where no run keeps any. Of runs whose numbers of examples differ, the fewest are told. */
export function overRuns(runs: readonly (ByExamples | undefined)[]): OverExamples | undefined {
  const known = runs.filter((run) => run !== undefined);
  const [first] = known;
  if (!first) return undefined;
  const groups = known.flatMap((run) => run.groups ?? []);
  return {
    half: mean(known.map(({ half }) => half)),
    examples: Math.min(...known.map(({ examples }) => examples)),
    ...(groups.length === known.length && { groups: Math.min(...groups) }),
    isShared: first.digest !== undefined && known.every(({ digest }) => digest === first.digest),
  };
}

/** `120 examples of test`, `120 examples of 5 subjects of test` */
export const examplesOf = ({ examples, groups }: Omit<ByExamples, 'half'>, metric: string): string =>
  `${plural(examples, 'example')} of ${groups === undefined ? '' : `${plural(groups, 'subject')} of `}${metric.slice(0, metric.indexOf('/'))}`;

/** What examples and what seeds leave of one mean; `seeds` is its interval over them, which one seed has not. */
interface Widths {
  readonly examples: OverExamples;
  readonly seeds: Interval | undefined;
}

/** Up to this ratio both widths count: the wider one makes up less than four fifths of the variance. */
const ALIKE = 2;

/** Which of both leaves a mean less sure. */
export function widerOf({ examples, seeds }: Widths): string {
  if (!seeds) return '; what seeds leave, one of them does not tell.';
  const bySeeds = halfOf(seeds);
  const drawn = examples.groups === undefined ? 'examples' : 'subjects';
  if (!examples.isShared) return ', which holds a part of that: each seed has examples of its own.';
  if (examples.half > ALIKE * bySeeds) return `: more seeds do not help, more ${drawn} would.`;
  if (bySeeds > ALIKE * examples.half) return `: more seeds help, more ${drawn} do not.`;
  return ': more of both would help.';
}

/**
 * Which leaves means less sure, their examples or their seeds: `The 120 examples of test leave ±0.077 (95 %), the seeds ±0.033: more seeds do not help,
 * more examples would.` Of several means of one metric, all have the same answer to it.
 */
export function whichIsWider(means: readonly Widths[], metric: string): string {
  const [first] = means;
  if (!first) return '';
  const fewest = means.reduce((found, { examples }) => (examples.examples < found.examples ? examples : found), first.examples);
  const bySeeds = means.flatMap(({ seeds }) => (seeds ? [halfOf(seeds)] : []));
  const leave = `The ${examplesOf(fewest, metric)} leave ${widthText(means.map(({ examples }) => examples.half))} (95 %)`;
  return `${leave}${bySeeds.length > 0 ? `, the seeds ${widthText(bySeeds)}` : ''}${widerOf(first)}`;
}

const halfOf = ([low, high]: Interval): number => (high - low) / 2;

/** `±0.077`, `±0.070 to ±0.085` */
function widthText(halves: readonly number[]): string {
  const ends = [Math.min(...halves), Math.max(...halves)].map((half) => `±${formatMeasure(half, 2)}`);
  return Array.from(new Set(ends)).join(' to ');
}

/** How far other examples might move a mean, as JSON has it. */
export const examplesJson = ({ half, examples, groups, isShared }: OverExamples) => ({
  half_width: half,
  examples,
  ...(groups !== undefined && { groups }),
  shared: isShared,
});
