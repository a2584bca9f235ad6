import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { sameModels, TOLERANCE } from '../../src/same/same.js';
import { lstm } from '../../src/stages/model/lstm.js';
import { stages } from '../../src/stages/registry.js';
import type { Stage, Tensors, Tools, Variables } from '../../src/stages/stage.js';
import { planned } from '../support/experiment.js';

const SMALL = ['dataset.max_tokens=100', 'dataset.time_steps=7', 'training.batch_size=4', 'model.hidden_size=5'];

async function verdict(a: string, b: string, { set = [] as readonly string[], setB = [] as readonly string[], all = stages } = {}) {
  const [left, right] = [[a, set] as const, [b, [...set, ...setB]] as const].map(([file, sets]) =>
    planned(`experiments/${file}.yaml`, {
      set: [...SMALL.filter((one) => file.includes('time_machine') || one.startsWith('model')), ...sets],
      stages: all,
    }),
  );
  if (!left || !right) throw new Error('two documents are compared');
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  return sameModels(engine, all, [left.files, right.files], [left.plan, right.plan]).finally(() => engine.dispose());
}

describe.each([
  ['rnn_time_machine', 'rnn_time_machine_builtin', []],
  ['gru_time_machine', 'gru_time_machine_builtin', []],
  ['lstm_time_machine', 'lstm_time_machine_builtin', []],
  ['lstm_time_machine', 'lstm_time_machine_builtin', ['model.num_layers=2', 'model.dropout=0.3']],
  ['lstm_time_machine', 'lstm_time_machine_builtin', ['model.bidirectional=true']],
  ['gru_time_machine', 'gru_time_machine_builtin', ['model.embedding={size: 3, dropout: 0.2}', 'model.bidirectional=true']],
  ['rnn_time_machine', 'rnn_time_machine_builtin', ['model.embedding={size: 3}', 'training.freeze=[E, by]']],
  ['lstm_addition', 'lstm_addition_builtin', ['dataset.examples=400', 'model.readout=attention']],
  ['lstm_addition', 'lstm_addition_builtin', ['dataset.examples=400']],
])('%s and %s %j', (a, b, set) => {
  it('are the same in outputs, loss, every gradient and parameters after training, whichever comes first', async () => {
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      const { same, differences } = await verdict(first, second, { set });
      expect(differences[0]?.size).toBeLessThan(TOLERANCE);
      expect(same).toBe(true);
      expect(new Set(differences.map(({ what }) => what))).toEqual(new Set(['output', 'loss', 'gradient', 'parameter after training']));
      expect(differences.filter(({ what }) => what === 'gradient').length).toBeGreaterThanOrEqual(5);
    }
  });
});

describe('two models that differ', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['recurrent_activation', 'lstm_time_machine', 'lstm_time_machine_builtin', ['model.recurrent_activation=hard_sigmoid']],
    ['recurrent_activation', 'gru_time_machine', 'gru_time_machine', ['model.recurrent_activation=hard_sigmoid']],
    ['reset', 'gru_time_machine', 'gru_time_machine', ['model.reset=after']],
  ])('of a document: %s, %s and %s', async (term, a, b, setB) => {
    const { same, differences, terms } = await verdict(a, b, { setB });
    expect(same).toBe(false);
    expect(differences[0]?.size).toBeGreaterThan(1e-3);
    expect(terms.map(({ name }) => name)).toEqual([term]);
  });

  it.each<[readonly string[], Stage, readonly string[]]>([
    [['gate order'], planted(otherOrder), []],
    [['forget bias'], planted(biasedForget), []],
    [['second bias'], planted(secondBias, 'bias2'), []],
    [['recurrent_activation', 'gate order'], planted(otherOrder), ['model.recurrent_activation=hard_sigmoid']],
    [['forget bias', 'gate order'], planted((tools, p) => otherOrder(tools, biasedForget(tools, p))), []],
    [
      ['forget bias', 'recurrent_activation', 'second bias'],
      planted((tools, p) => biasedForget(tools, secondBias(tools, p)), 'bias2'),
      ['model.recurrent_activation=hard_sigmoid'],
    ],
    [[], planted(({ tf }, p) => ({ ...p, kernel: tf.mul(p['kernel'] as Tensor, 1.01) })), []],
  ])('that no document says, alone or together: %j', async (planted, stage, setB) => {
    const all = [...stages.filter(({ kind, slot }) => slot !== 'model' || kind !== 'lstm'), stage];
    const { same, terms } = await verdict('lstm_time_machine', 'lstm_time_machine_builtin', { all, setB });
    expect(same).toBe(false);
    expect(terms.map(({ name }) => name).toSorted()).toEqual(planted.toSorted());
  });
});

it("a person's own model declares whose weights it takes over", async () => {
  const own: typeof lstm = {
    ...lstm,
    kind: 'my_lstm',
    plan(options, upstream, report) {
      const spec = lstm.plan(options, upstream, report);
      return { ...spec, parameters: spec.parameters.map((parameter) => ({ ...parameter, name: `my ${parameter.name}` })) };
    },
    create(tools, options, spec, upstream) {
      const model = lstm.create(tools, options, spec, upstream);
      const theirs = ({ parameters, ...rest }: Variables): Variables => ({
        ...rest,
        parameters: renamed(parameters, (name) => name.slice(3)),
      });
      return { forward: (variables, inputs, context) => model.forward(theirs(variables), inputs, context) };
    },
    weightsFrom: [
      { from: { kind: 'lstm', implementation: 'scratch' }, to: {}, copy: (_, given) => renamed(given, (name) => `my ${name}`) },
    ],
  };
  const all = [...stages, own];
  const set = ['model.kind=my_lstm'];
  expect(await verdict('lstm_time_machine', 'lstm_time_machine', { all, setB: set })).toMatchObject({ same: true });
  const { weightsFrom: _, ...undeclared } = own;
  await expect(verdict('lstm_time_machine', 'lstm_time_machine', { all: [...stages, undeclared], setB: set })).rejects.toThrow(
    'no way is known',
  );
});

it('models of different kinds or sizes cannot be compared', async () => {
  await expect(verdict('rnn_time_machine', 'lstm_time_machine')).rejects.toThrow('no way is known');
  await expect(verdict('gru_time_machine', 'gru_time_machine_builtin', { setB: ['model.hidden_size=6'] })).rejects.toThrow(
    'different sizes',
  );
  await expect(verdict('gru_time_machine', 'gru_time_machine_builtin', { setB: ['training.batch_size=3'] })).rejects.toThrow(
    'different shapes',
  );
});

/** The LSTM of the project, whose built-in layer does something else with its weights. */
function planted(twist: (tools: Tools, parameters: Tensors) => Tensors, more?: string): Stage {
  const isBuiltin = (options: unknown): boolean => (options as { readonly implementation?: string }).implementation === 'builtin';
  const stage: typeof lstm = {
    ...lstm,
    plan(options, upstream, report) {
      const spec = lstm.plan(options, upstream, report);
      if (!more || !isBuiltin(options)) return spec;
      return { ...spec, parameters: [...spec.parameters, { name: more, shape: [4 * HIDDEN], initializer: { kind: 'zeros' } }] };
    },
    create(tools, options, spec, upstream) {
      const model = lstm.create(tools, options, spec, upstream);
      if (!isBuiltin(options)) return model;
      return {
        forward: (variables, inputs, context) =>
          model.forward({ ...variables, parameters: twist(tools, variables.parameters) }, inputs, context),
      };
    },
  };
  return stage;
}

const HIDDEN = 5;

function otherOrder({ tf }: Tools, parameters: Tensors): Tensors {
  const reordered = (joined: Tensor): Tensor => {
    const parts = tf.split(joined, 4, -1);
    return tf.concat(
      [0, 1, 3, 2].map((gate) => parts[gate] as Tensor),
      -1,
    );
  };
  const changed = ['kernel', 'recurrent_kernel', 'bias'].map((name) => [name, reordered(parameters[name] as Tensor)]);
  return { ...parameters, ...Object.fromEntries(changed) };
}

function biasedForget({ tf }: Tools, { bias, ...parameters }: Tensors): Tensors {
  const isForget = Array.from({ length: 4 * HIDDEN }, (_, at) => Number(at >= HIDDEN && at < 2 * HIDDEN));
  return { ...parameters, bias: tf.add(bias as Tensor, tf.tensor(isForget)) };
}

const secondBias = ({ tf }: Tools, { bias, bias2, ...parameters }: Tensors): Tensors => ({
  ...parameters,
  bias: tf.add(bias as Tensor, bias2 as Tensor),
});

const renamed = (tensors: Tensors, rename: (name: string) => string): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
