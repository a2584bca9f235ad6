import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Arrays, Engine, EngineKind, Step } from '../../src/engine/engine.js';
import { stages } from '../../src/stages/registry.js';
import type { Data, Loss, Metric, ModelSpec, Stage, Tools } from '../../src/stages/stage.js';
import { calls } from '../../src/train/calls.js';
import { drawMasks } from '../../src/train/masks.js';
import { createDataset, pipelineFor } from '../../src/train/pipeline.js';
import { trainingScalars } from '../../src/train/scalars.js';
import { freshStart } from '../../src/train/start.js';
import { evaluateStep, trainStep } from '../../src/train/step.js';
import { createStreams } from '../../src/random/streams.js';
import type { Prepared } from '../../src/run/prepare.js';
import { get } from '../../src/stages/tensors.js';
import { summedBy } from '../stages/support.js';
import { planned } from '../support/experiment.js';

/* Whatever computes, losses, metrics and gradients are the same: of every experiment that ships, every kind of data, every loss and metric. */

const KINDS: readonly EngineKind[] = [
  'compiled',
  'eager-js',
  'eager-wasm',
  ...(env['RETABLE_TEST_TENSORFLOW'] ? (['tensorflow'] as const) : []),
];
let engines: ReadonlyMap<EngineKind, Engine> = new Map();
beforeAll(async () => {
  engines = new Map(
    await Promise.all(KINDS.map(async (kind) => [kind, await createEngine({ kind, device: 'cpu', threads: 1, cache: null })] as const)),
  );
});
afterAll(async () => {
  for (const engine of engines.values()) await engine.dispose();
});

/** The largest distance of what an engine gives from what eager-js gives, as a share of max(1, |value|). */
async function disagreements(run: (engine: Engine) => Promise<Arrays>): Promise<Readonly<Record<string, number>>> {
  const made = new Map<EngineKind, Arrays>();
  for (const [kind, engine] of engines) made.set(kind, await run(engine));
  const reference = made.get('eager-js') ?? {};
  return Object.fromEntries(
    [...made].map(([kind, arrays]) => {
      expect(Object.keys(arrays).toSorted()).toEqual(Object.keys(reference).toSorted());
      const apart = Object.entries(reference).flatMap(([name, expected]) =>
        Array.from(expected, (value, i) => {
          const other = arrays[name]?.[i] ?? Number.NaN;
          return Object.is(value, other) || value === other ? 0 : Math.abs(value - other) / Math.max(1, Math.abs(value));
        }),
      );
      return [kind, apart.reduce((most, each) => (each <= most ? most : each), 0)];
    }),
  );
}

async function expectAgreement(run: (engine: Engine) => Promise<Arrays>): Promise<void> {
  for (const [kind, distance] of Object.entries(await disagreements(run))) expect(distance, kind).toBeLessThanOrEqual(1e-5);
}

/** Losses, metrics and weights of the first steps of an experiment on every split. Gradient descent of rate 1 makes weights show gradients. */
function firstSteps({ plan, files }: Prepared) {
  return async (engine: Engine): Promise<Arrays> => {
    const pipeline = pipelineFor(plan, stages);
    const made: Record<string, Float32Array> = {};
    let state = engine.state(trainStep(plan, pipeline).state, freshStart(plan, files).state);
    const keep = (what: string, outputs: Arrays): void => {
      for (const [name, values] of Object.entries(outputs)) made[`${what} ${name}`] = Float32Array.from(values);
    };
    for (const split of Object.keys(plan.data.splits)) {
      const isTraining = split === 'train';
      const step: Step = isTraining ? trainStep(plan, pipeline, { gradientNorm: true }) : evaluateStep(plan, pipeline, split);
      const program = await engine.compile(step, 1);
      const masks = (index: number): Arrays => (isTraining ? drawMasks(plan, createStreams(plan.seed), 1, index) : {});
      let done = 0;
      for (const call of calls(createDataset(plan, stages, files).batches(split, 1), step.inputs, 1, masks)) {
        const scalars = trainingScalars(plan, 1, done, 1);
        const wanted = Object.fromEntries(step.scalars.map((name) => [name, scalars[name] ?? Float32Array.of(1)]));
        const result = await program.run(state, call.inputs, wanted);
        state.dispose();
        state = result.state;
        keep(`${split} ${done}`, result.outputs);
        if (++done === STEPS) break;
      }
      if (isTraining) {
        for (const { name } of plan.model.parameters)
          made[`parameters ${name}`] = Float32Array.from(await state.read(`parameters/${name}`));
      }
      program.dispose();
    }
    state.dispose();
    return made;
  };
}

const STEPS = 3;
const SGD = 'optimizer={kind: sgd, learning_rate: 1}';
const SMALL: Readonly<Record<string, readonly string[]>> = {
  time_machine: ['training.batch_size=4', 'dataset.time_steps=6', 'dataset.max_tokens=300', 'model.hidden_size=6'],
  addition: ['training.batch_size=16', 'dataset.examples=100', 'model.hidden_size=6'],
  airline: ['training.batch_size=4'],
  adding: ['training.batch_size=4', 'dataset.steps=12', 'dataset.train=30', 'dataset.test=10', 'model.hidden_size=6'],
  reber: ['dataset.train=30', 'dataset.test=10', 'model.hidden_size=6'],
};

describe('every experiment that ships', () => {
  const documents = readdirSync('experiments').filter((name) => name.endsWith('.yaml'));
  test.each(documents)('%s', async (name) => {
    const [, small = []] = Object.entries(SMALL).find(([of]) => name.includes(of)) ?? [];
    const set = [SGD, ...small];
    await expectAgreement(firstSteps(planned(`experiments/${name}`, { set })));
  });
});

describe('every kind of data, with layers of every kind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'retable-engines-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const rows = Array.from({ length: 23 }, (_, s) =>
    Array.from({ length: 2 + (s % 4) }, (_step, t) => {
      const [x, y] = [Math.sin(s + 2 * t), ((s * 7 + t * 3) % 5) - 2];
      return [s, t, x.toFixed(3), y, s % 3 === 0 ? 'low' : s % 3 === 1 ? 'mid' : 'top', (x + y).toFixed(3)].join(',');
    }),
  ).flat();
  writeFileSync(join(folder, 'data.csv'), ['s,t,x,y,class,sum', ...rows, ''].join('\n'));
  writeFileSync(join(folder, 'text.txt'), 'the quick brown fox jumps over the lazy dog and the cat sits on the mat. '.repeat(12));

  const sentences = Array.from(
    { length: 30 },
    (_, s) =>
      `${'the cat sits on a mat and sleeps'
        .split(' ')
        .slice(s % 5, (s % 5) + 1 + (s % 4))
        .join(' ')},${'ab'.charAt(s % 2)}`,
  );
  writeFileSync(join(folder, 'texts.csv'), ['text,class', ...sentences, ''].join('\n'));

  const csv = 'kind: sequences, file: data.csv, format: csv, sequence: s, order: t, features: [x, y]';
  const numbers = (target: string, per: string): string => `{${csv}, target: ${target}, task: regression, target_per: ${per}}`;
  const labels = (per: string): string => `{${csv}, target: class, task: classification, target_per: ${per}}`;
  const layers = (...list: readonly string[]): string => `{kind: sequential, layers: [${list.join(', ')}]}`;
  const CLASSES = '{kind: cross_entropy}';
  const SCORES = '[{kind: accuracy}, {kind: perplexity}]';
  const steps = Array.from({ length: 40 }, (_, t) => `${2000 + t},${(3 + t + Math.sin(t)).toFixed(3)},${(t * 7) % 5}`);
  writeFileSync(join(folder, 'series.csv'), ['t,x,y', ...steps, ''].join('\n'));
  const series = '{kind: series, file: series.csv, time: t, targets: [x, y], window: 4, horizon: 3, transform: ';
  const cases: readonly (readonly [what: string, dataset: string, model: string, loss: string, metrics: string])[] = [
    ['classes of sequences', labels('sequence'), '{kind: lstm, hidden_size: 5, bidirectional: true}', CLASSES, SCORES],
    ['classes of steps', labels('step'), '{kind: gru, hidden_size: 5, implementation: builtin, readout: every}', CLASSES, SCORES],
    [
      'forecasts, scaled',
      `${series}[{kind: robust}, {kind: clip}, {kind: min_max, least: -1}]}`,
      '{kind: lstm, hidden_size: 5}',
      '{kind: mean_squared_error}',
      '[{kind: mean_absolute_error}]',
    ],
    [
      'forecasts of changes',
      `${series}[{kind: log, offset: 1}, {kind: difference}, {kind: difference, lag: 2}, {kind: standardize}]}`,
      '{kind: gru, hidden_size: 5}',
      '{kind: mean_squared_error}',
      '[{kind: mean_absolute_error}]',
    ],
    [
      'numbers of sequences',
      numbers('sum', 'step'),
      '{kind: rnn, hidden_size: 5, readout: every}',
      '{kind: mean_squared_error}',
      '[{kind: mean_absolute_error}]',
    ],
    [
      'numbers, absolute',
      numbers('sum', 'step'),
      '{kind: lstm, hidden_size: 4, implementation: builtin, readout: every}',
      '{kind: mean_absolute_error}',
      '[]',
    ],
    [
      'numbers, squares near and lines far',
      numbers('sum', 'step'),
      '{kind: gru, hidden_size: 4, readout: every}',
      '{kind: huber, delta: 0.7}',
      '[{kind: root_mean_squared_error}, {kind: r2}]',
    ],
    [
      'a quantile of numbers',
      numbers('sum', 'step'),
      '{kind: lstm, hidden_size: 4, readout: every}',
      '{kind: quantile, quantile: 0.9}',
      '[{kind: pinball, quantile: 0.9}, {kind: mean_absolute_error}]',
    ],
    [
      'classes, measured in all ways',
      labels('sequence'),
      '{kind: gru, hidden_size: 5}',
      '{kind: cross_entropy}',
      '[{kind: f1}, {kind: balanced_accuracy}, {kind: matthews_correlation}, {kind: area_under_roc}, {kind: log_loss}, {kind: calibration_error}]',
    ],
    [
      'bits as log odds',
      '{kind: binary_addition, bits: 4, examples: 60, layout: bits}',
      '{kind: gru, hidden_size: 5, readout: every}',
      '{kind: binary_cross_entropy}',
      '[{kind: exact_match}, {kind: bit_accuracy}]',
    ],
    [
      'normalised, padded, the last batch filled up',
      labels('sequence'),
      layers(
        '{kind: batch_normalization}',
        '{kind: dense, units: 4, activation: relu}',
        '{kind: layer_normalization}',
        '{kind: global_average_pooling_1d}',
        '{kind: batch_normalization}',
        '{kind: dense, units: 3}',
      ),
      CLASSES,
      SCORES,
    ],
    [
      'embedded words',
      '{kind: text, file: text.txt, tokens: words, time_steps: 4}',
      layers(
        '{kind: embedding, output_dim: 5}',
        '{kind: dropout, rate: 0.3}',
        '{kind: bidirectional, layer: {kind: lstm, units: 3, return_sequences: true}}',
        '{kind: dense, units: 14}',
      ),
      CLASSES,
      SCORES,
    ],
    [
      'words looked up, numbers of them dropped',
      '{kind: text, file: text.txt, tokens: words, time_steps: 4}',
      '{kind: gru, hidden_size: 5, readout: every, embedding: {size: 3, dropout: 0.3}}',
      CLASSES,
      SCORES,
    ],
    [
      'words looked up, frozen',
      '{kind: text, file: text.txt, tokens: words, time_steps: 4}',
      '{kind: lstm, hidden_size: 5, readout: every, implementation: builtin, embedding: {size: 3, frozen: true}}',
      CLASSES,
      SCORES,
    ],
    [
      'texts of several lengths, looked up and attended',
      '{kind: texts, file: texts.csv, text: text, target: class, minimum_count: 1}',
      '{kind: gru, hidden_size: 5, bidirectional: true, readout: attention, embedding: {size: 3, dropout: 0.2}}',
      CLASSES,
      SCORES,
    ],
    ...['mean', 'max', 'attention'].map(
      (readout) =>
        [
          `classes of sequences by ${readout}`,
          labels('sequence'),
          `{kind: lstm, hidden_size: 5, bidirectional: true, readout: ${readout}}`,
          CLASSES,
          SCORES,
        ] as const,
    ),
    [
      'one-hot characters',
      '{kind: text, file: text.txt, tokens: characters, time_steps: 6}',
      layers(
        '{kind: one_hot}',
        '{kind: gru, units: 4, return_sequences: true, recurrent_activation: hard_sigmoid}',
        '{kind: activation, activation: selu}',
        '{kind: dense, units: 29}',
      ),
      CLASSES,
      SCORES,
    ],
  ];
  test.each(cases)('%s', async (what, dataset, model, loss, metrics) => {
    const file = join(folder, `${what.replaceAll(/[^a-z]/g, '_')}.yaml`);
    const training = `{epochs: 1, batch_size: 8}`;
    const parts = { experiment: 'agree', dataset, model, loss, optimizer: '{kind: sgd, learning_rate: 1}', metrics, training };
    writeFileSync(
      file,
      Object.entries(parts)
        .map(([key, value]) => `${key}: ${value}\n`)
        .join(''),
    );
    await expectAgreement(firstSteps(planned(file)));
  });
});

describe('losses and metrics', () => {
  const LARGE = [1e30, -1e30, 0, -0, 1, 88, -104, 1e4, 1e-30];
  /** Ties, one number alone, all large, all the other way; then any of them side by side. */
  const outputs = [
    ...LARGE.flatMap((value) => [value, value, value]),
    ...[1e30, 0, -1e30, -1e30, 2, 2, 1e30, 1e30, -3, -1e30, -1e30, 5, 0.3, -0.7, 1.1, 1e4, 1e4, -1e4],
    ...LARGE.flatMap((value, i) => [value, LARGE[(i + 2) % LARGE.length] ?? 0, LARGE[(i + 5) % LARGE.length] ?? 0]),
  ];
  const examples = outputs.length / 3;
  const dataOf = (target: Data['splits'][string]['target'], classes?: number): Data => ({
    splits: {
      train: { examples, batches: 1, batchSize: examples, inputs: { input: { shape: [1], axes: ['features'], dtype: 'float32' } }, target },
    },
    ...(classes === undefined ? {} : { classes }),
    chance: {},
    fitted: {},
    digest: '',
    facts: [],
  });
  const model: ModelSpec = {
    parameters: [],
    buffers: [],
    state: {},
    masks: [],
    output: { shape: [3], axes: ['outputs'], dtype: 'float32' },
  };
  const ofClasses = dataOf({ shape: [], axes: [], dtype: 'int32' }, 3);
  const ofNumbers = dataOf({ shape: [3], axes: ['outputs'], dtype: 'float32' });

  /** What a document must say besides the kind. */
  const REQUIRED: Readonly<Record<string, object>> = {
    'loss huber': { delta: 1 },
    'loss quantile': { quantile: 0.9 },
    'metric top_k_accuracy': { k: 2 },
  };
  /** A metric that collects computes on the host, whatever the engine. */
  const inPrograms = stages.filter(
    (stage) =>
      stage.slot === 'loss' ||
      (stage.slot === 'metric' &&
        !(stage as Stage<'metric'>).plan({}, { data: ofNumbers, model, loss: { reading: 'values' } }, () => {}).collects),
  );
  /** Every one with each reading and kind of target that it plans without a word. */
  const fitting = inPrograms.flatMap((stage) =>
    [ofClasses, ofNumbers].flatMap((data) =>
      (stage.slot === 'metric' ? (['values', 'logits', 'class_logits'] as const) : [undefined]).flatMap((reading) => {
        const problems: unknown[] = [];
        const upstream = { data, model, loss: { reading: reading ?? 'values' } } as const;
        const options = REQUIRED[`${stage.slot} ${stage.kind}`] ?? {};
        const spec = (stage as Stage<'loss'>).plan(options, upstream, (problem) => problems.push(problem));
        const isOfClasses = reading === 'class_logits';
        if (problems.length > 0 || (reading !== undefined && isOfClasses !== (data === ofClasses))) return [];
        const create = (tools: Tools): Loss | Metric => (stage as Stage<'loss'>).create(tools, options, spec, upstream);
        return [[`${stage.slot} ${stage.kind}${reading ? ` of ${reading}` : ''}`, data, create] as const];
      }),
    ),
  );
  test('none is left out', () => {
    const names = new Set(fitting.map(([name]) => name.split(' ').slice(0, 2).join(' ')));
    expect([...names].toSorted()).toEqual(inPrograms.map(({ slot, kind }) => `${slot} ${kind}`).toSorted());
  });

  test.each(fitting)('%s, of outputs up to 1e30', async (name, data, create) => {
    const isOfClasses = data === ofClasses;
    // Squares of 1e30 have no place in single precision.
    const limit = name.includes('squared') ? 1e15 : Infinity;
    const output = Float32Array.from(outputs, (value) => Math.max(-limit, Math.min(limit, value)));
    const target = isOfClasses
      ? Int32Array.from({ length: examples }, (_, i) => i % 3)
      : Float32Array.from(output, (_, i) => Number(i % 4 === 0));
    // One at a time, so that no large number hides a small one.
    const step: Step = {
      name,
      state: {},
      inputs: {
        output: { shape: [examples, 3], dtype: 'float32' },
        target: isOfClasses ? { shape: [examples], dtype: 'int32' } : { shape: [examples, 3], dtype: 'float32' },
      },
      scalars: [],
      run(tf, { inputs }, layers) {
        const sumsOf = summedBy(create({ tf, layers }));
        const weight = tf.ones([1]);
        const [given, right] = [inputs['output'] ?? tf.scalar(0), inputs['target'] ?? tf.scalar(0)];
        const row = (tensor: typeof given, i: number) =>
          tf.slice(tensor, [i, ...tensor.shape.slice(1).map(() => 0)], [1, ...tensor.shape.slice(1)]);
        const rows = Array.from({ length: examples }, (_, i) => i);
        const sums = rows.map((i) => sumsOf(row(given, i), row(right, i), weight));
        const gradients = name.startsWith('loss')
          ? { gradient: tf.grad((x) => tf.addN(rows.map((i) => get(sumsOf(row(x, i), row(right, i), weight), 'sum'))))(given) }
          : {};
        return {
          state: {},
          outputs: {
            ...Object.fromEntries(Object.keys(sums[0] ?? {}).map((sum) => [sum, tf.stack(sums.map((each) => get(each, sum)))])),
            ...gradients,
          },
        };
      },
    };
    const run = async (engine: Engine): Promise<Arrays> => {
      const program = await engine.compile(step, 1);
      const state = engine.state({}, {});
      const { outputs: made } = await program.run(state, { output, target }, {});
      state.dispose();
      program.dispose();
      return made;
    };
    await expectAgreement(run);
    const reference = engines.get('eager-js');
    const made = Object.values(reference ? await run(reference) : {});
    expect(made.every((values) => values.length > 0 && values.every(Number.isFinite))).toBe(true);
  });

  test('cross entropy and perplexity of three equal outputs are those of three classes, on every engine', async () => {
    const [, , create] = fitting.find(([name]) => name === 'loss cross_entropy') ?? [];
    for (const engine of engines.values()) {
      const program = await engine.compile(
        {
          name: 'uniform',
          state: {},
          inputs: { output: { shape: [2, 3], dtype: 'float32' }, target: { shape: [2], dtype: 'int32' } },
          scalars: [],
          run(tf, { inputs }, layers) {
            const sums = create && summedBy(create({ tf, layers }))(get(inputs, 'output'), get(inputs, 'target'), tf.ones([2]));
            return { state: {}, outputs: { sum: get(sums ?? {}, 'sum') } };
          },
        },
        1,
      );
      const { outputs: made } = await program.run(engine.state({}, {}), { output: new Float32Array(6), target: Int32Array.of(0, 2) }, {});
      expect(made['sum']?.[0], engine.kind).toBeCloseTo(2 * Math.log(3), 6);
    }
  });
});
