import { describe, expect, test } from 'vitest';
import { findStage, stages } from '../../src/stages/registry.js';
import type {
  Collected,
  CollectingMetric,
  Data,
  DataSpec,
  Fitted,
  Measured,
  MetricSpec,
  ModelSpec,
  Reading,
} from '../../src/stages/stage.js';
import { wrongView, type View } from '../../src/views/view.js';
import { dataOf, noProblem, problemsOf, tools } from './support.js';

/* Two steps ahead of two targets: [load after 1, price after 1, load after 2, price after 2]. Expected numbers are scikit-learn 1.7.2's. */

const TRUTH = [
  [10, 4, 12, 5],
  [20, -2, 18, -1],
  [15, 8, 16, 0.5],
  [25, 1, 22, 2],
];
const FORECAST = [
  [12, 4.5, 9, 5],
  [18, -1, 20, 1],
  [15, 6, 19, 0.25],
  [21, 2, 22, 4],
];
const OUTPUTS = { steps: 2, names: ['load', 'price'] };
const NAIVE = { load: 4, price: 0.5 };

interface Made {
  readonly spec: MetricSpec;
  readonly metric: CollectingMetric;
}

interface Given {
  readonly outputs?: DataSpec['outputs'];
  readonly fitted?: Fitted;
  readonly quantile?: number;
  readonly shape?: readonly number[];
  readonly reading?: Reading;
}

const upstreamOf = ({ outputs, fitted = {}, shape = [4], reading = 'values' }: Given) => {
  const data: Data = { ...dataOf({ input: [5, 2], target: shape }), ...(outputs && { outputs }), fitted };
  const output = { shape, axes: shape.map(() => 'outputs'), dtype: 'float32' } as const;
  const model: ModelSpec = { parameters: [], buffers: [], state: {}, masks: [], output };
  return { data, model, loss: { reading } };
};

const stageOf = (kind: string) => {
  const stage = findStage(stages, 'metric', kind);
  if (!stage) throw new Error(kind);
  return stage;
};

function made(kind: string, given: Given = { outputs: OUTPUTS, fitted: { naiveErrors: NAIVE } }): Made {
  const [stage, upstream, options] = [stageOf(kind), upstreamOf(given), { quantile: given.quantile ?? 0.9 }];
  const spec = stage.plan(options, upstream, noProblem);
  const metric = stage.create(tools, options, spec, upstream);
  if (!metric.evaluate) throw new Error(`${kind} does not collect`);
  return { spec, metric };
}

const collected = (truth: readonly number[][], forecast: readonly number[][], weight = truth.map(() => 1)): Collected => {
  const shape = [truth.length, truth[0]?.length ?? 0];
  return {
    target: { shape, values: Float32Array.from(truth.flat()) },
    output: { shape, values: Float32Array.from(forecast.flat()) },
    weight: { shape: [truth.length], values: Float32Array.from(weight) },
  };
};
const SPLIT = collected(TRUTH, FORECAST);

const valueOf = (measured: Measured): number => (typeof measured === 'number' ? measured : measured.value);
const viewOf = (measured: Measured): View | undefined => (typeof measured === 'number' ? undefined : measured.view);
const near = (value: number) => expect.closeTo(value, 9);

type Expected = readonly [kind: string, value: number, cells: readonly [number, number, number, number]];
const EXPECTED: readonly Expected[] = [
  ['mean_absolute_error', 1.546875, [2, 1.125, 2, 1.0625]],
  ['root_mean_squared_error', 1.9415280708761333, [2.449489742783178, 1.25, 2.345207879911715, 1.4197270864500684]],
  ['mean_absolute_percentage_error', 0.3989756944444445, [0.115, 0.46875, 0.1371527777777778, 0.875]],
  [
    'symmetric_mean_absolute_percentage_error',
    0.3808392755895784,
    [0.11524859579779488, 0.4341736694677871, 0.1406015037593985, 0.8333333333333333],
  ],
  ['mean_absolute_scaled_error', 1.34375, [0.5, 2.25, 0.5, 2.125]],
  ['r2', 0.7153110040644287, [0.808, 0.8858447488584476, 0.5769230769230769, 0.5904761904761905]],
  ['pinball', 0.7171875, [1.4, 0.5125, 0.8, 0.15625]],
];

describe.each(EXPECTED)('%s', (kind, value, [load1, price1, load2, price2]) => {
  const { spec, metric } = made(kind);
  const ofOne = { fitted: { naiveErrors: NAIVE }, outputs: { steps: 1, names: ['load'] }, shape: [1] };
  const column = (rows: readonly number[][]) => rows.map(([first = 0]) => [first]);

  test('is the value that scikit-learn gives', () => {
    expect(valueOf(metric.evaluate(SPLIT))).toEqual(near(value));
  });

  test('shows each target along the steps ahead', () => {
    const view = viewOf(metric.evaluate(SPLIT));
    expect(wrongView(view)).toBeUndefined();
    expect(view).toMatchObject({
      kind: 'curve',
      x: 'steps ahead',
      lines: [
        { name: 'load', points: [[1, near(load1)], [2, near(load2)]] }, // prettier-ignore
        { name: 'price', points: [[1, near(price1)], [2, near(price2)]] }, // prettier-ignore
      ],
    });
  });

  test('shows a bar for each target of a single step', () => {
    const outputs = { steps: 1, names: ['load', 'price'] };
    const two = (rows: readonly number[][]) => rows.map((row) => row.slice(0, 2));
    const view = viewOf(
      made(kind, { outputs, fitted: { naiveErrors: NAIVE }, shape: [2] }).metric.evaluate(collected(two(TRUTH), two(FORECAST))),
    );
    expect(view).toMatchObject({
      kind: 'bars',
      x: 'target',
      bars: [
        { name: 'load', value: near(load1) },
        { name: 'price', value: near(price1) },
      ],
    });
  });

  test('is a number by itself for one step of one target', () => {
    expect(made(kind, ofOne).metric.evaluate(collected(column(TRUTH), column(FORECAST)))).toEqual(near(load1));
  });

  test('leaves out what has weight 0', () => {
    const more = collected([...TRUTH, [1, 1, 1, 1]], [...FORECAST, [90, 90, 90, 90]], [1, 1, 1, 1, 0]);
    expect(metric.evaluate(more)).toEqual(metric.evaluate(SPLIT));
  });

  test('counts every step of a sequence that is there, where lengths vary', () => {
    const sequences = {
      target: { shape: [2, 3, 4], values: Float32Array.from([...TRUTH, [7, 7, 7, 7], [7, 7, 7, 7]].flat()) },
      output: {
        shape: [2, 3, 4],
        values: Float32Array.from([...FORECAST, [0, 0, 0, 0], [0, 0, 0, 0]].flat()),
      },
      weight: { shape: [2, 3], values: Float32Array.of(1, 1, 1, 1, 0, 0) },
    };
    expect(metric.evaluate(sequences)).toEqual(metric.evaluate(SPLIT));
  });

  test('of a split without examples is no number', () => {
    expect(valueOf(metric.evaluate(collected([], [])))).toBeNaN();
  });

  test('is refused where the output is no values', () => {
    const given = (reading: Reading) => upstreamOf({ outputs: OUTPUTS, fitted: { naiveErrors: NAIVE }, reading });
    const said = (reading: Reading) => problemsOf((report) => stageOf(kind).plan({ quantile: 0.9 }, given(reading), report));
    expect(said('logits')).toMatchObject([{ code: 'metric-mismatch', help: 'write kind: bit_accuracy' }]);
    expect(said('class_logits')).toMatchObject([{ code: 'metric-mismatch', message: expect.stringContaining(`${kind} compares values`) }]);
  });

  test('says which way is better, and that its digits are equal', () => {
    expect(spec).toMatchObject({ better: kind === 'r2' ? 'higher' : 'lower', deterministic: true, collects: true, unit: '' });
  });
});

describe('without steps ahead', () => {
  test('the mean absolute error is added up in the program, and others are numbers by themselves', () => {
    const upstream = upstreamOf({});
    expect(stageOf('mean_absolute_error').plan({}, upstream, noProblem)).toEqual({
      better: 'lower',
      deterministic: true,
      unit: '',
      least: 0,
    });
    expect(made('root_mean_squared_error', {}).metric.evaluate(SPLIT)).toEqual(near(1.9415280708761333));
  });

  test.each([
    ['naive errors', { outputs: OUTPUTS }],
    ['the naive error of a target', { outputs: OUTPUTS, fitted: { naiveErrors: { load: 1 } } }],
    ['targets', { fitted: { naiveErrors: NAIVE } }],
  ])('the scaled error is refused without %s', (_, given: Given) => {
    const said = problemsOf((report) => stageOf('mean_absolute_scaled_error').plan({}, upstreamOf(given), report));
    expect(said).toMatchObject([{ code: 'no-naive-error', path: ['kind'], help: expect.stringContaining('dataset series gives it') }]);
  });

  test('the scaled error is refused where training data never change', () => {
    const given = upstreamOf({ outputs: OUTPUTS, fitted: { naiveErrors: { ...NAIVE, price: 0 } } });
    const said = problemsOf((report) => stageOf('mean_absolute_scaled_error').plan({}, given, report));
    expect(said).toMatchObject([{ message: expect.stringContaining('which is 0 for "price"'), help: 'write kind: mean_absolute_error' }]);
  });
});

describe('where a formula divides by 0', () => {
  const of = (kind: string, truth: readonly number[], forecast: readonly number[]): number => {
    const outputs = { steps: 1, names: ['load'] };
    const rows = (values: readonly number[]) => values.map((value) => [value]);
    return valueOf(made(kind, { outputs, shape: [1] }).metric.evaluate(collected(rows(truth), rows(forecast))));
  };

  test('a percentage of 0 is no number', () => {
    expect(of('mean_absolute_percentage_error', [1, 0, 2], [1, 1, 1])).toBeNaN();
    expect(of('mean_absolute_percentage_error', [1, 0, 2], [1, 0, 2])).toBeNaN();
    expect(of('mean_absolute_percentage_error', [1, -0.5, 2], [2, 0, 2])).toBeCloseTo(2 / 3, 12);
  });

  test('two zeros are no symmetric error, and a zero beside a number is the largest', () => {
    expect(of('symmetric_mean_absolute_percentage_error', [0, 0], [0, 3])).toBe(1);
    expect(of('symmetric_mean_absolute_percentage_error', [-4, 5], [4, -5])).toBe(2);
  });

  test('a variance of 0, or of one example, explains nothing', () => {
    expect(of('r2', [3, 3, 3], [3, 3, 3])).toBeNaN();
    expect(of('r2', [3], [3])).toBeNaN();
    expect(of('r2', [1, 2, 3], [2, 2, 2])).toBe(0);
    expect(of('r2', [1, 2, 3], [1, 2, 3])).toBe(1);
  });
});

test('pinball weighs what lies above and below by the quantile', () => {
  const at = (quantile: number) => valueOf(made('pinball', { outputs: OUTPUTS, quantile }).metric.evaluate(SPLIT));
  expect(at(0.1)).toEqual(near(0.8296875));
  expect(at(0.5)).toEqual(near(1.546875 / 2));
});

describe('coverage', () => {
  const splits = (validation?: number) => {
    const upstream = upstreamOf({ outputs: OUTPUTS });
    const { train } = upstream.data.splits;
    return {
      ...upstream,
      data: {
        ...upstream.data,
        splits: train ? { train, ...(validation !== undefined && { validation: { ...train, examples: validation } }) } : {},
      },
    };
  };
  const of = (level: number, validating: Collected): Measured => {
    const [stage, upstream] = [stageOf('coverage'), splits(4)];
    const spec = stage.plan({ level }, upstream, noProblem);
    return stage.create(tools, { level }, spec, upstream).evaluate?.(SPLIT, validating) ?? Number.NaN;
  };
  /* Off by 1 to 4, 0.1 to 0.4, 0 and 2 by 2. */
  const VALIDATING = collected(
    [0, 0, 0, 0].map(() => [0, 0, 0, 0]),
    [1, 2, 3, 4].map((off) => [off, -off / 10, 0, off <= 2 ? 2 : -2]),
  );

  test('is the share within the k-th smallest error of validation, by step and target, k = ceil((n + 1) level)', () => {
    // k = 4: 4, 0.4, 0 and 2; of SPLIT 4, 0, 1 and 4 of each four are as near as that.
    const measured = of(0.8, VALIDATING);
    expect(valueOf(measured)).toBe(9 / 16);
    expect(viewOf(measured)).toMatchObject({
      y: 'coverage of intervals of 80 %',
      lines: [{ points: [[1, 1], [2, 0.25]] }, { points: [[1, 0], [2, 1]] }], // prettier-ignore
    });
    // k = 3: 3, 0.3, 0 and 2.
    expect(valueOf(of(0.6, VALIDATING))).toBe(8 / 16);
  });

  test('asks for as many examples of validation as the level takes', () => {
    const said = (level: number, examples: number) => problemsOf((report) => stageOf('coverage').plan({ level }, splits(examples), report));
    expect(said(0.95, 19)).toEqual([]);
    expect(said(0.95, 18)).toMatchObject([
      {
        code: 'too-few-to-validate',
        path: ['level'],
        message: 'intervals of 95 % take 19 examples of validation, and there are 18',
        help: 'write a level of at most 0.947',
      },
    ]);
    expect(said(0.947, 18)).toEqual([]);
    expect(said(0.8, 4)).toEqual([]);
    expect(said(0.8, 3)).toMatchObject([{ help: 'write a level of at most 0.75' }]);
    expect(said(0.75, 3)).toEqual([]);
    expect(said(0.5, 1)).toEqual([]);
    expect(said(0.8, 1)).toMatchObject([{ help: 'hold more of the data out for validation' }]);
  });
});
