import { describe, expect, test } from 'vitest';
import { drawParameter } from '../../../src/random/initialize.js';
import { createStreams } from '../../../src/random/streams.js';
import { gru, gruWeightsFromScratch } from '../../../src/stages/model/gru.js';
import { lstm, lstmWeightsFromScratch } from '../../../src/stages/model/lstm.js';
import { rnn, rnnWeightsFromScratch } from '../../../src/stages/model/rnn.js';
import type { Data, Model, ModelSpec, Stage, Tensors, Tools } from '../../../src/stages/stage.js';
import { get } from '../../../src/stages/tensors.js';
import { at, cells, runReference, type Matrix, type ReferenceCell, type State, type Vector, type Weights } from '../recurrent-reference.js';
import {
  dataOf,
  difference,
  drawParameters,
  forward,
  gradientsOf,
  noProblem,
  numbers,
  problemsOf,
  someIndices,
  someNumbers,
  tf,
  tools,
  zeroState,
} from '../support.js';

type Readout = 'last' | 'every';
type Implementation = 'scratch' | 'builtin';

interface Case {
  readonly name: string;
  readonly stage: Stage<'model'>;
  /** Besides what every recurrent model is told. */
  readonly options: object;
  readonly reference: ReferenceCell;
  /** Weights of the built-in layer that compute the same, where there is one. */
  readonly copied?: (tools: Tools, scratch: Tensors) => Tensors;
}

const [soft, hard] = [{ recurrent_activation: 'sigmoid' }, { recurrent_activation: 'hard_sigmoid' }];
const cases: readonly Case[] = [
  { name: 'rnn', stage: rnn, options: {}, reference: cells.rnn, copied: rnnWeightsFromScratch },
  { name: 'gru', stage: gru, options: { ...soft, reset: 'before' }, reference: cells.gru, copied: gruWeightsFromScratch },
  { name: 'gru, reset after the product', stage: gru, options: { ...soft, reset: 'after' }, reference: cells.gru_reset_after },
  { name: 'lstm', stage: lstm, options: soft, reference: cells.lstm, copied: lstmWeightsFromScratch },
  { name: 'lstm, hard sigmoid', stage: lstm, options: hard, reference: cells.lstm_hard_sigmoid, copied: lstmWeightsFromScratch },
];

/** A small model of a case. Weights are large, so that gates open and close. */
function buildCase(
  { stage, options }: Case,
  data: Data,
  readout: Readout,
  implementation: Implementation,
): { spec: ModelSpec; model: Model } {
  const all = { ...options, implementation, hidden_size: 4, readout, initializer: { kind: 'uniform', limit: 0.9 } };
  const spec = stage.plan(all, { data }, noProblem);
  return { spec, model: stage.create(tools, all, spec, { data }) };
}

const [batch, time, features, outputs] = [3, 5, 2, 3];
const every = dataOf({ input: [time, features], target: [time, outputs] });
const last = dataOf({ input: [time, features], target: [outputs] });

describe.each(cases)('$name', (testCase) => {
  const { reference, copied } = testCase;
  const build = (data: Data, readout: Readout, implementation: Implementation) => buildCase(testCase, data, readout, implementation);
  const input = someNumbers('input', [batch, time, features]);

  describe.each(copied ? (['scratch', 'builtin'] as const) : (['scratch'] as const))('%s', (implementation) => {
    const { spec, model } = build(every, 'every', implementation);
    const parameters = drawParameters(spec);

    test('output and state have the shapes that were planned', () => {
      for (const [data, readout] of [
        [every, 'every'],
        [last, 'last'],
      ] as const) {
        const made = build(data, readout, implementation);
        const { output, state } = forward(made.model, drawParameters(made.spec), zeroState(made.spec, batch), input);
        expect(output.shape).toEqual([batch, ...made.spec.output.shape]);
        expect(Object.fromEntries(Object.entries(state).map(([name, part]) => [name, part.shape.slice(1)]))).toEqual(made.spec.state);
      }
    });

    test('a batch is its examples one by one, from the state that each has', () => {
      const state = someState(spec);
      const together = forward(model, parameters, state, input);
      for (let i = 0; i < batch; i++) {
        const pick = (tensor: tf.Tensor): tf.Tensor => tf.slice(tensor, i, 1);
        const single = forward(model, parameters, mapValues(state, pick), pick(input));
        expect(difference(single.output, pick(together.output))).toBeLessThan(1e-6);
        for (const [name, part] of Object.entries(single.state))
          expect(difference(part, pick(get(together.state, name)))).toBeLessThan(1e-6);
      }
    });

    test('an input changes its own step and later ones, none before', () => {
      const changedAt = 2;
      const change = tf.tensor([0, 0, 1, 0, 0], [1, time, 1]);
      const before = forward(model, parameters, zeroState(spec, batch), input).output;
      const after = forward(model, parameters, zeroState(spec, batch), tf.add(input, change)).output;
      const moved = tf.unstack(after, 1).map((step, t) => difference(step, at(tf.unstack(before, 1), t)));
      expect(moved.map((size) => size > 1e-4)).toEqual(moved.map((_, t) => t >= changedAt));
    });

    test('two halves with the state handed on are the whole', () => {
      const whole = forward(model, parameters, zeroState(spec, batch), input);
      const first = forward(model, parameters, zeroState(spec, batch), tf.slice(input, [0, 0], [-1, 2]));
      const second = forward(model, parameters, first.state, tf.slice(input, [0, 2], [-1, 3]));
      expect(difference(tf.concat([first.output, second.output], 1), whole.output)).toBeLessThan(1e-6);
    });

    test('readout last is the last step of readout every', () => {
      const { model: lastOnly } = build(last, 'last', implementation);
      const steps = tf.unstack(forward(model, parameters, zeroState(spec, batch), input).output, 1);
      expect(difference(forward(lastOnly, parameters, zeroState(spec, batch), input).output, at(steps, time - 1))).toBeLessThan(1e-6);
    });

    test('indices are read as one-hot vectors', () => {
      const text = dataOf({ input: [time], target: [time], classes: outputs });
      const oneHot = dataOf({ input: [time, outputs], target: [time, outputs] });
      const indices = someIndices('indices', [batch, time], outputs);
      const { spec: textSpec, model: textModel } = build(text, 'every', implementation);
      const weights = drawParameters(textSpec);
      const { output } = forward(textModel, weights, zeroState(textSpec, batch), indices);
      const expected = forward(
        build(oneHot, 'every', implementation).model,
        weights,
        zeroState(textSpec, batch),
        tf.oneHot(indices, outputs, 1, 0, 'float32'),
      );
      expect(difference(output, expected.output)).toBeLessThan(1e-6);
    });

    test('leaves no tensor behind', () => {
      const weights = drawParameters(spec);
      const step = () => tf.tidy(() => void gradientsOf(weights, (p) => tf.sum(forward(model, p, zeroState(spec, batch), input).output)));
      step();
      const before = tf.memory().numTensors;
      step();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  describe('against plain arithmetic in doubles', () => {
    const { spec, model } = build(every, 'every', 'scratch');
    const parameters = drawParameters(spec);
    const state = someState(spec);
    const target = someNumbers('target', [batch, time, outputs]);
    const doubles = Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tensor.arraySync() as Matrix | Vector]));

    const outputsOf = (weights: Weights): readonly Matrix[] =>
      (input.arraySync() as number[][][]).map((sequence, i) => runReference(reference, weights, sequence, exampleState(state, i)).outputs);

    /** Half the sum of squared errors, in doubles. */
    function lossOf(weights: Weights): number {
      const errors = outputsOf(weights)
        .flat(2)
        .map((value, i) => value - at(numbers(target), i));
      return errors.reduce((total, error) => total + error ** 2 / 2, 0);
    }

    test('outputs', () => {
      const { output } = forward(model, parameters, state, input);
      expect(difference(output, tf.tensor(outputsOf(doubles) as number[][][]))).toBeLessThan(1e-5);
    });

    test('gradients: finite differences, every parameter', () => {
      const { gradients, value } = gradientsOf(parameters, (p) =>
        tf.mul(0.5, tf.sum(tf.squaredDifference(forward(model, p, state, input).output, target))),
      );
      expect(value).toBeCloseTo(lossOf(doubles), 4);
      for (const [name, gradient] of Object.entries(gradients)) {
        const analytic = numbers(gradient);
        expect(Math.max(...analytic.map(Math.abs)), name).toBeGreaterThan(1e-3);
        for (const index of analytic.keys()) {
          expect(Math.abs(finiteDifference(lossOf, doubles, name, index) - at(analytic, index)), `${name}[${index}]`).toBeLessThan(1e-3);
        }
      }
    });
  });

  if (copied) {
    test('builtin with copied weights is scratch: outputs, state and gradients', () => {
      const [scratch, builtin] = [build(every, 'every', 'scratch'), build(every, 'every', 'builtin')];
      const parameters = drawParameters(scratch.spec);
      const copies = copied(tools, parameters);
      expect(Object.keys(copies)).toEqual(builtin.spec.parameters.map((p) => p.name));
      expect(Object.values(copies).map((t) => t.shape)).toEqual(builtin.spec.parameters.map((p) => p.shape));

      const state = someState(scratch.spec);
      const [a, b] = [forward(scratch.model, parameters, state, input), forward(builtin.model, copies, state, input)];
      expect(difference(a.output, b.output)).toBeLessThan(1e-5);
      for (const [name, part] of Object.entries(a.state)) expect(difference(part, get(b.state, name))).toBeLessThan(1e-5);

      const loss = (model: Model) => (p: Tensors) => tf.sum(tf.square(forward(model, p, state, input).output));
      const expected = copied(tools, gradientsOf(parameters, loss(scratch.model)).gradients);
      const { gradients } = gradientsOf(copies, loss(builtin.model));
      for (const [name, gradient] of Object.entries(gradients)) expect(difference(gradient, get(expected, name)), name).toBeLessThan(1e-5);
    });
  }
});

describe('what is planned', () => {
  const reference = {
    implementation: 'scratch',
    hidden_size: 32,
    readout: 'last',
    initializer: { kind: 'uniform' },
    recurrent_activation: 'sigmoid',
  } as const;
  const addition = dataOf({ input: [2, 8], target: [8] });
  const plan = (options: Partial<Parameters<typeof lstm.plan>[0]> = {}, data = addition) =>
    lstm.plan({ ...reference, ...options }, { data }, noProblem);
  const count = (spec: ModelSpec): number => spec.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);

  test('the reference has 5,512 parameters, all in U(-1/sqrt(32), 1/sqrt(32)), in either implementation', () => {
    expect(count(plan())).toBe(5512);
    expect(count(plan({ implementation: 'builtin' }))).toBe(5512);
    expect(plan().parameters.every(({ initializer }) => initializer.kind === 'uniform' && initializer.limit === 1 / Math.sqrt(32))).toBe(
      true,
    );
  });

  test.each([
    ['d2l', { kind: 'normal', stddev: 0.01 }, { kind: 'zeros' }, { kind: 'zeros' }],
    ['keras', { kind: 'uniform', limit: Math.sqrt(6 / (8 + 4 * 32)) }, { kind: 'zeros' }, { kind: 'constant', value: 1 }],
    ['zeros', { kind: 'zeros' }, { kind: 'zeros' }, { kind: 'zeros' }],
    ['orthogonal', { kind: 'orthogonal' }, { kind: 'zeros' }, { kind: 'zeros' }],
  ] as const)('initializer %s', (kind, weight, bias, forgetBias) => {
    const of = (spec: ModelSpec, name: string) => spec.parameters.find((p) => p.name === name)?.initializer;
    const [scratch, builtin] = [plan({ initializer: { kind } }), plan({ initializer: { kind }, implementation: 'builtin' })];
    expect([of(scratch, 'Wxi'), of(scratch, 'bi'), of(scratch, 'bf')]).toEqual([weight, bias, forgetBias]);
    expect([of(builtin, 'kernel'), of(builtin, 'bias')]).toEqual([weight, { kind: 'blocks', blocks: [bias, forgetBias, bias, bias] }]);
  });

  test.each([
    ['lstm', lstm, ['i', 'f', 'o', 'g']],
    ['gru', gru, ['z', 'r', 'g']],
  ] as const)(
    'initializer keras starts the recurrent weights of all gates of each layer of %s as one orthogonal matrix',
    (_, stage, gates) => {
      const options = { ...reference, hidden_size: 3, num_layers: 2, initializer: { kind: 'keras' }, reset: 'after' } as const;
      const { parameters } = stage.plan(options, { data: addition }, noProblem);
      const streams = createStreams(1);
      const rows = ['layer0.', 'layer1.'].map((prefix) => {
        const blocks = gates.map((gate) => {
          const spec = parameters.find(({ name }) => name === `${prefix}Wh${gate}`);
          return spec ? drawParameter(spec, streams) : new Float32Array();
        });
        return [0, 1, 2].map((row) => blocks.flatMap((block) => [...block.subarray(3 * row, 3 * row + 3)]));
      });
      const product = (a: readonly number[] = [], b: readonly number[] = []) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
      for (const layer of rows)
        for (const [i, a] of layer.entries()) for (const [j, b] of layer.entries()) expect(product(a, b)).toBeCloseTo(i === j ? 1 : 0, 6);
      expect(rows[0]).not.toEqual(rows[1]);
      expect(stage.versionOf?.(options)).toBe(2);
      expect(stage.versionOf?.({ ...options, initializer: { kind: 'orthogonal' } })).toBe(1);
    },
  );

  test('forget_bias comes before the initializer', () => {
    const spec = plan({ forget_bias: 2 });
    expect(spec.parameters.find((p) => p.name === 'bf')?.initializer).toEqual({ kind: 'constant', value: 2 });
  });

  test.each([
    ['every', addition, 'readout every gives [time 2, outputs 8] and the target is [outputs 8]', 'write readout: last'],
    [
      'last',
      dataOf({ input: [8, 2], target: [8, 1] }),
      'readout last gives [outputs 1] and the target is [time 8, outputs 1]',
      'write readout: every',
    ],
    [
      'every',
      dataOf({ input: [8, 2], target: [4, 1] }),
      'readout every gives [time 8, outputs 1] and the target is [time 4, outputs 1]',
      undefined,
    ],
  ] as const)('a readout that does not fit: %s', (readout, data, message, help) => {
    const problems = problemsOf((report) => lstm.plan({ ...reference, readout }, { data }, report));
    expect(problems).toEqual([{ code: 'shape-mismatch', path: ['readout'], message, ...(help ? { help } : {}) }]);
  });

  test('counts of the book: RNN 512, GRU 256, LSTM 256 on 28 symbols', () => {
    const data = dataOf({ input: [35], target: [35], classes: 28 });
    const text = { ...reference, readout: 'every', reset: 'before' } as const;
    const counts = (
      [
        [rnn, 512],
        [gru, 256],
        [lstm, 256],
      ] as const
    ).map(([stage, hidden_size]: readonly [Stage<'model'>, number]) => count(stage.plan({ ...text, hidden_size }, { data }, noProblem)));
    expect(counts).toEqual([291_356, 226_076, 299_036]);
  });

  test('the GRU of tf.layers cannot reset after the product', () => {
    const problems = problemsOf((report) =>
      gru.plan({ ...reference, implementation: 'builtin', reset: 'after' }, { data: addition }, report),
    );
    expect(problems).toMatchObject([{ path: ['reset'], help: 'write implementation: scratch, or reset: before' }]);
  });

  test('a sequence without features is refused', () => {
    const problems = problemsOf((report) => lstm.plan(reference, { data: dataOf({ input: [8], target: [8] }) }, report));
    expect(problems.map((p) => p.message)).toContain(
      'a recurrent model reads [time, features] or indices [time] of a vocabulary, and the data gives [time 8]',
    );
  });
});

describe.each(cases.filter(({ stage, reference }) => stage !== gru && reference !== cells.lstm_hard_sigmoid))(
  'a truncated gradient: $name',
  (testCase) => {
    const { stage, options, reference } = testCase;
    const full = buildCase(testCase, every, 'every', 'scratch');
    const truncated = buildCase({ ...testCase, options: { ...options, gradient: 'truncated' } }, every, 'every', 'scratch');
    const [parameters, state] = [drawParameters(full.spec), someState(full.spec)];
    const [input, target] = [someNumbers('input', [batch, time, features]), someNumbers('target', [batch, time, outputs])];
    const doubles = Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tensor.arraySync() as Matrix | Vector]));
    const gradientsFrom = (model: Model): Tensors =>
      gradientsOf(parameters, (p) => tf.mul(0.5, tf.sum(tf.squaredDifference(forward(model, p, state, input).output, target)))).gradients;

    /** The cell, but for the hidden state that it reads: that is what the given weights make, whatever weights are tried. */
    const holding = (first: State): ReferenceCell => {
      let held = first;
      return (weights, x, before) => {
        const after = reference(weights, x, { ...before, h: held['h'] ?? [] });
        held = reference(doubles, x, held);
        return after;
      };
    };
    const lossOf = (weights: Weights): number =>
      (input.arraySync() as number[][][])
        .flatMap((sequence, i) => runReference(holding(exampleState(state, i)), weights, sequence, exampleState(state, i)).outputs)
        .flat()
        .reduce((total, value, i) => total + (value - at(numbers(target), i)) ** 2 / 2, 0);

    test('changes no output', () => {
      const [whole, cut] = [full, truncated].map(({ model }) => forward(model, parameters, state, input).output);
      expect(difference(whole ?? tf.scalar(0), cut ?? tf.scalar(1))).toBe(0);
    });

    test('is that of steps which read a hidden state that no weight moves', () => {
      const made = gradientsFrom(truncated.model);
      for (const [name, gradient] of Object.entries(made)) {
        for (const [index, analytic] of numbers(gradient).entries())
          expect(Math.abs(finiteDifference(lossOf, doubles, name, index) - analytic), `${name}[${index}]`).toBeLessThan(1e-3);
      }
      const whole = gradientsFrom(full.model);
      const recurrent = Object.keys(made).filter((name) => name.startsWith('Wh'));
      for (const name of recurrent) expect(difference(get(made, name), get(whole, name)), name).toBeGreaterThan(1e-3);
    });

    test('is not one that the layers of tf.layers have', () => {
      const all = {
        ...options,
        implementation: 'builtin',
        hidden_size: 4,
        readout: 'every',
        initializer: { kind: 'uniform' },
        gradient: 'truncated',
      };
      expect(problemsOf((report) => stage.plan(all, { data: every }, report))).toMatchObject([
        { code: 'not-in-tf-layers', path: ['gradient'], help: 'write implementation: scratch, or leave gradient out' },
      ]);
    });
  },
);

function someState(spec: ModelSpec): Tensors {
  return Object.fromEntries(Object.entries(spec.state).map(([name, shape]) => [name, someNumbers(`state ${name}`, [batch, ...shape])]));
}

const exampleState = (state: Tensors, example: number): State =>
  mapValues(state, (part) => (part.arraySync() as number[][])[example] ?? []);

function finiteDifference(loss: (weights: Weights) => number, weights: Weights, name: string, index: number): number {
  const step = 1e-5;
  return (loss(moved(weights, name, index, step)) - loss(moved(weights, name, index, -step))) / (2 * step);
}

function moved(weights: Weights, name: string, index: number, by: number): Weights {
  const isRow = (value: Vector | number): value is Vector => typeof value !== 'number';
  let seen = 0;
  const move = (value: number): number => (seen++ === index ? value + by : value);
  const changed = (weights[name] ?? []).map((row: Vector | number) => (isRow(row) ? row.map(move) : move(row)));
  return { ...weights, [name]: changed as Matrix | Vector };
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, f: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

test('a large vocabulary without an embedding is told', () => {
  const said = (tokens: number, more: object = {}) => {
    const options = {
      implementation: 'scratch',
      hidden_size: 3,
      readout: 'last',
      recurrent_activation: 'sigmoid',
      initializer: { kind: 'pytorch' },
      ...more,
    };
    return problemsOf((report) =>
      lstm.plan(options as never, { data: dataOf({ input: [4], target: [], classes: 2, tokens }) }, report),
    ).map(({ code }) => code);
  };
  expect(said(10_000)).toEqual([]);
  expect(said(10_001)).toEqual(['many-tokens']);
  expect(said(10_001, { embedding: { size: 8 } })).toEqual([]);
});
