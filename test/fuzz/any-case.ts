import { experimentSchema } from '../../src/language/experiment.js';
import type { JsonSchema } from '../../src/language/type.js';
import { stages } from '../../src/stages/registry.js';
import fc from '../support/properties.js';
import { anyValue, type Places } from './any-value.js';

/** A document, and the file that it may read. */
export interface Case {
  readonly document: Readonly<Record<string, unknown>>;
  readonly data: string | Uint8Array;
}

type Values = Readonly<Record<string, unknown>>;

/** The first, and one time in twenty the second. */
export const mostly = <T>(often: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 19, arbitrary: often }, { weight: 1, arbitrary: seldom });

/** Sizes small enough for an epoch in a tenth of a second; edges of everything else. */
const size = fc.constantFrom(1, 2, 3, 5);

/** The file that documents of the fuzz read. */
export const DATA = 'data file #1';

// ------------------------------------------------------------------------------------------------ data

const texts = fc
  .record({
    alphabet: fc.constantFrom('a', 'ab', 'the boat goes out ', '🚣x\n', ' ', 'Aa-9\u0000', '春眠不覺曉 '),
    length: mostly(fc.constantFrom(7, 40, 150, 400), fc.constantFrom(0, 1, 2)),
    step: fc.constantFrom(1, 3, 5, 7),
    end: fc.constantFrom('', '', '\n', '\uFEFF'),
  })
  .map(({ alphabet, length, step, end }) => {
    const characters = [...alphabet];
    return Array.from({ length }, (_, i) => characters[(i * step + Math.floor(i / 11)) % characters.length]).join('') + end;
  });

const CELLS = [
  'number',
  'number',
  'number',
  'same',
  'class',
  'class',
  'one class',
  'each',
  'bit',
  'words',
  'huge',
  'tiny',
  'gap',
  'word',
  'infinite',
] as const;
type Cells = (typeof CELLS)[number];

function cell(kind: Cells, sequence: number, step: number): string | number {
  const share = Math.abs(Math.sin(7 * sequence + 3 * step + 1));
  switch (kind) {
    case 'number':
      return Number((4 * share - 2).toFixed(3));
    case 'same':
      return 3;
    case 'class':
      return sequence % 3;
    case 'one class':
      return 'only';
    case 'each':
      return `${sequence}-${step}`;
    case 'bit':
      return (sequence + step) % 2;
    case 'words':
      return ['red', 'Red', ' green', '1', '1.0'][(sequence + step) % 5] ?? '';
    case 'huge':
      return share * 1e300;
    case 'tiny':
      return share * 1e-300;
    case 'gap':
      return sequence === 1 && step === 0 ? '' : share;
    case 'word':
      return sequence === 0 && step === 1 ? 'NaN' : share;
    case 'infinite':
      return sequence === 0 ? 'Infinity' : share;
    default:
      return kind satisfies never;
  }
}

/** What people and programs call things: splits become names of files. */
const ODD_NAMES = ['my split', 'a/b', '..', '.', '__proto__', 'constructor', 'a\tb', 'é', 'x'.repeat(300), 'con', 'a:b*?', '-'];

const table = fc.record({
  sequences: mostly(fc.constantFrom(2, 3, 5, 10), fc.constantFrom(0, 1)),
  steps: fc.constantFrom(1, 1, 2, 4, 9),
  vary: fc.boolean(),
  a: fc.constantFrom(...CELLS),
  b: fc.constantFrom(...CELLS),
  label: fc.constantFrom(...CELLS),
  part: mostly<readonly string[]>(
    fc.constantFrom(['train', 'test'], ['train', 'train', 'validation', 'test']),
    fc.constantFrom(['train'], ['Train', 'test'], ['train', ''], ...ODD_NAMES.map((name) => ['train', name])),
  ),
});

type TableOf = typeof table extends fc.Arbitrary<infer T> ? T : never;

const rowsOf = ({ sequences, steps, vary, a, b, label, part }: Omit<TableOf, 'steps'> & { readonly steps: number }): readonly Values[] =>
  Array.from({ length: sequences }, (_, sequence) =>
    Array.from({ length: vary ? Math.max(1, steps - (sequence % 3)) : steps }, (_step, step) => ({
      id: sequence,
      t: step,
      a: cell(a, sequence, step),
      b: cell(b, sequence, step),
      label: cell(label, sequence, step),
      each: cell(label, sequence, 0),
      part: part[sequence % part.length],
    })),
  ).flat();

const csv = (rows: readonly Values[]): string =>
  ['id,t,a,b,label,each,part', ...rows.map((row) => Object.values(row).join())].map((line) => `${line}\n`).join('');

const jsonSteps = (rows: readonly Values[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const jsonSequences = (rows: readonly Values[]): string =>
  [...new Set(rows.map(({ id }) => id))]
    .map((id) => {
      const own = rows.filter((row) => row['id'] === id);
      const lists = Object.fromEntries(['t', 'a', 'b', 'label'].map((name) => [name, own.map((row) => row[name])]));
      return `${JSON.stringify({ ...lists, each: own[0]?.['each'], part: own[0]?.['part'] })}\n`;
    })
    .join('');

function npy(rows: readonly Values[]): Uint8Array {
  const sequences = new Set(rows.map(({ id }) => id)).size;
  const steps = rows.reduce((most, { t }) => Math.max(most, Number(t) + 1), 0);
  const numbers = new Float32Array(sequences * steps * 4).fill(Number.NaN);
  for (const { id, t, a, b, label, each } of rows) {
    [a, b, label, each].forEach((value, i) => (numbers[(Number(id) * steps + Number(t)) * 4 + i] = Number(value)));
  }
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sequences}, ${steps}, 4), }`.padEnd(117).concat('\n');
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([header.length, 0]),
    Buffer.from(header),
    Buffer.from(numbers.buffer),
  ]);
}

// ------------------------------------------------------------------------------------------------ documents

const schema = experimentSchema(stages);
const partOf = (slot: string): JsonSchema => schema.properties[slot] ?? {};
const kindsOf = ({ oneOf = [] }: JsonSchema): ReadonlyMap<string, JsonSchema> =>
  new Map(oneOf.map((one) => [String(one.properties?.['kind']?.enum?.[0]), one]));
const datasets = kindsOf(partOf('dataset'));

/** What the edges of the schema alone would make too large, or never right. */
const DATASET: Places = {
  file: mostly(fc.constant(DATA), fc.constantFrom('nowhere', '.')),
  bits: fc.constantFrom(2, 3, 4, 5, 31),
  examples: mostly(fc.constantFrom(2, 3, 10, 40), fc.constantFrom(1e9, Number.MAX_SAFE_INTEGER)),
  train_fraction: fc.constantFrom(1e-12, 0.1, 0.5, 0.8, 0.999),
  held_out: fc.constantFrom(0, 0, 1e-12, 0.1, 0.5, 0.999),
  test_bits: fc.constantFrom([2], [3, 7], [31]),
  max_tokens: fc.constantFrom(2, 100, 200, 300),
  time_steps: mostly(fc.constantFrom(1, 2, 3, 7), fc.constant(40)),
  minimum_count: fc.constantFrom(1, 2, 1000),
  validation: fc.constantFrom(0, 0.01, 0.1, 0.5, 0.99),
  seed: fc.constantFrom('inherit', 0, 7, Number.MAX_SAFE_INTEGER),
};

const COLUMNS = ['a', 'b', 'label', 'each', 't', 'id', 'part', 'nowhere'] as const;

const sequencesOf = (format: string): fc.Arbitrary<Values> => {
  const isArray = format === 'npy';
  const names = isArray ? [0, 1, 2, 3, 4, 'a'] : COLUMNS;
  const likely = isArray ? [0, 1] : ['a', 'b'];
  const places: Places = {
    ...DATASET,
    format: fc.constant(format.replace(/ .*/, '')),
    sequence: mostly(fc.constant('id'), fc.constantFrom('a', 'part', 'nowhere')),
    order: mostly(fc.constant('t'), fc.constantFrom('a', 'part', 'nowhere')),
    features: mostly<readonly unknown[]>(fc.constantFrom([likely[0]], likely), fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 })),
    target: isArray
      ? mostly(fc.constantFrom(2, 3), fc.constantFrom(0, 9))
      : mostly(fc.constantFrom('label', 'each', 'a'), fc.constantFrom('nowhere', 'part')),
    split: fc.record({ validation: fc.constantFrom(0, 0.2, 0.5), test: fc.constantFrom(0, 0.2, 0.5, 0.9) }, { requiredKeys: [] }),
    split_column: isArray ? fc.constantFrom(3) : mostly(fc.constant('part'), fc.constantFrom('label', 'nowhere')),
  };
  const { properties = {}, ...rest } = datasets.get('sequences') ?? {};
  const { sequence, split_column, order, ...others } = properties;
  const wanted = {
    ...others,
    ...(format === 'csv' || format === 'jsonl steps' ? { sequence: sequence ?? {} } : {}),
    ...(isArray ? {} : { order: order ?? {} }),
  };
  const required = [...(rest.required ?? []), ...(sequence && 'sequence' in wanted ? ['sequence'] : [])];
  const one = (more: Readonly<Record<string, JsonSchema>>) =>
    anyValue({ ...rest, required, properties: { ...wanted, ...more } }, places) as fc.Arbitrary<Values>;
  return fc.oneof({ weight: 4, arbitrary: one({}) }, { weight: 1, arbitrary: one({ split_column: split_column ?? {} }) });
};

/** Series of one file, long enough for a window or two; what they hold is as odd as anywhere. */
const seriesTable = fc
  .record({ rows: table, steps: fc.constantFrom(12, 25, 40) })
  .map(({ rows, steps }) => csv(rowsOf({ ...rows, steps, vary: false })));

const seriesSources = anyValue(datasets.get('series') ?? {}, {
  ...DATASET,
  time: mostly(fc.constant('t'), fc.constantFrom('part', 'a', 'nowhere')),
  series: mostly(fc.constant('id'), fc.constantFrom('part', 'nowhere')),
  targets: mostly<unknown>(fc.constantFrom(['a'], ['a', 'b']), fc.constantFrom(['part'], ['nowhere'])),
  features: mostly<unknown>(fc.constantFrom(['a'], ['b'], ['a', 'b']), fc.constantFrom(['id'], ['nowhere'])),
  known: mostly<unknown>(fc.constantFrom(['t'], ['id']), fc.constantFrom(['a'], ['nowhere'])),
  window: mostly(fc.constantFrom(1, 2, 3), fc.constantFrom(30, Number.MAX_SAFE_INTEGER)),
  horizon: mostly(fc.constantFrom(1, 1, 2), fc.constantFrom(30, Number.MAX_SAFE_INTEGER)),
  drop_last_window: mostly(fc.constant(0), fc.constantFrom(1, Number.MAX_SAFE_INTEGER)),
  season: fc.constantFrom(1, 2, 5, Number.MAX_SAFE_INTEGER),
  split: fc.constantFrom({ test: 0.2 }, { test: 0.3, validation: 0.2 }, { test: { from: '9' } }, { validation: 0.1 }),
  'folds.count': mostly(fc.constant(2), fc.constant(1000)),
  'transform.columns': fc.constantFrom(['a'], ['b'], ['nowhere']),
  'transform.lag': mostly(fc.constantFrom(1, 2), fc.constantFrom(50, Number.MAX_SAFE_INTEGER)),
}) as fc.Arbitrary<Values>;

/** Texts of one word to a few, with labels as odd as anywhere. */
const textRows = fc.record({
  rows: mostly(fc.constantFrom(3, 6, 20), fc.constantFrom(0, 1)),
  label: fc.constantFrom(...CELLS),
  part: table.map(({ part }) => part),
});
const WORDS = ['the', 'boat', "don't", '€', '3.14', '好', 'a,b', ''];
const textOf = (row: number): string =>
  Array.from({ length: 1 + (row % 4) }, (_, at) => WORDS[(row * 3 + at) % WORDS.length] ?? '').join(' ');
const textsCsv = textRows.map(({ rows, label, part }) =>
  [
    'text,label,part',
    ...Array.from({ length: rows }, (_, row) => `"${textOf(row)}",${cell(label, row, 0)},${part[row % part.length]}`),
    '',
  ].join('\n'),
);
const conll = textRows.map(({ rows, label }) =>
  Array.from({ length: rows }, (_, row) =>
    textOf(row)
      .split(' ')
      .map((word, at) => `${word === '' ? '-' : word} ${String(cell(label, row, at)).replaceAll(/\s/g, '') || 'O'}\n`)
      .join(''),
  ).join('\n'),
);

const TEXTS: Places = {
  ...DATASET,
  validation_file: fc.constant(DATA),
  test_file: fc.constant(DATA),
  text: mostly(fc.constant('text'), fc.constantFrom('label', 'nowhere')),
  target: mostly(fc.constant('label'), fc.constantFrom('text', 'nowhere')),
  id: fc.constantFrom('part', 'text', 'nowhere'),
  sentence: fc.constantFrom('part', 'nowhere'),
  words: fc.constantFrom(0, 1, 'text', 9),
  split_column: mostly(fc.constant('part'), fc.constant('nowhere')),
  maximum_length: fc.constantFrom(1, 2, 256, Number.MAX_SAFE_INTEGER),
  vocabulary_size: fc.constantFrom(1, 3, Number.MAX_SAFE_INTEGER),
  split: fc.record(
    { validation: fc.constantFrom(0, 0.2, 0.5), test: fc.constantFrom(0, 0.2, 0.9), stratify: fc.boolean() },
    { requiredKeys: [] },
  ),
};
const TAGGED: Places = { ...TEXTS, target: fc.constantFrom(0, 1, 'label', 9) };

const FORMATS: Readonly<Record<string, (rows: readonly Values[]) => string | Uint8Array>> = {
  csv,
  'jsonl steps': jsonSteps,
  jsonl: jsonSequences,
  npy,
};

/** Data of one kind and what a document says of them: one of each dataset, of sequences one a format. */
export const anySources: readonly fc.Arbitrary<{ readonly dataset: Values; readonly data: Case['data'] }>[] = [...datasets.keys()].flatMap(
  (kind) =>
    kind === 'sequences'
      ? Object.entries(FORMATS).map(([format, write]) =>
          fc.record({ dataset: sequencesOf(format), data: table.map((one) => write(rowsOf(one))) }),
        )
      : kind === 'series'
        ? [fc.record({ dataset: seriesSources.map((one) => ({ ...one, series: one['series'] ?? 'id' })), data: seriesTable })]
        : kind === 'texts'
          ? [fc.record({ dataset: anyValue(datasets.get(kind) ?? {}, TEXTS) as fc.Arbitrary<Values>, data: textsCsv })]
          : kind === 'tagged'
            ? [fc.record({ dataset: anyValue(datasets.get(kind) ?? {}, TAGGED) as fc.Arbitrary<Values>, data: conll })]
            : [fc.record({ dataset: anyValue(datasets.get(kind) ?? {}, DATASET) as fc.Arbitrary<Values>, data: texts })],
);

const LEARNING_RATE: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0.01, 0.1) },
  { weight: 1, arbitrary: fc.constantFrom(1e-300, 1e-9, 1e30, 1e300) },
  {
    weight: 3,
    arbitrary: fc
      .record(
        {
          kind: fc.constantFrom('step', 'cosine', 'linear', 'exponential'),
          from: fc.constantFrom(1e-12, 0.1),
          to: fc.constantFrom(0, 1e-12, 0.1, 1),
          over: fc.constantFrom(1e-12, 0.5, 1, 3, 1e12),
          warmup: fc.constantFrom(0, 1e-12, 0.5, 1, 3),
        },
        { requiredKeys: ['kind', 'from', 'to', 'over'] },
      )
      .map((value): unknown => value),
  },
);

const optimizers = anyValue(partOf('optimizer'), {
  learning_rate: LEARNING_RATE,
  clip_norm: fc.constantFrom(1e-30, 0.1, 5, 1e30),
  weight_decay: fc.constantFrom(0, 1e-4, 1, 1e30),
  epsilon: fc.constantFrom(1e-300, 1e-8, 1, 1e30),
});

const SPLITS = ['train', 'test', 'validation', 'test_3_bits', 'my split'];
const METRICS = [...kindsOf(partOf('metrics').items ?? {}).keys()];

const WIDTHS: Places = {
  hidden_size: mostly(size, fc.constantFrom(1e7, Number.MAX_SAFE_INTEGER)),
  num_layers: mostly(fc.constantFrom(1, 2, 3), fc.constant(1e9)),
  units: size,
  'layers.units': size,
  'layers.output_dim': size,
  'layers.layer.units': size,
  'initializer.limit': fc.constantFrom(1e-30, 0.1, 1e30),
  'initializer.stddev': fc.constantFrom(1e-30, 0.1, 1e30),
  forget_bias: fc.constantFrom(-1e30, 0, 1, 1e30),
};

/** What a target asks for is written more often than not: readout, loss and last layer; else nearly everything would be refused. */
export interface Fit {
  readonly outputs: number;
  readonly perStep: boolean;
  readonly isClass: boolean;
  readonly isIndex: boolean;
}

const models = (fit: Fit | undefined): fc.Arbitrary<Values> => {
  const kinds = [...kindsOf(partOf('model'))];
  const readout = fit
    ? fc.constantFrom(...(fit.perStep ? ['every', 'every', 'every', 'last'] : ['last', 'last', 'last', 'every']))
    : undefined;
  return fc.oneof(
    ...kinds.map(([, one]) => {
      const any = anyValue(one, { ...WIDTHS, ...(readout && { readout }) }) as fc.Arbitrary<Values>;
      if (!one.properties?.['layers'] || !fit) return any;
      const layer = anyValue(
        one.properties['layers'].items ?? {},
        Object.fromEntries(Object.entries(WIDTHS).map(([path, value]) => [path.replace(/^layers\./, ''), value])),
      );
      const first = fit.isIndex
        ? fc.constantFrom<Values>({ kind: 'one_hot' }, { kind: 'embedding', output_dim: 2 })
        : fc.constant(undefined);
      const joins = fit.perStep
        ? fc.constant(undefined)
        : fc.constantFrom<Values>({ kind: 'flatten' }, { kind: 'global_average_pooling_1d' }, { kind: 'lstm', units: 2 });
      const fitted = fc.tuple(first, fc.array(layer, { maxLength: 3 }), joins, fc.boolean()).map(([start, between, join, bias]) => ({
        kind: 'sequential',
        layers: [
          ...(start ? [start] : []),
          ...(between as Values[]).map((each) =>
            'return_sequences' in each || ['lstm', 'gru', 'simple_rnn'].includes(String(each['kind']))
              ? { ...each, return_sequences: true }
              : each,
          ),
          ...(join ? [join] : []),
          { kind: 'dense', units: fit.outputs, use_bias: bias },
        ],
      }));
      return fc.oneof({ weight: 1, arbitrary: any }, { weight: 3, arbitrary: fitted });
    }),
  );
};

const CLASS_LOSSES = ['cross_entropy'];
const CLASS_METRICS = ['accuracy', 'perplexity', 'confusion_matrix'];
/** Nothing here has what it divides by. */
const OF_SERIES = ['mean_absolute_scaled_error'];

const losses = (fit: Fit | undefined): fc.Arbitrary<unknown> => {
  const kinds = [...kindsOf(partOf('loss'))];
  const fitting = kinds.filter(([kind]) => !fit || CLASS_LOSSES.includes(kind) === fit.isClass);
  const of = (some: typeof kinds) => fc.oneof(...some.map(([, one]) => anyValue(one)));
  return mostly(of(fitting), of(kinds));
};

const metrics = (fit: Fit | undefined, splits: readonly string[]): fc.Arbitrary<unknown> => {
  const fitting = METRICS.filter((kind) => !OF_SERIES.includes(kind) && (!fit || CLASS_METRICS.includes(kind) === fit.isClass));
  const named = mostly(fc.constantFrom(...(splits.length > 0 ? splits : SPLITS)), fc.constantFrom(...SPLITS));
  const one = fc
    .record(
      {
        kind: mostly(fc.constantFrom(...fitting), fc.constantFrom(...METRICS)),
        splits: fc.uniqueArray(named, { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: ['kind'] },
    )
    .map((metric) => (metric.kind === 'pinball' ? { ...metric, quantile: 0.9 } : metric));
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.uniqueArray(one, { maxLength: 3, selector: ({ kind }) => kind }) },
  );
};

const trainings = (hasText: boolean, splits: readonly string[]): fc.Arbitrary<Values> =>
  (
    anyValue(partOf('training'), {
      epochs: fc.constantFrom(1, 1, 1, 2),
      batch_size: mostly(fc.constantFrom(1, 2, 2, 3, 5), fc.constantFrom(8, 200, Number.MAX_SAFE_INTEGER)),
      checkpoint_every: fc.constantFrom(1, 2, 100),
      'early_stopping.metric': fc
        .tuple(
          mostly(fc.constantFrom('train', ...splits), fc.constantFrom(...SPLITS)),
          mostly(fc.constant('loss'), fc.constantFrom(...METRICS, 'nowhere')),
        )
        .map((parts) => parts.join('/')),
      'early_stopping.minimum_delta': fc.constantFrom(0, 0.1, 1e300),
      initial_weights: fc.constantFrom('nowhere.safetensors', DATA),
      'samples.prefixes': fc.constantFrom(['a'], ['the boat', '€'], [' '], ['\n']),
      'samples.length': fc.constantFrom(1, 3),
      'samples.temperature': fc.constantFrom(0, 1e-300, 0.7, 1e300),
      'samples.top_k': fc.constantFrom(1, 2, 1000),
    }) as fc.Arbitrary<Values>
  ).chain((training) => {
    const { samples, initial_weights, ...rest } = training;
    // Right more often than not: samples of text, and no weights from a file.
    return fc.tuple(fc.nat(9), fc.nat(9)).map(([a, b]) => ({
      ...rest,
      ...(samples !== undefined && (hasText || a === 0) && { samples }),
      ...(initial_weights !== undefined && b === 0 && { initial_weights }),
    }));
  });

/** The rest of a document around a dataset, of which something may be known. */
export const anyDocument = (dataset: Values, fit: Fit | undefined, splits: readonly string[]): fc.Arbitrary<Values> =>
  fc.record(
    {
      experiment: fc.constantFrom('fuzz', '0'),
      description: fc.constant('A document that nobody wrote.'),
      seed: fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER),
      dataset: fc.constant(dataset),
      model: models(fit),
      loss: losses(fit),
      optimizer: optimizers,
      metrics: metrics(fit, splits),
      training: trainings(dataset['kind'] === 'text' || dataset['kind'] === 'time_machine', splits),
    },
    { requiredKeys: ['experiment', 'dataset', 'model', 'loss', 'optimizer', 'training'] },
  );
