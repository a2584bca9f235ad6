import { Type } from '../../language/type.js';
import { mean } from '../../statistics/means.js';
import { defineStage, type Collected } from '../stage.js';
import { countCells, eachValue, measuredByCell } from './cells.js';
import { reportUnlessRead } from './values.js';

/**
 * `1 - sum (y - f)^2 / sum (y - m)^2` with `y` the target, `f` the output and `m` the mean of the split's own `y`: a share of the variance, at most 1,
 * without a unit; below 0 the mean of the split would have been nearer. Of several outputs it is the mean of each one's own, as in scikit-learn's
 * `r2_score`. NaN with fewer than two examples, or where an output never changes; scikit-learn gives 1 or 0 there. Of a series that drifts a
 * high value shows no skill: the mean is far from everything.
 */
export const r2 = defineStage({
  slot: 'metric',
  kind: 'r2',
  version: 1,
  summary: 'Share of the variance that is explained: 1 at best, 0 for always answering the mean of the split.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessRead('r2', upstream, report);
    return { better: 'higher', deterministic: true, unit: '', most: 1, collects: true };
  },

  create: (_tools, _options, _spec, { data }) => ({
    evaluate(split) {
      const cells = explained(split);
      return measuredByCell(mean(cells), cells, data, 'R²');
    },
  }),
});

/** In each cell, the part of the variance that is explained. */
function explained(split: Collected): readonly number[] {
  const zeros = (): number[] => Array.from({ length: countCells(split) }, () => 0);
  const [rows, counts, sums, errors, deviations] = [zeros(), zeros(), zeros(), zeros(), zeros()];
  const add = (to: number[], cell: number, what: number): void => void (to[cell] = (to[cell] ?? 0) + what);
  eachValue(split, ({ cell, truth, weight }) => {
    add(rows, cell, 1);
    add(counts, cell, weight);
    add(sums, cell, weight * truth);
  });
  const means = sums.map((sum, cell) => sum / (counts[cell] ?? Number.NaN));
  eachValue(split, ({ cell, truth, forecast, weight }) => {
    add(errors, cell, weight * (truth - forecast) ** 2);
    add(deviations, cell, weight * (truth - (means[cell] ?? Number.NaN)) ** 2);
  });
  return errors.map((error, cell) => {
    const deviation = deviations[cell] ?? Number.NaN;
    return (rows[cell] ?? 0) < 2 || deviation === 0 ? Number.NaN : 1 - error / deviation;
  });
}
