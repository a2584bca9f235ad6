import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { metricOfHits, planHits } from './hits.js';

/** The mean of the recalls of the classes that there are, `mean(hit / right)`: half for a constant answer to two classes, however rare one is. */
export const balancedAccuracy = defineStage({
  slot: 'metric',
  kind: 'balanced_accuracy',
  version: 1,
  summary: 'The share of each class that is found, averaged over the classes: rare classes count as much as common ones.',
  options: Type.Object({}),
  plan: (_, upstream, report) => planHits('balanced_accuracy', {}, upstream, report),
  create: (tools) =>
    metricOfHits(tools, ({ hit, right }) => {
      const recalls = Array.from(hit, (count, index) => count / (right[index] ?? 0)).filter((recall) => !Number.isNaN(recall));
      return recalls.reduce((sum, each) => sum + each, 0) / recalls.length;
    }),
});

/**
 * The correlation of answers and truth over all classes (Gorodkin 2004), between -1 and 1: `(c s - sum r a) / sqrt((s^2 - sum a^2)(s^2 - sum r^2))`
 * with `c` the hits, `s` all examples, `r` and `a` how often each class is right and answered. 0 for a constant answer, as in scikit-learn.
 */
export const matthewsCorrelation = defineStage({
  slot: 'metric',
  kind: 'matthews_correlation',
  version: 1,
  summary: "Matthews' correlation of answers and truth over all classes: 1 is perfect, 0 is a constant answer.",
  options: Type.Object({}),
  plan: (_, upstream, report) => ({ ...planHits('matthews_correlation', {}, upstream, report), unit: '', least: -1, most: 1 }),
  create: (tools) =>
    metricOfHits(tools, ({ hit, right, answered }) => {
      const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
      const all = right.reduce((sum, count) => sum + count, 0);
      const together = hit.reduce((sum, count) => sum + count, 0) * all - dot(right, answered);
      const apart = Math.sqrt((all * all - dot(answered, answered)) * (all * all - dot(right, right)));
      return apart === 0 ? 0 : together / apart;
    }),
});
