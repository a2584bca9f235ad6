import type { DataSpec, MetricSpec, Range, SplitRole } from '../stages/stage.js';
import type { Plan } from './plan.js';

/** What a metric is called in keys, and where it is measured. */
type NamedMetric = Pick<Plan['metrics'][number], 'key' | 'splits'>;

/** The keys of what a run measures, without speed, which no decision should hang on. */
export function scoreKeys({ splits }: Pick<DataSpec, 'splits'>, metrics: readonly NamedMetric[]): readonly string[] {
  const scores = metrics.flatMap(({ key, splits: measured }) => measured.map((split) => `${split}/${key}`));
  return [...new Set([...Object.keys(splits).map((split) => `${split}/loss`), ...scores])];
}

/** What training records of its own pace, on the train split; no metric of a document can be called so. */
export const SPEEDS = {
  examples_per_second: { better: 'higher', deterministic: false, unit: 'per second', least: 0, is: 'speed' },
  tokens_per_second: { better: 'higher', deterministic: false, unit: 'per second', least: 0, is: 'speed' },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** Whether a key is one of training's own speeds. */
export const isPace = (key: string): boolean => Object.hasOwn(SPEEDS, key.slice(key.indexOf('/') + 1));

/** All keys under which a run records metrics. */
export const recordedKeys = ({ data, metrics }: Pick<Plan, 'data' | 'metrics'>): readonly string[] => [
  ...scoreKeys(data, metrics),
  ...Object.keys(SPEEDS)
    .filter((name) => name !== 'tokens_per_second' || data.splits['train']?.tokens !== undefined)
    .map((name) => `train/${name}`),
];

/**
 * By name and `SPLIT/METRIC`, what is reached without learning and known before any run: by the answers that a dataset gives, and as `chance` by the
 * best one that ignores the input.
 */
export function knownAnswers({ baselines = {}, chance }: DataSpec): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const answers: Record<string, Record<string, number>> = {};
  const levels = [...Object.entries(baselines), ...Object.entries(chance).map(([key, level]) => [key, { chance: level }] as const)];
  for (const [key, named] of levels) for (const [name, level] of Object.entries(named)) (answers[name] ??= {})[key] = level;
  return answers;
}

/** What is known of a metric before any run. */
interface MetricFacts extends Pick<MetricSpec, 'better' | 'deterministic' | 'unit'> {
  /** From the least to the most that a value can be; an end is infinite where there is no such. */
  readonly range: readonly [least: number, most: number];
  /** Of the data that it is measured on. */
  readonly role: SplitRole;
  /** The metric tells how fast training was. */
  readonly isSpeed: boolean;
}

/** Which end of a metric is good, what its values are counted in and where they can lie, and whether equal works give equal digits. */
export function factsOfMetric({ data, metrics, loss }: Plan, key: string): MetricFacts {
  const role = roleOf(data, key);
  const name = key.slice(key.indexOf('/') + 1);
  const spec: MetricSpec | undefined = metrics.find((metric) => metric.key === name)?.spec ?? (SPEEDS as Specs)[name];
  if (!spec) return { better: 'lower', deterministic: true, unit: '', range: rangeOf(loss), role, isSpeed: false };
  const { better, deterministic, unit, is } = spec;
  return { better, deterministic, unit, range: unit === 'share' ? [0, 1] : rangeOf(spec), role, isSpeed: is === 'speed' };
}

type Specs = Readonly<Record<string, MetricSpec>>;

const rangeOf = ({ least = -Infinity, most = Infinity }: Range): MetricFacts['range'] => [least, most];

/** What the data are for that a metric is measured on: `test/loss` -> `test`. */
export function roleOf({ splits }: Pick<DataSpec, 'splits'>, key: string): SplitRole {
  const split = key.slice(0, key.indexOf('/'));
  const byName = split === 'train' ? 'train' : CHOOSING.includes(split) ? 'validation' : 'test';
  return splits[split]?.role ?? byName;
}
const CHOOSING: readonly string[] = ['validation', 'valid', 'val', 'dev'];
