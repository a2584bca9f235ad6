import { describe, expect, test } from 'vitest';
import { findStage, stages } from '../../src/stages/registry.js';
import type { Data, Measured, ModelSpec, Reading } from '../../src/stages/stage.js';
import { type View, wrongView } from '../../src/views/view.js';
import { dataOf, noProblem, numbers, problemsOf, tf, tools } from './support.js';

/* Eight answers about three classes, two of which are ties. Expected numbers are scikit-learn 1.7.2's; `.ci/checks/forecast-metrics` has random ones. */

const NAMES = ['bee', 'cat', 'dog'];
const LOGITS = [
  [2, 0, 1],
  [0, 2, 1],
  [1, 1, 0],
  [0, 0, 3],
  [0.5, 1.5, 0],
  [2, 1, 0],
  [0, 1, 1],
  [1, 0, 2],
];
const TRUTH = [0, 1, 1, 2, 0, 0, 0, 1];

const upstreamOf = (names: readonly string[] = NAMES, reading: Reading = 'class_logits') => {
  const data: Data = { ...dataOf({ input: [4], target: [], classes: names.length }), fitted: { classes: names } };
  const output = { shape: [names.length], axes: ['classes'], dtype: 'float32' } as const;
  const model: ModelSpec = { parameters: [], buffers: [], state: {}, masks: [], output };
  return { data, model, loss: { reading } };
};

type Options = Readonly<Record<string, unknown>>;

const stageOf = (kind: string) => {
  const stage = findStage(stages, 'metric', kind);
  if (!stage) throw new Error(kind);
  return stage;
};

interface Given {
  readonly logits?: readonly number[][];
  readonly truth?: readonly number[];
  readonly weight?: readonly number[];
}

function measure(
  kind: string,
  options: Options = {},
  { logits = LOGITS, truth = TRUTH, weight = truth.map(() => 1) }: Given = {},
): Measured {
  const [stage, upstream] = [stageOf(kind), upstreamOf()];
  const metric = stage.create(tools, options, stage.plan(options, upstream, noProblem), upstream);
  if (metric.evaluate) {
    return metric.evaluate({
      output: { shape: [truth.length, NAMES.length], values: Float32Array.from(logits.flat()) },
      target: { shape: [truth.length], values: Int32Array.from(truth) },
      weight: { shape: [truth.length], values: Float32Array.from(weight) },
    });
  }
  const given = [
    tf.tensor2d(logits.flat(), [truth.length, NAMES.length]),
    tf.tensor1d([...truth], 'int32'),
    tf.tensor1d([...weight]),
  ] as const;
  if (metric.accumulate) {
    const sums = Object.entries(metric.accumulate(...given));
    return metric.finish(Object.fromEntries(sums.map(([name, tensor]) => [name, Float64Array.from(numbers(tensor))])));
  }
  const { sum, count } = metric.score(...given);
  return metric.finish({ sum: numbers(sum)[0] ?? Number.NaN, count: numbers(count)[0] ?? Number.NaN });
}

const valueOf = (measured: Measured): number => (typeof measured === 'number' ? measured : measured.value);
const viewOf = (measured: Measured): View | undefined => (typeof measured === 'number' ? undefined : measured.view);

type Expected = readonly [kind: string, options: Options, value: number];

test.each<Expected>([
  ['precision', {}, 0.5],
  ['precision', { average: 'weighted' }, 0.5208333333333333],
  ['precision', { average: 'micro' }, 0.5],
  ['precision', { class: 'bee' }, 2 / 3],
  ['recall', {}, 0.611111111111111],
  ['recall', { average: 'macro' }, 0.611111111111111],
  ['recall', { class: 'dog' }, 1],
  ['f1', {}, 0.5238095238095237],
  ['f1', { average: 'weighted' }, 0.494047619047619],
  ['f1', { average: 'micro' }, 0.5],
  ['f1', { class: 'cat' }, 1 / 3],
  ['balanced_accuracy', {}, 0.611111111111111],
  ['matthews_correlation', {}, 0.2252817784447915],
  ['log_loss', {}, 0.9892131508028662],
  ['top_k_accuracy', { k: 1 }, 0.625],
  ['top_k_accuracy', { k: 2 }, 0.75],
  ['area_under_roc', {}, 0.8055555555555555],
  ['area_under_roc', { average: 'weighted' }, 0.75],
  ['area_under_roc', { class: 'bee' }, 0.75],
  ['area_under_precision_recall', {}, 0.8198412698412699],
  ['area_under_precision_recall', { class: 'cat' }, 0.6428571428571428],
  ['calibration_error', { bins: 5 }, 0.153086267537668],
])('%s %j is the value that scikit-learn gives', (kind, options, value) => {
  expect(valueOf(measure(kind, options))).toEqual(expect.closeTo(value, 9));
});

describe('a class without members', () => {
  const without = { truth: [0, 1, 1, 0, 0, 0, 0, 1] };

  test('that is answered counts as 0 in a mean of f1, and not in one of recalls', () => {
    const of = (index: number): number => valueOf(measure('f1', { class: NAMES[index] }, without));
    expect(of(2)).toBe(0);
    expect(valueOf(measure('f1', {}, without))).toEqual(expect.closeTo((of(0) + of(1)) / 3, 9));
    const recalls = [0, 1].map((index) => valueOf(measure('recall', { class: NAMES[index] }, without)));
    expect(valueOf(measure('balanced_accuracy', {}, without))).toEqual(expect.closeTo(((recalls[0] ?? 0) + (recalls[1] ?? 0)) / 2, 9));
  });

  test('that is never answered either is left out of a mean', () => {
    const never = { truth: [0, 1, 1, 0], logits: [[1, 0, -9], [0, 1, -9], [1, 0, -9], [1, 0, -9]] }; // prettier-ignore
    expect(valueOf(measure('f1', {}, never))).toEqual(expect.closeTo((0.8 + 2 / 3) / 2, 9));
  });

  test('has no area, and the mean is over the others', () => {
    expect(valueOf(measure('area_under_roc', { class: 'dog' }, without))).toBeNaN();
    const of = (name: string): number => valueOf(measure('area_under_roc', { class: name }, without));
    expect(valueOf(measure('area_under_roc', {}, without))).toEqual(expect.closeTo((of('bee') + of('cat')) / 2, 9));
    expect(valueOf(measure('area_under_roc', {}, { truth: TRUTH.map(() => 1) }))).toBeNaN();
  });
});

test('a constant answer correlates with nothing, and has half of a balanced accuracy of two', () => {
  const constant = { truth: [0, 0, 0, 1], logits: Array.from({ length: 4 }, () => [3, 1, 0]) };
  expect(valueOf(measure('matthews_correlation', {}, constant))).toBe(0);
  expect(valueOf(measure('balanced_accuracy', {}, constant))).toBe(0.5);
  expect(valueOf(measure('area_under_roc', { class: 'bee' }, constant))).toBe(0.5);
});

test('an answer that is wrong without doubt is as wrong as its log odds say', () => {
  expect(valueOf(measure('log_loss', {}, { truth: [0], logits: [[0, 500, 0]] }))).toEqual(expect.closeTo(500, 9));
});

describe('views', () => {
  test('of f1 are a bar for each class', () => {
    const view = viewOf(measure('f1'));
    expect(wrongView(view)).toBeUndefined();
    expect(view).toMatchObject({
      kind: 'bars',
      x: 'class',
      y: 'f1',
      bars: [{ name: 'bee' }, { name: 'cat', value: 1 / 3 }, { name: 'dog' }],
    });
  });

  test('of areas are a line for each class, from corner to corner', () => {
    const view = viewOf(measure('area_under_roc'));
    expect(wrongView(view)).toBeUndefined();
    if (view?.kind !== 'curve') throw new Error('no curve');
    expect(view.lines.map(({ name }) => name)).toEqual(['bee', 'cat', 'dog']);
    for (const { points } of view.lines) expect([points[0], points.at(-1)]).toEqual([[0, 0], [1, 1]]); // prettier-ignore
  });

  test('of many thresholds are thinned, the last one kept', () => {
    const truth = Array.from({ length: 3000 }, (_, index) => index % 3);
    const logits = truth.map((_, index) => [Math.sin(index), Math.cos(3 * index), Math.sin(5 * index)]);
    const view = viewOf(measure('area_under_precision_recall', {}, { truth, logits }));
    if (view?.kind !== 'curve') throw new Error('no curve');
    for (const { points } of view.lines) {
      expect(points.length).toBeLessThan(250);
      expect(points.at(-1)?.[0]).toBe(1);
    }
  });

  test('of calibration are beside the line where probability and share are equal', () => {
    expect(viewOf(measure('calibration_error'))).toMatchObject({ kind: 'curve', lines: [{ points: [[0, 0], [1, 1]] }, { name: 'answers' }] }); // prettier-ignore
  });
});

describe('is refused', () => {
  const said = (kind: string, options: Options, upstream = upstreamOf()) =>
    problemsOf((report) => stageOf(kind).plan(options, upstream, report));

  test.each(['precision', 'recall', 'f1', 'area_under_roc', 'area_under_precision_recall'])('%s of a class that there is not', (kind) => {
    expect(said(kind, { class: 'cats' })).toMatchObject([{ code: 'unknown-class', path: ['class'], help: 'did you mean "cat"?' }]);
    expect(said(kind, { class: 'cat', average: 'weighted' })).toMatchObject([{ code: 'option-without-effect', path: ['average'] }]);
  });

  test('top_k_accuracy that is always right', () => {
    expect(said('top_k_accuracy', { k: 3 })).toMatchObject([{ code: 'always-right', path: ['k'], help: 'write k: 2' }]);
    expect(said('top_k_accuracy', { k: 5 }, upstreamOf(['a', 'b']))).toMatchObject([{ help: 'write kind: accuracy' }]);
    expect(said('top_k_accuracy', { k: 2 })).toEqual([]);
  });

  test.each(['area_under_roc', 'area_under_precision_recall'])('%s of more classes than can be looked at, but for one of them', (kind) => {
    const many = upstreamOf(Array.from({ length: 101 }, (_, index) => `c${index}`));
    expect(said(kind, {}, many)).toMatchObject([{ code: 'too-many-classes' }]);
    expect(said(kind, { class: 'c7' }, many)).toEqual([]);
  });

  test.each(['balanced_accuracy', 'f1', 'log_loss', 'calibration_error', 'area_under_roc'])('%s where the output is numbers', (kind) => {
    expect(said(kind, {}, upstreamOf(NAMES, 'values'))).toMatchObject([{ code: 'metric-mismatch' }]);
  });
});
