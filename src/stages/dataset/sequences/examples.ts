import type { Batch, Fact, Fitted, Numbers, SplitSpec } from '../../stage.js';
import type { Parts, Sequence } from './gather.js';
import type { Options } from './options.js';

/** A sequence as a model sees it. */
export interface Example {
  readonly length: number;
  /** `[length, features]` */
  readonly input: Float32Array;
  readonly target: Numbers;
  /** The target in the unit of the file, where the model learns another number. */
  readonly truth?: Float32Array;
}

export function toExample({ length, features, targets }: Sequence, { task }: Options, fitted: Fitted): Example {
  const { means, deviations, classes = [], targetScale: scale } = fitted;
  const input = Float32Array.from(means && deviations ? scaled(features, { means, deviations }) : features);
  if (task === 'classification') return { length, input, target: Int32Array.from(targets, (name) => classes.indexOf(String(name))) };
  const truth = Float32Array.from(targets, Number);
  if (!scale) return { length, input, target: truth };
  return { length, input, target: Float32Array.from(targets, (y) => (Number(y) - scale.mean) / scale.deviation), truth };
}

/** The input that only `decode` is handed: the target in the unit of the file. */
export const TRUTH = 'truth';

/** A batch, filled up with zeros: short sequences at their end, missing ones whole. */
export function fill(chosen: readonly Example[], { batchSize, inputs, target: to, masked }: SplitSpec): Batch {
  const [time = 1, width = 1] = inputs.input.shape;
  const answers = to.axes.includes('time') ? time : 1;
  const input = new Float32Array(batchSize * time * width);
  const target = to.dtype === 'int32' ? new Int32Array(batchSize * answers) : new Float32Array(batchSize * answers);
  const truth = inputs[TRUTH] && new Float32Array(batchSize * answers);
  const mask = new Float32Array(batchSize * time);
  for (const [row, example] of chosen.entries()) {
    input.set(example.input, row * time * width);
    target.set(example.target, row * answers);
    if (example.truth) truth?.set(example.truth, row * answers);
    mask.fill(1, row * time, row * time + example.length);
  }
  return {
    inputs: { input, ...(truth && { [TRUTH]: truth }) },
    target,
    weight: new Float32Array(batchSize).fill(1, 0, chosen.length),
    ...(masked ? { mask } : {}),
  };
}

/** By feature: what is subtracted from it, and what the rest is divided by. */
export type Scales = Required<Pick<Fitted, 'means' | 'deviations'>>;

/**
 * Mean and standard deviation of each feature over the steps that train, each real step counting alike. A feature that never changes has the
 * deviation 1, so that it is only moved to 0.
 */
export function fitScales(trained: readonly Pick<Sequence, 'length' | 'features'>[], width: number): Scales {
  const steps = trained.reduce((total, { length }) => total + length, 0);
  const meanOf = (value: (x: number, feature: number) => number): Float64Array => {
    const sums = new Float64Array(width);
    for (const { features } of trained) {
      for (let i = 0; i < features.length; i++) sums[i % width] = (sums[i % width] ?? 0) + value(features[i] ?? 0, i % width);
    }
    return sums.map((sum) => sum / steps);
  };
  const mean = meanOf((x) => x);
  const deviation = meanOf((x, feature) => (x - (mean[feature] ?? 0)) ** 2).map((variance, feature) => {
    const changes = Math.sqrt(variance) > ROUNDING * Math.abs(mean[feature] ?? 0);
    return changes ? Math.sqrt(variance) : 1;
  });
  return { means: [...mean], deviations: [...deviation] };
}

/** Of a mean in double, with room to spare. */
const ROUNDING = 1e-12;

/** Mean and standard deviation of the numbers that train as answers. */
export function fitTarget(trained: readonly Sequence[]): NonNullable<Fitted['targetScale']> {
  const targets = trained.map(({ targets: answers }) => ({ length: answers.length, features: Float64Array.from(answers, Number) }));
  const { means, deviations } = fitScales(targets, 1);
  return { mean: means[0] ?? 0, deviation: deviations[0] ?? 1 };
}

/** Scales of the run that weights come from, for every feature that it knows; features without names are told apart by their place. */
export function inheritScales(own: Scales, names: readonly string[], { features, means, deviations }: Fitted): Scales {
  const places = names.map((name, at) => (features ? features.indexOf(name) : at));
  const taken = (theirs: readonly number[] | undefined, ours: readonly number[]): readonly number[] =>
    ours.map((value, at) => theirs?.[places[at] ?? -1] ?? value);
  return { means: taken(means, own.means), deviations: taken(deviations, own.deviations) };
}

/** `(x - mean) / deviation` of `[length, features]`, feature by feature. */
function scaled(features: Float64Array, { means, deviations }: Scales): Float64Array {
  const width = means.length;
  return features.map((x, i) => (x - (means[i % width] ?? 0)) / (deviations[i % width] ?? 1));
}

/** What is worth knowing of one's own data before training. */
export function describeParts(parts: Parts, task: 'classification' | 'regression'): readonly Fact[] {
  const all = [...parts.values()].flat();
  if (all.length === 0) return [];
  const lengths = all.map(({ length }) => length);
  const steps = lengths.reduce((a, b) => a + b, 0);
  const [shortest, longest] = [lengths.reduce((a, b) => Math.min(a, b)), lengths.reduce((a, b) => Math.max(a, b))];
  return [
    { key: 'sequences', name: 'sequences', value: [...parts].map(([split, { length }]) => `${length} ${split}`).join(', ') },
    { key: 'steps', name: 'steps', value: steps },
    {
      key: 'sequence-steps',
      name: 'steps of a sequence',
      value: shortest === longest ? shortest : `${shortest} to ${longest}, ${(steps / all.length).toFixed(1)} on average`,
    },
    ...(task === 'classification' ? [{ key: 'classes', name: 'classes', value: describeClasses(all) }] : describeTargets(all)),
  ];
}

/**
 * By split, what the one best answer that training knows reaches: its most frequent class, by `accuracy`; its median, by `mean_absolute_error`.
 */
export function bestConstant(parts: Parts, task: 'classification' | 'regression'): Readonly<Record<string, number>> {
  const answer = task === 'classification' ? mostFrequent(parts.get('train') ?? []) : median(parts.get('train') ?? []);
  if (answer === undefined) return {};
  return Object.fromEntries(
    [...parts].flatMap(([split, sequences]): readonly (readonly [string, number])[] => {
      const targets = sequences.flatMap((sequence) => sequence.targets);
      if (targets.length === 0) return [];
      const meanOf = (score: (target: string | number) => number): number =>
        targets.reduce<number>((total, target) => total + score(target), 0) / targets.length;
      return typeof answer === 'string'
        ? [[`${split}/accuracy`, meanOf((target) => (String(target) === answer ? 1 : 0))]]
        : [[`${split}/mean_absolute_error`, meanOf((target) => Math.abs(Number(target) - answer))]];
    }),
  );
}

const mostFrequent = (trained: readonly Sequence[]): string | undefined => [...count(trained)].toSorted(([, a], [, b]) => b - a)[0]?.[0];

function median(trained: readonly Sequence[]): number | undefined {
  const sorted = Float64Array.from(
    trained.flatMap(({ targets }) => targets),
    Number,
  ).toSorted();
  return sorted[Math.floor(sorted.length / 2)];
}

function describeClasses(all: readonly Sequence[]): string {
  const counts = [...count(all)].toSorted(([, a], [, b]) => b - a);
  const shown = counts.slice(0, MOST_SHOWN).map(([name, times]) => `${name} ${times}`);
  return `${counts.length}: ${shown.join(', ')}${counts.length > MOST_SHOWN ? ', …' : ''}`;
}

const MOST_SHOWN = 10;

function describeTargets(all: readonly Sequence[]): readonly Fact[] {
  const targets = all.flatMap((sequence) => sequence.targets.map(Number));
  const [least, most] = [targets.reduce((a, b) => Math.min(a, b)), targets.reduce((a, b) => Math.max(a, b))];
  return [{ key: 'targets', name: 'targets', value: `${Number(least.toPrecision(4))} to ${Number(most.toPrecision(4))}` }];
}

function count(all: readonly Sequence[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { targets } of all) for (const target of targets) counts.set(String(target), (counts.get(String(target)) ?? 0) + 1);
  return counts;
}
