import { quantile } from '../loss/quantile.js';
import { defineStage } from '../stage.js';
import { meanOverCells } from './cells.js';
import { reportUnlessRead } from './values.js';

/**
 * The mean over all elements of `max(q d, (q - 1) d)`, `d = target - output`, in the target's own unit: how far the output is from being the quantile
 * `q`. As scikit-learn's `mean_pinball_loss`; at 0.5 it is half of the mean absolute error, and others double it.
 */
export const pinball = defineStage({
  slot: 'metric',
  kind: 'pinball',
  version: 1,
  summary: 'Pinball loss: how far the outputs are from the wanted quantile of the targets.',
  options: quantile.options,

  plan(_, upstream, report) {
    reportUnlessRead('pinball', upstream, report);
    return { better: 'lower', deterministic: true, unit: '', least: 0, collects: true };
  },

  create: (_tools, { quantile: q }, _spec, { data }) =>
    meanOverCells(data, `pinball loss of the quantile ${q}`, (y, f) => Math.max(q * (y - f), (q - 1) * (y - f))),
});
