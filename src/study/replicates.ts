import type { Problem } from '../diagnostics/diagnostic.js';
import { describeOrigin } from '../language/resolve.js';
import type { Words } from '../diagnostics/words.js';
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

/** The most splits of a table; the seeds of split 3 are 3000 to 3999. */
const MOST_SPLITS = 1000;
export const OF_A_SPLIT = 1000;

const split = Type.Integer({ minimum: 0, maximum: 1_000_000, examples: [1] });

export const splitsSchema = Type.Optional(
  Type.Either([count(MOST_SPLITS), Type.Array(split, { minItems: 1, uniqueItems: true })], {
    otherwise: 'the data are drawn as each experiment says',
    description:
      'Seeds of the data: 3 stands for 1 to 3; or a list. Each is trained with as many seeds as "seeds" says, of its own: 3001, 3002, … of split 3. Its value is the mean over them, and claims are about splits.',
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
  readonly splits?: number | readonly number[];
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

/**
 * What is wrong with the splits that a table names, for the experiment of a row as it is without them. `drawn`: what the seed of its data draws, in
 * words.
 */
export function problemsOfSplits(row: string, { values, origins }: ResolvedConfig, drawn: readonly string[]): readonly Problem[] {
  const at = { path: ['splits'], at: 'key' as const };
  const { kind, seed } = values.dataset;
  if (typeof seed === 'number') return [{ ...at, ...ownDataSeed(row, seed, describeOrigin(origins.get('dataset.seed'))) }];
  return drawn.length === 0 ? [{ ...at, ...nothingDrawn(row, kind) }] : [];
}

const ownDataSeed = (row: string, seed: number, where: string): Words => ({
  code: 'splits-beside',
  message: `the data of the row "${row}" have a seed of their own, ${seed} (${where}), and every split would give them another`,
  help: 'leave dataset.seed out there, or "splits" out here',
});

const nothingDrawn = (row: string, kind: string): Words => ({
  code: 'no-splits',
  message: `the dataset ${kind} of the row "${row}" is the same with every seed: nothing of it is drawn, neither its split nor its examples`,
  help: 'leave "splits" out; seeds are repeated by "seeds" alone',
});

/** The seeds of the data that a table names. */
export const splitsOf = ({ splits }: Pick<Replicated, 'splits'>): readonly number[] | undefined =>
  typeof splits === 'number' ? firstSeeds(splits) : splits;

/**
 * Every seed with each of its folds, seed by seed; or every split with each of its seeds, split by split, so that one is whole as early as can be. Each
 * split has seeds of its own, 3001, 3002, ... of split 3: if all splits had the same seeds, what these do would be the same in the mean of each split, and
 * the spread of the splits would say nothing of it, however many there are. They stay what they are when seeds or splits are added.
 */
export function replicatesOf(study: Pick<Replicated, 'seeds' | 'splits'>, folds: readonly number[] | undefined): readonly Replicate[] {
  const seeds = seedsOf(study);
  const splits = splitsOf(study);
  if (splits) return splits.flatMap((split) => seeds.map((seed) => ({ seed: OF_A_SPLIT * split + seed, split })));
  return seeds.flatMap((seed) => (folds ? folds.map((fold) => ({ seed, fold })) : [{ seed }]));
}

/** What is one sample of a cell, by its number: a split where a table names some, else a seed. */
export const sampleOf = ({ seed, split }: Replicate): number => split ?? seed;

/** The numbers of all samples that a table asks for. */
export const samplesAsked = (study: Pick<Replicated, 'seeds' | 'splits'>): readonly number[] => splitsOf(study) ?? seedsOf(study);

/** The replicates of each sample: the folds of a seed, or the seeds of a split. */
export function bySample<T>(items: readonly T[], numberOf: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const samples = new Map<number, T[]>();
  for (const item of items) {
    const number = numberOf(item);
    samples.set(number, [...(samples.get(number) ?? []), item]);
  }
  return samples;
}
