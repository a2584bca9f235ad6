import { formatSetting, plural } from '../../diagnostics/numbers.js';
import { Type } from '../../language/type.js';
import { conformalReach, fewestResiduals } from '../../statistics/conformal.js';
import { defineStage, VALIDATION } from '../stage.js';
import { absoluteResiduals, meanOverCells } from './cells.js';
import { reportUnlessRead } from './values.js';

/**
 * The share of the targets that lie in their intervals: `mean [|y - f| <= r]` with `y` the target, `f` the output, and `r` the half width of an
 * interval of this level, one for each step ahead and target, from the forecasts of validation (split conformal prediction; Lei et al. 2018). The
 * intervals are those of `retable forecast`. Near the level is good, above it intervals are wider than they say, below it too narrow.
 */
export const coverage = defineStage({
  slot: 'metric',
  kind: 'coverage',
  version: 1,
  summary: 'The share of targets that lie inside of prediction intervals; the width of the intervals comes from the validation errors.',
  options: Type.Object({
    level: Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.95,
      description: 'The share of targets that the intervals should hold: 0.8.',
    }),
  }),

  plan({ level }, upstream, report) {
    reportUnlessRead('coverage', upstream, report);
    const { examples } = upstream.data.splits[VALIDATION] ?? {};
    const needed = fewestResiduals(level);
    if (examples !== undefined && examples < needed) {
      report({
        code: 'too-few-to-validate',
        path: ['level'],
        message: `intervals of ${formatSetting(100 * level)} % take ${plural(needed, 'example')} of validation, and there ${examples === 1 ? 'is' : 'are'} ${examples}`,
        help:
          examples < 2
            ? 'hold more of the data out for validation'
            : `write a level of at most ${Math.floor((1000 * examples) / (examples + 1)) / 1000}`,
      });
    }
    return { better: 'higher', deterministic: true, unit: 'share', collects: true, calibrates: true };
  },

  create: (_tools, { level }, _spec, { data }) => ({
    evaluate(split, validating) {
      const reaches = validating ? absoluteResiduals(validating).map((residuals) => conformalReach(residuals, level)) : [];
      const holds = (truth: number, forecast: number, cell: number): number => {
        const reach = reaches[cell];
        return reach === undefined ? Number.NaN : Number(Math.abs(truth - forecast) <= reach);
      };
      return meanOverCells(data, `coverage of intervals of ${formatSetting(100 * level)} %`, holds).evaluate(split);
    },
  }),
});
