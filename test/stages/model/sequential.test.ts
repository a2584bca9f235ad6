import * as layersLibrary from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { layerKinds, sequential } from '../../../src/stages/model/sequential.js';
import { initializerOf } from '../../../src/stages/model/sequential/layer.js';
import type { Data, Tensors } from '../../../src/stages/stage.js';
import { get } from '../../../src/stages/tensors.js';
import {
  dataOf,
  difference,
  drawParameters,
  gradientsOf,
  noProblem,
  numbers,
  problemsOf,
  someIndices,
  someNumbers,
  tf,
  tools,
  volume,
} from '../support.js';

type LayerOptions = { readonly kind: string } & Readonly<Record<string, unknown>>;

const [batch, time, features, classes] = [4, 5, 3, 6];
const values = dataOf({ input: [time, features], target: [2] });
const text = dataOf({ input: [time], target: [time], classes });
const floats = someNumbers('input', [batch, time, features]);
const indices = someIndices('input', [batch, time], classes);

const recurrentOptions = { kernel_initializer: 'glorot_uniform', recurrent_initializer: 'orthogonal', recurrent_activation: 'sigmoid' };
const denseOptions = { activation: 'linear', use_bias: true, kernel_initializer: 'glorot_uniform' };
const factory = layersLibrary.layers;

/** Every kind of layer, and the model of tf.layers that it must compute the same as, where there is one. */
interface Row {
  readonly layers: readonly LayerOptions[];
  readonly data?: Data;
  readonly reference?: () => readonly layersLibrary.layers.Layer[];
}
const rnnOf = (units: number, returnSequences = false) =>
  ({ units, returnSequences, recurrentActivation: 'sigmoid', kernelInitializer: 'zeros', recurrentInitializer: 'zeros' }) as const;
const rows: readonly Row[] = [
  {
    layers: [{ kind: 'embedding', output_dim: 4, embeddings_initializer: 'random_uniform' }],
    data: text,
    reference: () => [factory.embedding({ inputDim: classes, outputDim: 4, embeddingsInitializer: 'zeros' })],
  },
  { layers: [{ kind: 'one_hot' }], data: text },
  {
    layers: [{ kind: 'simple_rnn', units: 4, return_sequences: true, ...recurrentOptions }],
    reference: () => [factory.simpleRNN({ ...rnnOf(4, true) })],
  },
  { layers: [{ kind: 'gru', units: 4, return_sequences: false, ...recurrentOptions }], reference: () => [factory.gru({ ...rnnOf(4) })] },
  {
    layers: [{ kind: 'lstm', units: 4, return_sequences: false, unit_forget_bias: true, ...recurrentOptions }],
    reference: () => [factory.lstm({ ...rnnOf(4) })],
  },
  {
    layers: [
      { kind: 'bidirectional', layer: { kind: 'lstm', units: 4, return_sequences: true, unit_forget_bias: true, ...recurrentOptions } },
    ],
    reference: () => [factory.bidirectional({ layer: factory.lstm({ ...rnnOf(4, true) }), mergeMode: 'concat' })],
  },
  { layers: [{ kind: 'global_average_pooling_1d' }], reference: () => [factory.globalAveragePooling1d({})] },
  { layers: [{ kind: 'flatten' }], reference: () => [factory.flatten()] },
  {
    layers: [{ kind: 'dense', units: 7, ...denseOptions, activation: 'tanh' }],
    reference: () => [factory.dense({ units: 7, activation: 'tanh', kernelInitializer: 'zeros' })],
  },
  { layers: [{ kind: 'activation', activation: 'hard_sigmoid' }], reference: () => [factory.activation({ activation: 'hardSigmoid' })] },
  { layers: [{ kind: 'dropout', rate: 0.5 }], reference: () => [factory.dropout({ rate: 0.5 })] },
  { layers: [{ kind: 'layer_normalization', epsilon: 1e-3 }], reference: () => [factory.layerNormalization({ epsilon: 1e-3 })] },
  {
    layers: [{ kind: 'batch_normalization', momentum: 0.9, epsilon: 1e-3 }],
    reference: () => [factory.batchNormalization({ momentum: 0.9, epsilon: 1e-3 })],
  },
];

test('the table holds every kind', () =>
  expect(new Set(rows.map(({ layers }) => layers[0]?.kind))).toEqual(new Set(Object.keys(layerKinds))));

function build(layers: readonly LayerOptions[], data: Data = values) {
  const spec = sequential.plan({ layers }, { data }, noProblem);
  const zeros = (shapes: Readonly<Record<string, readonly number[]>>, ...front: number[]): Tensors =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.zeros([...front, ...shape])]));
  // Weights that start equal hide what is mixed up.
  const parameters = Object.fromEntries(
    Object.entries(drawParameters(spec)).map(([name, p]) => [name, tf.add(p, tf.mul(0.3, someNumbers(name, p.shape)))]),
  );
  return {
    spec,
    model: sequential.create(tools, { layers }, spec, { data }),
    variables: {
      parameters,
      buffers: zeros(Object.fromEntries(spec.buffers.map(({ name, shape }) => [name, shape]))),
      state: zeros(spec.state, batch),
    },
    masks: Object.fromEntries(
      spec.masks.map((m) => [m.name, tf.mul(2, tf.cast(tf.greater(someNumbers(m.name, [batch, ...m.shape]), 0), 'float32'))]),
    ),
  };
}

describe.each(rows.map((row) => [row.layers[0]?.kind ?? '', row] as const))('%s', (_, { layers, data = values, reference }) => {
  const { spec, model, variables, masks } = build(layers, data);
  const input = data === text ? indices : floats;
  const run = (parameters: Tensors, mode: 'train' | 'evaluate', mask?: tf.Tensor) =>
    model.forward({ ...variables, parameters }, { input, ...(mask ? { mask } : {}) }, { mode, masks: mode === 'train' ? masks : {} });

  test('the shapes are those that were planned', () => {
    for (const mode of ['train', 'evaluate'] as const) {
      const { output, buffers, state } = run(variables.parameters, mode);
      expect([output.shape, spec.output.axes.length]).toEqual([[batch, ...spec.output.shape], spec.output.shape.length]);
      expect(Object.fromEntries(Object.entries(buffers).map(([name, { shape }]) => [name, shape]))).toEqual(
        Object.fromEntries(spec.buffers.map(({ name, shape }) => [name, shape])),
      );
      expect(Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, shape.slice(1)]))).toEqual(spec.state);
    }
  });

  test('is stepwise unless it needs other steps than those before', () => {
    const kind = layers[0]?.kind ?? '';
    expect(spec.stepwise).toBe(!['bidirectional', 'global_average_pooling_1d', 'flatten'].includes(kind));
  });

  if (reference) {
    test('computes what the model of tf.layers does with these weights', () => {
      const theirs = layersLibrary.sequential({
        layers: [factory.inputLayer({ inputShape: [...(data.splits['train']?.inputs.input.shape ?? [])] }), ...reference()],
      });
      const ours = [
        ...Object.values(variables.parameters),
        ...spec.buffers.map(({ name, shape }) => (name.endsWith('variance_less_1') ? tf.ones([...shape]) : tf.zeros([...shape]))),
      ];
      expect(theirs.getWeights().map((w) => w.shape)).toEqual(ours.map((w) => w.shape));
      theirs.setWeights(ours);
      expect(difference(run(variables.parameters, 'evaluate').output, theirs.predict(input) as tf.Tensor)).toBeLessThan(1e-6);
    });
  }

  test('gradients: finite differences, every parameter', () => {
    if (spec.parameters.length === 0) return;
    const weights = someNumbers('weights', [batch, ...spec.output.shape]);
    const loss = (parameters: Tensors): tf.Tensor => tf.sum(tf.mul(weights, run(parameters, 'train').output));
    const { gradients } = gradientsOf(variables.parameters, loss);
    for (const [name, gradient] of Object.entries(gradients)) {
      for (const index of [0, gradient.size - 1]) {
        const at = (by: number): number => {
          const bump = tf.buffer([gradient.size], 'float32');
          bump.set(by, index);
          const moved = tf.add(get(variables.parameters, name), tf.reshape(bump.toTensor(), gradient.shape));
          return numbers(loss({ ...variables.parameters, [name]: moved }))[0] ?? Number.NaN;
        };
        const [numeric, analytic] = [(at(1e-2) - at(-1e-2)) / 2e-2, numbers(gradient)[index] ?? Number.NaN];
        expect(Math.abs(numeric - analytic), `${name}[${index}]`).toBeLessThan(5e-3 * Math.max(1, Math.abs(analytic)));
      }
    }
  });

  test('leaves no tensor behind', () => {
    const step = () =>
      tf.tidy(
        () =>
          void (spec.parameters.length > 0 ? gradientsOf(variables.parameters, (p) => tf.sum(run(p, 'train').output)) : run({}, 'train')),
      );
    step();
    const before = tf.memory().numTensors;
    step();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('rows that only fill up the batch change nothing for the others: output, moving means, gradients', () => {
    const weight = tf.tensor([1, 1, 1, 0]);
    const rows = <T extends tf.Tensor>(tensor: T, count: number): T => tf.slice(tensor, 0, count);
    const few = (tensors: Tensors): Tensors => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rows(tensor, 3)]));
    const shown = someNumbers('weights', [batch, ...spec.output.shape]);
    const shout = data === text ? tf.tensor([0, 0, 0, 1], [4, 1], 'int32') : tf.tensor([0, 0, 0, 9], [4, 1, 1]);
    const of = (count: number, filled: boolean) => {
      const given = {
        input: rows(filled ? tf.add(input, shout) : input, count),
        ...(filled && { weight }),
      };
      const context = { mode: 'train', masks: count === batch ? masks : few(masks) } as const;
      const forward = (parameters: Tensors) =>
        model.forward({ ...variables, parameters, state: count === batch ? variables.state : few(variables.state) }, given, context);
      const { output, buffers } = forward(variables.parameters);
      const loss = (parameters: Tensors) => tf.sum(tf.mul(rows(shown, 3), rows(forward(parameters).output, 3)));
      const gradients = spec.parameters.length > 0 ? gradientsOf(variables.parameters, loss).gradients : {};
      return { output: rows(output, 3), ...buffers, ...gradients };
    };
    const [alone, among] = [of(3, false), of(batch, true)];
    for (const [name, tensor] of Object.entries(alone)) expect(difference(tensor, get(among as Tensors, name)), name).toBeLessThan(1e-5);
  });

  test('what stands in the padding changes no output of an example, nor its steps before', () => {
    if (data === text || layers[0]?.kind === 'flatten') return;
    const lengths = [5, 2, 4, 1];
    const mask = tf.tensor(lengths.map((length) => Array.from({ length: time }, (_, t) => (t < length ? 1 : 0))));
    const padding = tf.expandDims(tf.sub(1, mask), -1);
    const outputs = [floats, tf.add(floats, tf.mul(padding, 9))].map(
      (x) => model.forward(variables, { input: x, mask }, { mode: 'train', masks }).output,
    );
    const seen = outputs.map((y) => (spec.output.axes[0] === 'time' ? tf.mul(y, tf.expandDims(mask, -1)) : y));
    expect(difference(seen[0] ?? tf.scalar(0), seen[1] ?? tf.scalar(1))).toBeLessThan(1e-6);
  });
});

describe('batch_normalization', () => {
  const { spec, model, variables } = build([{ kind: 'batch_normalization', momentum: 0.9, epsilon: 1e-3 }]);
  const all = numbers(floats);
  const column = (feature: number): number[] => all.filter((_, i) => i % features === feature);
  const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
  const variance = (x: readonly number[]): number => mean(x.map((value) => (value - mean(x)) ** 2));

  test('trains with the statistics of the batch and moves its own towards them', () => {
    const { output, buffers } = model.forward(variables, { input: floats }, { mode: 'train', masks: {} });
    const [gamma, beta] = ['gamma', 'beta'].map((name) => numbers(get(variables.parameters, `batch_normalization.${name}`)));
    const expected = all.map((x, i) => {
      const f = i % features;
      return ((gamma?.[f] ?? 0) * (x - mean(column(f)))) / Math.sqrt(variance(column(f)) + 1e-3) + (beta?.[f] ?? 0);
    });
    expect(difference(output, tf.tensor(expected, output.shape))).toBeLessThan(1e-5);
    expect(spec.buffers.map(({ name }) => name)).toEqual(['batch_normalization.moving_mean', 'batch_normalization.moving_variance_less_1']);
    const moved = (name: string): number[] => numbers(get(buffers, `batch_normalization.${name}`));
    moved('moving_mean').forEach((value, f) => expect(value).toBeCloseTo(0.1 * mean(column(f)), 5));
    moved('moving_variance_less_1').forEach((value, f) => expect(value).toBeCloseTo(0.9 + 0.1 * variance(column(f)) - 1, 5));
  });

  test.each([
    ['the last batch', tf.tensor([1, 0, 1, 1]), undefined, (at: number) => Math.floor(at / (time * features)) !== 1],
    [
      'short sequences',
      undefined,
      tf.tensor([0, 1, 2, 3].map((row) => Array.from({ length: time }, (_, t) => Number(t <= row)))),
      (at: number) => Math.floor(at / features) % time <= Math.floor(at / (time * features)),
    ],
    [
      'both',
      tf.tensor([1, 1, 0, 1]),
      tf.tensor([0, 1, 2, 3].map((row) => Array.from({ length: time }, (_, t) => Number(t <= row)))),
      (at: number) => Math.floor(at / features) % time <= Math.floor(at / (time * features)) && Math.floor(at / (time * features)) !== 2,
    ],
  ] as const)('what fills up %s counts in no mean and no variance', (_, weight, mask, counts) => {
    const given = { input: floats, ...(weight && { weight }), ...(mask && { mask }) };
    const { output, buffers } = model.forward(variables, given, { mode: 'train', masks: {} });
    const real = (feature: number): number[] => all.filter((_x, i) => i % features === feature && counts(i));
    const [gamma, beta] = ['gamma', 'beta'].map((name) => numbers(get(variables.parameters, `batch_normalization.${name}`)));
    numbers(output).forEach((y, i) => {
      if (!counts(i)) return;
      const f = i % features;
      const normal = ((all[i] ?? 0) - mean(real(f))) / Math.sqrt(variance(real(f)) + 1e-3);
      expect(y).toBeCloseTo((gamma?.[f] ?? 0) * normal + (beta?.[f] ?? 0), 4);
    });
    const moved = (name: string): number[] => numbers(get(buffers, `batch_normalization.${name}`));
    moved('moving_mean').forEach((value, f) => expect(value).toBeCloseTo(0.1 * mean(real(f)), 5));
    moved('moving_variance_less_1').forEach((value, f) => expect(value).toBeCloseTo(0.9 + 0.1 * variance(real(f)) - 1, 5));
  });

  test('of a full batch gives the digits of tf.layers', () => {
    const call = (given: object) => model.forward(variables, { input: floats, ...given }, { mode: 'train', masks: {} });
    const [theirs, ours] = [call({}), call({ weight: tf.ones([batch]) })];
    expect(difference(theirs.output, ours.output)).toBeLessThan(1e-6);
  });

  test('only options with it came to mean something else', () => {
    const dense = { kind: 'dense', units: 2, ...denseOptions };
    expect(sequential.versionOf?.({ layers: [dense] })).toBe(1);
    expect(sequential.versionOf?.({ layers: [dense, { kind: 'batch_normalization' }] })).toBe(2);
  });

  test('measures with its own statistics, and leaves them', () => {
    const { buffers } = model.forward(variables, { input: floats }, { mode: 'evaluate', masks: {} });
    for (const [name, buffer] of Object.entries(buffers)) expect(difference(buffer, get(variables.buffers, name)), name).toBe(0);
  });
});

describe('what is planned', () => {
  const lstm = { kind: 'lstm', units: 8, return_sequences: true, unit_forget_bias: true, ...recurrentOptions };
  const stack = [{ kind: 'one_hot' }, lstm, { kind: 'dropout', rate: 0.2 }, lstm, { kind: 'dense', units: classes, ...denseOptions }];

  test('names count as in Keras; masks, state and weights bear them', () => {
    const { spec } = build(stack, text);
    expect(spec.parameters.map(({ name }) => name)).toEqual(
      ['lstm', 'lstm_1']
        .flatMap((name) => ['kernel', 'recurrent_kernel', 'bias'].map((part) => `${name}.${part}`))
        .concat('dense.kernel', 'dense.bias'),
    );
    expect(Object.keys(spec.state)).toEqual(['lstm.h', 'lstm.c', 'lstm_1.h', 'lstm_1.c']);
    expect(spec.masks).toEqual([{ name: 'dropout.mask', shape: [time, 8], rate: 0.2 }]);
    expect(spec.output.shape).toEqual([time, classes]);
    expect(spec.parameters[2]?.initializer).toEqual({
      kind: 'blocks',
      blocks: [{ kind: 'zeros' }, { kind: 'constant', value: 1 }, { kind: 'zeros' }, { kind: 'zeros' }],
    });
  });

  test.each([
    ['glorot_uniform', { kind: 'uniform', limit: Math.sqrt(6 / 30) }],
    ['glorot_normal', { kind: 'normal', stddev: Math.sqrt(2 / 30) }],
    ['he_uniform', { kind: 'uniform', limit: Math.sqrt(6 / 10) }],
    ['he_normal', { kind: 'normal', stddev: Math.sqrt(2 / 10) }],
    ['lecun_uniform', { kind: 'uniform', limit: Math.sqrt(3 / 10) }],
    ['lecun_normal', { kind: 'normal', stddev: Math.sqrt(1 / 10) }],
  ] as const)('initializer %s of 10 by 20', (name, expected) => {
    const { kind, ...size } = initializerOf(name, 10, 20);
    expect(kind).toBe(expected.kind);
    expect(Object.values(size)[0]).toBeCloseTo(Object.values(expected)[1] as number, 12);
  });

  test.each<readonly [string, readonly LayerOptions[], Data, readonly (readonly [string, string])[]]>([
    [
      'indices into numbers',
      [{ kind: 'dense', units: 2, ...denseOptions }],
      text,
      [['layers.0', 'put kind: embedding or kind: one_hot before it']],
    ],
    ['numbers into indices', [{ kind: 'one_hot' }], values, [['layers.0', 'leave it out']]],
    [
      'a vector into a recurrent layer',
      [{ ...lstm, return_sequences: false }, lstm],
      values,
      [['layers.1', 'write return_sequences: true in the layer before it']],
    ],
    [
      'a softmax before the loss',
      [{ kind: 'dense', units: 2, ...denseOptions, activation: 'softmax' }],
      values,
      [['layers.0.activation', 'leave activation out']],
    ],
  ])('%s', (_, layers, data, expected) => {
    const problems = problemsOf((report) => sequential.plan({ layers }, { data }, report));
    expect(problems.map(({ path, help }) => [path.join('.'), help])).toEqual(expected);
  });

  test('flatten refuses sequences of several lengths', () => {
    const train = values.splits['train'];
    const varies: Data = { ...values, splits: { ...(train ? { train: { ...train, masked: true } } : {}) } };
    expect(problemsOf((report) => sequential.plan({ layers: [{ kind: 'flatten' }] }, { data: varies }, report))).toMatchObject([
      { path: ['layers', 0] },
    ]);
  });

  test('counts of Keras for LSTM 256 and Dense 28 on 28 symbols', () => {
    const book = dataOf({ input: [35], target: [35], classes: 28 });
    const { spec } = build([{ kind: 'one_hot' }, { ...lstm, units: 256 }, { kind: 'dense', units: 28, ...denseOptions }], book);
    expect(spec.parameters.reduce((total, { shape }) => total + volume(shape), 0)).toBe(299_036);
  });
});
