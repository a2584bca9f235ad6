import { plain } from '../../diagnostics/numbers.js';
import { ANYWHERE, type Interval } from '../../statistics/means.js';
import { position } from '../verdicts/verdict.js';
import type { ColumnConfig } from './document.js';
import { withWorst } from './pairs.js';
import { type CellRuns, type Series, seriesOf } from './samples.js';

/** What a column takes over the seeds of a row. */
export type OverSeeds = NonNullable<ColumnConfig['over_seeds']>;

type Share = 'failures' | Extract<OverSeeds, { kind: 'share' }>;
type Kind = Exclude<OverSeeds, object> | Extract<OverSeeds, object>['kind'];

export const kindOver = (overSeeds: OverSeeds = 'mean'): Kind => (typeof overSeeds === 'string' ? overSeeds : overSeeds.kind);

/** The column counts runs: how many diverged, or keep a limit. */
export const countsRuns = (overSeeds: OverSeeds | undefined): overSeeds is Share => ['failures', 'share'].includes(kindOver(overSeeds));

/** What a column takes, in a sentence: `takes the median over the seeds`. */
export function takesWhat(overSeeds: OverSeeds): string {
  if (typeof overSeeds === 'string')
    return {
      mean: 'takes the mean over the seeds',
      median: 'takes the median over the seeds',
      interquartile_mean: 'takes the interquartile mean over the seeds',
      failures: 'counts the runs that diverged',
    }[overSeeds];
  return overSeeds.kind === 'best_of' ? `takes the best of each ${overSeeds.k} seeds` : 'counts the runs that keep a limit';
}

/** How a heading goes on: `loss, median`, `exact match, runs ≥ 0.95`; nothing of a mean. */
export function headingOver(overSeeds: OverSeeds = 'mean'): string | undefined {
  if (typeof overSeeds === 'string')
    return { mean: undefined, median: 'median', interquartile_mean: 'interquartile mean', failures: 'diverged runs' }[overSeeds];
  return overSeeds.kind === 'best_of' ? `best of ${overSeeds.k}` : `runs ${limitText(overSeeds)}`;
}

const limitText = ({ at_least: least, at_most: most = Number.NaN }: Extract<OverSeeds, { kind: 'share' }>): string =>
  least === undefined ? `≤ ${plain(most)}` : `≥ ${plain(least)}`;

type Taken = { readonly overSeeds?: OverSeeds | undefined; readonly each?: 'split' | undefined };

/** One thing that is counted: a seed, a split of the data with all its seeds, or a block of seeds of which the best counts. */
export const nounOf = ({ overSeeds, each }: Taken): string =>
  typeof overSeeds === 'object' && overSeeds.kind === 'best_of' ? `block of ${overSeeds.k} seeds` : (each ?? 'seed');

/** How many runs one thing that is counted takes. */
export const runsOfOne = ({ overSeeds }: Taken): number =>
  typeof overSeeds === 'object' && overSeeds.kind === 'best_of' ? overSeeds.k : 1;

/**
 * The values of a cell as its column takes them:
 *
 *     mean                          as they are
 *     median, interquartile_mean    a diverged seed is the worst value there is, unless `excludesDiverged`
 *     best_of k                     of each k seeds in the order of the document the best value; a block diverged where all of it did, and counts
 *                                   only as a whole
 *     failures                      1 of a seed that diverged, 0 of one that finished
 *     share                         1 of a run that keeps the limit, 0 of one that does not or that diverged
 */
export function judgedSeries(runs: CellRuns, excludesDiverged = false): Series {
  const all = seriesOf(runs);
  const { overSeeds, better = 'lower' } = runs;
  if (overSeeds === undefined || overSeeds === 'mean') return all;
  const series = { ...(excludesDiverged ? { ...all, diverged: [] } : all), overSeeds };
  if (overSeeds === 'median' || overSeeds === 'interquartile_mean') return withWorst(series, better);
  if (countsRuns(overSeeds)) return counted(series, overSeeds);
  return inBlocks(series, overSeeds.k, better, runs.seeds);
}

function counted(series: Series, overSeeds: Share): Series {
  const { finished, diverged, unrecorded } = series;
  const isFailure = overSeeds === 'failures';
  const sound = isFailure ? [...finished.map(({ seed }) => seed), ...unrecorded].map((seed) => ({ seed, value: 0 })) : finished;
  const values = [
    ...sound.map(({ seed, value }) => ({ seed, value: !isFailure && keeps(overSeeds, value) ? 1 : 0 })),
    ...diverged.map((seed) => ({ seed, value: isFailure ? 1 : 0 })),
  ].toSorted((a, b) => a.seed - b.seed);
  return { ...series, range: [0, 1], finished: values, diverged: [], unrecorded: isFailure ? [] : unrecorded };
}

function keeps({ at_least: low = -Infinity, at_most: high = Infinity }: Extract<OverSeeds, { kind: 'share' }>, value: number): boolean {
  const zone: Interval = [low, high];
  return position([value, value], zone) === 'inside';
}

function inBlocks(series: Series, k: number, better: 'lower' | 'higher', seeds: readonly number[]): Series {
  const blocks = Array.from({ length: Math.floor(seeds.length / k) }, (_, index) => seeds.slice(index * k, (index + 1) * k));
  const values = new Map(series.finished.map(({ seed, value }) => [seed, value]));
  const [diverged, unrecorded, crashed] = [new Set(series.diverged), new Set(series.unrecorded), new Set(series.crashed)];
  const isOf = (group: ReadonlySet<number>) => (block: readonly number[]) => block.some((seed) => group.has(seed));
  const firsts = (found: readonly (readonly number[])[]): readonly number[] => found.flatMap(([first]) => first ?? []);
  const whole = blocks.filter((block) => block.every((seed) => values.has(seed) || diverged.has(seed)));
  const best = better === 'lower' ? Math.min : Math.max;
  return {
    ...series,
    wanted: blocks.length,
    finished: whole.flatMap((block) => {
      const ofBlock = block.flatMap((seed) => values.get(seed) ?? []);
      return ofBlock.length === 0 ? [] : [{ seed: block[0] ?? 0, value: best(...ofBlock) }];
    }),
    diverged: firsts(whole.filter((block) => !isOf(new Set(values.keys()))(block))),
    unrecorded: firsts(blocks.filter(isOf(unrecorded))),
    crashed: firsts(blocks.filter(isOf(crashed))),
    senseless: [],
  };
}

/** Where values of a column can lie: those of its metric, or of a share. */
export const rangeOver = ({ overSeeds, range = ANYWHERE }: Pick<CellRuns, 'overSeeds' | 'range'>): Interval =>
  countsRuns(overSeeds) ? [0, 1] : range;
