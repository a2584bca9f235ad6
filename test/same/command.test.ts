import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workplace } from '../support/program.js';

const place = workplace();
const same = (a: string, b: string, ...set: readonly string[]) =>
  place.call('same', `experiments/${a}.yaml`, `experiments/${b}.yaml`, ...set.flatMap((value) => ['--set', value]));

describe.each(['rnn_time_machine', 'gru_time_machine', 'lstm_time_machine', 'lstm_addition'])('%s and its built-in twin', (scratch) => {
  it.each([16, 33])('are the same at %s hidden units, within 1e-5', async (hidden) => {
    const { stdout, stderr, status } = await same(scratch, `${scratch}_builtin`, `model.hidden_size=${hidden}`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^the same: no output, gradient or trained parameter differs by more than \d\.\de-\d\d?$/m);
    expect(status).toBe(0);
  });
});

it("a person's own model is compared by the mapping that it declares", async () => {
  const experiment = readFileSync('experiments/rnn_time_machine.yaml', 'utf8').replaceAll(/hidden_size: 512/g, 'hidden_size: 6');
  writeFileSync(join(place.folder, 'elman.mjs'), ELMAN);
  writeFileSync(join(place.folder, 'ours.yaml'), experiment);
  const theirs = experiment
    .replace('dataset:', 'use: [./elman.mjs]\ndataset:')
    .replace(/model:[^]*loss:/, 'model: {kind: elman, units: 6}\nloss:');
  writeFileSync(join(place.folder, 'theirs.yaml'), theirs);
  const { stdout, stderr, status } = await place.run('same', join(place.folder, 'ours.yaml'), join(place.folder, 'theirs.yaml'));
  expect(stderr).toBe('note: this ran the code of ./elman.mjs, named by "use"\n');
  expect([status, stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^the same/)]);
});

it('documents that begin with weights of a file, each with its data beside it', async () => {
  const write = (folder: string, start: string): string => {
    const own = join(place.folder, folder);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, `${folder}.txt`), 'to and fro, '.repeat(60));
    writeFileSync(
      join(own, 'e.yaml'),
      `experiment: e
dataset: {kind: text, file: ${folder}.txt, time_steps: 5}
model: {kind: gru, hidden_size: 3, readout: every, num_layers: 2, implementation: ${folder}}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.01}
training: {epochs: 1, batch_size: 4, shuffle: false${start}}
`,
    );
    return join(own, 'e.yaml');
  };
  const runs = ['--runs', join(place.folder, 'runs')];
  const [scratch, builtin] = [write('scratch', ''), write('builtin', '')];
  expect((await place.call('run', scratch, ...runs)).status).toBe(0);
  expect((await place.call('export', 'latest', '--output', join(place.folder, 'scratch', 'w.safetensors'), ...runs)).status).toBe(0);
  write('scratch', ', initial_weights: w.safetensors');
  for (const pair of [
    [scratch, builtin],
    [builtin, scratch],
    [scratch, scratch],
  ] as const) {
    const { stdout, stderr, status } = await place.call('same', ...pair);
    expect([stderr, stdout.split('\n')[0], status]).toEqual(['', expect.stringMatching(/^the same/), 0]);
  }
});

/** The network of rnn from scratch with one matrix for input and state, as a person may write it. */
const ELMAN = `export default ({ defineStage, Type, tf }) => [
  defineStage({
    slot: 'model',
    kind: 'elman',
    version: 1,
    summary: 'One matrix reads input and state.',
    options: Type.Object({ units: Type.Integer({ minimum: 1 }) }),
    weightsFrom: [
      {
        from: { kind: 'rnn', implementation: 'scratch' },
        to: {},
        copy: (_, { Wxh, Whh, bh, Wy, by }) => ({ joined: tf.concat([Wxh, Whh], 0), bias: bh, Wy, by }),
      },
    ],
    plan({ units }, { data }) {
      const [classes, time] = [data.classes, data.splits.train.inputs.input.shape[0]];
      const parameter = (name, ...shape) => ({ name, shape, initializer: { kind: 'normal', stddev: 0.01 } });
      return {
        parameters: [parameter('joined', classes + units, units), parameter('bias', units), parameter('Wy', units, classes), parameter('by', classes)],
        buffers: [],
        state: { h: [units] },
        masks: [],
        output: { shape: [time, classes], axes: ['time', 'outputs'], dtype: 'float32' },
      };
    },
    create: (_, __, ___, { data }) => ({
      forward({ parameters: { joined, bias, Wy, by }, state, buffers }, { input }) {
        let { h } = state;
        const outputs = tf.unstack(tf.oneHot(input, data.classes, 1, 0, 'float32'), 1).map((x) => {
          h = tf.tanh(tf.add(tf.matMul(tf.concat([x, h], 1), joined), bias));
          return tf.add(tf.matMul(h, Wy), by);
        });
        return { output: tf.stack(outputs, 1), state: { h }, buffers };
      },
    }),
  }),
];
`;

describe('two documents that differ', () => {
  it('are told apart by size, name and term', async () => {
    const file = join(place.folder, 'hard.yaml');
    const builtin = readFileSync('experiments/lstm_time_machine_builtin.yaml', 'utf8');
    writeFileSync(file, builtin.replace('implementation: builtin', 'implementation: builtin\n  recurrent_activation: hard_sigmoid'));
    const found = await place.call('same', 'experiments/lstm_time_machine.yaml', file, '--set', 'model.hidden_size=8');
    expect(found.status).toBe(1);
    const [head, names, title, largest, ...rest] = found.stdout.trimEnd().split('\n');
    expect(head).toMatch(/^not the same: they differ by up to [\d.]+(e-\d+)? where 1e-5 is allowed$/);
    expect(names).toBe(`first experiments/lstm_time_machine.yaml, second ${file}; weights copied from the first, float32, eager-js`);
    expect([title, largest]).toEqual(['largest differences', expect.stringMatching(/^(output|loss|gradient|parameter).* [\d.]+(e-\d+)?$/)]);
    expect(rest.slice(-3)).toEqual([
      'they agree without this:',
      '  recurrent_activation: model.recurrent_activation is sigmoid in the first and hard_sigmoid in the second',
      'they start otherwise: model.initializer.kind (retable diff)',
    ]);
  });

  it('in their training alone are told so', async () => {
    const { stdout, status } = await same('rnn_time_machine', 'rnn_time_machine_reset', 'model.hidden_size=8');
    expect(status).toBe(1);
    expect(stdout).toContain('the models answer alike; the documents train them otherwise: training.recurrent_state (retable diff)');
  });

  it('in size or kind are refused, with what to do', async () => {
    const { stderr, status } = await same('rnn_time_machine', 'rnn_time_machine_builtin');
    expect(stderr).toContain('the models are of different sizes');
    expect(stderr).toContain('--set model.hidden_size=32');
    expect(status).toBe(2);
  });
});
