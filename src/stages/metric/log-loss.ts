import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { reportUnlessClasses } from './classes.js';
import { eachAnswer } from './probabilities.js';

/**
 * The mean negative log probability of the right class, in nats and in double, whatever the loss weighs or smooths. scikit-learn's `log_loss` keeps
 * probabilities from 0 and 1 by the last digit of a double, so that it ends at 36.04 for an answer that is wrong without doubt; this one goes on.
 */
export const logLoss = defineStage({
  slot: 'metric',
  kind: 'log_loss',
  version: 1,
  summary: 'Mean negative log probability of the right class, in nats.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessClasses('log_loss', upstream, report);
    return { better: 'lower', deterministic: true, unit: 'nats', least: 0, collects: true };
  },

  create: () => ({
    evaluate(split) {
      let [sum, count] = [0, 0];
      eachAnswer(split, ({ logProbability, weight }) => {
        sum += weight * -logProbability;
        count += weight;
      });
      return sum / count;
    },
  }),
});
