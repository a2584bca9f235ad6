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

/** A run as it is held against what needs no learning. */
type Held = Pick<RunRecord, 'metrics' | 'baselines' | 'about' | 'kept'>;

/** One error of a split that doesn't train, beside those of the naive forecasts. */
interface Standing {
  readonly split: string;
  readonly name: string;
  /** Than the naive forecast that was chosen before, and than the best one on the split itself. */
  readonly isBetter: boolean;
  /** With all numbers. */
  readonly sentence: string;
  /** With what it comes to. */
  readonly short: string;
}

/**
 * How a forecast stands to those that need no learning, for each error of a split that doesn't train:
 *
 *     skill = 1 - error / error of the best naive forecast
 *
 * Which one is the best is decided on validation, or on training data where there is none, as for any choice; where another one does better on the split
 * itself, that is told too. The interval is that of the mean absolute error, from blocks of windows. Of a run that keeps the weights of an earlier epoch,
 * errors are those of that epoch.
 */
const standings = ({ metrics, baselines = {}, about, kept: epoch = Infinity }: Held, kept: readonly Skill[]): readonly Standing[] =>
  Object.entries(baselines).flatMap(([key, levels]) => {
    const [split = '', name = ''] = key.split('/');
    const error = metrics.get(key)?.findLast(({ step }) => step <= epoch)?.value;
    if (levels['persistence'] === undefined || error === undefined || split === 'train' || about[name]?.better === 'higher') return [];
    const best = bestNaive(baselines, split, name) ?? 'persistence';
    const told = (naive: string): string => `${formatMeasure(error)}, and ${naive} has ${formatMeasure(levels[naive] ?? Number.NaN)}`;
    const worse = (sentence: string): readonly Standing[] => [{ split, name, isBetter: false, sentence, short: sentence }];
    if (!(error < levels['persistence'])) return worse(`${key} is no better than persistence: ${told('persistence')}.`);
    const level = levels[best] ?? Number.NaN;
    const interval = name === 'mean_absolute_error' ? kept.find((skill) => skill.split === split && skill.naive === best) : undefined;
    if (!(error < level) || (interval && interval.low <= 0))
      return worse(
        `${key} is no better than the best naive forecast: ${told(best)}${interval ? `; the skill lies at ${range(interval)} %` : ''}.`,
      );
    const [nearest = best, least = level] = leastOf(levels) ?? [];
    const isBetter = error < least;
    const [lead, atLeast] = [percent(1 - error / level), percent(1 - error / least)];
    const there =
      atLeast === lead
        ? ''
        : `; on the ${split} itself the best of them is ${nearest} with ${formatMeasure(least)}, and this is ${isBetter ? `better by ${atLeast} %` : 'no better'}`;
    const by = `${key} is better than the best naive forecast by ${lead} %`;
    const sentence = `${by}${interval ? ` (${range(interval)})` : ''}: ${told(best)}${there}.`;
    return [{ split, name, isBetter, sentence, short: isBetter ? `${by}.` : sentence }];
  });

/** What each class of answers comes to without learning, in the words of a sentence. */
const LEARNT_WITHOUT_ORDER: Readonly<Record<string, string>> = {
  majority: 'the most frequent class',
  naive_bayes: 'naive Bayes, which sees words without their order',
  tag_of_token: 'the tag that each word has most often in training',
};

/** How classes stand to answers that need no learning, by the document's first metric on the test, or on what validates. */
function classStanding({
  metrics,
  baselines = {},
  about,
  kept: epoch = Infinity,
}: Held): { readonly isBetter: boolean; readonly sentence: string } | undefined {
  const keys = Object.keys(about).flatMap((name) => ['test', 'validation'].map((split) => `${split}/${name}`));
  const key = keys.find((each) => baselines[each]?.['majority'] !== undefined && metrics.has(each));
  const value = key === undefined ? undefined : metrics.get(key)?.findLast(({ step }) => step <= epoch)?.value;
  if (key === undefined || value === undefined) return undefined;
  const sign = about[key.slice(key.indexOf('/') + 1)]?.better === 'lower' ? -1 : 1;
  const [name, level] = Object.entries(baselines[key] ?? {}).reduce((a, b) => (sign * b[1] > sign * a[1] ? b : a));
  const isBetter = sign * value > sign * level;
  const said = LEARNT_WITHOUT_ORDER[name] ?? name;
  return {
    isBetter,
    sentence: `${key} is ${isBetter ? 'better than' : 'no better than'} ${said}: ${formatMeasure(value)}, and ${name} has ${formatMeasure(level)}.`,
  };
}

/** Of a healthy run, how it stands to what reads the same words without their order; of one that is not, in any case. */
function classSentences(held: Held): readonly string[] {
  const standing = classStanding(held);
  const isOfTexts = Object.values(held.baselines ?? {}).some((levels) => 'naive_bayes' in levels || 'tag_of_token' in levels);
  return standing && (isOfTexts || !standing.isBetter) ? [standing.sentence] : [];
}

/** A sentence for each error, and what is odd about the forecasts. */
export const skillNotes = (run: Held, kept: readonly Skill[]): readonly string[] => [
  ...standings(run, kept).map(({ sentence }) => sentence),
  ...classSentences(run),
  ...findingsOf(kept),
];

/** One sentence, of the document's first error and the test where there is one, and what is odd about the forecasts. */
export function skillWarnings(run: Held, kept: readonly Skill[]): readonly string[] {
  const all = standings(run, kept);
  const first = Object.keys(run.about).find((name) => all.some((standing) => standing.name === name)) ?? all[0]?.name;
  const told = all.filter(({ name }) => name === first).toSorted((a, b) => Number(b.split === 'test') - Number(a.split === 'test'))[0];
  return [...(told ? [told.short] : []), ...classSentences(run), ...findingsOf(kept)];
}

const findingsOf = (kept: readonly Skill[]): readonly string[] => kept.flatMap(({ findings }) => findings);

const percent = (share: number): string => formatSetting(100 * share, 2);
const range = ({ low, high }: Pick<Skill, 'low' | 'high'>): string => `${percent(low)} to ${percent(high)}`;
