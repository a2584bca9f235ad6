import type { ExperimentConfig, ResolvedConfig } from './experiment.js';

/**
 * What is repeated of one configuration: a seed is another draw of what chance decides, a fold another stretch of the data to learn from and to
 * be tested on. Folds share most of their training data, so their spread is no standard error: results are averaged over the folds of a seed
 * first, and whatever is said of spread is about the seeds.
 */
export interface Replicate {
  readonly seed: number;
  /** From 1; undefined where a study names no folds. */
  readonly fold?: number;
}

/** What a document comes to with another seed, and another fold where one is named. */
export const withReplicate = (config: ResolvedConfig, { seed, fold }: Replicate): ResolvedConfig => ({
  ...config,
  values: { ...config.values, seed, ...(fold !== undefined && { fold }) },
});

/** `seed 1`, `seed 1, fold 3` */
export const describeReplicate = ({ seed, fold }: Replicate): string =>
  fold === undefined ? `seed ${seed}` : `seed ${seed}, fold ${fold}`;

/** How many folds the data of an experiment are cut into; undefined where they have none. */
export const foldCount = ({ dataset }: Pick<ExperimentConfig, 'dataset'>): number | undefined =>
  (dataset['folds'] as { readonly count?: number } | undefined)?.count;
