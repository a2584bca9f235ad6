import { describe, expect, test } from 'vitest';
import { binaryCrossEntropy } from '../../src/stages/loss/binary-cross-entropy.js';
import { crossEntropy } from '../../src/stages/loss/cross-entropy.js';
import { huber } from '../../src/stages/loss/huber.js';
import { meanAbsoluteErrorLoss } from '../../src/stages/loss/mean-absolute-error.js';
import { meanSquaredError } from '../../src/stages/loss/mean-squared-error.js';
import { quantile } from '../../src/stages/loss/quantile.js';
import { accuracy } from '../../src/stages/metric/accuracy.js';
import { bitAccuracy, exactMatch } from '../../src/stages/metric/bits.js';
import { meanAbsoluteErrorMetric } from '../../src/stages/metric/mean-absolute-error.js';
import { perplexity } from '../../src/stages/metric/perplexity.js';
import type { Data, Loss, LossSpec, MeanMetric, ModelSpec, Reading, Score, Slots, Stage } from '../../src/stages/stage.js';
import { dataOf, gradientsOf, noProblem, numbers, problemsOf, someBits, someIndices, someNumbers, tf, tools } from './support.js';

const modelOf = (...shape: number[]): ModelSpec => ({
  parameters: [],
  buffers: [],
  state: {},
  masks: [],
  output: { shape, axes: [], dtype: 'float32' },
});

interface Fit {
  readonly data: Data;
  readonly model: ModelSpec;
}
const values: Fit = { data: dataOf({ input: [4, 2], target: [4, 3] }), model: modelOf(4, 3) };
const classes: Fit = { data: dataOf({ input: [4], target: [4], classes: 3 }), model: modelOf(4, 3) };

const lossOf = (stage: Stage<'loss'>, fit: Fit, options: object = {}): Loss =>
  stage.create(tools, options, stage.plan(options, fit, noProblem), fit);

function metricOf(stage: Stage<'metric'>, fit: Fit, reading: Reading, options: object = {}): MeanMetric {
  const upstream = { ...fit, loss: { reading } };
  const metric = stage.create(tools, options, stage.plan(options, upstream, noProblem), upstream);
  if (!metric.score) throw new Error(`${stage.kind} is no mean`);
  return metric;
}

/** A mean over five examples of four steps, each output three numbers, written out in plain arithmetic. */
interface Case {
  readonly name: string;
  readonly fit: Fit;
  readonly score: Score;
  readonly target: 'numbers' | 'bits' | 'indices';
  /** The scores of one step, of its output vector and its target: their mean over steps is the result. */
  readonly expected: (output: readonly number[], target: readonly number[]) => readonly number[];
}

const nats = (output: readonly number[], [right = 0]: readonly number[]): number[] => [
  Math.log(output.reduce((total, z) => total + Math.exp(z), 0)) - (output[right] ?? Number.NaN),
];
const each =
  (score: (output: number, target: number) => number): Case['expected'] =>
  (output, target) =>
    output.map((y, i) => score(y, target[i] ?? Number.NaN));

const cases: readonly Case[] = [
  {
    name: 'mean_squared_error',
    fit: values,
    score: lossOf(meanSquaredError, values).score,
    target: 'numbers',
    expected: each((y, t) => (y - t) ** 2),
  },
  {
    name: 'mean_absolute_error',
    fit: values,
    score: lossOf(meanAbsoluteErrorLoss, values).score,
    target: 'numbers',
    expected: each((y, t) => Math.abs(y - t)),
  },
  {
    name: 'huber',
    fit: values,
    score: lossOf(huber, values, { delta: 0.6 }).score,
    target: 'numbers',
    expected: each((y, t) => (Math.abs(y - t) <= 0.6 ? 0.5 * (y - t) ** 2 : 0.6 * (Math.abs(y - t) - 0.3))),
  },
  {
    name: 'quantile',
    fit: values,
    score: lossOf(quantile, values, { quantile: 0.8 }).score,
    target: 'numbers',
    expected: each((y, t) => (t >= y ? 0.8 * (t - y) : 0.2 * (y - t))),
  },
  {
    name: 'binary_cross_entropy',
    fit: values,
    score: lossOf(binaryCrossEntropy, values).score,
    target: 'bits',
    expected: each((z, t) => -Math.log(1 / (1 + Math.exp(t === 1 ? -z : z)))),
  },
  { name: 'cross_entropy', fit: classes, score: lossOf(crossEntropy, classes).score, target: 'indices', expected: nats },
  {
    name: 'cross_entropy, smoothed',
    fit: classes,
    score: lossOf(crossEntropy, classes, { label_smoothing: 0.3 }).score,
    target: 'indices',
    expected: (output, target) => [
      0.7 * (nats(output, target)[0] ?? 0) + (0.3 * output.reduce((sum, _, k) => sum + (nats(output, [k])[0] ?? 0), 0)) / output.length,
    ],
  },
  {
    name: 'metric bit_accuracy of values',
    fit: values,
    score: metricOf(bitAccuracy, values, 'values').score,
    target: 'bits',
    expected: each((y, t) => (Math.abs(y - t) < 0.5 ? 1 : 0)),
  },
  {
    name: 'metric bit_accuracy of logits',
    fit: values,
    score: metricOf(bitAccuracy, values, 'logits').score,
    target: 'bits',
    expected: each((y, t) => (y > 0 === (t === 1) ? 1 : 0)),
  },
  {
    name: 'metric mean_absolute_error',
    fit: values,
    score: metricOf(meanAbsoluteErrorMetric, values, 'values').score,
    target: 'numbers',
    expected: each((y, t) => Math.abs(y - t)),
  },
  {
    name: 'metric accuracy',
    fit: classes,
    score: metricOf(accuracy, classes, 'class_logits').score,
    target: 'indices',
    expected: (output, [right]) => [output.indexOf(Math.max(...output)) === right ? 1 : 0],
  },
  {
    name: 'metric perplexity',
    fit: classes,
    score: metricOf(perplexity, classes, 'class_logits').score,
    target: 'indices',
    expected: nats,
  },
];

describe.each(cases)('$name', ({ score, target: kind, expected }) => {
  const [batch, time, size] = [5, 4, 3];
  const output = tf.mul(someNumbers('output', [batch, time, size]), 2);
  const target =
    kind === 'indices'
      ? someIndices('target', [batch, time], size)
      : kind === 'bits'
        ? someBits('target', [batch, time, size])
        : someNumbers('target', [batch, time, size]);
  const ones = tf.ones([batch]);

  test('is the mean of the arithmetic written out', () => {
    const steps = chunks(numbers(output), size);
    const targets = chunks(numbers(target), kind === 'indices' ? 1 : size);
    const scores = steps.flatMap((step, i) => expected(step, targets[i] ?? []));
    const { sum, count } = evaluate(score, output, target, ones);
    expect(count).toBe(scores.length);
    expect(sum / count).toBeCloseTo(scores.reduce((a, b) => a + b, 0) / scores.length, 5);
  });

  test('what has weight 0 counts for nothing, whatever it holds', () => {
    const weight = tf.tensor([1, 1, 0, 1, 0]);
    const [kept, whole] = [tf.tensor([0, 1, 3], [3], 'int32'), evaluate(score, output, target, weight)];
    expect(whole).toEqual(evaluate(score, tf.gather(output, kept), tf.gather(target, kept), tf.ones([3])));
    const shouted = tf.add(output, tf.reshape(tf.mul(tf.sub(1, weight), 100), [batch, 1, 1]));
    expect(evaluate(score, shouted, target, weight)).toEqual(whole);
    expect(evaluate(score, output, target, tf.zeros([batch]))).toEqual({ sum: 0, count: 0 });
  });

  test('a weight for every step, where lengths vary', () => {
    const weight = tf.tensor([
      [1, 1, 0, 0],
      [1, 1, 1, 1],
      [1, 0, 0, 0],
      [1, 1, 1, 0],
      [0, 0, 0, 0],
    ]);
    const steps = chunks(numbers(output), size);
    const targets = chunks(numbers(target), kind === 'indices' ? 1 : size);
    const counted = numbers(weight);
    const scores = steps.flatMap((step, i) => (counted[i] === 1 ? expected(step, targets[i] ?? []) : []));
    const { sum, count } = evaluate(score, output, target, weight);
    expect([count, sum / count]).toEqual([scores.length, expect.closeTo(scores.reduce((a, b) => a + b, 0) / scores.length, 5)]);
  });

  test('a batch is the sum of its examples', () => {
    const together = evaluate(score, output, target, ones);
    const singles = Array.from({ length: batch }, (_, i) => evaluate(score, tf.slice(output, i, 1), tf.slice(target, i, 1), tf.ones([1])));
    expect(singles.reduce((total, { sum }) => total + sum, 0)).toBeCloseTo(together.sum, 4);
    expect(singles.reduce((total, { count }) => total + count, 0)).toBeCloseTo(together.count, 4);
  });
});

describe('losses stay finite, with the right gradient, where a plain formula overflows', () => {
  const gradientAt = (score: Score, output: tf.Tensor, target: tf.Tensor): number[] => {
    const { value, gradients } = gradientsOf({ output }, ({ output: y }) => score(y ?? output, target, tf.ones([1])).sum);
    return [value, ...numbers(gradients['output'] ?? tf.scalar(Number.NaN))];
  };

  test.each([
    [0, 1, Math.LN2, -0.5],
    [0, 0, Math.LN2, 0.5],
    [200, 1, 0, 0],
    [200, 0, 200, 1],
    [-200, 1, 200, -1],
  ])('binary_cross_entropy of log odds %d and bit %d', (z, t, value, gradient) => {
    const [actual, slope] = gradientAt(lossOf(binaryCrossEntropy, values).score, tf.tensor([[z]]), tf.tensor([[t]]));
    expect([actual, slope]).toEqual([expect.closeTo(value, 5), expect.closeTo(gradient, 5)]);
  });

  test.each([
    [0.25, 0, 0.03125, 0.25],
    [0, 0.25, 0.03125, -0.25],
    [1, 1, 0, 0],
    [2, 0, 2, 2],
    [5, 0, 8, 2],
    [0, 5, 8, -2],
    [1e30, 0, 2e30, 2],
  ])('huber with a border at 2 of the output %d and the target %d', (y, t, value, gradient) => {
    const [actual, slope] = gradientAt(lossOf(huber, values, { delta: 2 }).score, tf.tensor([[y]]), tf.tensor([[t]]));
    expect([(actual ?? Number.NaN) / Math.max(1, value), slope]).toEqual([
      expect.closeTo(value / Math.max(1, value), 6),
      expect.closeTo(gradient, 6),
    ]);
  });

  test.each([
    [3, 1, 0.5, 0.25],
    [1, 3, 1.5, -0.75],
  ])('the quantile 0.75 of the output %d and the target %d', (y, t, value, gradient) => {
    const [actual, slope] = gradientAt(lossOf(quantile, values, { quantile: 0.75 }).score, tf.tensor([[y]]), tf.tensor([[t]]));
    expect([actual, slope]).toEqual([expect.closeTo(value, 6), expect.closeTo(gradient, 6)]);
  });

  test('cross_entropy of outputs 1000 apart', () => {
    const { score } = lossOf(crossEntropy, classes);
    const output = tf.tensor([[1000, 0, 0]]);
    const wrong = gradientAt(score, output, tf.tensor([1], [1], 'int32'));
    expect(wrong).toEqual([1000, 1, -1, 0].map((value) => expect.closeTo(value, 4)));
    expect(gradientAt(score, output, tf.tensor([0], [1], 'int32'))).toEqual([0, 0, 0, 0].map((value) => expect.closeTo(value, 6)));
  });
});

describe('exact_match', () => {
  const of = (reading: Reading, output: number[][], target: number[][]): number[] =>
    output.map((y, i) => {
      const { sum } = evaluate(metricOf(exactMatch, values, reading).score, tf.tensor([y]), tf.tensor([target[i] ?? []]), tf.ones([1]));
      return sum;
    });

  test('needs every bit; rounds to the nearest integer, halves to the even one', () => {
    const rows: readonly (readonly [number[], number[], number])[] = [
      [[0.1, 0.9, 1.4], [0, 1, 1], 1],
      [[0.1, 0.9, 0.4], [0, 1, 1], 0],
      [[0, 1, 1.6], [0, 1, 1], 0],
      [[0.5, -0.5, 1.5], [0, 0, 1], 0],
      [[0.5, -0.5, 0.51], [0, 0, 1], 1],
      [[-0.6, 1, 1], [0, 1, 1], 0],
    ];
    expect(
      of(
        'values',
        rows.map((r) => r[0]),
        rows.map((r) => r[1]),
      ),
    ).toEqual(rows.map((r) => r[2]));
  });

  test('reads log odds by their sign', () => {
    expect(
      of(
        'logits',
        [
          [-3, 0.1],
          [3, 0.1],
          [0, 5],
        ],
        [
          [0, 1],
          [0, 1],
          [0, 1],
        ],
      ),
    ).toEqual([1, 0, 1]);
  });

  test.each(['values', 'logits'] as const)(
    'by rank of %s, the bits that are 1 must have the highest outputs, and a tie is wrong',
    (reading) => {
      const { score } = metricOf(exactMatch, values, reading, { by: 'rank' });
      const right = (output: number[], target: number[]): number =>
        evaluate(score, tf.tensor([output]), tf.tensor([target]), tf.ones([1])).sum;
      expect(right([-5, -1, -2], [0, 1, 1])).toBe(1);
      expect(right([9, 0.1, 8], [1, 0, 1])).toBe(1);
      expect(right([9, 8.5, 8], [1, 0, 1])).toBe(0);
      expect(right([3, 3, 1], [1, 0, 0])).toBe(0);
      expect(right([3, 3, 1], [1, 1, 0])).toBe(1);
      expect(right([Number.NaN, 3, 1], [1, 0, 0])).toBe(0);
      for (const all of [0, 1]) expect(right([3, 1, 2], [all, all, all])).toBe(1);
      const steps = tf.tensor([
        [
          [2, 1],
          [2, 1],
        ],
        [
          [2, 1],
          [1, 2],
        ],
      ]);
      const first = tf.tensor([
        [
          [1, 0],
          [1, 0],
        ],
        [
          [1, 0],
          [1, 0],
        ],
      ]);
      expect(evaluate(score, steps, first, tf.ones([2]))).toEqual({ sum: 1, count: 2 });
      expect(
        evaluate(
          score,
          steps,
          first,
          tf.tensor([
            [1, 1],
            [1, 0],
          ]),
        ),
      ).toEqual({ sum: 2, count: 2 });
    },
  );

  test('where lengths vary, steps of weight 0 are passed over', () => {
    const { score } = metricOf(exactMatch, values, 'values');
    const target = tf.tensor([
      [[0], [1], [1]],
      [[1], [1], [0]],
      [[1], [1], [1]],
    ]);
    const wrongAtTheEnd = tf.add(target, tf.tensor([0, 0, 1], [1, 3, 1]));
    const lengths = tf.tensor([
      [1, 1, 0],
      [1, 1, 1],
      [0, 0, 0],
    ]);
    expect(evaluate(score, wrongAtTheEnd, target, lengths)).toEqual({ sum: 1, count: 2 });
  });

  test('an example of several steps is one example', () => {
    const { score } = metricOf(exactMatch, values, 'values');
    const target = someBits('bits', [2, 4, 1]);
    expect(evaluate(score, target, target, tf.ones([2]))).toEqual({ sum: 2, count: 2 });
    expect(evaluate(score, tf.add(target, tf.tensor([0, 1, 0, 0], [1, 4, 1])), target, tf.ones([2]))).toEqual({ sum: 0, count: 2 });
  });
});

test('perplexity is exp of the mean, so equal outputs give the number of classes', () => {
  const metric = metricOf(perplexity, classes, 'class_logits');
  expect(metric.finish(evaluate(metric.score, tf.zeros([2, 4, 28]), someIndices('target', [2, 4], 28), tf.ones([2])))).toBeCloseTo(28, 4);
  expect(metric.finish({ sum: 3 * Math.log(5), count: 3 })).toBeCloseTo(5, 12);
});

describe('misfits', () => {
  const lossProblems = (stage: Stage<'loss'>, fit: Fit) => problemsOf((report) => stage.plan({}, fit, report));
  const metricProblems = (stage: Stage<'metric'>, fit: Fit, loss: LossSpec) =>
    problemsOf((report) => stage.plan({}, { ...fit, loss } satisfies Slots['metric']['upstream'], report));

  test.each([
    [
      meanSquaredError,
      classes,
      'mean_squared_error compares numbers, and the target is an index into 3 classes',
      'write kind: cross_entropy',
    ],
    [
      crossEntropy,
      values,
      'cross_entropy needs an index of a class as target, and the target is numbers',
      'write kind: mean_squared_error, or binary_cross_entropy for bits',
    ],
    [
      binaryCrossEntropy,
      { ...values, model: modelOf(3) },
      'binary_cross_entropy needs an output [4, 3], and the model gives [3]',
      undefined,
    ],
    [crossEntropy, { ...classes, model: modelOf(3) }, 'cross_entropy needs an output [4, 3], and the model gives [3]', undefined],
  ] as const)('loss $kind', (stage, fit, message, help) => {
    expect(lossProblems(stage, fit)).toMatchObject([{ path: ['kind'], message, ...(help ? { help } : {}) }]);
  });

  test.each([
    [exactMatch, classes, 'class_logits', 'exact_match reads bits, and the output is read as classes', 'write kind: accuracy'],
    [
      accuracy,
      values,
      'values',
      'accuracy reads log probabilities of classes, and the loss reads the output as values',
      'write kind: bit_accuracy',
    ],
    [
      perplexity,
      values,
      'logits',
      'perplexity reads log probabilities of classes, and the loss reads the output as log odds of bits',
      'it goes with the loss cross_entropy',
    ],
    [
      meanAbsoluteErrorMetric,
      values,
      'logits',
      'mean_absolute_error compares values, and the output is read as log probabilities',
      'write kind: bit_accuracy',
    ],
  ] as const)('metric $kind', (stage, fit, reading, message, help) => {
    expect(metricProblems(stage, fit, { reading })).toEqual([{ code: 'metric-mismatch', path: ['kind'], message, help }]);
  });
});

function evaluate(score: Score, output: tf.Tensor, target: tf.Tensor, weight: tf.Tensor): { sum: number; count: number } {
  const { sum, count } = score(output, target, weight);
  expect([sum.shape, count.shape]).toEqual([[], []]);
  return { sum: numbers(sum)[0] ?? Number.NaN, count: numbers(count)[0] ?? Number.NaN };
}

const chunks = (items: readonly number[], size: number): number[][] =>
  Array.from({ length: items.length / size }, (_, i) => items.slice(i * size, (i + 1) * size));
