import { describe, expect, test } from 'vitest';
import { givenShape, matched, placesOf, weightSpecs } from '../../src/planning/match-weights.js';
import { findStage, stages } from '../../src/stages/registry.js';
import type { Data, Fitted, ModelSpec, Stage, Tensors } from '../../src/stages/stage.js';
import { dataOf, difference, drawParameters, noProblem, someIndices, someNumbers, tf, tools, zeroState } from '../stages/support.js';

/*
 * The law of weights from elsewhere: on data whose tokens, classes or features stand in another order, the matched weights say of every input
 * what the given ones say, with the answers in their new order.
 */

const [batch, time] = [3, 4];
const THEIRS: Fitted = { vocabulary: ['<unk>', 'a', 'b', 'c', 'd'], classes: ['run', 'sit'], features: ['x', 'y', 'z'] };
const OURS: Fitted = { vocabulary: ['d', 'b', '<unk>', 'a', 'c'], classes: ['sit', 'run'], features: ['z', 'x', 'y'] };

const layer = (kind: string, more: object = {}): object => ({
  kind,
  units: 4,
  return_sequences: true,
  kernel_initializer: 'glorot_uniform',
  recurrent_initializer: 'orthogonal',
  recurrent_activation: 'sigmoid',
  ...more,
});
const dense = { kind: 'dense', units: 2, activation: 'linear', use_bias: true, kernel_initializer: 'glorot_uniform' };
const embedding = { kind: 'embedding', output_dim: 3, embeddings_initializer: 'random_uniform' };
const norm = { kind: 'batch_normalization', momentum: 0.9, epsilon: 1e-3 };

const recurrent = ['rnn', 'gru', 'lstm'].flatMap((kind) =>
  ['scratch', 'builtin'].flatMap((implementation) =>
    [{}, { num_layers: 2 }, { bidirectional: true }, { num_layers: 2, bidirectional: true }].map((more) => ({
      kind,
      implementation,
      hidden_size: 4,
      readout: 'last',
      initializer: { kind: 'pytorch' },
      recurrent_activation: 'sigmoid',
      ...(kind === 'gru' && { reset: implementation === 'scratch' ? 'after' : 'before' }),
      ...more,
    })),
  ),
);

const lists: Readonly<Record<string, { readonly reads: 'tokens' | 'features'; readonly layers: readonly object[] }>> = {
  'embedding, lstm, dense': {
    reads: 'tokens',
    layers: [embedding, layer('lstm', { return_sequences: false, unit_forget_bias: true }), dense],
  },
  'one_hot, gru, dense, layer_normalization': {
    reads: 'tokens',
    layers: [{ kind: 'one_hot' }, layer('gru', { return_sequences: false }), dense, { kind: 'layer_normalization', epsilon: 1e-3 }],
  },
  'one_hot, flatten, dense': { reads: 'tokens', layers: [{ kind: 'one_hot' }, { kind: 'flatten' }, dense] },
  'embedding straight to the classes': {
    reads: 'tokens',
    layers: [{ ...embedding, output_dim: 2 }, { kind: 'global_average_pooling_1d' }],
  },
  'batch_normalization of features, simple_rnn, dense': {
    reads: 'features',
    layers: [norm, layer('simple_rnn', { return_sequences: false }), dense],
  },
  'a gru whose units are the classes': { reads: 'features', layers: [layer('gru', { units: 2, return_sequences: false })] },
  'bidirectional lstm, pooling, dense, dense, activation': {
    reads: 'features',
    layers: [
      { kind: 'bidirectional', layer: layer('lstm', { unit_forget_bias: true }) },
      { kind: 'global_average_pooling_1d' },
      { ...dense, units: 2 },
      dense,
      { kind: 'activation', activation: 'tanh' },
    ],
  },
};

const cases = [
  ...recurrent.flatMap((options) => (['tokens', 'features'] as const).map((reads) => ({ reads, options }))),
  ...Object.values(lists).map(({ reads, layers }) => ({ reads, options: { kind: 'sequential', layers } })),
];

function dataReading(reads: 'tokens' | 'features'): Data {
  const data = dataOf({ input: [time], target: [], tokens: 5, classes: 2 });
  if (reads === 'tokens') return data;
  const { train } = data.splits;
  if (!train) throw new Error('no train split');
  return {
    ...data,
    splits: { train: { ...train, inputs: { input: { shape: [time, 3], axes: ['time', 'features'], dtype: 'float32' } } } },
  };
}

describe('matched weights say the same', () => {
  test.each(cases)('$reads $options', ({ reads, options: { kind, ...options } }) => {
    const stage: Stage<'model'> | undefined = findStage(stages, 'model', kind);
    if (!stage) throw new Error(kind);
    const data = dataReading(reads);
    const spec = stage.plan(options, { data }, noProblem);
    const model = stage.create(tools, options, spec, { data });
    const given = { ...drawParameters(spec), ...buffersOf(spec) };
    const places = placesOf(OURS, THEIRS);
    const ours = Object.fromEntries(
      weightSpecs(spec).map((each) => {
        expect(givenShape(each, places)).toEqual(each.shape);
        const from = given[each.name];
        const start = new Float32Array(from?.size ?? 0).fill(Number.NaN);
        const values = matched(each, places, Float32Array.from(from?.dataSync() ?? []), start);
        return [each.name, tf.tensor(values, [...each.shape])] as const;
      }),
    );
    const answers = (weights: Tensors, input: tf.Tensor): tf.Tensor =>
      model.forward(
        {
          parameters: Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('buffers/'))),
          buffers: Object.fromEntries(
            Object.entries(weights).flatMap(([name, tensor]) =>
              name.startsWith('buffers/') ? [[name.slice('buffers/'.length), tensor]] : [],
            ),
          ),
          state: zeroState(spec, batch),
        },
        { input },
        { mode: 'evaluate', masks: {} },
      ).output;
    const expected = tf.gather(answers(given, inputOf(reads)), tf.tensor1d([1, 0], 'int32'), -1);
    expect(difference(answers(ours, inOurOrder(reads, inputOf(reads))), expected)).toBeLessThan(1e-6);
    expect(difference(expected, answers(given, inOurOrder(reads, inputOf(reads))))).toBeGreaterThan(1e-3);
  });
});

const buffersOf = ({ buffers }: ModelSpec): Tensors =>
  Object.fromEntries(buffers.map(({ name, shape }) => [`buffers/${name}`, tf.abs(someNumbers(name, shape))]));

const inputOf = (reads: 'tokens' | 'features'): tf.Tensor =>
  reads === 'tokens' ? someIndices('input', [batch, time], 5) : someNumbers('input', [batch, time, 3]);

function inOurOrder(reads: 'tokens' | 'features', input: tf.Tensor): tf.Tensor {
  const [ours, theirs] = reads === 'tokens' ? [OURS.vocabulary, THEIRS.vocabulary] : [OURS.features, THEIRS.features];
  if (reads === 'features')
    return tf.gather(
      input,
      tf.tensor1d(
        (ours ?? []).map((name) => (theirs ?? []).indexOf(name)),
        'int32',
      ),
      -1,
    );
  return tf.gather(
    tf.tensor1d(
      (theirs ?? []).map((name) => (ours ?? []).indexOf(name)),
      'int32',
    ),
    input,
  );
}

describe('a tensor', () => {
  const given = Float32Array.of(1, 2, 3, 4, 5, 6);

  test('has what is new as it starts, and nothing of what is gone', () => {
    const places = placesOf({ vocabulary: ['c', 'new', 'a'] }, { vocabulary: ['a', 'b', 'c'] });
    const spec = { name: 'W', shape: [3, 2], axes: ['tokens', 'units'] };
    expect([...matched(spec, places, given, new Float32Array(6).fill(9))]).toEqual([5, 6, 9, 9, 1, 2]);
  });

  test('becomes larger and smaller', () => {
    const spec = (rows: number) => ({ name: 'W', shape: [rows, 2], axes: ['tokens', 'units'] });
    const larger = placesOf({ vocabulary: ['d', 'a', 'b', 'c'] }, { vocabulary: ['a', 'b', 'c'] });
    expect(givenShape(spec(4), larger)).toEqual([3, 2]);
    expect([...matched(spec(4), larger, given, new Float32Array(8))]).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
    const smaller = placesOf({ vocabulary: ['c'] }, { vocabulary: ['a', 'b', 'c'] });
    expect(givenShape(spec(1), smaller)).toEqual([3, 2]);
    expect([...matched(spec(1), smaller, given, new Float32Array(2))]).toEqual([5, 6]);
  });

  test('may hold the names several times, and along several axes', () => {
    const places = placesOf({ classes: ['b', 'a'], features: ['y', 'x', 'new'] }, { classes: ['a', 'b'], features: ['x', 'y'] });
    const spec = { name: 'W', shape: [6, 2], axes: ['features', 'classes'] };
    expect(givenShape(spec, places)).toEqual([4, 2]);
    expect([...matched(spec, places, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), new Float32Array(12))]).toEqual([
      4, 3, 2, 1, 0, 0, 8, 7, 6, 5, 0, 0,
    ]);
  });

  test('without names is as it is', () => {
    const places = placesOf({ vocabulary: ['b', 'a'] }, {});
    expect(matched({ name: 'W', shape: [2, 3], axes: ['tokens', 'units'] }, places, given, new Float32Array(6))).toBe(given);
    expect(places).toEqual({});
  });
});
