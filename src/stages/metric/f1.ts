import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { type Averaged, averageOptions, type ClassShare, measuredByClass, metricOfHits, planHits } from './hits.js';

const define = (kind: string, summary: string, share: ClassShare) =>
  defineStage({
    slot: 'metric',
    kind,
    version: 1,
    summary,
    options: Type.Object(averageOptions),
    plan: (asked, upstream, report) => planHits(kind, asked as Averaged, upstream, report),
    create: (tools, asked, _spec, { data }) => metricOfHits(tools, (hits) => measuredByClass(kind, share, asked, data, hits)),
  });

/** Of the answers of a class the share that is right: `hit / answered`. scikit-learn's `precision_score` is of class 1 where nothing is said. */
export const precision = define('precision', 'Of the answers of a class, the share that is right.', {
  part: ({ hit }, index) => hit[index] ?? 0,
  whole: ({ answered }, index) => answered[index] ?? 0,
});

/** Of the members of a class the share that is found: `hit / right`. scikit-learn's `recall_score` is of class 1 where nothing is said. */
export const recall = define('recall', 'Of the members of a class, the share that is found.', {
  part: ({ hit }, index) => hit[index] ?? 0,
  whole: ({ right }, index) => right[index] ?? 0,
});

/**
 * The harmonic mean of precision and recall: `2 hit / (right + answered)`. Macro is the mean over classes of their own values, as scikit-learn's
 * `f1_score(average='macro')`, which is of class 1 alone where nothing is said.
 */
export const f1 = define('f1', 'The harmonic mean of precision and recall.', {
  part: ({ hit }, index) => 2 * (hit[index] ?? 0),
  whole: ({ right, answered }, index) => (right[index] ?? 0) + (answered[index] ?? 0),
});
