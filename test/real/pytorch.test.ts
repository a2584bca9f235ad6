import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Plan } from '../../src/planning/plan.js';
import { examine, trainFor } from '../../src/same/compare.js';
import { tellingWeights } from '../../src/train/start.js';
import { Type } from '../../src/language/type.js';
import type { Prepared } from '../../src/run/prepare.js';
import { stages as ourStages } from '../../src/stages/registry.js';
import { type Batch, defineStage } from '../../src/stages/stage.js';
import { createDataset } from '../../src/train/pipeline.js';
import { encodeSafetensors, type NamedTensor } from '../../src/formats/safetensors.js';
import { trainSplit } from '../../src/stages/tensors.js';
import { planned } from '../support/experiment.js';

/** RETABLE_TORCH names a Python that has PyTorch: the one that bench/peers.sh makes, or another. */
const python = process.env['RETABLE_TORCH'] ?? '';
const PAGE = 'docs/results/pytorch-agreement.md';

const TOLERANCE = 1e-5;
/** Training steps after which parameters are compared: an epoch of the time machine, or of padded words. */
const STEPS = 8;
const STEPS_OF_WORDS = 20;

const BUILTIN = 'model.implementation=builtin';
const BOTH = 'model.bidirectional=true';

/** Every model as it is shipped, and in the other implementation. */
const CASES: readonly (readonly [model: string, theirs: string, file: string, set: readonly string[]])[] = [
  ['rnn, scratch', 'nn.RNN', 'rnn_time_machine', []],
  ['rnn, builtin', 'nn.RNN', 'rnn_time_machine_builtin', []],
  ['gru, scratch', 'equations', 'gru_time_machine', []],
  ['gru, builtin', 'equations', 'gru_time_machine_builtin', []],
  ['gru, scratch, reset after', 'nn.GRU', 'gru_time_machine', ['model.reset=after']],
  ['lstm, scratch', 'nn.LSTM', 'lstm_time_machine', []],
  ['lstm, builtin', 'nn.LSTM', 'lstm_time_machine_builtin', []],
  ['deep lstm, scratch', 'nn.LSTM', 'deep_lstm_time_machine', ['model.implementation=scratch']],
  ['deep lstm, builtin', 'nn.LSTM', 'deep_lstm_time_machine', [BUILTIN]],
  ['bidirectional lstm, scratch', 'nn.LSTM', 'bilstm_time_machine', ['model.implementation=scratch']],
  ['bidirectional lstm, builtin', 'nn.LSTM', 'bilstm_time_machine', [BUILTIN]],
  ['bidirectional rnn, scratch', 'nn.RNN', 'rnn_time_machine', [BOTH]],
  ['bidirectional rnn, builtin', 'nn.RNN', 'rnn_time_machine', [BOTH, BUILTIN]],
  ['bidirectional gru, scratch, reset after', 'nn.GRU', 'gru_time_machine', [BOTH, 'model.reset=after']],
  ['deep gru, scratch, reset after', 'nn.GRU', 'gru_time_machine', ['model.num_layers=2', 'model.reset=after']],
  ['deep rnn, builtin', 'nn.RNN', 'rnn_time_machine_builtin', ['model.num_layers=2']],
  ['lstm for addition, scratch', 'nn.LSTM', 'lstm_addition', []],
  ['lstm for addition, builtin', 'nn.LSTM', 'lstm_addition_builtin', []],
];

interface TrainingOfWords {
  /** Left out: Adam. */
  readonly optimizer?: string;
  readonly freeze?: string;
}

/** Tokens looked up in sequences of several lengths, with every readout: what stands in `model:`, and how it is trained. */
const OF_WORDS: readonly (readonly [model: string, theirs: string, options: string, training?: TrainingOfWords])[] = [
  ...(['last', 'every', 'mean', 'max', 'attention'] as const).flatMap((readout) => [
    [`lstm of words, ${readout}`, 'nn.LSTM', `kind: lstm, readout: ${readout}`] as const,
    [
      `bidirectional lstm of words, ${readout}, builtin`,
      'nn.LSTM',
      `kind: lstm, readout: ${readout}, bidirectional: true, implementation: builtin`,
    ] as const,
  ]),
  ['rnn of words, mean', 'nn.RNN', 'kind: rnn, readout: mean'],
  [
    'deep bidirectional gru of words, max, reset after',
    'nn.GRU',
    'kind: gru, readout: max, reset: after, bidirectional: true, num_layers: 2',
    { optimizer: 'kind: sgd, learning_rate: 0.3' },
  ],
  ['lstm of words, attention, embedding and a gate frozen', 'nn.LSTM', 'kind: lstm, readout: attention', { freeze: '[E, "*i"]' }],
];

/** Sequences of 1 to 12 of 50 tokens, filled up, with an answer each or one at every step. */
const words = defineStage({
  slot: 'dataset',
  kind: 'padded_words',
  version: 1,
  summary: 'Random tokens.',
  options: Type.Object({ every: Type.Boolean() }),
  look: () => ({ digest: 'padded words', facts: [], content: {} }),
  fit: () => ({}),
  plan: ({ every }, { request: { batchSize } }) => ({
    splits: {
      train: {
        examples: STEPS_OF_WORDS * batchSize,
        batches: STEPS_OF_WORDS,
        batchSize,
        masked: true,
        inputs: { input: { shape: [12], axes: ['time'], dtype: 'int32', tokens: 50 } },
        target: { shape: every ? [12] : [], axes: every ? ['time'] : [], dtype: 'int32' },
      },
    },
    classes: 3,
    chance: {},
    independent: true,
  }),
  create: ({ streams }, { every }, { splits: { train } }) => ({
    *batches() {
      const { integer } = streams.stream('words');
      const { batchSize = 1, batches = 1 } = train ?? {};
      const several = (count: number, below: number) => Int32Array.from({ length: count }, () => integer(below));
      for (let batch = 0; batch < batches; batch++) {
        const lengths = several(batchSize, 12).map((length) => length + 1);
        yield {
          inputs: { input: several(12 * batchSize, 50) },
          target: several(every ? 12 * batchSize : batchSize, 3),
          weight: new Float32Array(batchSize).fill(1),
          mask: Float32Array.from({ length: 12 * batchSize }, (_, at) => Number(at % 12 < (lengths[Math.floor(at / 12)] ?? 0))),
        };
      }
    },
  }),
});
const stages = [...ourStages, words];

interface Agreement {
  readonly torch: string;
  readonly output: number;
  readonly loss: number;
  /** The largest, and whose it is. */
  readonly gradient: readonly [number, string];
  readonly after: readonly [number, string];
}

describe.runIf(python !== '')('PyTorch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'retable-torch-'));
  const rows: (readonly [model: string, theirs: string, trains: string, agreement: Agreement])[] = [];
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    if (rows.length === CASES.length + OF_WORDS.length && rows.every((row) => largest(row[3]) < TOLERANCE)) writeFileSync(PAGE, page(rows));
  });

  const ofWords = (options: string, training: TrainingOfWords = {}): Prepared => {
    const file = join(folder, 'words.yaml');
    const document = {
      experiment: 'words',
      dataset: `{kind: padded_words, every: ${options.includes('every')}}`,
      model: `{${options}, hidden_size: 16, embedding: {size: 8}}`,
      loss: '{kind: cross_entropy}',
      optimizer: `{${training.optimizer ?? 'kind: adam, learning_rate: 0.01'}}`,
      training: `{epochs: 1, batch_size: 8${training.freeze === undefined ? '' : `, freeze: ${training.freeze}`}}`,
    };
    const lines = Object.entries(document).map(([key, value]) => `${key}: ${value}\n`);
    writeFileSync(file, lines.join(''));
    return planned(file, { stages });
  };

  const all = [
    ...CASES.map(([model, theirs, file, set]) => [model, theirs, () => planned(`experiments/${file}.yaml`, { set }), STEPS] as const),
    ...OF_WORDS.map(([model, theirs, options, training]) => [model, theirs, () => ofWords(options, training), STEPS_OF_WORDS] as const),
  ];
  it.each(all)(
    'computes what %s does, and trains alike (%s)',
    async (model, theirs, prepare, steps) => {
      const experiment = prepare();
      const { plan } = experiment;
      const batches = [...createDataset(plan, stages, experiment.files).batches('train', 1)].slice(0, steps);
      writeFileSync(join(folder, 'case.json'), JSON.stringify(describeCase(plan, steps)));
      writeFileSync(join(folder, 'given.safetensors'), encodeSafetensors(await computed(plan, batches)));
      const { stdout } = await promisify(execFile)(python, ['test/real/pytorch_agreement.py', folder]);
      const agreement = JSON.parse(stdout) as Agreement;
      rows.push([model, theirs, trainingOf(plan), agreement]);
      expect(largest(agreement), stdout).toBeLessThan(TOLERANCE);
    },
    300_000,
  );
});

const largest = ({ output, loss, gradient, after }: Agreement): number => Math.max(output, loss, gradient[0], after[0]);

/** What PyTorch needs to know to build the same. */
function describeCase({ config, data, model, loss }: Plan, steps: number) {
  const { values } = config;
  const { kind, implementation, hidden_size, num_layers = 1, bidirectional = false, readout, reset = 'before' } = values.model;
  return {
    ...{ kind, implementation, hidden: hidden_size, layers: num_layers, bidirectional, readout, reset },
    embedding: (values.model['embedding'] as { readonly size: number } | undefined)?.size ?? null,
    frozen: model.parameters.flatMap(({ name, frozen }) => (frozen ? [name] : [])),
    features: data.classes ?? trainSplit(data).inputs.input.shape.at(-1),
    loss: loss.reading === 'class_logits' ? 'cross_entropy' : 'mean_squared_error',
    optimizer: values.optimizer.kind,
    learning_rate: values.optimizer['learning_rate'],
    clip_norm: values.optimizer['clip_norm'] ?? null,
    carry: values.training.recurrent_state === 'carry' && Object.keys(model.state).length > 0,
    steps,
  };
}

/** Weights, batches, and what our default engine makes of them. */
async function computed(plan: Plan, batches: readonly Batch[]): Promise<Readonly<Record<string, NamedTensor>>> {
  const [first] = batches;
  if (!first) throw new Error('there is no batch');
  const engine = await createEngine({ ...plan.engine, cache: null });
  const side = { plan, weights: tellingWeights(plan.model, plan.seed) };
  const { output, loss, ...gradients } = await examine(engine, stages, side, first);
  const after = await trainFor(engine, stages, side, batches, plan);
  await engine.dispose();

  const {
    inputs: { input },
    target,
    batchSize,
  } = trainSplit(plan.data);
  const shapes = new Map(plan.model.parameters.map(({ name, shape }) => [name, shape]));
  const tensor = (values: ArrayLike<number> | undefined, shape: readonly number[]): NamedTensor => ({
    shape,
    values: Float32Array.from(values ?? []),
  });
  const named = (arrays: Readonly<Record<string, ArrayLike<number>>>, prefix: string) =>
    Object.entries(arrays).map(
      ([name, values]) => [prefix + name, tensor(values, shapes.get(name.replace('gradient/', '')) ?? [])] as const,
    );
  return Object.fromEntries([
    ...named(side.weights, 'weights/'),
    ...named(gradients, ''),
    ...named(after, 'after/'),
    ['output', tensor(output, [batchSize, ...plan.model.output.shape])],
    ['loss', tensor(loss, [])],
    ...batches.flatMap((batch, index) => [
      [`${index}/input`, tensor(batch.inputs.input, [batchSize, ...input.shape])],
      [`${index}/target`, tensor(batch.target, [batchSize, ...target.shape])],
      ...(batch.mask ? [[`${index}/mask`, tensor(batch.mask, [batchSize, ...input.shape])] as const] : []),
    ]),
  ]);
}

const trainingOf = ({ config: { values } }: Plan): string =>
  [
    values.optimizer.kind,
    ...(values.training.freeze ? [`${values.training.freeze.join(', ')} frozen`] : []),
    ...(values.optimizer['clip_norm'] === undefined ? [] : ['clipped']),
    ...(values.training.recurrent_state === 'carry' ? ['state carried'] : []),
  ].join(', ');

function page(rows: readonly (readonly [string, string, string, Agreement])[]): string {
  const size = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
  const named = ([value, name]: readonly [number, string]): string => `${size(value)} ${name}`;
  const lines = rows.map(
    ([model, theirs, trains, { output, loss, gradient, after }]) =>
      `| ${[model, theirs, size(output), size(loss), named(gradient), named(after), trains].join(' | ')} |`,
  );
  return `# Agreement with PyTorch

Each model with the sizes of its shipped experiment, on the same weights and the same batches: ours as \`run\` trains it (engine \`compiled\`,
float32), and one written independently with PyTorch's own layers (\`test/real/pytorch_agreement.py\`). The figures are the largest absolute
differences, relative to the largest number of the tensor where that is above 1; the largest gradient and the largest parameter after ${STEPS}
training steps, of words after ${STEPS_OF_WORDS}, with the names of their tensors. **All are below ${TOLERANCE.toExponential(0)}.**

Models of words look 50 tokens up in an embedding of 8 numbers and have 16 units; a batch holds 8 sequences of 1 to 12 tokens, which PyTorch is given packed.
The deep GRU is trained by gradient descent: Adam divides the first gradient of each weight by its own size, and one weight of this net has a first gradient of
1.8e-8, as small as Adam's epsilon: there a rounding of 1.5e-9 moves it by 1.9e-4. By Adam that weight ends so far apart, and all others within 6e-6.

| model | theirs | output | loss | gradient | parameter after training | trained with |
| --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

PyTorch's layers have a second bias, which is held at zero here. Its GRU resets after the product with the recurrent weights: that is
\`reset: after\`; where ours resets before it, as the paper and the book do, the equations are written out in PyTorch.

    .ci/checks/pytorch        # makes this page

${new Date().toISOString().slice(0, 10)}; ${cpus()[0]?.model ?? 'unknown processor'}; PyTorch ${rows[0]?.[3].torch ?? '?'}, Node ${process.versions.node}.
`;
}
