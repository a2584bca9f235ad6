import { describe, expect, test } from 'vitest';
import { drawParameter } from '../../../src/random/initialize.js';
import { createStreams } from '../../../src/random/streams.js';
import { gru, gruWeightsFromScratch } from '../../../src/stages/model/gru.js';
import { lstm, lstmWeightsFromScratch } from '../../../src/stages/model/lstm.js';
import { rnn, rnnWeightsFromScratch } from '../../../src/stages/model/rnn.js';
import type { Data, Model, ModelSpec, Stage, Tensors, Tools } from '../../../src/stages/stage.js';
import { get } from '../../../src/stages/tensors.js';
import {
  at,
  cells,
  type Matrix,
  type Pooling,
  type ReferenceCell,
  runReferenceStack,
  type Vector,
  type Weights,
} from '../recurrent-reference.js';
import {
  dataOf,
  difference,
  drawParameters,
  gradientsOf,
  noProblem,
  numbers,
  problemsOf,
  someIndices,
  tf,
  tools,
  zeroState,
} from '../support.js';

/* What stands before the layers and behind them: tokens looked up, and readouts of all steps. */

interface Cell {
  readonly name: string;
  readonly stage: Stage<'model'>;
  readonly options: object;
  readonly reference: ReferenceCell;
  readonly copied: (tools: Tools, scratch: Tensors) => Tensors;
}
const soft = { recurrent_activation: 'sigmoid' } as const;
const everyCell: readonly Cell[] = [
  { name: 'rnn', stage: rnn, options: {}, reference: cells.rnn, copied: rnnWeightsFromScratch },
  { name: 'gru', stage: gru, options: { ...soft, reset: 'before' }, reference: cells.gru, copied: gruWeightsFromScratch },
  { name: 'lstm', stage: lstm, options: soft, reference: cells.lstm, copied: lstmWeightsFromScratch },
];
const everyReadout: readonly (Pooling | 'last' | 'every')[] = ['last', 'every', 'mean', 'max', 'attention'];
const everyStack = [{}, { num_layers: 2, bidirectional: true }] as const;

const [batch, time, tokens, size, hidden, classes] = [4, 5, 6, 3, 2, 2];
/** The last sequence only fills a batch up. */
const lengths = [5, 1, 3, 0];
const there = 3;
const input = someIndices('tokens', [batch, time], tokens);
const mask = tf.tensor(lengths.map((length) => Array.from({ length: time }, (_, t) => (t < length ? 1 : 0))));

const rows = everyCell.flatMap((cell) =>
  everyReadout.flatMap((readout) => everyStack.map((stack) => [cell.name, readout, JSON.stringify(stack), cell, stack] as const)),
);

describe.each(rows)('%s, embedded, readout %s %s', (_name, readout, _stack, cell, stack) => {
  const data: Data = dataOf({ input: [time], target: readout === 'every' ? [time] : [], classes, tokens });
  const build = (implementation: string, more: object = {}): { spec: ModelSpec; model: Model } => {
    const initializer = { kind: 'uniform', limit: 0.9 };
    const options = { ...cell.options, ...stack, implementation, hidden_size: hidden, readout, initializer, embedding: { size }, ...more };
    const spec = cell.stage.plan(options, { data }, noProblem);
    return { spec, model: cell.stage.create(tools, options, spec, { data }) };
  };
  const { spec, model } = build('scratch');
  const parameters = drawParameters(spec);
  const answer = (which: Model, weights: Tensors, given = input, present: tf.Tensor | null = mask): tf.Tensor =>
    which.forward(
      { parameters: weights, buffers: {}, state: zeroState(spec, given.shape[0] ?? 1) },
      { input: given, ...(present && { mask: present }) },
      { mode: 'evaluate', masks: {} },
    ).output;
  /** Of what is there: a padded step has no output that counts. */
  const real = (y: tf.Tensor): tf.Tensor =>
    readout === 'every' ? tf.mul(y, tf.expandDims(mask, -1)) : tf.mul(y, tf.expandDims(tf.max(mask, 1), -1));
  const doubles: Weights = Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, p.arraySync() as Matrix | Vector]));

  /** `[steps][classes]` of each sequence, or one row. */
  const reference = (weights: Weights): readonly Matrix[] =>
    (input.arraySync() as number[][]).slice(0, there).map((sequence, i) => {
      const vectors = sequence.map((token) => at(weights['E'] as Matrix, token));
      const zeros = Object.fromEntries(Object.keys(spec.state).map((name) => [name, [0, 0]]));
      const run = runReferenceStack(cell.reference, weights, vectors, zeros, {
        layers: 1,
        bidirectional: false,
        ...('num_layers' in stack && { layers: stack.num_layers, bidirectional: stack.bidirectional }),
        length: at(lengths, i),
      });
      return readout === 'every' ? run.outputs : readout === 'last' ? [run.last] : [run.pooled(readout)];
    });

  test('outputs are those of plain arithmetic', () => {
    const made = answer(model, parameters);
    for (const [i, expected] of reference(doubles).entries()) {
      const own = numbers(tf.slice(made, i, 1)).slice(0, expected.length * classes);
      expect(difference(tf.tensor(own), tf.tensor(expected.flat()))).toBeLessThan(1e-5);
    }
  });

  test('gradients: finite differences, every parameter', () => {
    const { gradients } = gradientsOf(parameters, (p) => tf.sum(tf.square(real(answer(model, p)))));
    const loss = (weights: Weights): number =>
      reference(weights)
        .flat(2)
        .reduce((total, y) => total + y ** 2, 0);
    for (const [name, gradient] of Object.entries(gradients)) {
      const analytic = numbers(gradient);
      for (const index of analytic.keys()) {
        const numeric = (loss(moved(doubles, name, index, 1e-5)) - loss(moved(doubles, name, index, -1e-5))) / 2e-5;
        expect(Math.abs(numeric - at(analytic, index)), `${name}[${index}]`).toBeLessThan(1e-3);
      }
    }
  });

  test('a batch is its sequences one by one, each as long as it is', () => {
    const together = answer(model, parameters);
    for (const [i, length] of lengths.slice(0, there).entries()) {
      const alone = answer(model, parameters, tf.slice(input, [i, 0], [1, length]), null);
      const own = readout === 'every' ? tf.slice(together, [i, 0, 0], [1, length, -1]) : tf.slice(together, i, 1);
      expect(difference(alone, own)).toBeLessThan(1e-6);
    }
  });

  test('what stands in the padding changes nothing, and a sequence without a step gives numbers and no gradient', () => {
    const other = tf.cast(tf.add(tf.mul(tf.cast(input, 'float32'), mask), tf.mul(tf.sub(1, mask), tokens - 1)), 'int32');
    expect(difference(real(answer(model, parameters)), real(answer(model, parameters, other)))).toBe(0);
    expect(numbers(answer(model, parameters)).every(Number.isFinite)).toBe(true);
    const { gradients } = gradientsOf(parameters, (p) => tf.sum(tf.slice(real(answer(model, p)), there, 1)));
    for (const [name, gradient] of Object.entries(gradients)) expect(difference(gradient, tf.zerosLike(gradient)), name).toBe(0);
  });

  test('builtin with copied weights is scratch: outputs and gradients', () => {
    const builtin = build('builtin');
    const copies = cell.copied(tools, parameters);
    expect(Object.entries(copies).map(([name, copy]) => [name, copy.shape])).toEqual(
      builtin.spec.parameters.map(({ name, shape }) => [name, shape]),
    );
    expect(difference(real(answer(model, parameters)), real(answer(builtin.model, copies)))).toBeLessThan(1e-5);
    const loss = (which: Model) => (p: Tensors) => tf.sum(tf.square(real(answer(which, p))));
    const expected = cell.copied(tools, gradientsOf(parameters, loss(model)).gradients);
    const { gradients } = gradientsOf(copies, loss(builtin.model));
    for (const [name, gradient] of Object.entries(gradients)) expect(difference(gradient, get(expected, name)), name).toBeLessThan(1e-4);
  });

  test('the weights of its steps are those of its answer, where it attends', () => {
    expect(spec.attends).toBe(readout === 'attention' ? true : undefined);
    expect(model.attention !== undefined).toBe(readout === 'attention');
    if (!model.attention) return;
    const weights = model.attention({ parameters, buffers: {}, state: zeroState(spec, batch) }, { input, mask });
    expect(weights.shape).toEqual([batch, time]);
    expect(difference(tf.slice(tf.sum(weights, 1), 0, there), tf.ones([there]))).toBeLessThan(1e-6);
    expect(numbers(tf.slice(tf.mul(weights, tf.sub(1, mask)), 0, there)).every((weight) => weight === 0)).toBe(true);
    // The readout is linear: what it says of every step, weighed, is what it says of the whole.
    const options = {
      ...cell.options,
      ...stack,
      implementation: 'scratch',
      hidden_size: hidden,
      initializer: { kind: 'zeros' },
      embedding: { size },
    };
    const steps = { ...options, readout: 'every' };
    const every = cell.stage.create(
      tools,
      steps,
      cell.stage.plan(steps, { data }, () => {}),
      { data },
    );
    const whole = tf.sum(tf.mul(answer(every, parameters), tf.expandDims(weights, -1)), 1);
    expect(difference(tf.slice(whole, 0, there), tf.slice(answer(model, parameters), 0, there))).toBeLessThan(1e-6);
  });

  test('read step by step where the plan says so, and not elsewhere', () => {
    expect(spec.stepwise).toBe((readout === 'last' || readout === 'every') && !('bidirectional' in stack));
  });
});

describe('what is planned', () => {
  const text = dataOf({ input: [time], target: [], classes, tokens });
  const base = { ...soft, implementation: 'scratch', hidden_size: 4, readout: 'attention', initializer: { kind: 'uniform' } } as const;
  const plan = (more: object, data = text) => lstm.plan({ ...base, ...more }, { data }, noProblem);
  const of = (spec: ModelSpec, name: string) => spec.parameters.find((p) => p.name === name);

  test('names, shapes and axes: rows of an embedding are tokens, its columns are nothing of the data', () => {
    const spec = plan({ embedding: { size }, bidirectional: true });
    expect(of(spec, 'E')).toMatchObject({ shape: [tokens, size], axes: ['tokens', 'embedding'] });
    expect(of(spec, 'forward.Wxi')).toMatchObject({ shape: [size, 4], axes: ['embedding', 'outputs'] });
    const attention = ['Wa', 'ba', 'va', 'Wy', 'by'].map((name) => [name, of(spec, name)?.shape, of(spec, name)?.axes]);
    expect(attention).toEqual([
      ['Wa', [8, 8], ['units', 'attention']],
      ['ba', [8], ['attention']],
      ['va', [8], ['attention']],
      ['Wy', [8, classes], ['units', 'classes']],
      ['by', [classes], ['classes']],
    ]);
    expect(spec.masks).toEqual([]);
  });

  test.each([
    ['uniform', { kind: 'uniform', limit: 0.5 }],
    ['pytorch', { kind: 'normal', stddev: 1 }],
    ['d2l', { kind: 'normal', stddev: 1 }],
    ['keras', { kind: 'uniform', limit: 0.05 }],
    ['zeros', { kind: 'zeros' }],
  ])('an embedding starts as %s has it', (kind, expected) => {
    expect(of(plan({ embedding: { size }, initializer: { kind } }), 'E')?.initializer).toEqual(expected);
  });

  test('frozen is said where it holds, and nowhere else', () => {
    expect(
      plan({ embedding: { size, frozen: true } })
        .parameters.filter(({ frozen }) => frozen)
        .map(({ name }) => name),
    ).toEqual(['E']);
    expect(plan({ embedding: { size, frozen: false } })).toEqual(plan({ embedding: { size } }));
  });

  test('the other parameters start as they do without an embedding', () => {
    const [without, embedded] = [plan({}), plan({ embedding: { size } })].map((spec) => of(spec, 'Wy'));
    if (!without || !embedded) throw new Error('no readout');
    expect(drawParameter(embedded, createStreams(1))).toEqual(drawParameter(without, createStreams(1)));
  });

  test('dropout acts on what is looked up, in training only, and there not without its mask', () => {
    const options = { ...base, embedding: { size, dropout: 0.5 } };
    const spec = lstm.plan(options, { data: text }, noProblem);
    expect(spec.masks).toEqual([{ name: 'embedding.dropout', shape: [time, size], rate: 0.5 }]);
    const model = lstm.create(tools, options, spec, { data: text });
    const parameters = drawParameters(spec);
    const run = (mode: 'train' | 'evaluate', masks: Tensors) =>
      model.forward({ parameters, buffers: {}, state: zeroState(spec, batch) }, { input }, { mode, masks }).output;
    const dropped = { 'embedding.dropout': tf.zeros([batch, time, size]) };
    expect(difference(run('train', dropped), run('evaluate', {}))).toBeGreaterThan(1e-3);
    expect(difference(run('evaluate', dropped), run('evaluate', {}))).toBe(0);
    const rows = tf.unstack(run('train', dropped));
    for (const row of rows) expect(difference(row, at(rows, 0))).toBe(0);
    expect(() => run('train', {})).toThrow('embedding.dropout');
  });

  test('data without tokens are told at the embedding', () => {
    const numbers = dataOf({ input: [time, 2], target: [1] });
    expect(problemsOf((report) => lstm.plan({ ...base, embedding: { size } }, { data: numbers }, report))).toEqual([
      {
        code: 'no-tokens',
        path: ['embedding'],
        message: `an embedding looks tokens up, and the input of these data is numbers: [time ${time}, features 2]`,
        help: 'leave embedding out: the layers read numbers as they are',
      },
    ]);
  });

  test('a readout of all steps gives one answer, and a target of every step wants readout: every', () => {
    const steps = dataOf({ input: [time], target: [time], classes, tokens });
    expect(problemsOf((report) => lstm.plan({ ...base, readout: 'mean' }, { data: steps }, report))).toEqual([
      {
        code: 'shape-mismatch',
        path: ['readout'],
        message: `readout mean gives one class and the target is [time ${time}]`,
        help: 'write readout: every',
      },
    ]);
  });
});

function moved(weights: Weights, name: string, index: number, by: number): Weights {
  const tensor = weights[name] ?? [];
  if (typeof tensor[0] === 'number') return { ...weights, [name]: (tensor as Vector).map((w, i) => (i === index ? w + by : w)) };
  const columns = (tensor as Matrix)[0]?.length ?? 1;
  return { ...weights, [name]: (tensor as Matrix).map((row, r) => row.map((w, c) => (r * columns + c === index ? w + by : w))) };
}
