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
const examplesOf = ({ examples, groups }: Omit<ByExamples, 'half'>, split: string): string =>
  `${plural(examples, 'example')} of ${groups === undefined ? '' : `${plural(groups, 'subject')} of `}${split}`;

/** Up to this ratio both widths count: the wider one makes up less than four fifths of the variance. */
const ALIKE = 2;

/**
 * Which leaves a mean less sure, its examples or its seeds: `The 120 examples of test leave ±0.077 (95 %), the seeds ±0.033: more seeds do not help, more
 * examples would.` `seeds`: the interval of the mean over them, which one seed has not.
 */
export function whichIsWider(of: OverExamples, split: string, seeds: Interval | undefined): string {
  const examples = `The ${examplesOf(of, split)} leave ±${formatMeasure(of.half, 2)} (95 %)`;
  if (!seeds) return `${examples}; what seeds leave, one of them does not tell.`;
  const bySeeds = (seeds[1] - seeds[0]) / 2;
  const both = `${examples}, the seeds ±${formatMeasure(bySeeds, 2)}`;
  if (!of.isShared) return `${both}, which holds a part of that: each seed has examples of its own.`;
  if (of.half > ALIKE * bySeeds) return `${both}: more seeds do not help, more examples would.`;
  if (bySeeds > ALIKE * of.half) return `${both}: more seeds help, more examples do not.`;
  return `${both}: more of both would help.`;
}
