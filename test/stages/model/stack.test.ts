import { describe, expect, test } from 'vitest';
import { gru, gruWeightsFromScratch } from '../../../src/stages/model/gru.js';
import { lstm, lstmWeightsFromScratch } from '../../../src/stages/model/lstm.js';
import { rnn, rnnWeightsFromScratch } from '../../../src/stages/model/rnn.js';
import type { Data, Model, ModelSpec, Stage, Tensors, Tools } from '../../../src/stages/stage.js';
import { get } from '../../../src/stages/tensors.js';
import { at, cells, runReferenceStack, type Matrix, type ReferenceCell, type Vector, type Weights } from '../recurrent-reference.js';
import { dataOf, difference, drawParameters, gradientsOf, noProblem, numbers, problemsOf, someNumbers, tf, tools } from '../support.js';

/* Layers one above the other, both directions, dropout between layers, and sequences of different lengths, for every cell. */

interface Case {
  readonly name: string;
  readonly stage: Stage<'model'>;
  readonly options: object;
  readonly reference: ReferenceCell;
  readonly copied?: (tools: Tools, scratch: Tensors) => Tensors;
}
const soft = { recurrent_activation: 'sigmoid' } as const;
const everyCell: readonly Case[] = [
  { name: 'rnn', stage: rnn, options: {}, reference: cells.rnn, copied: rnnWeightsFromScratch },
  { name: 'gru', stage: gru, options: { ...soft, reset: 'before' }, reference: cells.gru, copied: gruWeightsFromScratch },
  { name: 'gru, reset after the product', stage: gru, options: { ...soft, reset: 'after' }, reference: cells.gru_reset_after },
  { name: 'lstm', stage: lstm, options: soft, reference: cells.lstm, copied: lstmWeightsFromScratch },
];

interface Stack {
  readonly num_layers?: number;
  readonly bidirectional?: boolean;
  readonly dropout?: number;
}
const everyStack: readonly Stack[] = [
  {},
  { num_layers: 2 },
  { bidirectional: true },
  { num_layers: 2, bidirectional: true },
  { num_layers: 3, dropout: 0.4 },
  { num_layers: 2, bidirectional: true, dropout: 0.4 },
];

const [batch, time, features, hidden, outputs] = [3, 4, 2, 3, 2];
const lengths = [4, 2, 3];
const every = dataOf({ input: [time, features], target: [time, outputs] });
const last = dataOf({ input: [time, features], target: [outputs] });
const input = someNumbers('input', [batch, time, features]);
const mask = tf.tensor(lengths.map((length) => Array.from({ length: time }, (_, t) => (t < length ? 1 : 0))));

const rows = everyCell.flatMap((cell) => everyStack.map((stack) => [cell.name, JSON.stringify(stack), cell, stack] as const));

describe.each(rows)('%s %s', (_name, _stack, cell, stack) => {
  const build = (data: Data, readout: string, implementation: string): { spec: ModelSpec; model: Model } => {
    const options = {
      ...cell.options,
      ...stack,
      implementation,
      hidden_size: hidden,
      readout,
      initializer: { kind: 'uniform', limit: 0.9 },
    };
    const spec = cell.stage.plan(options, { data }, noProblem);
    return { spec, model: cell.stage.create(tools, options, spec, { data }) };
  };
  const { spec, model } = build(every, 'every', 'scratch');
  const parameters = drawParameters(spec);
  const state = Object.fromEntries(Object.entries(spec.state).map(([name, shape]) => [name, someNumbers(name, [batch, ...shape])]));
  const masks = Object.fromEntries(spec.masks.map((m) => [m.name, tf.mul(2, someBitsOf(m.name, [batch, ...m.shape]))]));
  const run = (which: Model, weights: Tensors, lengthsVary = true, given = input) =>
    which.forward(
      { parameters: weights, buffers: {}, state },
      { input: given, ...(lengthsVary ? { mask } : {}) },
      { mode: 'train', masks },
    );

  const doubles: Weights = Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, p.arraySync() as Matrix | Vector]));
  const reference = (weights: Weights, lengthsVary: boolean) =>
    (input.arraySync() as number[][][]).map((sequence, i) =>
      runReferenceStack(cell.reference, weights, sequence, exampleOf(state, i), {
        layers: stack.num_layers ?? 1,
        bidirectional: stack.bidirectional ?? false,
        length: lengthsVary ? at(lengths, i) : time,
        dropout: spec.masks.map((m) => at(get(masks, m.name).arraySync() as number[][][], i)),
      }),
    );

  test.each([
    ['one length', false],
    ['lengths that vary', true],
  ])('outputs and state are those of plain arithmetic: %s', (_, lengthsVary) => {
    const expected = reference(doubles, lengthsVary);
    const made = run(model, parameters, lengthsVary);
    const ends = run(build(last, 'last', 'scratch').model, parameters, lengthsVary);
    for (const [i, { outputs: steps, last: end, state: after }] of expected.entries()) {
      const example = (made.output.arraySync() as number[][][])[i]?.slice(0, steps.length) ?? [];
      expect(difference(tf.tensor(example), tf.tensor(steps as number[][]))).toBeLessThan(1e-5);
      expect(difference(tf.tensor((ends.output.arraySync() as number[][])[i] ?? []), tf.tensor([...end]))).toBeLessThan(1e-5);
      for (const [name, part] of Object.entries(exampleOf(made.state, i))) {
        expect(difference(tf.tensor([...part]), tf.tensor([...(after[name] ?? [])])), name).toBeLessThan(1e-5);
      }
    }
  });

  test('gradients: finite differences, every parameter, lengths that vary', () => {
    const { gradients } = gradientsOf(parameters, (p) => tf.sum(tf.mul(tf.square(run(model, p).output), tf.expandDims(mask, -1))));
    const loss = (weights: Weights): number =>
      reference(weights, true)
        .flatMap((example) => example.outputs.flat())
        .reduce((total, y) => total + y ** 2, 0);
    for (const [name, gradient] of Object.entries(gradients)) {
      const analytic = numbers(gradient);
      for (const index of spread(analytic.length, 4)) {
        const numeric = (loss(moved(doubles, name, index, 1e-5)) - loss(moved(doubles, name, index, -1e-5))) / 2e-5;
        expect(Math.abs(numeric - at(analytic, index)), `${name}[${index}]`).toBeLessThan(1e-3);
      }
    }
  });

  test('what stands in the padding changes nothing', () => {
    const padding = tf.expandDims(tf.sub(1, mask), -1);
    const shouted = tf.add(input, tf.mul(padding, 50));
    const [quiet, loud] = [run(model, parameters), run(model, parameters, true, shouted)];
    const real = (y: tf.Tensor): tf.Tensor => tf.mul(y, tf.expandDims(mask, -1));
    expect(difference(real(quiet.output), real(loud.output))).toBe(0);
    for (const [name, part] of Object.entries(quiet.state)) expect(difference(part, get(loud.state, name)), name).toBe(0);
  });

  if (cell.copied) {
    test('builtin with copied weights is scratch: outputs, state, gradients', () => {
      const builtin = build(every, 'every', 'builtin');
      const copies = cell.copied?.(tools, parameters) ?? {};
      expect(Object.entries(copies).map(([name, copy]) => [name, copy.shape])).toEqual(
        builtin.spec.parameters.map(({ name, shape }) => [name, shape]),
      );
      expect([builtin.spec.state, builtin.spec.masks]).toEqual([spec.state, spec.masks]);
      for (const lengthsVary of [false, true]) {
        const [a, b] = [run(model, parameters, lengthsVary), run(builtin.model, copies, lengthsVary)];
        expect(difference(a.output, b.output)).toBeLessThan(1e-5);
        for (const [name, part] of Object.entries(a.state)) expect(difference(part, get(b.state, name)), name).toBeLessThan(1e-5);
        const loss = (which: Model) => (p: Tensors) => tf.sum(tf.square(run(which, p, lengthsVary).output));
        const expected = cell.copied?.(tools, gradientsOf(parameters, loss(model)).gradients) ?? {};
        const { gradients } = gradientsOf(copies, loss(builtin.model));
        for (const [name, gradient] of Object.entries(gradients))
          expect(difference(gradient, get(expected, name)), name).toBeLessThan(1e-4);
      }
    });
  }
});

describe('what is planned', () => {
  const base = { ...soft, implementation: 'scratch', readout: 'every', initializer: { kind: 'pytorch' } } as const;
  const book = dataOf({ input: [35], target: [35], classes: 28 });
  const plan = (stack: Stack, hidden_size = 256) => lstm.plan({ ...base, ...stack, hidden_size }, { data: book }, noProblem);
  const count = (spec: ModelSpec): number => spec.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
  const shapeOf = (spec: ModelSpec, name: string) => spec.parameters.find((p) => p.name === name)?.shape;

  test('a name says what tells a tensor from others, and nothing more', () => {
    expect(plan({}).parameters[0]?.name).toBe('Wxi');
    expect(plan({ num_layers: 1, bidirectional: false, dropout: 0 })).toEqual(plan({}));
    expect(Object.keys(plan({ num_layers: 2 }).state)).toEqual(['layer0.h', 'layer0.c', 'layer1.h', 'layer1.c']);
    expect(Object.keys(plan({ bidirectional: true }).state)).toEqual(['forward.h', 'forward.c', 'backward.h', 'backward.c']);
    const both = plan({ num_layers: 2, bidirectional: true });
    expect(shapeOf(both, 'layer0.backward.Wxi')).toEqual([28, 256]);
    expect(shapeOf(both, 'layer1.forward.Wxi')).toEqual([512, 256]);
    expect(shapeOf(both, 'Wy')).toEqual([512, 28]);
  });

  test("the book's deep LSTM, 2 x 256, and its bidirectional one", () => {
    expect(count(plan({ num_layers: 2 }))).toBe(824_348);
    expect(count(plan({ num_layers: 2, bidirectional: true }))).toBe(2 * (291_840 + 787_456) + 14_364);
  });

  test('a readout of two directions starts as torch.nn.Linear does by what it reads', () => {
    const initializers = plan({ bidirectional: true })
      .parameters.slice(-2)
      .map((p) => p.initializer);
    expect(initializers).toEqual([1, 2].map(() => ({ kind: 'uniform', limit: 1 / Math.sqrt(512) })));
  });

  test('dropout has a mask between layers, none above the last; with one layer it is pointless', () => {
    expect(plan({ num_layers: 3, bidirectional: true, dropout: 0.1 }, 8).masks).toEqual([
      { name: 'layer0.dropout', shape: [35, 16], rate: 0.1 },
      { name: 'layer1.dropout', shape: [35, 16], rate: 0.1 },
    ]);
    const problems = problemsOf((report) => lstm.plan({ ...base, hidden_size: 4, dropout: 0.5 }, { data: book }, report));
    expect(problems).toMatchObject([{ path: ['dropout'], severity: 'warning' }]);
  });

  test('dropout acts in training only, and there not without its masks', () => {
    const options = { ...base, hidden_size: 4, num_layers: 2, dropout: 0.5 };
    const data = dataOf({ input: [3, 2], target: [3, 1] });
    const spec = lstm.plan(options, { data }, noProblem);
    const model = lstm.create(tools, options, spec, { data });
    const variables = {
      parameters: drawParameters(spec),
      buffers: {},
      state: Object.fromEntries(Object.entries(spec.state).map(([name, shape]) => [name, tf.zeros([2, ...shape])])),
    };
    const given = { input: someNumbers('x', [2, 3, 2]) };
    const masks = { 'layer0.dropout': tf.zeros([2, 3, 4]) };
    const [trained, measured] = [
      model.forward(variables, given, { mode: 'train', masks }),
      model.forward(variables, given, { mode: 'evaluate', masks: {} }),
    ];
    expect(difference(trained.output, measured.output)).toBeGreaterThan(1e-3);
    expect(difference(model.forward(variables, given, { mode: 'evaluate', masks }).output, measured.output)).toBe(0);
    expect(() => model.forward(variables, given, { mode: 'train', masks: {} })).toThrow('layer0.dropout');
  });
});

/** Zeros and ones, drawn from a name. */
const someBitsOf = (name: string, shape: readonly number[]): tf.Tensor => tf.cast(tf.greater(someNumbers(name, shape), 0), 'float32');

const exampleOf = (tensors: Tensors, example: number): Readonly<Record<string, Vector>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, (tensor.arraySync() as number[][])[example] ?? []]));

/** At most `wanted` indices, spread over all. */
const spread = (length: number, wanted: number): number[] => [
  ...new Set(Array.from({ length: wanted }, (_, i) => Math.floor((i * (length - 1)) / (wanted - 1)))),
];

function moved(weights: Weights, name: string, index: number, by: number): Weights {
  const tensor = weights[name] ?? [];
  if (typeof tensor[0] === 'number') return { ...weights, [name]: (tensor as Vector).map((w, i) => (i === index ? w + by : w)) };
  const columns = (tensor as Matrix)[0]?.length ?? 1;
  return { ...weights, [name]: (tensor as Matrix).map((row, r) => row.map((w, c) => (r * columns + c === index ? w + by : w))) };
}
