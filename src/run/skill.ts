import { formatMeasure, formatSetting } from '../diagnostics/numbers.js';
import type { Levels } from '../train/baselines.js';
import type { RunRecord } from './run-record.js';

/** How a forecast stands to the best one that needs no learning, as a record keeps it. */
export interface Skill {
  readonly split: string;
  /** The naive forecast, as `bestNaive` chooses it. */
  readonly naive: string;
  /** 1 - mean absolute error / that of the naive forecast, and 95 % of what blocks of windows drawn anew come to. */
  readonly skill: number;
  readonly low: number;
  readonly high: number;
  /** What is odd about the forecasts, a sentence each. */
  readonly findings: readonly string[];
}

/** The naive forecast with the least error of this name on validation, on training data where there is none, else on the split itself. */
export function bestNaive(baselines: Levels, split: string, name = 'mean_absolute_error'): string | undefined {
  const levels = ['validation', 'train', split].map((of) => baselines[`${of}/${name}`]).find((found) => found !== undefined);
  return leastOf(levels ?? {})?.[0];
}

const leastOf = (levels: Readonly<Record<string, number>>): readonly [name: string, level: number] | undefined =>
  Object.entries(levels).reduce<readonly [string, number] | undefined>((a, b) => (b[1] < (a?.[1] ?? Infinity) ? b : a), undefined);

/**
 * How a forecast stands to those that need no learning, a sentence for each error of a split that doesn't train:
 *
 *     skill = 1 - error / error of the best naive forecast
 *
 * Which one is the best is decided on validation, or on training data where there is none, as for any choice; where another one does better on the split
 * itself, that is told too. The interval is that of the mean absolute error, from blocks of windows. Of a run that keeps the weights of an earlier epoch,
 * errors are those of that epoch.
 */
export function skillNotes(
  { metrics, baselines = {}, about, kept: epoch = Infinity }: Pick<RunRecord, 'metrics' | 'baselines' | 'about' | 'kept'>,
  kept: readonly Skill[],
): readonly string[] {
  const sentences = Object.entries(baselines).flatMap(([key, levels]) => {
    const [split = '', name = ''] = key.split('/');
    const error = metrics.get(key)?.findLast(({ step }) => step <= epoch)?.value;
    if (levels['persistence'] === undefined || error === undefined || split === 'train' || about[name]?.better === 'higher') return [];
    const best = bestNaive(baselines, split, name) ?? 'persistence';
    const told = (naive: string): string => `${formatMeasure(error)}, and ${naive} has ${formatMeasure(levels[naive] ?? Number.NaN)}`;
    if (!(error < levels['persistence'])) return [`${key} is no better than persistence: ${told('persistence')}.`];
    const level = levels[best] ?? Number.NaN;
    const interval = name === 'mean_absolute_error' ? kept.find((skill) => skill.split === split && skill.naive === best) : undefined;
    if (!(error < level) || (interval && interval.low <= 0))
      return [
        `${key} is no better than the best naive forecast: ${told(best)}${interval ? `; the skill lies at ${range(interval)} %` : ''}.`,
      ];
    const [nearest = best, least = level] = leastOf(levels) ?? [];
    const [lead, atLeast] = [percent(1 - error / level), percent(1 - error / least)];
    const there =
      atLeast === lead
        ? ''
        : `; on the ${split} itself the best of them is ${nearest} with ${formatMeasure(least)}, and this is ${error < least ? `better by ${atLeast} %` : 'no better'}`;
    return [`${key} is better than the best naive forecast by ${lead} %${interval ? ` (${range(interval)})` : ''}: ${told(best)}${there}.`];
  });
  return [...sentences, ...kept.flatMap(({ findings }) => findings)];
}

const percent = (share: number): string => formatSetting(100 * share, 2);
const range = ({ low, high }: Pick<Skill, 'low' | 'high'>): string => `${percent(low)} to ${percent(high)}`;
