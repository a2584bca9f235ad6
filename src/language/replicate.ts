import type { ExperimentConfig, ResolvedConfig } from './experiment.js';

/**
 * What is repeated of one configuration: a seed is another draw of what chance decides, a fold another stretch of the data to learn from and to
 * be tested on. Folds share most of their training data, so their spread is no standard error: results are averaged over the folds of a seed
 * first, and whatever is said of spread is about the seeds. A split is another draw of the data (`dataset.seed`): results are averaged over the seeds of
 * a split first, and whatever is said of spread is about the splits.
 */
export interface Replicate {
  readonly seed: number;
  /** From 1; undefined where a study names no folds. */
  readonly fold?: number;
  /** The seed of the data; undefined where a study names no splits. */
  readonly split?: number;
}

/** What a document comes to with another seed, and another fold or split where one is named. */
export const withReplicate = (config: ResolvedConfig, { seed, fold, split }: Replicate): ResolvedConfig => ({
  ...config,
  values: {
    ...config.values,
    seed,
    ...(fold !== undefined && { fold }),
    ...(split !== undefined && { dataset: { ...config.values.dataset, seed: split } }),
  },
});

/** `seed 1`, `seed 1, fold 3`, `seed 1, split 2` */
export const describeReplicate = ({ seed, fold, split }: Replicate): string =>
  [`seed ${seed}`, ...(fold === undefined ? [] : [`fold ${fold}`]), ...(split === undefined ? [] : [`split ${split}`])].join(', ');

/** Fold and split as plain data hold them: left out where there are none. */
export const partOf = ({ fold, split }: { readonly [K in 'fold' | 'split']: number | undefined }): Omit<Replicate, 'seed'> => ({
  ...(fold !== undefined && { fold }),
  ...(split !== undefined && { split }),
});

/** How many folds the data of an experiment are cut into; undefined where they have none. */
export const foldCount = ({ dataset }: Pick<ExperimentConfig, 'dataset'>): number | undefined =>
  (dataset['folds'] as { readonly count?: number } | undefined)?.count;
