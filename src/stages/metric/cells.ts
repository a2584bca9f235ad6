import { mean } from '../../statistics/means.js';
import type { BarsView, CurveView } from '../../views/view.js';
import type { Collected, CollectingMetric, Data, DataSpec, Measured } from '../stage.js';

/*
 * Metrics of forecasts, in double over a whole split. A cell is a place on the last axis of the target; where a dataset says that these are steps
 * ahead and targets (`outputs`), cell `step * names.length + name` is one target at one step, and a metric shows what each of them comes to.
 */

/** How many cells a split has; 1 where the target has no axis besides those that the weight has too. */
export const countCells = ({ target, weight }: Collected): number =>
  target.shape.length > weight.shape.length ? (target.shape.at(-1) ?? 1) : 1;

/** Goes through all numbers that have a weight, in their order. */
export function eachValue(
  split: Collected,
  see: (value: { readonly cell: number; readonly truth: number; readonly forecast: number; readonly weight: number }) => void,
): void {
  const { output, target, weight: weights } = split;
  const cells = countCells(split);
  const shared = target.values.length / weights.values.length;
  for (let at = 0; at < target.values.length; at++) {
    const weight = weights.values[Math.floor(at / shared)] ?? 0;
    if (weight > 0) see({ cell: at % cells, truth: target.values[at] ?? Number.NaN, forecast: output.values[at] ?? Number.NaN, weight });
  }
}

/** How far each number of a split was off, by cell, in the order of its rows. */
export function absoluteResiduals(split: Collected): readonly (readonly number[])[] {
  const residuals = Array.from({ length: countCells(split) }, (): number[] => []);
  eachValue(split, ({ cell, truth, forecast }) => void residuals[cell]?.push(Math.abs(truth - forecast)));
  return residuals;
}

/** The mean of a score in each cell; NaN where nothing has a weight. */
function cellMeans(split: Collected, score: (truth: number, forecast: number, cell: number) => number): readonly number[] {
  const [sums, counts] = [new Float64Array(countCells(split)), new Float64Array(countCells(split))];
  eachValue(split, ({ cell, truth, forecast, weight }) => {
    sums[cell] = (sums[cell] ?? 0) + weight * score(truth, forecast, cell);
    counts[cell] = (counts[cell] ?? 0) + weight;
  });
  return Array.from(sums, (sum, cell) => sum / (counts[cell] ?? Number.NaN));
}

/**
 * The mean of a score over all numbers of a split, and what it is in each cell. `finish` is applied to either: a square root of the mean of squares
 * is no mean of square roots.
 */
export const meanOverCells = (
  data: Data,
  title: string,
  score: (truth: number, forecast: number, cell: number) => number,
  finish: (mean: number) => number = (value) => value,
): CollectingMetric => ({
  evaluate(split) {
    // A row has one weight for all of its cells, so the mean over the cells is the mean over all numbers.
    const means = cellMeans(split, score);
    return measuredByCell(finish(mean(means)), means.map(finish), data, title);
  },
});

/** A value with what it is in each cell, where there are several and the dataset says what they are. */
export const measuredByCell = (value: number, cells: readonly number[], { outputs }: DataSpec, title: string): Measured =>
  outputs && cells.length > 1 ? { value, view: viewOf(cells, outputs, title) } : value;

/** Steps ahead from left to right, one line for each target; a single step has a bar for each. */
function viewOf(cells: readonly number[], { steps, names }: NonNullable<DataSpec['outputs']>, title: string): CurveView | BarsView {
  const at = (step: number, index: number): number => cells[step * names.length + index] ?? Number.NaN;
  if (steps === 1) return { kind: 'bars', x: 'target', y: title, bars: names.map((name, index) => ({ name, value: at(0, index) })) };
  return {
    kind: 'curve',
    x: 'steps ahead',
    y: title,
    lines: names.map((name, index) => ({ name, points: Array.from({ length: steps }, (_, step) => [step + 1, at(step, index)] as const) })),
  };
}
