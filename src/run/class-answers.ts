import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { formatMeasure, plural } from '../diagnostics/numbers.js';
import { isObject } from '../language/check.js';
import type { Plan } from '../planning/plan.js';
import { roleOf } from '../planning/recorded.js';
import { createStreams } from '../random/streams.js';
import { readIfThere } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import { classNames } from '../stages/fitted.js';
import { softmax } from '../stages/metric/probabilities.js';
import type { Collected, RowName } from '../stages/stage.js';
import { clusterIntervals } from '../statistics/bootstrap.js';
import { clusteredShare } from '../statistics/tests.js';
import type { Finishers, Gathered } from '../train/pipeline.js';
import { oddAnswers } from '../validity/threats.js';

/** What the answers to a split of classes show, as a record keeps it. */
export interface ClassAnswers {
  readonly split: string;
  readonly examples: number;
  /** Where examples of one subject belong together: how many subjects there are. */
  readonly groups?: number;
  /** Equal where the same examples were answered: a hash of what they are called and of their targets. */
  readonly digest?: string;
  /** By metric, 95 % of what it comes to where its examples are drawn anew: whole subjects, whole sentences. */
  readonly intervals: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** What is odd about the answers, a sentence each. */
  readonly findings: readonly string[];
}

export const ANSWERS = 'answers.json';

export interface AnsweredSplit {
  readonly plan: Plan;
  readonly finishers: Finishers;
  readonly split: string;
  /** What the split is called in sentences, where that is not its name. */
  readonly called?: string;
  readonly collected: Collected;
  readonly rows: readonly RowName[];
  /** Numbers that a metric may go through for its interval. */
  readonly budget?: number;
}

/** What answers show by themselves: how sure each metric is by the number of examples, and what is odd. */
export function classAnswers({ plan, finishers, split, called = split, collected, rows, budget = BUDGET }: AnsweredSplit): ClassAnswers {
  const names = classNames(plan.data);
  const targets = targetsOf(collected, names.length);
  const { clusters, groups } = clustersOf(rows, collected);
  const intervals = intervalsOf({ plan, finishers, split, collected, targets, clusters, budget });
  const count = (of: 'right' | 'answered'): readonly number[] => {
    const counts = names.map(() => 0);
    for (const target of targets) counts[target[of]] = (counts[target[of]] ?? 0) + 1;
    return counts;
  };
  const accuracy = accuracyOf(targets, clusters);
  return {
    split,
    examples: collected.output.shape[0] ?? 0,
    ...(groups !== undefined && { groups }),
    digest: digestOf(collected, rows),
    intervals,
    findings: oddAnswers({
      split: called,
      classes: names,
      right: count('right'),
      answered: count('answered'),
      spread: spreadOf(collected, targets, names.length),
      ...(roleOf(plan.data, `${split}/loss`) === 'test' && { accuracy }),
      drawn: groups === undefined ? plural(clusters.length, 'example') : `${groups} subjects`,
    }),
  };
}

const digestOf = ({ target }: Collected, rows: readonly RowName[]): string =>
  createHash('sha256').update(JSON.stringify(rows)).update(target.values).digest('hex').slice(0, 16);

/** A target that has weight: where its numbers stand, in which example, and the classes. */
export interface Target {
  readonly at: number;
  readonly example: number;
  readonly right: number;
  readonly answered: number;
}

export function targetsOf({ output, target, weight }: Collected, classes: number): readonly Target[] {
  const shared = target.values.length / Math.max(1, weight.values.length);
  const each = target.values.length / Math.max(1, output.shape[0] ?? 1);
  const found: Target[] = [];
  for (const [at, right] of target.values.entries()) {
    if ((weight.values[Math.floor(at / shared)] ?? 0) === 0 || right < 0) continue;
    const outputs = output.values.subarray(at * classes, (at + 1) * classes);
    let answered = 0;
    for (let of = 1; of < classes; of++) if ((outputs[of] ?? 0) > (outputs[answered] ?? 0)) answered = of;
    found.push({ at, example: Math.floor(at / each), right, answered });
  }
  return found;
}

/** Which examples are drawn together: those of a subject where groups are known, else each for itself. */
function clustersOf(
  rows: readonly RowName[],
  { output }: Collected,
): { readonly clusters: readonly (readonly number[])[]; readonly groups?: number } {
  const [examples = 0] = output.shape;
  const isGrouped = rows.length === examples && rows.every(({ group }) => group !== undefined);
  if (!isGrouped) return { clusters: Array.from({ length: examples }, (_, at) => [at]) };
  const found = new Map<string, number[]>();
  for (const [at, { group = '' }] of rows.entries()) {
    const members = found.get(group);
    if (members) members.push(at);
    else found.set(group, [at]);
  }
  return { clusters: [...found.values()], groups: found.size };
}

/** By example, the cluster that it is in. */
function placesOf(clusters: readonly (readonly number[])[]): Int32Array {
  const places = new Int32Array(clusters.reduce((sum, { length }) => sum + length, 0));
  for (const [cluster, members] of clusters.entries()) for (const example of members) places[example] = cluster;
  return places;
}

function accuracyOf(
  targets: readonly Target[],
  clusters: readonly (readonly number[])[],
): { readonly value: number; readonly low: number; readonly high: number } {
  const places = placesOf(clusters);
  const sums = clusters.map(() => ({ hits: 0, all: 0 }));
  for (const { example, right, answered } of targets) {
    const sum = sums[places[example] ?? 0];
    if (!sum) continue;
    sum.hits += Number(right === answered);
    sum.all += 1;
  }
  const value = sums.reduce((total, { hits }) => total + hits, 0) / targets.length;
  const { lower: low, upper: high } = clusteredShare(sums, 0.025);
  return { value, low, high };
}

interface Drawing {
  readonly plan: Plan;
  readonly finishers: Finishers;
  readonly split: string;
  readonly collected: Collected;
  readonly targets: readonly Target[];
  readonly clusters: readonly (readonly number[])[];
  readonly budget: number;
}

/** Metrics that are handed a whole split, and count each example by its weight. */
const BY_WEIGHT: readonly string[] = ['entity_f1', 'area_under_roc', 'area_under_precision_recall', 'log_loss', 'top_k_accuracy'];

/** Numbers that a metric of a run goes through for its interval. */
export const BUDGET = 2e7;
const DRAWS = 1000;
/** With fewer draws the ends of an interval are a matter of luck. */
const FEWEST_DRAWS = 100;

/**
 * Intervals of the metrics whose value can be had again from drawn examples: accuracy exactly (Clopper and Pearson 1934), the others from draws of whole
 * clusters. Where a split is so large that this would take long, there is none.
 */
function intervalsOf({ plan, finishers, split, collected, targets, clusters, budget }: Drawing): ClassAnswers['intervals'] {
  if (clusters.length < 2 || targets.length === 0) return {};
  const places = placesOf(clusters);
  const kinds = new Map(plan.metrics.map(({ key, kind }) => [key, kind]));
  const classes = classNames(plan.data).length;
  const found = new Map<string, readonly [low: number, high: number]>();
  const measured = finishers.filter(({ splits }) => splits.includes(split));
  const ofHits = measured.filter(({ sums }) => Object.keys(sums).toSorted().join() === 'answered,hit,right');
  const byWeight = measured.filter(({ key, collects }) => collects && BY_WEIGHT.includes(kinds.get(key) ?? ''));

  /** All metrics of one kind are asked of the same draws. `each`: numbers that one of them goes through for a draw. */
  function draw(metrics: Finishers, most: number, each: number, gather: (times: Int32Array) => Gathered): void {
    const draws = Math.min(most, Math.floor(budget / each));
    if (metrics.length === 0 || draws < FEWEST_DRAWS) return;
    const { integer } = createStreams(plan.seed).stream(`intervals/${split}/${metrics === ofHits ? 'hits' : 'weights'}`);
    const valuesOf = (times: Int32Array): readonly number[] => {
      const gathered = gather(times);
      return metrics.map(({ finish }) => finish(gathered).value);
    };
    const intervals = clusterIntervals(clusters.length, valuesOf, integer, { draws });
    for (const [index, { key }] of metrics.entries()) found.set(key, intervals[index] ?? [Number.NaN, Number.NaN]);
  }
  draw(ofHits, DRAWS, targets.length, (times) => ({ sums: hitsOf(targets, places, times, classes) }));
  draw(byWeight, DRAWS / 5, 8 * classes * targets.length, (times) => ({
    sums: {},
    collected: { ...collected, weight: drawnWeight(collected, places, times) },
  }));
  const { low, high } = accuracyOf(targets, clusters);
  for (const { key } of measured) if (kinds.get(key) === 'accuracy') found.set(key, [low, high]);
  return Object.fromEntries(
    measured.flatMap(({ key }) => {
      const interval = found.get(key);
      return interval ? [[key, interval] as const] : [];
    }),
  );
}

function hitsOf(targets: readonly Target[], places: Int32Array, times: Int32Array, classes: number) {
  const [hit, right, answered] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)];
  for (const target of targets) {
    const weight = times[places[target.example] ?? 0] ?? 0;
    right[target.right] = (right[target.right] ?? 0) + weight;
    answered[target.answered] = (answered[target.answered] ?? 0) + weight;
    if (target.right === target.answered) hit[target.right] = (hit[target.right] ?? 0) + weight;
  }
  return { hit, right, answered };
}

function drawnWeight({ output, weight }: Collected, places: Int32Array, times: Int32Array): Collected['weight'] {
  const each = weight.values.length / Math.max(1, output.shape[0] ?? 1);
  return { shape: weight.shape, values: weight.values.map((value, at) => value * (times[places[Math.floor(at / each)] ?? 0] ?? 0)) };
}

/** The largest difference that a class's probability has between two answers. */
function spreadOf({ output }: Collected, targets: readonly Target[], classes: number): number {
  const [least, most] = [new Float64Array(classes).fill(1), new Float64Array(classes)];
  const shares = new Float64Array(classes);
  for (const { at } of targets) {
    softmax(output.values.subarray(at * classes, (at + 1) * classes), shares);
    for (let of = 0; of < classes; of++) {
      least[of] = Math.min(least[of] ?? 1, shares[of] ?? 0);
      most[of] = Math.max(most[of] ?? 0, shares[of] ?? 0);
    }
  }
  return most.reduce((spread, value, of) => Math.max(spread, value - (least[of] ?? 0)), 0);
}

/** How far other examples might move what was measured, a sentence for a split. */
export function intervalNotes({ split, examples, groups, intervals }: ClassAnswers): readonly string[] {
  const told = Object.entries(intervals).map(([name, [low, high]]) => `${name} ${formatMeasure(low, 3)} to ${formatMeasure(high, 3)}`);
  if (told.length === 0) return [];
  const drawn = groups === undefined ? plural(examples, 'example') : `${plural(examples, 'example')} of ${groups} subjects`;
  return [`Other data as these ${drawn} of ${split} would give, 95 times of 100: ${told.join(', ')}.`];
}

/** What a run keeps of its answers; nothing where it has none, or a record was cut. */
export function readAnswers(store: Store, run: RunPlace): readonly ClassAnswers[] {
  const file = join(run.folder, 'artifacts', ANSWERS);
  // Most runs of a large table may keep none: asking first is cheaper than an error.
  if (!store.files.stat(file)) return [];
  try {
    const kept: unknown = JSON.parse(readIfThere(store.files, file) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each): each is ClassAnswers => isObject(each) && Array.isArray(each['findings'])) : [];
  } catch {
    return [];
  }
}
