import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Arrays, EngineKind, Step } from '../../src/engine/engine.js';
import { Type } from '../../src/language/type.js';
import type { Plan } from '../../src/planning/plan.js';
import { stages as ourStages } from '../../src/stages/registry.js';
import { defineStage, type Stage } from '../../src/stages/stage.js';
import { pipelineFor } from '../../src/train/pipeline.js';
import { createReader, refuseUnlessStepwise } from '../../src/train/read-text.js';
import { layerKinds } from '../../src/stages/model/sequential.js';
import { weightState } from '../../src/train/signature.js';
import { tellingWeights } from '../../src/train/start.js';
import { forwardPass } from '../../src/train/step.js';
import { under } from '../../src/stages/tensors.js';
import { planned, trained } from '../support/experiment.js';

/* What is written next is what the model says of all that stands before it, however it comes to read that. */

const SMALL = ['dataset.max_tokens=300', 'dataset.time_steps=6', 'training.batch_size=8', 'training.epochs=1'];

interface OwnOptions {
  readonly kind: string;
  readonly stepwise?: boolean;
  readonly looks: 'back' | 'both ways' | 'both ways, as mask says' | 'nowhere';
}

/** A person's own model: the mean of the vectors of the tokens that it looks at, at each place. */
const own = ({ kind, stepwise, looks }: OwnOptions): Stage =>
  defineStage({
    slot: 'model',
    kind,
    version: 1,
    summary: 'Means of vectors.',
    options: Type.Object({}),
    plan(_, { data }) {
      const [classes, [time = 1] = []] = [data.fitted.vocabulary?.length ?? 1, data.splits['train']?.inputs.input.shape];
      return {
        parameters: [
          { name: 'E', shape: [classes, 8], initializer: { kind: 'normal', stddev: 0.5 } },
          { name: 'O', shape: [8, classes], initializer: { kind: 'normal', stddev: 0.5 } },
        ],
        buffers: [],
        state: {},
        masks: [],
        ...(stepwise !== undefined && { stepwise }),
        output: { shape: [time, classes], axes: ['time', 'class'], dtype: 'float32' },
      };
    },
    create: ({ tf }) => ({
      forward({ parameters, buffers, state }, { input, mask }) {
        const [batch = 1, time = 1] = input.shape;
        const { E = tf.zeros([1]), O = tf.zeros([1]) } = parameters;
        const x = tf.reshape(tf.gather(E, tf.reshape(input, [-1])), [batch, time, 8]);
        const isSeen = (i: number, j: number): boolean => (looks === 'back' ? j <= i : looks === 'nowhere' ? j === i : true);
        const seen = tf.tensor2d(Array.from({ length: time }, (_, i) => Array.from({ length: time }, (_j, j) => Number(isSeen(i, j)))));
        const there =
          mask && looks === 'both ways, as mask says'
            ? tf.mul(tf.expandDims(mask, 1), seen)
            : tf.tile(tf.expandDims(seen, 0), [batch, 1, 1]);
        const mean = tf.div(tf.matMul(there, x), tf.sum(there, -1, true));
        return { output: tf.reshape(tf.matMul(tf.reshape(mean, [batch * time, 8]), O), [batch, time, -1]), buffers, state };
      },
    }),
  });

const owns = [
  own({ kind: 'looks_back', looks: 'back' }),
  own({ kind: 'looks_both_ways', looks: 'both ways' }),
  own({ kind: 'looks_as_mask_says', looks: 'both ways, as mask says' }),
  own({ kind: 'looks_nowhere', looks: 'nowhere', stepwise: true }),
  own({ kind: 'says_stepwise', looks: 'back', stepwise: true }),
  own({ kind: 'says_stepwise_both_ways', looks: 'both ways, as mask says', stepwise: true }),
];
const stages = [...ourStages, ...owns];
const planOf = (model: string): Plan => planned('experiments/rnn_time_machine.yaml', { set: [...SMALL, `model=${model}`], stages }).plan;
const SEQUENTIAL = (layers: string): string =>
  `{kind: sequential, layers: [{kind: embedding, output_dim: 5}, ${layers}, {kind: dense, units: 28}]}`;

const READ = [
  '{kind: lstm, hidden_size: 5, readout: every}',
  '{kind: gru, hidden_size: 5, readout: every, num_layers: 2, bidirectional: true}',
  '{kind: lstm, hidden_size: 4, readout: every, implementation: builtin, bidirectional: true}',
  SEQUENTIAL('{kind: bidirectional, layer: {kind: gru, units: 4, return_sequences: true}}'),
  SEQUENTIAL('{kind: batch_normalization}, {kind: simple_rnn, units: 4, return_sequences: true}'),
  SEQUENTIAL('{kind: dense, units: 4}'),
  '{kind: looks_back}',
  '{kind: looks_as_mask_says}',
  '{kind: looks_nowhere}',
];

const weightsOf = ({ model, seed }: Plan): Arrays => ({
  ...Object.fromEntries(Object.entries(tellingWeights(model, seed)).map(([name, values]) => [`parameters/${name}`, values])),
  ...Object.fromEntries(model.buffers.map(({ name, shape }) => [`buffers/${name}`, new Float32Array(shape[0] ?? 1).fill(0.3)])),
});

/** What a model says after a text that it reads by itself, at once. */
async function afterWhole(plan: Plan, tokens: readonly number[]): Promise<Float32Array> {
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  const step: Step = {
    name: 'whole',
    state: weightState(plan),
    inputs: { input: { shape: [1, tokens.length], dtype: 'int32' } },
    scalars: [],
    run(tf, { state, inputs }, layers) {
      const variables = { parameters: under(state, 'parameters/'), buffers: under(state, 'buffers/'), state: {} };
      const { output } = forwardPass(tf, plan, pipelineFor(plan, stages)({ tf, layers }), variables, inputs, 'evaluate');
      return { state: {}, outputs: { output } };
    },
  };
  const program = await engine.compile(step, 1);
  const { outputs } = await program.run(engine.state(step.state, weightsOf(plan)), { input: Int32Array.from(tokens) }, {});
  return Float32Array.from(outputs['output'] ?? []).slice(-28);
}

async function readerOf(model: string, kind: EngineKind = 'compiled') {
  const plan = planOf(model);
  const engine = await createEngine({ kind, device: 'cpu', threads: 1, cache: null });
  return { plan, begin: await createReader(plan, pipelineFor(plan, stages), engine) };
}

describe.each(['compiled', 'eager-js', 'eager-wasm'] as const)('on %s', (kind) => {
  test.each(READ)('%s says the same token by token, and of texts longer than those of training, as of the whole text', async (model) => {
    const { plan, begin } = await readerOf(model, kind);
    const tokens = [3, 9, 1, 4, 20, 7, 7, 2, 11];
    const reading = await begin(weightsOf(plan), tokens.length);
    let logits = await reading.read(tokens.slice(0, 2));
    for (let read = 2; read <= tokens.length; read++) {
      const expected = await afterWhole(plan, tokens.slice(0, read));
      expect(logits.length).toBe(28);
      logits.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 4));
      if (read < tokens.length) logits = await reading.read([tokens[read] ?? 0]);
    }
    reading.dispose();
  });
});

describe('our own models say the truth of themselves, since nobody else asks them:', () => {
  const LAYERS: Readonly<Record<string, string>> = {
    activation: '{kind: activation, activation: tanh}',
    batch_normalization: '{kind: batch_normalization}',
    bidirectional: '{kind: bidirectional, layer: {kind: gru, units: 4, return_sequences: true}}',
    dense: '{kind: dense, units: 4}',
    dropout: '{kind: dropout, rate: 0.5}',
    flatten: '{kind: flatten}',
    global_average_pooling_1d: '{kind: global_average_pooling_1d}',
    gru: '{kind: gru, units: 4, return_sequences: true}',
    layer_normalization: '{kind: layer_normalization}',
    lstm: '{kind: lstm, units: 4, return_sequences: true}',
    one_hot: '{kind: lstm, units: 3, return_sequences: true}',
    simple_rnn: '{kind: simple_rnn, units: 4, return_sequences: true}',
  };
  const layers = Object.entries(LAYERS).map(([kind, layer]) =>
    kind === 'one_hot' ? `{kind: sequential, layers: [{kind: one_hot}, ${layer}, {kind: dense, units: 28}]}` : SEQUENTIAL(layer),
  );
  const recurrent = ['rnn', 'gru', 'lstm'].flatMap((kind) =>
    ['scratch', 'builtin'].map((how) => `{kind: ${kind}, hidden_size: 4, readout: every, num_layers: 2, implementation: ${how}}`),
  );

  test('every kind of layer is asked', () => {
    expect(Object.keys(LAYERS)).toEqual(expect.arrayContaining(Object.keys(layerKinds).filter((kind) => kind !== 'embedding')));
  });

  const stepwise = [...recurrent, ...layers].filter((model) => !/bidirectional|flatten|global/.test(model));
  test.each(stepwise)('%s', async (model) => {
    const plan = planOf(model);
    expect(plan.model.stepwise).toBe(true);
    const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
    await refuseUnlessStepwise(plan, pipelineFor(plan, stages), engine);
  });
});

describe('a model is refused where it', () => {
  test.each(['says_stepwise', 'says_stepwise_both_ways'])('says that it may be read token by token, and may not: %s', async (kind) => {
    await expect(readerOf(`{kind: ${kind}}`)).rejects.toMatchObject({
      message: expect.stringContaining('stepwise: true is not so') as string,
      part: 'model',
      help: expect.stringContaining('leave stepwise out') as string,
    });
  });

  test('can be read neither token by token nor in part, before training begins', async () => {
    await expect(readerOf('{kind: looks_both_ways}')).rejects.toMatchObject({
      message: expect.stringContaining('what stands where mask is 0') as string,
      part: 'model',
    });
    const set = [...SMALL, 'model={kind: looks_both_ways}', 'training.samples={every: 1, prefixes: [the], length: 3}'];
    const experiment = planned('experiments/rnn_time_machine.yaml', { set, stages });
    await expect(trained(experiment, { stages })).rejects.toThrow('where mask is 0');
  });
});

test('a model that takes no longer texts than those of training reads the last tokens', async () => {
  const bounded = defineStage({
    ...(owns[0] as Stage<'model'>),
    kind: 'bounded',
    create: (tools, options, spec, upstream) => {
      const whole = (owns[0] as Stage<'model'>).create(tools, options, spec, upstream);
      return {
        forward(variables, inputs, context) {
          if ((inputs.input.shape[1] ?? 0) > 6) throw new Error('too long');
          return whole.forward(variables, inputs, context);
        },
      };
    },
  });
  const all = [...stages, bounded];
  const { plan } = planned('experiments/rnn_time_machine.yaml', { set: [...SMALL, 'model={kind: bounded}'], stages: all });
  const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: null });
  const begin = await createReader(plan, pipelineFor(plan, all), engine);
  const tokens = [3, 9, 1, 4, 20, 7, 7, 2, 11];
  const reading = await begin(weightsOf(plan), tokens.length);
  const expected = await afterWhole(planOf('{kind: looks_back}'), tokens.slice(-6));
  (await reading.read(tokens)).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 4));
});
