import { formatMeasure, formatSetting } from '../../diagnostics/numbers.js';
import type { RunRecord } from './run-record.js';

/**
 * How a forecast stands to those that need no learning, a sentence for each metric of a split that doesn't train:
 *
 *     skill = 1 - error / error of the best naive forecast
 *
 * Which one is the best is decided on validation, or on training data where there is none, as for any choice.
 */
export function skillNotes({ metrics, baselines = {} }: Pick<RunRecord, 'metrics' | 'baselines'>): readonly string[] {
  return Object.entries(baselines).flatMap(([key, levels]) => {
    const [split = '', name = ''] = key.split('/');
    const error = metrics.get(key)?.at(-1)?.value;
    if (levels['persistence'] === undefined || error === undefined || split === 'train') return [];
    const chosenOn = baselines[`validation/${name}`] ?? baselines[`train/${name}`] ?? levels;
    const [best = 'persistence'] = Object.entries(chosenOn).reduce((a, b) => (b[1] < a[1] ? b : a));
    const told = (naive: string): string => `${naive} has ${formatMeasure(levels[naive] ?? Number.NaN)}`;
    if (!(error < levels['persistence']))
      return [`${key} is no better than persistence: ${formatMeasure(error)}, and ${told('persistence')}.`];
    const level = levels[best] ?? Number.NaN;
    if (!(error < level)) return [`${key} is no better than the best naive forecast: ${formatMeasure(error)}, and ${told(best)}.`];
    return [
      `${key} is better than the best naive forecast by ${formatSetting(100 * (1 - error / level), 2)} %: ${formatMeasure(error)}, and ${told(best)}.`,
    ];
  });
}
