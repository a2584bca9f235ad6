import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { weighted } from '../loss/scores.js';
import { reportUnlessClasses } from './classes.js';

/** Share of targets that are the most probable class; the first one where several are. */
export const accuracy = defineStage({
  slot: 'metric',
  kind: 'accuracy',
  version: 1,
  summary: 'Share of targets for which the most probable class is the right one.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessClasses('accuracy', upstream, report);
    return { better: 'higher', deterministic: true, unit: 'share' };
  },

  create: (tools) => ({
    score(output, target, weight) {
      const { tf } = tools;
      return weighted(tools, tf.cast(tf.equal(tf.argMax(output, -1), target), 'float32'), weight);
    },
    finish: ({ sum, count }) => sum / count,
  }),
});
