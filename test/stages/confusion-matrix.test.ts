import { describe, expect, it } from 'vitest';
import { confusionMatrix } from '../../src/stages/metric/confusion-matrix.js';
import type { AccumulatingMetric, Data, ModelSpec } from '../../src/stages/stage.js';
import { dataOf, noProblem, numbers, problemsOf, tf, tools } from './support.js';

const modelOf = (...shape: number[]): ModelSpec => ({
  parameters: [],
  buffers: [],
  state: {},
  masks: [],
  output: { shape, axes: [], dtype: 'float32' },
});

const upstreamOf = (data: Data, model: ModelSpec) => ({ data, model, loss: { reading: 'class_logits' } }) as const;

function matrixOf(data: Data, model: ModelSpec): AccumulatingMetric {
  const upstream = upstreamOf(data, model);
  const metric = confusionMatrix.create(tools, {}, confusionMatrix.plan({}, upstream, noProblem), upstream);
  if (!metric.accumulate) throw new Error('it accumulates nothing');
  return metric;
}

const counted = (metric: AccumulatingMetric, output: tf.Tensor, target: tf.Tensor, weight: tf.Tensor): Float64Array => {
  const { counts } = metric.accumulate(output, target, weight);
  return Float64Array.from(counts ? numbers(counts) : []);
};

describe('confusion_matrix', () => {
  const single = { ...dataOf({ input: [4], target: [], classes: 3 }), fitted: { classes: ['bee', 'cat', 'dog'] } };

  /* By hand:   right  0 0 0 1 1 2 (2)     answer  0 0 2 1 0 2 (1, of weight 0), the first of two that are equal */
  const output = tf.tensor([
    [5, 1, 1],
    [2, 2, 0],
    [0, 1, 2],
    [-1, 3, 2],
    [4, 0, 0],
    [0, 0, 1],
    [0, 9, 0],
  ]);
  const target = tf.tensor([0, 0, 0, 1, 1, 2, 2], [7], 'int32');
  const weight = tf.tensor([1, 1, 1, 1, 1, 1, 0]);

  it('counts, row by row, what was answered where a class was right', () => {
    expect([...counted(matrixOf(single, modelOf(3)), output, target, weight)]).toEqual([2, 0, 1, 1, 1, 0, 0, 0, 1]);
  });

  it('shows them under the names of the classes; its value is the share on the diagonal', () => {
    const metric = matrixOf(single, modelOf(3));
    const names = ['bee', 'cat', 'dog'];
    expect(metric.finish({ counts: counted(metric, output, target, weight) })).toEqual({
      value: 4 / 6,
      view: {
        kind: 'matrix',
        rows: { title: 'right class', names },
        columns: { title: 'answer', names },
        values: [
          [2, 0, 1],
          [1, 1, 0],
          [0, 0, 1],
        ],
        shares: 'rows',
      },
    });
  });

  it('counts every step where every step is answered, and passes over those that only fill up', () => {
    const steps = dataOf({ input: [2], target: [2], classes: 2 });
    const metric = matrixOf(steps, modelOf(2, 2));
    const answers = tf.tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    const right = tf.tensor([0, 0, 1, 0], [2, 2], 'int32');
    expect([...counted(metric, answers, right, tf.tensor([1, 1]))]).toEqual([1, 2, 1, 0]);
    const there = tf.tensor([
      [1, 1],
      [1, 0],
    ]);
    expect([...counted(metric, answers, right, there)]).toEqual([1, 1, 1, 0]);
  });

  it('numbers classes without names, and calls those of a text by its tokens', () => {
    const titles = (data: Data): readonly string[] => {
      const metric = matrixOf(data, modelOf(4, 3));
      const measured = metric.finish({ counts: new Float64Array(9).fill(1) });
      return typeof measured === 'object' && measured.view?.kind === 'matrix' ? measured.view.rows.names : [];
    };
    const text = dataOf({ input: [4], target: [4], classes: 3 });
    expect(titles(text)).toEqual(['0', '1', '2']);
    expect(titles({ ...text, fitted: { classes: ['<unk>', 'a', 'b'] } })).toEqual(['<unk>', 'a', 'b']);
  });

  it('is refused where there are more classes than a picture holds, and where nothing is answered by classes', () => {
    const many = dataOf({ input: [4], target: [], classes: 101 });
    const told = problemsOf((report) => confusionMatrix.plan({}, upstreamOf(many, modelOf(101)), report));
    expect(told.map(({ code }) => code)).toEqual(['too-many-classes']);
    const values = dataOf({ input: [4, 2], target: [3] });
    const misfit = problemsOf((report) =>
      confusionMatrix.plan({}, { ...upstreamOf(values, modelOf(3)), loss: { reading: 'values' } }, report),
    );
    expect(misfit.map(({ code }) => code)).toEqual(['metric-mismatch']);
  });
});
