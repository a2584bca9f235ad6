import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatCount, formatSetting } from '../../diagnostics/numbers.js';
import { quote } from '../../diagnostics/words.js';
import type { Fitted } from '../stage.js';

type Range = NonNullable<Fitted['ranges']>[string];

/** What values that are there span, and how many they are. */
export const rangeOf = (values: Float64Array): Range => {
  let [least, most, there] = [Infinity, -Infinity, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
    there += 1;
  }
  return { least, most, values: there };
};

/** A share of the test values that may lie outside without a word. */
const FEW = 0.1;

/** How many values lie outside of a range; 0 where they are few, or as many as lie outside by chance. */
export function outsideOf(values: Float64Array, { least, most, values: trained }: Range): number {
  const outside = values.reduce((count, value) => count + (value < least || value > most ? 1 : 0), 0);
  return outside > Math.max(FEW * values.length, outsideByChance(values.length, trained)) ? outside : 0;
}

/** Rarely do more of `m` values lie outside of what `n` others like them span: mean and three deviations of a beta-binomial count, a = 2, b = n - 1. */
function outsideByChance(m: number, n: number): number {
  const mean = (2 * m) / (n + 1);
  const variance = (mean * (n - 1) * (n + 1 + m)) / ((n + 1) * (n + 2));
  return mean + 3 * Math.sqrt(variance);
}

/** Of data that a trained model is asked about: values of a column that lie outside of what it was trained on, where they are more than a few. */
export function reportOutside(name: string, values: Float64Array, range: Range | undefined, isTransformed: boolean): readonly Problem[] {
  const count = range ? outsideOf(values, range) : 0;
  if (!range || count === 0) return [];
  return [
    {
      code: 'outside-the-range-of-train',
      severity: 'warning',
      path: ['file'],
      message: `${formatCount(count)} of ${formatCount(values.length)} values of ${quote(name)}${isTransformed ? ', transformed,' : ''} lie outside of what training saw (${formatSetting(range.least, 4)} to ${formatSetting(range.most, 4)})`,
      help: 'a model knows nothing of values that it never saw: take its answers there with caution',
    },
  ];
}
