import { afterEach, describe, expect, test, vi } from 'vitest';
import { adam } from '../../src/stages/optimizer/adam.js';
import { findStage, stages } from '../../src/stages/registry.js';
import type { Data, ModelSpec, Stage, Tensors } from '../../src/stages/stage.js';
import {
  dataBy,
  dataOf,
  drawParameters,
  forward,
  gradientsOf,
  noProblem,
  numbers,
  problemsOf,
  someBits,
  someIndices,
  someNumbers,
  summedBy,
  tf,
  tools,
  zeroState,
} from './support.js';

const stageOf = <S extends 'model' | 'loss' | 'optimizer' | 'dataset'>(slot: S, kind: string): Stage<S> => {
  const stage = findStage(stages, slot, kind);
  if (!stage) throw new Error(`no ${slot} ${kind}`);
  return stage;
};

interface Setting {
  readonly model: string;
  readonly options: object;
  readonly data: Data;
  readonly loss: string;
  readonly optimizer: string;
  readonly input: tf.Tensor;
  readonly target: tf.Tensor;
}

/** A training step written out: losses before each of `steps` updates. */
function train(
  { model: kind, options, data, loss: lossKind, optimizer: optimizerKind, input, target }: Setting,
  steps: number,
  learning_rate: number,
): number[] {
  const spec = stageOf('model', kind).plan(options, { data }, noProblem);
  const model = stageOf('model', kind).create(tools, options, spec, { data });
  const loss = stageOf('loss', lossKind).create(tools, {}, stageOf('loss', lossKind).plan({}, { data, model: spec }, noProblem), {
    data,
    model: spec,
  });
  const optimizerOptions = { learning_rate, weight_decay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum: 0.5, clip_norm: 5 };
  const plan = stageOf('optimizer', optimizerKind).plan(optimizerOptions, { model: spec }, noProblem);
  const optimizer = stageOf('optimizer', optimizerKind).create(tools, optimizerOptions, plan, { model: spec });
  const batch = input.shape[0] ?? 1;

  let parameters = drawParameters(spec);
  let state: Readonly<Record<string, Tensors>> = Object.fromEntries(
    plan.slots.map((slot) => [slot, Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, tf.zerosLike(p)]))]),
  );
  return Array.from({ length: steps }, (_, index) => {
    tf.engine().startScope();
    const { value, gradients } = gradientsOf(parameters, (p) => {
      const { sum, count } = loss.score(forward(model, p, zeroState(spec, batch), input).output, target, tf.ones([batch]));
      return tf.div(sum, count);
    });
    const scalars = Object.fromEntries(
      Object.entries({ ...plan.scalars, step: index + 1 }).map(([name, number]) => [name, tf.scalar(number)]),
    );
    ({ parameters, state } = optimizer.update(gradients, state, parameters, scalars));
    for (const tensors of [parameters, ...Object.values(state)]) for (const tensor of Object.values(tensors)) tf.keep(tensor);
    tf.engine().endScope();
    return value;
  });
}

const [batch, time] = [6, 3];
const bits = {
  input: someNumbers('input', [batch, time, 3]),
  target: someBits('target', [batch, time, 2]),
  data: dataOf({ input: [time, 3], target: [time, 2] }),
};
const text = {
  input: someIndices('input', [batch, time], 5),
  target: someIndices('target', [batch, time], 5),
  data: dataOf({ input: [time], target: [time], classes: 5 }),
};

const models = stages
  .filter(({ slot, kind }) => slot === 'model' && kind !== 'sequential')
  .flatMap(({ kind }) => (['scratch', 'builtin'] as const).map((implementation) => [kind, implementation] as const));
const optionsOf = (implementation: string) => ({
  implementation,
  hidden_size: 16,
  readout: 'every',
  initializer: { kind: 'keras' },
  recurrent_activation: 'sigmoid',
  reset: 'before',
});

describe.each(models)('%s %s', (model, implementation) => {
  test('learns one batch by heart', () => {
    const losses = train(
      { model, options: optionsOf(implementation), loss: 'binary_cross_entropy', optimizer: 'adam', ...bits },
      150,
      0.03,
    );
    expect(losses[0]).toBeGreaterThan(0.5);
    expect(losses.at(-1)).toBeLessThan(0.02);
  });
});

const layersOf = (outputs: number, ...first: readonly object[]) => ({
  layers: [
    ...first,
    { kind: 'lstm', units: 16, return_sequences: true, ...keras, recurrent_initializer: 'orthogonal', unit_forget_bias: true },
    { kind: 'layer_normalization', epsilon: 1e-3 },
    { kind: 'dense', units: outputs, use_bias: true, activation: 'linear', ...keras },
  ],
});
const keras = { kernel_initializer: 'glorot_uniform' };

test('sequential learns one batch by heart', () => {
  const losses = train({ model: 'sequential', options: layersOf(2), loss: 'binary_cross_entropy', optimizer: 'adam', ...bits }, 100, 0.03);
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses.at(-1)).toBeLessThan(0.02);
});

describe('nothing reaches Math.random', () => {
  afterEach(() => void vi.restoreAllMocks());
  const forbid = (): void =>
    void vi.spyOn(Math, 'random').mockImplementation(() => {
      throw new Error('Math.random was called');
    });

  test('the test would notice', () => {
    forbid();
    expect(() => Math.random()).toThrow('Math.random was called');
    expect(() => tf.randomNormal([2])).toThrow('Math.random was called');
  });

  test.each(models.flatMap(([model, implementation]) => ['sgd', 'adam'].map((optimizer) => [model, implementation, optimizer] as const)))(
    'a training step: %s %s, %s, every loss',
    (model, implementation, optimizer) => {
      forbid();
      const step = (loss: string, setting: typeof bits): number[] =>
        train({ model, options: optionsOf(implementation), loss, optimizer, ...setting }, 2, 0.01);
      for (const loss of ['mean_squared_error', 'mean_absolute_error', 'binary_cross_entropy'])
        expect(step(loss, bits).every(Number.isFinite)).toBe(true);
      expect(step('cross_entropy', text).every(Number.isFinite)).toBe(true);
    },
  );

  test('a training step: sequential', () => {
    forbid();
    const options = layersOf(5, { kind: 'embedding', output_dim: 3, embeddings_initializer: 'random_uniform' });
    expect(train({ model: 'sequential', options, loss: 'cross_entropy', optimizer: 'adam', ...text }, 2, 0.01).every(Number.isFinite)).toBe(
      true,
    );
  });

  test('every metric', () => {
    forbid();
    for (const stage of stages.filter(({ slot }) => slot === 'metric')) {
      const options = { k: 2 };
      const of = (isText: boolean) => {
        const { data, target } = isText ? text : bits;
        const output = someNumbers('output', [batch, time, isText ? 5 : 2]);
        const shape = output.shape.slice(1);
        const model: ModelSpec = {
          parameters: [],
          buffers: [],
          state: {},
          masks: [],
          output: { shape, axes: ['time', 'outputs'], dtype: 'float32' },
        };
        return { output, target, upstream: { data, model, loss: { reading: isText ? 'class_logits' : 'values' } } as const };
      };
      const found = findStage(stages, 'metric', stage.kind);
      if (!found) throw new Error(`no metric ${stage.kind}`);
      const { output, target, upstream } = of(problemsOf((report) => found.plan(options, of(true).upstream, report)).length === 0);
      const metric = found.create(
        tools,
        options,
        found.plan(options, upstream, () => {}),
        upstream,
      );
      // What is given a whole split on the host is given no library to draw with.
      if (metric.evaluate) continue;
      const sums = Object.values(summedBy(metric)(output, target, tf.ones([batch])));
      expect(sums.flatMap(numbers).every((sum) => sum >= 0)).toBe(true);
    }
  });

  test('shuffled, held-out data', () => {
    forbid();
    const options = { bits: 5, examples: 40, train_fraction: 0.5, layout: 'bits', held_out: 0.25 };
    const stage = stageOf('dataset', 'binary_addition');
    const { dataset } = dataBy(stage, options, { files: { read: () => new Uint8Array() }, batchSize: 4, shuffle: true });
    expect([...dataset().batches('train', 1)]).toHaveLength(5);
  });
});

test('adam, 2 steps: two runs of one seed are equal to the bit', () => {
  const run = (): number[] =>
    train({ model: 'lstm', options: optionsOf('scratch'), loss: 'mean_squared_error', optimizer: adam.kind, ...bits }, 3, 0.01);
  expect(run()).toEqual(run());
});
