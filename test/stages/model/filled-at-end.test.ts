import { expect, test } from 'vitest';
import { gru } from '../../../src/stages/model/gru.js';
import { lstm } from '../../../src/stages/model/lstm.js';
import { rnn } from '../../../src/stages/model/rnn.js';
import type { Data, Stage, Tensors } from '../../../src/stages/stage.js';
import { dataOf, drawParameters, gradientsOf, noProblem, numbers, someNumbers, tf, tools } from '../support.js';

/*
 * Where all that fills sequences up stands at their end, a model that reads forwards does not hold its state over it: outputs, states and gradients are
 * those of one that does, digit by digit.
 */

const [batch, time, features, hidden, outputs] = [4, 5, 2, 3, 2];
/** One of them has no step at all. */
const lengths = [5, 2, 3, 0];
const mask = tf.tensor(lengths.map((length) => Array.from({ length: time }, (_, t) => (t < length ? 1 : 0))));
const input = someNumbers('input', [batch, time, features]);
const weight = tf.tensor(lengths.map((length) => Number(length > 0)));

const cases = ([rnn, gru, lstm] as readonly Stage<'model'>[]).flatMap((stage) =>
  ['last', 'every', 'mean', 'max', 'attention'].flatMap((readout) =>
    [{}, { num_layers: 2 }, { num_layers: 2, bidirectional: true }].map(
      (stack) => [stage.kind, readout, JSON.stringify(stack), stage, stack] as const,
    ),
  ),
);

test.each(cases)('%s, readout %s, %s', (_kind, readout, _stack, stage, stack) => {
  const isEvery = readout === 'every';
  const [plain, masked] = [dataOf({ input: [time, features], target: isEvery ? [time, outputs] : [outputs] }), { masked: true }];
  const dataWith = (more: object): Data => ({
    ...plain,
    splits: Object.fromEntries(Object.entries(plain.splits).map(([name, split]) => [name, { ...split, ...masked, ...more }])),
  });
  const soft = stage.kind === 'rnn' ? {} : { recurrent_activation: 'sigmoid', ...(stage.kind === 'gru' && { reset: 'before' }) };
  const options = {
    ...soft,
    ...stack,
    implementation: 'scratch',
    hidden_size: hidden,
    readout,
    initializer: { kind: 'uniform', limit: 0.9 },
  };
  const made = [dataWith({}), dataWith({ filledAtEnd: true })].map((data) => {
    const spec = stage.plan(options, { data }, noProblem);
    return { spec, model: stage.create(tools, options, spec, { data }) };
  });
  const { spec } = made[0] ?? { spec: stage.plan(options, { data: plain }, noProblem) };
  const parameters = drawParameters(spec);
  const state = Object.fromEntries(Object.entries(spec.state).map(([name, shape]) => [name, someNumbers(name, [batch, ...shape])]));
  const counted = isEvery ? tf.expandDims(mask, -1) : tf.expandDims(weight, -1);
  const [held, direct] = made.map(({ model }) => {
    const forward = (weights: Tensors) =>
      model.forward({ parameters: weights, buffers: {}, state }, { input, mask }, { mode: 'train', masks: {} });
    const after = forward(parameters);
    const { gradients } = gradientsOf(parameters, (weights) => tf.sum(tf.square(tf.mul(forward(weights).output, counted))));
    const all = {
      output: tf.mul(after.output, counted),
      ...Object.fromEntries(Object.entries(after.state).map(([name, part]) => [`state ${name}`, part])),
      ...gradients,
    };
    return Object.fromEntries(Object.entries(all).map(([name, tensor]) => [name, numbers(tf.add(tensor, 0))]));
  });
  expect(direct).toEqual(held);
});

test('nothing of it depends on the size of a batch, so that a model can be exported for any', () => {
  const data = { ...dataOf({ input: [time, features], target: [outputs] }) };
  const of = {
    ...data,
    splits: Object.fromEntries(Object.entries(data.splits).map(([name, split]) => [name, { ...split, masked: true, filledAtEnd: true }])),
  };
  const options = {
    implementation: 'scratch',
    hidden_size: hidden,
    readout: 'last',
    recurrent_activation: 'sigmoid',
    initializer: { kind: 'uniform', limit: 0.9 },
  };
  const spec = lstm.plan(options as never, { data: of }, noProblem);
  const model = lstm.create(tools, options as never, spec, { data: of });
  const parameters = drawParameters(spec);
  const outputOf = (rows: number): number[] => {
    const state = { h: tf.zeros([rows, hidden]), c: tf.zeros([rows, hidden]) };
    const given = { input: tf.slice(input, 0, rows), mask: tf.slice(mask, 0, rows) };
    return numbers(model.forward({ parameters, buffers: {}, state }, given, { mode: 'evaluate', masks: {} }).output);
  };
  expect(outputOf(4).slice(0, outputs)).toEqual(outputOf(1));
});
