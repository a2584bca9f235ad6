import { Type } from '../../language/type.js';
import { classNats, weighted } from '../loss/scores.js';
import { defineStage } from '../stage.js';
import { reportUnlessClasses } from './classes.js';

/** `exp` of the mean negative log probability in nats: the number of equally likely classes that would be as hard to guess. */
export const perplexity = defineStage({
  slot: 'metric',
  kind: 'perplexity',
  version: 1,
  summary: 'Among how many equally likely tokens the model is choosing: exp(mean cross-entropy).',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessClasses('perplexity', upstream, report);
    return { better: 'lower', deterministic: true, unit: '', least: 1 };
  },

  create: (tools) => ({
    score: (output, target, weight) => weighted(tools, classNats(tools, output, target), weight),
    finish: ({ sum, count }) => Math.exp(sum / count),
  }),
});
