import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACCEPTABLE } from '../../../src/language/threats.js';
import { findStage, stages } from '../../../src/stages/registry.js';
import type { Batch, ModelSpec, UsedTransform } from '../../../src/stages/stage.js';
import { series } from '../../../src/stages/dataset/series.js';
import { dataBy, noProblem, problemsOf, tf, tools } from '../support.js';

type Options = Parameters<typeof series.plan>[0];
type Listed = { readonly kind: string; readonly [option: string]: unknown };

const AIRLINE = readFileSync('experiments/data/airline.csv', 'utf8');
const SHAMPOO = readFileSync('experiments/data/shampoo.csv', 'utf8');

const DEFAULTS = { layout: 'steps', horizon: 1, border: 'reach', drop_last_window: 0, missing: 'error' } as const;
const airline: Options = {
  ...DEFAULTS,
  file: 'airline.csv',
  time: 'Month',
  targets: ['Passengers'],
  window: 1,
  split: { test: { from: '1957-01' } },
};

function used({ kind, fit_on: fitOn = 'train', columns, ...given }: Listed): UsedTransform {
  const stage = findStage(stages, 'transform', kind);
  if (!stage) throw new Error(kind);
  const options = {
    ...Object.fromEntries(
      Object.entries(stage.options.properties).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])),
    ),
    ...given,
  };
  const spec = stage.plan(options, {}, noProblem);
  return {
    kind,
    options,
    spec,
    transform: stage.create({}, options, spec, {}),
    fitOn: fitOn === 'all' ? 'all' : 'train',
    ...(columns ? { columns: columns as readonly string[] } : {}),
  };
}

const prepare = (text: string, options: Partial<Options> = {}, transform: readonly Listed[] = [], batchSize = 1) =>
  dataBy(
    series,
    { ...airline, ...options },
    { files: { read: () => new TextEncoder().encode(text) }, batchSize, transforms: transform.map(used) },
    (problem) => ACCEPTABLE.some((threat) => threat === problem.code) || noProblem(problem),
  );

const told = (text: string, options: Partial<Options> = {}, transform: readonly Listed[] = []): readonly string[] =>
  problemsOf((report) =>
    dataBy(
      series,
      { ...airline, ...options },
      { files: { read: () => new TextEncoder().encode(text) }, transforms: transform.map(used) },
      report,
    ),
  ).map(({ code, path, message, help }) => `${code} ${path.join('.')}: ${message}${help === undefined ? '' : ` (${help})`}`);

const level = (given: ReturnType<typeof prepare>, key: string, name: string): number => given.data.baselines?.[key]?.[name] ?? Number.NaN;

describe('the naive forecasts of the airline series', () => {
  // Windows inside of each part, the last possible one of each left out, as the published procedure has it.
  test.each([
    [1, 94, 46, 48.66, 42.32],
    [3, 92, 44, 49.02, 42.72],
  ])('window %d', (window, train, test_, persistence, year) => {
    const given = prepare(AIRLINE, { window, border: 'inside', drop_last_window: 1 });
    expect([given.data.splits['train']?.examples, given.data.splits['test']?.examples]).toEqual([train, test_]);
    expect(level(given, 'test/root_mean_squared_error', 'persistence').toFixed(2)).toBe(persistence.toFixed(2));
    expect(level(given, 'test/root_mean_squared_error', 'seasonal_naive').toFixed(2)).toBe(year.toFixed(2));
  });

  test('over all windows inside, and over every month of the test', () => {
    expect(level(prepare(AIRLINE, { border: 'inside' }), 'test/root_mean_squared_error', 'persistence').toFixed(2)).toBe('48.53');
    expect(prepare(AIRLINE).data.splits['test']?.examples).toBe(48);
  });

  test('the season is found', () => {
    expect(prepare(AIRLINE).upstream.fitted.own).toMatchObject({ season: 12, starts: { test: '1957-01' } });
    expect(prepare(AIRLINE, { season: 4 }).upstream.fitted.own).toMatchObject({ season: 4 });
  });
});

describe('what the naive forecasts reach is what the metrics make of their answers', () => {
  const text = [
    't,x,y',
    ...Array.from({ length: 60 }, (_, i) => `${i + 1},${(20 + i / 3 + 5 * Math.sin(i / 2)).toFixed(2)},${(3 + Math.cos(i)).toFixed(3)}`),
  ].join('\n');
  const given = prepare(
    text,
    { time: 't', targets: ['x', 'y'], horizon: 3, window: 2, season: 6, mean_of_last: 2, split: { test: 0.3 } },
    [],
    4,
  );
  const dataset = given.dataset();
  const [target = { shape: [], axes: [], dtype: 'float32' as const }] = Object.values(given.data.splits).map((split) => split.target);

  test.each([
    'mean_absolute_error',
    'root_mean_squared_error',
    'mean_absolute_percentage_error',
    'symmetric_mean_absolute_percentage_error',
    'mean_absolute_scaled_error',
    'r2',
  ])('%s', (kind) => {
    const stage = findStage(stages, 'metric', kind);
    if (!stage) throw new Error(kind);
    const model: ModelSpec = { output: target, parameters: [], buffers: [], state: {}, masks: [] };
    const upstream = { data: given.data, model, loss: { reading: 'values' } } as const;
    const metric = stage.create(tools, {}, stage.plan({}, upstream, noProblem), upstream);
    for (const split of ['train', 'test']) {
      const batches = [...dataset.batches(split, 1)];
      const rows = given.data.splits[split]?.examples ?? 0;
      const joined = (of: (batch: Batch) => ArrayLike<number>, shape: readonly number[]) => ({
        shape,
        values: Float32Array.from(batches.flatMap((batch) => Array.from(of(batch)))).subarray(
          0,
          shape.reduce((a, b) => a * b, 1),
        ),
      });
      const levels = given.data.baselines?.[`${split}/${kind}`] ?? {};
      expect(Object.keys(levels).toSorted()).toEqual(['drift', 'mean', 'mean_of_last_2', 'persistence', 'seasonal_naive']);
      const numbers = Object.values(levels);
      expect(numbers).toEqual(numbers.toSorted((a, b) => (kind === 'r2' ? a - b : b - a)));
      for (const [name, level] of Object.entries(levels)) {
        const answer = dataset.baselines?.(split)[name] ?? (() => new Float32Array());
        const collected = {
          output: joined(answer, [rows, 6]),
          target: joined(({ target: truth }) => truth, [rows, 6]),
          weight: joined(({ weight }) => weight, [rows]),
        };
        const measured = metric.evaluate?.(collected) ?? Number.NaN;
        expect((typeof measured === 'number' ? measured : measured.value) / level).toBeCloseTo(1, 5);
      }
    }
  });

  test('but for what is no number: a percentage of 0, the share of a variance that is none', () => {
    const flat = ['t,x', ...Array.from({ length: 30 }, (_, i) => `${i + 1},${i < 20 ? i : 0}`)].join('\n');
    const { data } = prepare(flat, { time: 't', targets: ['x'], window: 2, season: 1, split: { test: 0.3 } });
    expect(Object.keys(data.baselines ?? {}).filter((key) => key.startsWith('test/'))).toEqual([
      'test/mean_absolute_error',
      'test/root_mean_squared_error',
      'test/symmetric_mean_absolute_percentage_error',
      'test/mean_absolute_scaled_error',
    ]);
  });
});

describe('the mean of the last values, where it is asked for', () => {
  const days = (values: readonly (number | string)[]): string => ['t,x', ...values.map((value, at) => `${2000 + at},${value}`)].join('\n');
  const options: Partial<Options> = { time: 't', targets: ['x'], horizon: 2, split: { test: 0.4 }, season: 1 };
  const answersTo = (text: string, more: Partial<Options>, name: string, split: string): readonly (readonly number[])[] => {
    const dataset = prepare(text, { ...options, ...more }, [], 2).dataset();
    const answer = dataset.baselines?.(split)[name];
    return [...dataset.batches(split, 1)].flatMap((batch) => {
      const given = answer?.(batch) ?? new Float32Array();
      const outputs = given.length / batch.weight.length;
      const rows = Array.from(batch.weight.keys(), (row) => [...given.subarray(row * outputs, (row + 1) * outputs)]);
      return rows.filter((_, row) => batch.weight[row] === 1);
    });
  };

  test('is one value for all steps ahead, of what is known at the origin alone', () => {
    const text = days([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
    expect(answersTo(text, { mean_of_last: 3 }, 'mean_of_last_3', 'test')).toEqual(
      [56 / 3, 112 / 3, 224 / 3].map((mean) => [Math.fround(mean), Math.fround(mean)]),
    );
  });

  test('is of as many as there are: at the beginning, and where some are missing', () => {
    const text = days([1, 2, 4, '', 16, 32, 64, 128, 256, 512]);
    const train = answersTo(text, { mean_of_last: 2, missing: 'drop', horizon: 1, split: { test: 0.1 } }, 'mean_of_last_2', 'train');
    expect(train.map(([first]) => first)).toEqual([1, 1.5, 16, 24, 48, 96]);
  });

  test('is there by its name only where it is asked for, and not longer than what trains', () => {
    const given = prepare(SHAMPOO, { time: 'Time', targets: ['Sales'], split: { test: 12 / 36 }, mean_of_last: 2 });
    expect(level(given, 'test/root_mean_squared_error', 'mean_of_last_2').toFixed(2)).toBe('96.01');
    expect(Object.keys(prepare(AIRLINE).data.baselines?.['test/mean_absolute_error'] ?? {})).not.toContain('mean_of_last_2');
    expect(told(days([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), { ...options, horizon: 1, mean_of_last: 7 })).toContainEqual(
      expect.stringMatching(/^long-mean mean_of_last: the mean of 7 last values needs more than trains, 6 steps/),
    );
  });
});

test('persistence of the shampoo series, months written 1-01 to 3-12', () => {
  const [header = '', ...rows] = SHAMPOO.trim().split('\n');
  const columns = header.replaceAll('"', '').split(',');
  const given = prepare(SHAMPOO, { time: columns[0] ?? '', targets: [columns[1] ?? ''], split: { test: 12 / 36 } });
  expect(rows).toHaveLength(36);
  expect(level(given, 'test/root_mean_squared_error', 'persistence').toFixed(3)).toBe('136.761');
});

describe('windows', () => {
  const count = 30;
  const days = Array.from({ length: count }, (_, i) => `2020-01-${String(i + 1).padStart(2, '0')},${i},${100 * i}`);
  const text = ['t,x,h', ...days].join('\n');
  const options: Partial<Options> = { time: 't', targets: ['x'], window: 3, horizon: 2, split: { validation: 0.2, test: 0.2 } };
  const batchesOf = (more: Partial<Options>, split: string, transform: readonly Listed[] = []): readonly Batch[] => {
    const { dataset } = prepare(text, { ...options, ...more }, transform);
    return [...dataset().batches(split, 1)];
  };
  const targets = (batches: readonly Batch[]) => batches.map(({ target }) => [...target]);

  test('every target lies in its part, in the order of time', () => {
    expect(targets(batchesOf({}, 'test'))).toEqual([24, 25, 26, 27, 28].map((day) => [day, day + 1]));
    expect(targets(batchesOf({}, 'validation'))).toEqual([18, 19, 20, 21, 22].map((day) => [day, day + 1]));
    expect(targets(batchesOf({}, 'train')).at(-1)).toEqual([16, 17]);
  });

  test('may begin before their part, or not', () => {
    expect([...(batchesOf({}, 'test')[0]?.inputs.input ?? [])]).toEqual([21, 22, 23]);
    expect([...(batchesOf({ border: 'inside' }, 'test')[0]?.inputs.input ?? [])]).toEqual([24, 25, 26]);
  });

  test('change with nothing at or after the origin, but what is known in advance', () => {
    const changed = ['t,x,h', ...days.slice(0, 24), ...days.slice(24).map((row) => row.replace(/,\d+,/, ',-7,'))].join('\n');
    const first = (of: string, more: Partial<Options>): Batch | undefined => {
      const [batch] = prepare(of, { ...options, ...more })
        .dataset()
        .batches('test', 1);
      return batch;
    };
    expect(first(changed, {})?.inputs).toEqual(first(text, {})?.inputs);
    // A known column stands in a step with the value that it has two steps later.
    expect([...(first(text, { known: ['h'] })?.inputs.input ?? [])]).toEqual([21, 2300, 22, 2400, 23, 2500]);
  });

  test('as the features of one step', () => {
    const { data } = prepare(text, { ...options, layout: 'features', features: ['x', 'h'] });
    expect(data.splits['train']?.inputs.input.shape).toEqual([1, 6]);
    expect([...(batchesOf({ layout: 'features', features: ['x', 'h'] }, 'test')[0]?.inputs.input ?? [])]).toEqual([
      21, 2100, 22, 2200, 23, 2300,
    ]);
  });

  test('several series of one file stay apart', () => {
    const two = [
      's,t,x',
      ...days.map((row) => `a,${row}`),
      ...days.map((row) => `b,${row.replace(/,(\d+),/, (_, x) => `,${1000 + Number(x)},`)}`),
    ]
      .map((row) => row.split(',').slice(0, 3).join(','))
      .join('\n');
    const { dataset, data } = prepare(two, { ...options, series: 's' }, [{ kind: 'difference' }, { kind: 'standardize' }]);
    expect(data.splits['test']?.examples).toBe(10);
    for (const { target } of dataset().batches('train', 1)) for (const change of target) expect(Math.abs(change)).toBe(0);
  });

  test('that hold a missing value are left out, or it is filled in', () => {
    const holed = text.replace('2020-01-10,9,', '2020-01-10,,').replace('2020-01-27,26,2600\n', '');
    expect(told(holed, options).map((each) => each.slice(0, 60))).toEqual([
      'gap file: line 28: 1 step missing between 2020-01-26 and 202',
      'missing-value file: line 11: "x" is empty (write missing: fo',
    ]);
    const dropped = prepare(holed, { ...options, missing: 'drop' }).dataset();
    for (const split of ['train', 'validation', 'test'])
      for (const { inputs, target } of dropped.batches(split, 1)) expect([...inputs.input, ...target].every(Number.isFinite)).toBe(true);
    expect(prepare(holed, { ...options, missing: 'forward' }).data.splits['test']?.examples).toBe(5);
    expect(prepare(holed, { ...options, missing: 'drop' }).data.splits['test']?.examples).toBe(1);
    const all = holed.replace('2020-01-26,25,', '2020-01-26,,').replace('2020-01-29,28,', '2020-01-29,,');
    expect(told(all, { ...options, missing: 'drop' })[0]).toMatch(/^empty-split split\.test: every window of test holds a missing value/);
  });
});

test('of weekdays with holidays, dates are those of the rows, in forecasts and where a part begins', () => {
  // Mondays to Fridays of nine weeks, without the Wednesday of each: no step is missing.
  const days = Array.from({ length: 63 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)).filter((_, i) =>
    [0, 1, 3, 4].includes(i % 7),
  );
  const text = ['day,x', ...days.map((day, i) => `${day},${i}`)].join('\n');
  const given = prepare(text, { time: 'day', targets: ['x'], window: 2, horizon: 2, split: { test: { from: '2024-02-15' } } });
  const dataset = given.dataset();
  const [first, ...rest] = dataset.rows?.('test') ?? [];
  expect(first?.times).toEqual(['2024-02-15', '2024-02-16']);
  expect([...dataset.batches('test', 1)][0]?.target[0]).toBe(days.indexOf('2024-02-15'));
  expect(rest.at(-1)?.times).toEqual(days.slice(-2));
  expect(given.upstream.fitted.own?.['starts']).toEqual({ test: '2024-02-15' });
  expect(given.data.facts.find(({ key }) => key === 'test-windows')?.value).toMatch(/from 2024-02-15 to 2024-03-01$/);
});

describe('folds', () => {
  const years = ['t,x', ...Array.from({ length: 100 }, (_, i) => `${1900 + i},${i}`)].join('\n');
  const shares = { validation: 0.1, test: 0.1 };
  const dates = { validation: { from: '1980' }, test: { from: '1990' } };
  const ofFold = (fold?: number, split: typeof shares | typeof dates = shares) =>
    dataBy(
      series,
      { ...airline, time: 't', targets: ['x'], window: 4, split, folds: { kind: 'expanding', count: 3 } },
      {
        files: { read: () => new TextEncoder().encode(years) },
        transforms: [used({ kind: 'standardize' })],
        ...(fold !== undefined && { fold }),
      },
      // What grows all the time is never in the range of what trains.
      (problem) => expect(problem.severity).toBe('warning'),
    );
  const targets = (given: ReturnType<typeof ofFold>, split: string): readonly number[] =>
    [...given.dataset().batches(split, 1)].flatMap(({ inputs }) => [...(inputs['truth'] ?? [])]);

  test.each([
    [1, 60, 70, 80],
    [2, 70, 80, 90],
    [3, 80, 90, 100],
  ])('%d: all that lies before its test trains, and is what transforms are fitted to', (fold, validates, tests, end) => {
    const given = ofFold(fold);
    expect([targets(given, 'train')[0], targets(given, 'train').at(-1)]).toEqual([4, validates - 1]);
    expect([targets(given, 'validation')[0], targets(given, 'validation').at(-1)]).toEqual([validates, tests - 1]);
    expect([targets(given, 'test')[0], targets(given, 'test').at(-1)]).toEqual([tests, end - 1]);
    expect(given.upstream.fitted.transforms?.['x']?.[0]?.['centre']).toBeCloseTo((validates - 1) / 2, 10);
  });

  test.each([1, 2, 3])('%d: dates move along as shares do', (fold) => {
    for (const split of ['train', 'validation', 'test']) expect(targets(ofFold(fold, dates), split)).toEqual(targets(ofFold(fold), split));
  });

  test('all of them are told with the times of their parts', () => {
    expect(ofFold(1).data.folds).toEqual(
      [60, 70, 80].map((validates) => [
        { split: 'train', from: 0, to: validates, begins: '1900', ends: String(1899 + validates) },
        { split: 'validation', from: validates, to: validates + 10, begins: String(1900 + validates), ends: String(1909 + validates) },
        { split: 'test', from: validates + 10, to: validates + 20, begins: String(1910 + validates), ends: String(1919 + validates) },
      ]),
    );
  });

  test('the last one where none is said', () => expect(targets(ofFold(), 'test')).toEqual(targets(ofFold(3), 'test')));
});

describe('transforms', () => {
  const lists: readonly (readonly Listed[])[] = [
    [{ kind: 'min_max' }],
    [{ kind: 'log' }, { kind: 'difference', lag: 12 }, { kind: 'standardize' }],
    [{ kind: 'clip', share: 0.1 }],
  ];

  test.each(lists.map((list) => [list.map(({ kind }) => kind).join(', '), list] as const))(
    '%s: targets are undone to the truth, in the unit of the file',
    (_, list) => {
      const given = prepare(AIRLINE, { window: 6, horizon: 14 }, list, 8);
      const decode = series.decode?.(
        { ...tools, transforms: given.upstream.transforms },
        { ...airline, window: 6, horizon: 14 },
        given.data,
      );
      let first = true;
      for (const { inputs, target, weight } of given.dataset().batches('test', 1)) {
        const tensors = Object.fromEntries(
          Object.entries(inputs).map(([name, values]) => [name, tf.tensor2d(values, [8, values.length / 8])]),
        );
        const given8 = { output: tf.tensor2d(target, [8, 14]), target: tf.tensor2d(target, [8, 14]) };
        const made = decode?.(given8, { input: tensors['input'] ?? given8.target, ...tensors });
        const [undone, truth] = [made?.output.dataSync() ?? [], made?.target.dataSync() ?? []];
        if (first) expect(truth[0]).toBe(315);
        first = false;
        for (const [at, value] of Array.from(truth).entries()) {
          if ((weight[Math.floor(at / 14)] ?? 0) === 0 || list[0]?.kind === 'clip') continue;
          expect((undone[at] ?? 0) / value).toBeCloseTo(1, 4);
        }
      }
    },
  );

  test('are fitted to what trains, or to all where that is written', () => {
    const fittedTo = (fit_on: string) => prepare(AIRLINE, {}, [{ kind: 'min_max', fit_on }]).upstream.fitted.transforms?.['Passengers'];
    expect(fittedTo('train')).toEqual([{ centre: 104, width: 413 - 104 }]);
    expect(fittedTo('all')).toEqual([{ centre: 104, width: 518 }]);
  });

  test('of some columns leave the others as they are', () => {
    const text = ['t,x,y', ...Array.from({ length: 20 }, (_, i) => `${i},${2 ** i},${-i}`)].join('\n');
    const options: Partial<Options> = { time: 't', targets: ['x'], features: ['x', 'y'], window: 2, split: { test: 0.2 } };
    const log = { kind: 'log', columns: ['x'] };
    const [batch] = prepare(text, options, [log, { kind: 'difference', columns: ['x'] }])
      .dataset()
      .batches('train', 1);
    expect([...(batch?.inputs.input ?? [])].map((value) => Number((value / Math.LN2).toFixed(4)))).toEqual(
      [1, -1 / Math.LN2, 1, -2 / Math.LN2].map((value) => Number(value.toFixed(4))),
    );
    expect([...(batch?.inputs['truth'] ?? []), ...(batch?.inputs['past'] ?? [])]).toEqual([8, 4]);
    expect(told(text, options, [{ kind: 'log', columns: ['z'] }])[0]).toMatch(
      /^missing-column transform\.0\.columns\.0: "z" is no column that is read/,
    );
  });

  test('that can not be applied to what others make of a value are told with its line, too', () => {
    expect(told(AIRLINE, {}, [{ kind: 'standardize' }, { kind: 'log' }])[0]).toMatch(
      /^not-transformed transform\.1\.kind: line 2: "Passengers" is -1\.\d+, and log can't/,
    );
    expect(told(AIRLINE, {}, [{ kind: 'difference', lag: 2 }, { kind: 'log' }])[0]).toMatch(
      /^not-transformed transform\.1\.kind: line 6: "Passengers" is -11, /,
    );
  });

  test('that can not be applied are told with line and value', () => {
    expect(told(AIRLINE.replace('1949-03,132', '1949-03,0'), {}, [{ kind: 'log' }])).toEqual([
      'not-transformed transform.0.kind: line 4: "Passengers" is 0, and log can\'t change it: no logarithm of 0 (write an offset that brings all values above 0, columns: [COLUMN] with those that have logarithms, or leave log out)',
    ]);
  });
});

describe('mistakes', () => {
  test.each<[string, string, Partial<Options>, RegExp]>([
    ['a column that is not there', AIRLINE, { targets: ['passengers'] }, /^missing-column targets\.0: .*\(did you mean "Passengers"\?\)/],
    ['no column of time', AIRLINE, { time: 'Date' }, /^missing-column time: /],
    ['a step twice', AIRLINE.replace('1949-02', '1949-01'), {}, /^time-twice file: line 3: 1949-01 is there twice/],
    ['a gap', AIRLINE.replace('1949-03,132\n', ''), {}, /^gap file: line 4: 1 step missing between 1949-02 and 1949-04/],
    ['no date', AIRLINE.replace('1949-03', 'March'), {}, /^unknown-time file: line 4: "Month" is "March"/],
    ['no number', AIRLINE.replace('1949-03,132', '1949-03,many'), {}, /^not-a-number file: line 4: "Passengers" is "many"/],
    ['a split that is no step', AIRLINE, { split: { test: { from: 'later' } } }, /^unknown-time split\.test\.from/],
    [
      'a window longer than a part',
      AIRLINE,
      { window: 200 },
      /^empty-split window: train has 96 steps, and a window with its forecast takes 201/,
    ],
    ['a season longer than what trains', AIRLINE, { season: 96 }, /^long-season season: /],
    ['a target that is known', AIRLINE, { known: ['Passengers'] }, /^sees-the-answer known: /],
  ])('%s', (_, text, options, message) => expect(told(text, options)[0]).toMatch(message));

  test('dates of another form are told with the key to write', () => {
    const german = AIRLINE.replaceAll(/^(\d{4})-(\d\d)/gm, '15.$2.$1');
    expect(told(german)[0]).toMatch(/^unknown-time file: line 2: .*\(write time: \{column: Month, written: dd\.MM\.yyyy\}\)/);
    expect(prepare(german, { time: { column: 'Month', written: 'dd.MM.yyyy' } }).data.splits['test']?.examples).toBe(48);
  });

  test('a file as a spreadsheet writes it is read: semicolons, decimal commas, rows out of order', () => {
    const rows = AIRLINE.trim()
      .split('\n')
      .slice(1)
      .toReversed()
      .map((row) => row.replace(',', ';').replace(/$/, ',5'));
    const given = prepare(['Month;Passengers', ...rows].join('\r\n'));
    expect(given.data.splits['test']?.examples).toBe(48);
    expect(given.data.facts.map(({ key }) => key)).toEqual(expect.arrayContaining(['separator', 'reordered', 'step', 'season']));
  });
});

describe('validation that begins after the test', () => {
  const counted = ['t,x', ...Array.from({ length: 100 }, (_, step) => `${step},${(step * 7) % 11}`)].join('\n');
  const of = (text: string, time: string, target: string, validation: string, test: string) =>
    told(text, { time, targets: [target], split: { validation: { from: validation }, test: { from: test } } }).filter((each) =>
      each.startsWith('splits-out-of-order'),
    );

  test('is told of dates', () => {
    expect(of(AIRLINE, 'Month', 'Passengers', '1959-01', '1957-01')).toEqual([
      expect.stringMatching(/^splits-out-of-order split\.validation: validation begins after the test/),
    ]);
    expect(of(AIRLINE, 'Month', 'Passengers', '1955-01', '1957-01')).toEqual([]);
  });

  test('is told of steps that are counted, as numbers and not as text', () => {
    expect(of(counted, 't', 'x', '80', '9')).toHaveLength(1);
    expect(of(counted, 't', 'x', '9', '80')).toEqual([]);
  });
});
