import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Arrays, Specs, Step } from '../../src/engine/engine.js';
import { exportForward, exportScan } from '../../src/engine/export.js';
import { Type } from '../../src/language/type.js';
import type { Plan } from '../../src/planning/plan.js';
import { createStreams } from '../../src/random/streams.js';
import { stages as ourStages } from '../../src/stages/registry.js';
import { layerKinds } from '../../src/stages/model/sequential.js';
import { defineStage, type Stage } from '../../src/stages/stage.js';
import { exportedModel, exportedTextModel } from '../../src/train/export.js';
import { pipelineFor } from '../../src/train/pipeline.js';
import { weightState } from '../../src/train/signature.js';
import { tellingWeights } from '../../src/train/start.js';
import { forwardPass } from '../../src/train/step.js';
import { under } from '../../src/stages/tensors.js';
import { planned } from '../support/experiment.js';

/* The exported model is the trained one: the same outputs for the same inputs, of any length that it takes. */

const folder = mkdtempSync(join(tmpdir(), 'retable-export-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'text.txt'), 'the quick brown fox jumps over the lazy dog and the cat sits on the mat. '.repeat(12));
const csv = (lengths: (sequence: number) => number): string =>
  [
    's,t,x,y,class,sum',
    ...Array.from({ length: 20 }, (_, s) =>
      Array.from(
        { length: lengths(s) },
        (_step, t) => `${s},${t},${Math.sin(s + 2 * t).toFixed(3)},${(s + t) % 5},${'abc'.charAt(s % 3)},${(s % 4) + t}`,
      ),
    ).flat(),
    '',
  ].join('\n');
writeFileSync(
  join(folder, 'padded.csv'),
  csv((s) => 2 + (s % 4)),
);
const words = ['the', 'cat', 'sits', 'on', 'a', 'mat', 'and', 'sleeps'];
const texts = Array.from({ length: 30 }, (_, i) => `${words.slice(i % 5, (i % 5) + 2 + (i % 4)).join(' ')},${i % 3 ? 'cat' : 'mat'}`);
writeFileSync(join(folder, 'texts.csv'), ['text,class', ...texts, ''].join('\n'));
writeFileSync(
  join(folder, 'even.csv'),
  csv(() => 4),
);

/** A person's own model that looks at all tokens up to each one, and says nothing of how it may be read. */
const attention: Stage = defineStage({
  slot: 'model',
  kind: 'attention',
  version: 1,
  summary: 'One head of causal attention.',
  options: Type.Object({}),
  plan(_, { data }) {
    const [classes, [time = 1] = []] = [data.fitted.vocabulary?.length ?? 1, data.splits['train']?.inputs.input.shape];
    const parameter = (name: string, shape: number[]) => ({ name, shape, initializer: { kind: 'uniform', limit: 0.5 } as const });
    return {
      parameters: [parameter('E', [classes, 8]), parameter('P', [time, 8]), parameter('O', [8, classes])],
      buffers: [],
      state: {},
      masks: [],
      output: { shape: [time, classes], axes: ['time', 'class'], dtype: 'float32' },
    };
  },
  create: ({ tf }) => ({
    forward({ parameters, buffers, state }, { input }) {
      const [batch = 1, time = 1] = input.shape;
      const { E = tf.zeros([1]), P = tf.zeros([1]), O = tf.zeros([1]) } = parameters;
      const x = tf.add(tf.reshape(tf.gather(E, tf.reshape(input, [-1])), [batch, time, 8]), tf.slice(P, [0, 0], [time, 8]));
      const later = Array.from({ length: time }, (_, i) => Array.from({ length: time }, (_j, j) => (j <= i ? 0 : -1e9)));
      const seen = tf.matMul(tf.softmax(tf.add(tf.matMul(x, x, false, true), tf.tensor2d(later))), x);
      return { output: tf.reshape(tf.matMul(tf.reshape(seen, [batch * time, 8]), O), [batch, time, -1]), buffers, state };
    },
  }),
});
const stages = [...ourStages, attention];

const TEXT = '{kind: text, file: text.txt, tokens: characters, time_steps: 6}';
const sequences = (file: string, rest: string): string =>
  `{kind: sequences, file: ${file}.csv, format: csv, sequence: s, order: t, features: [x, y], ${rest}}`;
const CLASS = 'target: class, task: classification';
const SUM = 'target: sum, task: regression, target_per: step';

interface Row {
  readonly what: string;
  readonly dataset: string;
  readonly model: string;
  readonly loss: string;
  readonly training?: string;
}
const text = (model: string, training = ''): Row => ({
  what: `text, ${model} ${training}`,
  dataset: TEXT,
  model,
  loss: 'cross_entropy',
  training,
});
const layered = (...layers: readonly string[]): string => `{kind: sequential, layers: [${layers.join(', ')}]}`;

const RECURRENT = ['rnn', 'gru', 'lstm'].flatMap((kind) =>
  ['scratch', 'builtin'].flatMap((implementation) =>
    [1, 2].flatMap((layers) =>
      [false, true].map(
        (bidirectional) =>
          `kind: ${kind}, implementation: ${implementation}, hidden_size: 4, num_layers: ${layers}, bidirectional: ${bidirectional}`,
      ),
    ),
  ),
);
const LAYERS: Readonly<Record<string, string>> = {
  embedding: '{kind: dense, units: 5}',
  one_hot: '{kind: dense, units: 4, activation: softmax}',
  simple_rnn: '{kind: simple_rnn, units: 4, return_sequences: true}',
  gru: '{kind: gru, units: 4, return_sequences: true, recurrent_activation: hard_sigmoid}',
  lstm: '{kind: lstm, units: 4, return_sequences: true}',
  bidirectional: '{kind: bidirectional, layer: {kind: gru, units: 3, return_sequences: true}}',
  dense: '{kind: dense, units: 4, activation: tanh}',
  activation: '{kind: activation, activation: softplus}',
  dropout: '{kind: dropout, rate: 0.5}',
  layer_normalization: '{kind: layer_normalization}',
  batch_normalization: '{kind: batch_normalization}',
};
/** After these no time is left, so that they answer whole sequences alone. */
const WHOLE: Readonly<Record<string, string>> = {
  global_average_pooling_1d: '{kind: global_average_pooling_1d}',
  flatten: '{kind: flatten}',
};

const rows: readonly Row[] = [
  ...RECURRENT.map((options) => text(`{${options}, readout: every}`)),
  text('{kind: lstm, hidden_size: 4, readout: every}', ', recurrent_state: carry, shuffle: false'),
  text('{kind: gru, hidden_size: 4, readout: every, bidirectional: true}', ', recurrent_state: carry, shuffle: false'),
  ...Object.entries(LAYERS).map(([kind, layer]) =>
    text(layered(kind === 'one_hot' ? '{kind: one_hot}' : '{kind: embedding, output_dim: 5}', layer, '{kind: dense, units: 29}')),
  ),
  text('{kind: attention}'),
  ...RECURRENT.flatMap((options) =>
    ['padded', 'even'].flatMap((file) => [
      { what: `${file}, {${options}}`, dataset: sequences(file, CLASS), model: `{${options}, readout: last}`, loss: 'cross_entropy' },
      {
        what: `${file}, every, {${options}}`,
        dataset: sequences(file, SUM),
        model: `{${options}, readout: every}`,
        loss: 'mean_squared_error',
      },
    ]),
  ),
  ...['padded', 'even'].flatMap((file) =>
    Object.entries({ ...LAYERS, ...WHOLE }).flatMap(([kind, layer]) => {
      if (/embedding|one_hot/.test(kind) || (kind === 'flatten' && file === 'padded')) return [];
      const end = kind in WHOLE ? [] : ['{kind: lstm, units: 3}'];
      return [
        {
          what: `${file}, ${kind}`,
          dataset: sequences(file, CLASS),
          model: layered(layer, ...end, '{kind: dense, units: 3}'),
          loss: 'cross_entropy',
        },
      ];
    }),
  ),
  {
    what: 'sums of bits',
    dataset: '{kind: binary_addition, bits: 4, examples: 60, layout: bits}',
    model: '{kind: gru, hidden_size: 4, readout: every}',
    loss: 'mean_squared_error',
  },
  text('{kind: lstm, hidden_size: 4, readout: every, embedding: {size: 3, dropout: 0.5}}'),
  text('{kind: rnn, hidden_size: 4, readout: every, embedding: {size: 3}}', ', recurrent_state: carry, shuffle: false'),
  text('{kind: gru, hidden_size: 4, readout: every, bidirectional: true, embedding: {size: 3, frozen: true}}'),
  ...['last', 'mean', 'max', 'attention'].map((readout) => ({
    what: `words of several lengths, ${readout}`,
    dataset: '{kind: texts, file: texts.csv, text: text, target: class, minimum_count: 1}',
    model: `{kind: lstm, hidden_size: 4, bidirectional: true, embedding: {size: 3}, readout: ${readout}}`,
    loss: 'cross_entropy',
  })),
  ...['padded', 'even'].flatMap((file) =>
    ['mean', 'max', 'attention'].flatMap((readout) =>
      ['kind: lstm', 'kind: gru, implementation: builtin, num_layers: 2, bidirectional: true'].map((options) => ({
        what: `${file}, ${readout}, {${options}}`,
        dataset: sequences(file, CLASS),
        model: `{${options}, hidden_size: 4, readout: ${readout}}`,
        loss: 'cross_entropy',
      })),
    ),
  ),
];

test('no layer is left out', () => expect(Object.keys({ ...LAYERS, ...WHOLE }).toSorted()).toEqual(Object.keys(layerKinds).toSorted()));

function planOf({ dataset, model, loss, training = '' }: Row): Plan {
  const file = join(folder, 'document.yaml');
  const parts = {
    experiment: 'exported',
    dataset,
    model,
    loss: `{kind: ${loss}}`,
    optimizer: '{kind: sgd, learning_rate: 0.1}',
    training: `{epochs: 1, batch_size: 4${training}}`,
  };
  writeFileSync(
    file,
    Object.entries(parts)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(''),
  );
  return planned(file, { stages }).plan;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);
const { uniform, integer } = createStreams(3).stream('inputs');

/** Weights that tell, and moving means that are not where they began. */
function trainedWeights({ model, seed }: Plan): Arrays {
  const parameters = Object.entries(tellingWeights(model, seed)).map(([name, values]) => [`parameters/${name}`, values] as const);
  const buffers = model.buffers.map(
    ({ name, shape }) => [`buffers/${name}`, Float32Array.from({ length: sizeOf(shape) }, uniform)] as const,
  );
  return Object.fromEntries([...parameters, ...buffers]);
}

/** Outputs of the trained model, as it is measured. */
async function answer(plan: Plan, weights: Arrays, inputs: Arrays, specs: Specs, state: Arrays): Promise<Float32Array> {
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  const pipelineOf = pipelineFor(plan, stages);
  const batch = specs['input']?.shape[0] ?? 1;
  const states = Object.entries(plan.model.state).map(
    ([name, shape]) => [`recurrent/${name}`, { shape: [batch, ...shape], dtype: 'float32' as const }] as const,
  );
  const zeros = Object.fromEntries(states.map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]));
  const step: Step = {
    name: 'trained',
    state: { ...weightState(plan), ...Object.fromEntries(states) },
    inputs: specs,
    scalars: [],
    run(tf, given, layers) {
      const variables = {
        parameters: under(given.state, 'parameters/'),
        buffers: under(given.state, 'buffers/'),
        state: under(given.state, 'recurrent/'),
      };
      return {
        state: {},
        outputs: { output: forwardPass(tf, plan, pipelineOf({ tf, layers }), variables, given.inputs, 'evaluate').output },
      };
    },
  };
  const program = await engine.compile(step, 1);
  const { outputs } = await program.run(engine.state(step.state, { ...weights, ...zeros, ...state }), inputs, {});
  return Float32Array.from(outputs['output'] ?? []);
}

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of Array.from(expected).entries())
    expect(Math.abs((actual[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
};

/** Every fourth one in the quick tests, always the same; `.ci/full` takes all. */
const chosen = process.env['RETABLE_LAW'] === 'export' ? rows : rows.filter((_, index) => index % 4 === 0);

describe.each(chosen.map((row) => [row.what, row] as const))('%s', (_, row) => {
  test('answers as the trained model does', async () => {
    const plan = planOf(row);
    const weights = trainedWeights(plan);
    const pipeline = pipelineFor(plan, stages);
    const textModel = exportedTextModel(plan, pipeline, weights);
    const model = textModel ?? exportedModel(plan, pipeline, weights);
    const session = await InferenceSession.create(await (textModel ? exportScan(textModel) : exportForward(model)));
    expect(session.inputNames.toSorted()).toEqual(model.inputs.map(({ name }) => name).toSorted());
    expect(session.outputNames.toSorted()).toEqual(model.outputs.map(({ name }) => name).toSorted());

    const [, time = 1, ...rest] = model.inputs[0]?.shape ?? [];
    const { dtype } = model.inputs[0] ?? {};
    const draw = (batch: number, length: number) => {
      const shape = [batch, length, ...rest];
      const classes = plan.data.fitted.vocabulary?.length ?? 2;
      const input =
        dtype === 'int32'
          ? Int32Array.from({ length: sizeOf(shape) }, () => integer(classes))
          : Float32Array.from({ length: sizeOf(shape) }, () => 2 * uniform() - 1);
      const steps = Array.from({ length: batch }, (_row, i) => (i === 0 ? length : 1 + integer(length)));
      const mask = Float32Array.from({ length: batch * length }, (_value, at) =>
        Number(at % length < (steps[Math.floor(at / length)] ?? 0)),
      );
      return { shape, steps, arrays: { input, ...(session.inputNames.includes('mask') && { mask }) } as Arrays };
    };
    const stateOf = (batch: number): Arrays =>
      Object.fromEntries(
        Object.entries(plan.model.state).flatMap(([name, shape]) =>
          session.inputNames.includes(name) ? [[name, Float32Array.from({ length: batch * sizeOf(shape) }, uniform)]] : [],
        ),
      );
    const ask = async (arrays: Arrays, shape: readonly number[], state: Arrays): Promise<Float32Array> => {
      const feeds = Object.entries(arrays).map(([name, values]) => [
        name,
        values instanceof Int32Array
          ? new Tensor('int32', values, shape)
          : new Tensor('float32', values as Float32Array, name === 'mask' ? shape.slice(0, 2) : shape),
      ]);
      const states = Object.entries(state).map(([name, values]) => [
        name,
        new Tensor('float32', values as Float32Array, [shape[0] ?? 1, ...(plan.model.state[name] ?? [])]),
      ]);
      const { output } = await session.run(Object.fromEntries([...feeds, ...states]) as Record<string, Tensor>);
      return Float32Array.from(output?.data as Float32Array);
    };
    const trained = (arrays: Arrays, shape: readonly number[], state: Arrays): Promise<Float32Array> => {
      const specs = Object.fromEntries(
        Object.entries(arrays).map(([name, values]) => [
          name,
          {
            shape: name === 'mask' ? shape.slice(0, 2) : shape,
            dtype: values instanceof Int32Array ? ('int32' as const) : ('float32' as const),
          },
        ]),
      );
      return answer(
        plan,
        weights,
        arrays,
        specs,
        Object.fromEntries(Object.entries(state).map(([name, values]) => [`recurrent/${name}`, values])),
      );
    };

    for (const length of time === -1 ? [1, 2, 5, 9] : [time]) {
      for (const batch of [1, 3]) {
        const { arrays, shape, steps } = draw(batch, length);
        const state = stateOf(batch);
        const [theirs, ours] = [await trained(arrays, shape, state), await ask(arrays, shape, state)];
        near(ours, theirs);
        // What differs for the one differs for the other.
        const other = { ...arrays, input: draw(batch, length).arrays['input'] ?? new Float32Array() };
        near(await ask(other, shape, state), await trained(other, shape, state));
        if (!arrays['mask']) continue;
        // A sequence that is filled up is answered as it is alone.
        const [last, width] = [batch - 1, sizeOf(rest)];
        const own = steps[last] ?? 1;
        const begin = last * length * width;
        const alone = await trained(
          { input: (arrays['input'] ?? new Float32Array()).slice(begin, begin + own * width) },
          [1, own, ...rest],
          {},
        );
        const perRow = ours.length / batch;
        near(ours.slice(last * perRow, last * perRow + alone.length), alone);
      }
    }
  });
});
