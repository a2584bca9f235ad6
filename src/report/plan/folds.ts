import type { FoldPart } from '../../stages/stage.js';
import { spansChart } from '../kit/chart.js';
import type { Chart } from '../kit/render.js';
import { columnsOf, type PlainTable } from '../kit/tables.js';

/** The folds of a dataset on one line of time, and which of them is trained, from 1. */
export interface FoldTimes {
  readonly folds: readonly (readonly FoldPart[])[];
  readonly trained: number;
}

/** With more folds, the first and the last ones are shown. */
const MOST_FOLDS = 12;
const WIDTH = 36;

/** How parts look in a line of text; what is none of them tests. */
const MARKS: Readonly<Record<string, string>> = { train: '─', validation: '▒' };
const TESTS = '█';

/** A line for each fold: its parts as bars of text, and when they end. */
export function foldTable({ folds, trained }: FoldTimes): PlainTable {
  const steps = Math.max(...folds.flatMap((parts) => parts.map(({ to }) => to)));
  const shown = [...folds.keys()];
  const left = shown.length > MOST_FOLDS ? [...shown.slice(0, MOST_FOLDS / 2), undefined, ...shown.slice(-MOST_FOLDS / 2)] : shown;
  const used = [...new Set(folds.flatMap((parts) => parts.map(({ split }) => split)))];
  return {
    columns: columnsOf('>fold', used.map((split) => `${MARKS[split] ?? TESTS} ${split}`).join('  '), 'trains to', 'tests', ''),
    rows: left.map((index) => {
      const parts = index === undefined ? undefined : folds[index];
      if (index === undefined || !parts) return ['…', '', '', '', ''];
      const [train, last] = [parts[0], parts.at(-1)];
      return [
        String(index + 1),
        barOf(parts, steps),
        train?.ends ?? '',
        last && last !== train ? `${last.begins} to ${last.ends}` : '',
        index + 1 === trained ? 'trained here' : '',
      ];
    }),
  };
}

/** Parts in their order; each has a mark at least. */
function barOf(parts: readonly FoldPart[], steps: number): string {
  const bar = new Array<string>(WIDTH).fill(' ');
  const placeOf = (step: number): number => Math.min(WIDTH - 1, Math.floor((step * WIDTH) / steps));
  for (const { split, from, to } of parts)
    bar.fill(MARKS[split] ?? TESTS, placeOf(from), Math.max(placeOf(from) + 1, Math.round((to * WIDTH) / steps)));
  return bar.join('').trimEnd();
}

/** The folds as a picture, one below the other. */
export const foldChart = ({ folds, trained }: FoldTimes, name: string): Chart =>
  spansChart({
    title: `${name}: folds`,
    subtitle: `fold ${trained} is trained`,
    x: 'time',
    y: 'fold',
    rows: folds.map((parts, index) => ({
      name: String(index + 1),
      spans: parts.map(({ split, from, to }) => ({ name: split, from, to })),
    })),
    // A test begins where the one before it ends.
    told: new Map([
      ...(folds[0]?.slice(0, 1) ?? []).map(({ from, begins }): [number, string] => [from, begins]),
      ...folds.flatMap((parts) =>
        parts
          .slice(1)
          .slice(-1)
          .map(({ from, begins }): [number, string] => [from, begins]),
      ),
    ]),
  });
