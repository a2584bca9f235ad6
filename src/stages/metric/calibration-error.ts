import { Type } from '../../language/type.js';
import type { CurveView } from '../../views/view.js';
import { defineStage } from '../stage.js';
import { reportUnlessClasses } from './classes.js';
import { eachAnswer } from './probabilities.js';

/**
 * The expected calibration error (Guo et al. 2017): answers are put into bins of equal width by the probability of the class that was answered, and
 * `sum n_b |accuracy_b - confidence_b| / n` is how far, on the whole, that probability is from the share that was right. A probability on a border
 * belongs to the bin below, as in scikit-learn's `calibration_curve`.
 */
export const calibrationError = defineStage({
  slot: 'metric',
  kind: 'calibration_error',
  version: 1,
  summary: 'Expected calibration error: how far the probabilities are from the share of answers that is right.',
  options: Type.Object({
    bins: Type.Integer({ minimum: 2, maximum: 1000, default: 10, description: 'How many bins of equal width from 0 to 1.' }),
  }),

  plan(_, upstream, report) {
    reportUnlessClasses('calibration_error', upstream, report);
    return { better: 'lower', deterministic: true, unit: 'share', collects: true };
  },

  create: (_tools, { bins }) => ({
    evaluate(split) {
      const [weights, confidence, right] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
      const add = (sums: Float64Array, bin: number, value: number): void => void (sums[bin] = (sums[bin] ?? 0) + value);
      eachAnswer(split, ({ probabilities, right: target, weight }) => {
        const answer = probabilities.reduce((best, probability, index) => (probability > (probabilities[best] ?? 0) ? index : best), 0);
        const probability = probabilities[answer] ?? Number.NaN;
        const bin = Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1));
        add(weights, bin, weight);
        add(confidence, bin, weight * probability);
        add(right, bin, weight * Number(answer === target));
      });
      const all = weights.reduce((sum, weight) => sum + weight, 0);
      const filled = [...weights.keys()].filter((bin) => (weights[bin] ?? 0) > 0);
      const meanOf = (sums: Float64Array, bin: number): number => (sums[bin] ?? 0) / (weights[bin] ?? 0);
      const off = filled.reduce((sum, bin) => sum + Math.abs((right[bin] ?? 0) - (confidence[bin] ?? 0)), 0);
      const view: CurveView = {
        kind: 'curve',
        x: 'probability of the answer',
        y: 'share that is right',
        lines: [
          { name: 'as it should be', points: [[0, 0], [1, 1]] }, // prettier-ignore
          { name: 'answers', points: filled.map((bin) => [meanOf(confidence, bin), meanOf(right, bin)] as const) },
        ],
      };
      return { value: all === 0 ? Number.NaN : off / all, view };
    },
  }),
});
