import type { Tensor } from '@tensorflow/tfjs-core';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { Type } from '../../language/type.js';
import type { BarsView } from '../../views/view.js';
import type { AccumulatingMetric, Data, Measured, MetricSpec, Report, Shape, Slots, Tools } from '../stage.js';
import { classNames, unknownClass } from '../fitted.js';
import { get } from '../tensors.js';
import { reportUnlessClasses } from './classes.js';

/*
 * Metrics that follow from how often each class was right, was answered, and was both. The answer is the most probable class, the first one where
 * several are. Where a formula divides by 0, the class counts as 0, as scikit-learn has it (`zero_division=0`).
 */

/** Sums of weights by class, each `[classes]`. */
interface Hits {
  /** Was right and was answered. */
  readonly hit: Float64Array;
  readonly right: Float64Array;
  readonly answered: Float64Array;
}

/** What a metric over classes is asked for: one class, or a mean over all of them. */
export const averageOptions = {
  average: Type.Optional(
    Type.Enum(['macro', 'micro', 'weighted'], {
      otherwise: 'macro',
      description:
        'How classes are averaged: macro, the mean over classes; weighted, each class by its number of examples; micro, all examples together.',
    }),
  ),
  class: Type.Optional(Type.String({ minLength: 1, description: 'One class by its name, in place of a mean over all.' })),
};

export interface Averaged {
  readonly average?: 'macro' | 'micro' | 'weighted';
  readonly class?: string;
}

/** Sums of such a metric, and what is wrong with the class that it names. */
export function planHits(kind: string, asked: Averaged, upstream: Slots['metric']['upstream'], report: Report): MetricSpec {
  reportUnlessClasses(kind, upstream, report);
  reportClass(asked, upstream.data, report);
  const classes: Shape = [upstream.data.classes ?? 1];
  return { better: 'higher', deterministic: true, unit: 'share', accumulates: { hit: classes, right: classes, answered: classes } };
}

/** A class that is not there, or one beside a mean over all. */
export function reportClass(
  { class: name, average }: { readonly class?: string; readonly average?: string },
  data: Data,
  report: Report,
): void {
  if (name === undefined) return;
  if (average !== undefined) report(oneOrAll(average));
  const names = classNames(data);
  if (!names.includes(name)) report(unknownClass(['class'], name, names));
}

const oneOrAll = (average: string): Problem => ({
  code: 'option-without-effect',
  path: ['average'],
  message: `average: ${average} is over all classes, and class names one`,
  help: 'take one of both out',
});

/** A row for each target: 1 in the column of the class that is right, or was answered, each `[targets, classes]`; `weights` is `[targets, 1]`. */
export function rowsOf({ tf }: Tools, output: Tensor, target: Tensor, weight: Tensor) {
  const classes = output.shape.at(-1) ?? 1;
  const shared = tf.reshape(weight, [...weight.shape, ...target.shape.slice(weight.rank).map(() => 1)]);
  const rows = (indices: Tensor): Tensor => tf.oneHot(tf.reshape(indices, [-1]), classes, 1, 0, 'float32');
  return {
    right: rows(target),
    answered: rows(tf.argMax(output, -1)),
    weights: tf.reshape(tf.mul(shared, tf.ones(target.shape)), [-1, 1]),
  };
}

/** The three sums, and what `value` makes of them. */
export const metricOfHits = (tools: Tools, value: (hits: Hits) => Measured): AccumulatingMetric => ({
  accumulate(output, target, weight) {
    const { tf } = tools;
    const { right, answered, weights } = rowsOf(tools, output, target, weight);
    const sum = (counted: typeof target) => tf.sum(tf.mul(counted, weights), 0);
    return { hit: sum(tf.mul(right, answered)), right: sum(right), answered: sum(answered) };
  },
  finish: (totals) => value({ hit: get(totals, 'hit'), right: get(totals, 'right'), answered: get(totals, 'answered') }),
});

/** A share of two sums for each class. */
export interface ClassShare {
  readonly part: (hits: Hits, index: number) => number;
  readonly whole: (hits: Hits, index: number) => number;
}

/** One class, or all of them as they are averaged; with a bar for each class where there are not too many. */
export function measuredByClass(title: string, { part, whole }: ClassShare, asked: Averaged, data: Data, hits: Hits): Measured {
  const indices = [...hits.right.keys()];
  const share = (index: number): number => orZero(part(hits, index), whole(hits, index));
  const names = classNames(data);
  if (asked.class !== undefined) return share(names.indexOf(asked.class));
  const sum = (of: (index: number) => number): number => indices.reduce((total, index) => total + of(index), 0);
  const seen = (index: number): number => Number((hits.right[index] ?? 0) + (hits.answered[index] ?? 0) > 0);
  const value = {
    macro: () => sum((index) => share(index) * seen(index)) / sum(seen),
    weighted: () => sum((index) => share(index) * (hits.right[index] ?? 0)) / sum((index) => hits.right[index] ?? 0),
    micro: () =>
      orZero(
        sum((index) => part(hits, index)),
        sum((index) => whole(hits, index)),
      ),
  }[asked.average ?? 'macro']();
  return withBars(
    value,
    names.map((_, index) => share(index)),
    names,
    title,
  );
}

const orZero = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Bars of more classes are no picture any more. */
const MOST_BARS = 100;

const withBars = (value: number, shares: readonly number[], names: readonly string[], title: string): Measured => {
  if (names.length > MOST_BARS) return value;
  const view: BarsView = {
    kind: 'bars',
    x: 'class',
    y: title,
    bars: names.map((name, index) => ({ name, value: shares[index] ?? Number.NaN })),
  };
  return { value, view };
};
