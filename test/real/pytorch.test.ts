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
import { stages } from '../../src/stages/registry.js';
import type { Batch } from '../../src/stages/stage.js';
import { createDataset } from '../../src/train/pipeline.js';
import { encodeSafetensors, type NamedTensor } from '../../src/formats/safetensors.js';
import { trainSplit } from '../../src/stages/tensors.js';
import { planned } from '../support/experiment.js';

/** RETABLE_TORCH names a Python that has PyTorch: the one that bench/peers.sh makes, or another. */
const python = process.env['RETABLE_TORCH'] ?? '';
const PAGE = 'docs/results/pytorch-agreement.md';

const TOLERANCE = 1e-5;
/** Training steps after which parameters are compared: an epoch of the time machine. */
const STEPS = 8;

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
    if (rows.length === CASES.length) writeFileSync(PAGE, page(rows));
  });

  it.each(CASES)(
    'computes what %s does, and trains alike (%s)',
    async (model, theirs, file, set) => {
      const experiment = planned(`experiments/${file}.yaml`, { set });
      const { plan } = experiment;
      const batches = [...createDataset(plan, stages, experiment.files).batches('train', 1)].slice(0, STEPS);
      writeFileSync(join(folder, 'case.json'), JSON.stringify(describeCase(plan)));
      writeFileSync(join(folder, 'given.safetensors'), encodeSafetensors(await computed(plan, batches)));
      const { stdout } = await promisify(execFile)(python, ['test/real/pytorch_agreement.py', folder]);
      const agreement = JSON.parse(stdout) as Agreement;
      rows.push([model, theirs, trainingOf(plan), agreement]);
      const { output, loss, gradient, after } = agreement;
      expect(Math.max(output, loss, gradient[0], after[0]), stdout).toBeLessThan(TOLERANCE);
    },
    300_000,
  );
});

/** What PyTorch needs to know to build the same. */
function describeCase({ config, data, model, loss }: Plan) {
  const { values } = config;
  const { kind, implementation, hidden_size, num_layers = 1, bidirectional = false, readout, reset = 'before' } = values.model;
  return {
    ...{ kind, implementation, hidden: hidden_size, layers: num_layers, bidirectional, readout, reset },
    features: data.classes ?? trainSplit(data).inputs.input.shape.at(-1),
    loss: loss.reading === 'class_logits' ? 'cross_entropy' : 'mean_squared_error',
    optimizer: values.optimizer.kind,
    learning_rate: values.optimizer['learning_rate'],
    clip_norm: values.optimizer['clip_norm'] ?? null,
    carry: values.training.recurrent_state === 'carry' && Object.keys(model.state).length > 0,
    steps: STEPS,
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
    ]),
  ]);
}

const trainingOf = ({ config: { values } }: Plan): string =>
  [
    values.optimizer.kind,
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
training steps with the names of their tensors. **All are below ${TOLERANCE.toExponential(0)}.**

| model | theirs | output | loss | gradient | parameter after ${STEPS} steps | trained with |
| --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

PyTorch's layers have a second bias, which is held at zero here. Its GRU resets after the product with the recurrent weights: that is
\`reset: after\`; where ours resets before it, as the paper and the book do, the equations are written out in PyTorch.

    .ci/checks/pytorch        # makes this page

${new Date().toISOString().slice(0, 10)}; ${cpus()[0]?.model ?? 'unknown processor'}; PyTorch ${rows[0]?.[3].torch ?? '?'}, Node ${process.versions.node}.
`;
}
