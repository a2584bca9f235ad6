import type { ExperimentConfig } from '../language/experiment.js';
import type { DataSpec, MetricSpec } from '../stages/stage.js';
import type { Plan } from './plan.js';

/** The keys of what a run measures, without speed, which no decision should hang on. */
export function scoreKeys(values: ExperimentConfig, data: DataSpec): readonly string[] {
  const splits = Object.keys(data.splits);
  const scores = values.metrics.flatMap((metric) => (metric.splits ?? splits).map((split) => `${split}/${metric.kind}`));
  return [...splits.map((split) => `${split}/loss`), ...scores];
}

/** All keys under which a run records metrics. */
export const recordedKeys = ({ config, data }: Plan): readonly string[] => [
  ...scoreKeys(config.values, data),
  'train/examples_per_second',
  ...(data.splits['train']?.tokens === undefined ? [] : ['train/tokens_per_second']),
];

/** Which end of a metric is good, and what its values are counted in. */
export function factsOfMetric(plan: Plan, key: string): Pick<MetricSpec, 'better' | 'unit'> {
  const name = key.slice(key.indexOf('/') + 1);
  const spec = plan.metrics.find((metric) => metric.key === name)?.spec;
  if (spec) return { better: spec.better, unit: spec.unit };
  return name.endsWith('_per_second') ? { better: 'higher', unit: 'per second' } : { better: 'lower', unit: '' };
}
