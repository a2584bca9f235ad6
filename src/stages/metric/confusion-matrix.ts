import { Type } from '../../language/type.js';
import type { MatrixView } from '../../views/view.js';
import { defineStage } from '../stage.js';
import { get } from '../tensors.js';
import { reportTooManyClasses, reportUnlessClasses } from './classes.js';
import { classNames } from '../fitted.js';
import { rowsOf } from './hits.js';

/**
 * How often each class was answered where each class was right. Rows are the right classes and columns the answers, as scikit-learn has it; the
 * answer is the most probable class, the first one where several are. The value is the share on the diagonal: the accuracy.
 *
 *     counts[right, answer] = sum of weights        value = trace(counts) / sum(counts)
 */
export const confusionMatrix = defineStage({
  slot: 'metric',
  kind: 'confusion_matrix',
  version: 1,
  summary: 'How often each class is taken for each other one; its value is the share that is right.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessClasses('confusion_matrix', upstream, report);
    reportTooManyClasses('confusion_matrix', upstream.data, report);
    const { classes = 1 } = upstream.data;
    return { better: 'higher', deterministic: true, unit: 'share', accumulates: { counts: [classes, classes] } };
  },

  create: (tools, _options, _spec, { data }) => ({
    accumulate(output, target, weight) {
      const { right, answered, weights } = rowsOf(tools, output, target, weight);
      return { counts: tools.tf.matMul(tools.tf.mul(right, weights), answered, true) };
    },
    finish(totals) {
      const counts = get(totals, 'counts');
      const names = classNames(data);
      const values = names.map((_, right) => Array.from(counts.subarray(right * names.length, (right + 1) * names.length)));
      const view: MatrixView = {
        kind: 'matrix',
        rows: { title: 'right class', names },
        columns: { title: 'answer', names },
        values,
        shares: 'rows',
      };
      const all = counts.reduce((sum, count) => sum + count, 0);
      return { value: values.reduce((sum, row, right) => sum + (row[right] ?? 0), 0) / all, view };
    },
  }),
});

/** What the dataset calls its classes; of a text that is written on, its tokens. Else they are numbered. */
