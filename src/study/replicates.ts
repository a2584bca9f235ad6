import type { Problem } from '../diagnostics/diagnostic.js';
import { plural } from '../diagnostics/numbers.js';
import type { ResolvedConfig } from '../language/experiment.js';
import { Type } from '../language/type.js';
import { foldCount, type Replicate } from '../language/replicate.js';

const count = (most: number) => Type.Integer({ minimum: 1, maximum: most, examples: [5] });
const list = Type.Array(Type.Integer({ minimum: 0, examples: [1] }), { minItems: 1, uniqueItems: true });

/** Replicates of a sweep's configurations: a number, or a list of seeds. */
export const seedsSchema = Type.Either([count(100_000), list], {
  default: 1,
  description: 'Seeds of every configuration: 5 stands for the seeds 1 to 5; or a list.',
});

/** The most seeds of a row. */
const MOST_SEEDS = 10_000;

const stages = Type.Object(
  {
    stages: Type.Array(Type.Integer({ minimum: 1, maximum: MOST_SEEDS, examples: [5] }), {
      minItems: 2,
      description: 'Seeds of a row at each stage, growing. After each, its claims are judged; a row whose claims are decided gets no more.',
    }),
    until: Type.Optional(
      Type.Integer({ minimum: 1, otherwise: 'the last stage', examples: [10], description: 'The stage to stop at for now, by its seeds.' }),
    ),
  },
  { description: 'As many seeds as it takes to decide.' },
);

/** Replicates of a table's rows: a number, a list of seeds, or as many as it takes. */
export const tableSeedsSchema = Type.Either([count(MOST_SEEDS), list, stages], {
  default: 5,
  description: 'Seeds of every row: 5 stands for the seeds 1 to 5; or a list; or stages, as many as it takes.',
});

export const foldsSchema = Type.Optional(
  Type.Either([Type.Enum(['all']), Type.Array(Type.Integer({ minimum: 1, examples: [1] }), { minItems: 1, uniqueItems: true })], {
    otherwise: 'the one that the experiment says',
    description: 'Folds of the data that are trained with every seed: all, or a list. A result is the mean over the folds of a seed.',
  }),
);

/** How many seeds a row has at each stage, and at which of them to stop for now. */
export interface Stages {
  readonly stages: readonly number[];
  readonly until?: number;
}

export type Seeds = number | readonly number[] | Stages;

interface Replicated {
  readonly seeds: Seeds;
  readonly folds?: 'all' | readonly number[];
}

/** All seeds that there may be: of stages, those of the last one. */
export const seedsOf = ({ seeds }: Pick<Replicated, 'seeds'>): readonly number[] => {
  if (typeof seeds === 'number') return firstSeeds(seeds);
  return areStages(seeds) ? firstSeeds(seeds.until ?? seeds.stages.at(-1) ?? 0) : seeds;
};

/** The seeds 1 to `count`. */
export const firstSeeds = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** The stages in which seeds are added, where they are. */
export const stagesOf = ({ seeds }: Pick<Replicated, 'seeds'>): Stages | undefined => (areStages(seeds) ? seeds : undefined);

const areStages = (seeds: Seeds): seeds is Stages => typeof seeds === 'object' && 'stages' in seeds;

/** The folds that a study names, as far as its data have them; `count`: how many those have. */
export const foldsOf = ({ folds }: Pick<Replicated, 'folds'>, count: number | undefined): readonly number[] | undefined =>
  folds === 'all' ? Array.from({ length: count ?? 0 }, (_, index) => index + 1) : folds?.filter((fold) => fold <= (count ?? fold));

/**
 * What is wrong with the folds that a study names for one of its experiments. `first`: how many the data of its first experiment have; all have as
 * many, since fold 2 of 3 and fold 2 of 5 are tested on other data.
 */
export function problemsOfFolds(
  { folds }: Pick<Replicated, 'folds'>,
  { values }: ResolvedConfig,
  first: number | undefined,
): readonly Problem[] {
  if (folds === undefined) return [];
  const count = foldCount(values);
  if (count === undefined) return [noFolds(values.dataset.kind)];
  if (first !== undefined && first !== count) return [unequalFolds(first, count)];
  return folds === 'all' ? [] : folds.flatMap((fold, index) => (fold > count ? [foldTooFar(index, fold, count)] : []));
}

const noFolds = (kind: string): Problem => ({
  code: 'no-folds',
  path: ['folds'],
  at: 'key',
  message: `the dataset ${kind} of an experiment here has no folds`,
  help: kind === 'series' ? 'write folds: {count: 5} in its dataset, or leave folds out here' : 'leave folds out',
});

const foldTooFar = (index: number, fold: number, count: number): Problem => ({
  code: 'no-folds',
  path: ['folds', index],
  message: `there are ${plural(count, 'fold')}, and fold ${fold} is asked for`,
  help: `write folds: all, or numbers from 1 to ${count}`,
});

const unequalFolds = (one: number, other: number): Problem => ({
  code: 'unequal-folds',
  path: ['folds'],
  at: 'key',
  message: `the experiments here have ${one} and ${other} folds: they would be tested on different data, and are not compared`,
  help: 'give all of them as many folds',
});

/** Every seed with each of its folds, seed by seed. */
export const replicatesOf = (study: Pick<Replicated, 'seeds'>, folds: readonly number[] | undefined): readonly Replicate[] =>
  seedsOf(study).flatMap((seed) => (folds ? folds.map((fold) => ({ seed, fold })) : [{ seed }]));

/** The replicates of each seed, which are its folds where there are some. */
export function bySeed<T>(items: readonly T[], seedOf: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const seeds = new Map<number, T[]>();
  for (const item of items) {
    const seed = seedOf(item);
    seeds.set(seed, [...(seeds.get(seed) ?? []), item]);
  }
  return seeds;
}
