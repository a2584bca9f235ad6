import { describe, expect, test } from 'vitest';
import { adam, adamw } from '../../src/stages/optimizer/adam.js';
import { rmsprop } from '../../src/stages/optimizer/rmsprop.js';
import { sgd } from '../../src/stages/optimizer/sgd.js';
import type { Stage, Tensors } from '../../src/stages/stage.js';
import { deepFreeze, noProblem, numbers, tf, tools } from './support.js';

const model = { parameters: [], buffers: [], state: {}, masks: [], output: { shape: [1], axes: ['outputs'], dtype: 'float32' } } as const;

/** Parameters after each step of an optimizer that is given the same gradients over and over, changed a little from step to step. */
function run<O extends object>(stage: Stage<'optimizer'>, options: O, steps: readonly Gradients[], first: Gradients): Gradients[] {
  const spec = stage.plan(options, { model }, noProblem);
  const optimizer = stage.create(tools, options, spec, { model });
  let parameters = tensors(first);
  let state: Readonly<Record<string, Tensors>> = Object.fromEntries(
    spec.slots.map((slot) => [slot, mapValues(parameters, (p) => tf.zerosLike(p))]),
  );
  return steps.map((gradients, index) => {
    const scalars = Object.fromEntries(
      Object.entries({ ...spec.scalars, step: index + 1 }).map(([name, value]) => [name, tf.scalar(value)]),
    );
    const next = optimizer.update(deepFreeze(tensors(gradients)), state, parameters, scalars);
    expect(Object.keys(next.state)).toEqual(spec.slots);
    ({ parameters, state } = next);
    return mapValues(parameters, numbers);
  });
}

type Gradients = Readonly<Record<string, readonly number[]>>;
const tensors = (values: Gradients): Tensors => mapValues(values, (numbers) => tf.tensor([...numbers]));

const first: Gradients = { a: [1, -2], b: [0.5] };
const gradients: readonly Gradients[] = [
  { a: [0.3, -0.4], b: [1.2] },
  { a: [0.1, 0.2], b: [-0.6] },
  { a: [-3, 4], b: [12] },
];

/** Each optimizer's rule for one number, in doubles, as the papers and PyTorch write it. */
const rules = {
  sgd: (rate: number, momentum: number) => {
    let b = 0;
    return (p: number, g: number) => p - rate * (b = momentum * b + g);
  },
  adam: (rate: number, beta1: number, beta2: number, epsilon: number) => {
    let [m, v, t] = [0, 0, 0];
    return (p: number, g: number) => {
      t++;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g ** 2;
      return p - (rate * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
    };
  },
  adamw: (rate: number, decay: number) => {
    const adamRule = rules.adam(rate, 0.9, 0.999, 1e-8);
    return (p: number, g: number) => adamRule(p * (1 - rate * decay), g);
  },
  rmsprop: (rate: number, rho: number, momentum: number, epsilon: number) => {
    let [v, b] = [0, 0];
    return (p: number, g: number) => {
      v = rho * v + (1 - rho) * g ** 2;
      b = momentum * b + g / (Math.sqrt(v) + epsilon);
      return p - rate * b;
    };
  },
};

/** The rule applied to every number, each with its own memory; gradients pass through `prepare` first, all together. */
function expected(
  rule: () => (p: number, g: number) => number,
  prepare: (g: Gradients, p: Gradients) => Gradients = (g) => g,
): Gradients[] {
  const memories = mapValues(first, (values) => values.map(rule));
  let parameters = first;
  return gradients.map((raw) => {
    const prepared = prepare(raw, parameters);
    parameters = mapEntries(parameters, (name, values) =>
      values.map((p, i) => memories[name]?.[i]?.(p, prepared[name]?.[i] ?? Number.NaN) ?? Number.NaN),
    );
    return parameters;
  });
}

const clip =
  (limit: number) =>
  (g: Gradients): Gradients => {
    const norm = Math.hypot(...Object.values(g).flat());
    return mapValues(g, (values) => values.map((value) => value * Math.min(1, limit / norm)));
  };
const decay =
  (rate: number) =>
  (g: Gradients, p: Gradients): Gradients =>
    mapEntries(g, (name, values) => values.map((value, i) => value + rate * (p[name]?.[i] ?? Number.NaN)));

const plain = { weight_decay: 0 };
const rmspropDefaults = { ...plain, rho: 0.99, momentum: 0, epsilon: 1e-8 };
const adamDefaults = { ...plain, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

describe.each([
  ['sgd', sgd, { ...plain, learning_rate: 0.1, momentum: 0 }, expected(() => rules.sgd(0.1, 0))],
  ['sgd with momentum', sgd, { ...plain, learning_rate: 0.1, momentum: 0.9 }, expected(() => rules.sgd(0.1, 0.9))],
  ['sgd, clipped', sgd, { ...plain, learning_rate: 0.1, momentum: 0, clip_norm: 1 }, expected(() => rules.sgd(0.1, 0), clip(1))],
  ['sgd, decayed', sgd, { learning_rate: 0.1, momentum: 0, weight_decay: 0.5 }, expected(() => rules.sgd(0.1, 0), decay(0.5))],
  [
    'sgd, clipped and then decayed',
    sgd,
    { learning_rate: 0.1, momentum: 0, clip_norm: 1, weight_decay: 0.5 },
    expected(
      () => rules.sgd(0.1, 0),
      (g, p) => decay(0.5)(clip(1)(g), p),
    ),
  ],
  ['adam', adam, { ...adamDefaults, learning_rate: 0.01 }, expected(() => rules.adam(0.01, 0.9, 0.999, 1e-8))],
  [
    'adam with a large epsilon',
    adam,
    { ...adamDefaults, learning_rate: 0.01, epsilon: 0.1 },
    expected(() => rules.adam(0.01, 0.9, 0.999, 0.1)),
  ],
  ['adam without memory', adam, { ...adamDefaults, learning_rate: 0.01, beta1: 0, beta2: 0 }, expected(() => rules.adam(0.01, 0, 0, 1e-8))],
  [
    'adam, clipped',
    adam,
    { ...adamDefaults, learning_rate: 0.01, clip_norm: 1 },
    expected(() => rules.adam(0.01, 0.9, 0.999, 1e-8), clip(1)),
  ],
  [
    'adam, decayed',
    adam,
    { ...adamDefaults, learning_rate: 0.01, weight_decay: 0.5 },
    expected(() => rules.adam(0.01, 0.9, 0.999, 1e-8), decay(0.5)),
  ],
  ['adamw', adamw, { ...adamDefaults, learning_rate: 0.01, weight_decay: 0.3 }, expected(() => rules.adamw(0.01, 0.3))],
  ['adamw without decay is adam', adamw, { ...adamDefaults, learning_rate: 0.01 }, expected(() => rules.adam(0.01, 0.9, 0.999, 1e-8))],
  [
    'adamw, clipped',
    adamw,
    { ...adamDefaults, learning_rate: 0.01, weight_decay: 0.3, clip_norm: 1 },
    expected(() => rules.adamw(0.01, 0.3), clip(1)),
  ],
  ['rmsprop', rmsprop, { ...rmspropDefaults, learning_rate: 0.01 }, expected(() => rules.rmsprop(0.01, 0.99, 0, 1e-8))],
  [
    'rmsprop with momentum and a large epsilon',
    rmsprop,
    { ...rmspropDefaults, learning_rate: 0.01, rho: 0.9, momentum: 0.8, epsilon: 0.1 },
    expected(() => rules.rmsprop(0.01, 0.9, 0.8, 0.1)),
  ],
  [
    'rmsprop, clipped and decayed',
    rmsprop,
    { ...rmspropDefaults, learning_rate: 0.01, clip_norm: 1, weight_decay: 0.5 },
    expected(
      () => rules.rmsprop(0.01, 0.99, 0, 1e-8),
      (g, p) => decay(0.5)(clip(1)(g), p),
    ),
  ],
] as const)('%s', (_, stage, options, result) => {
  test('three steps are the arithmetic written out', () => {
    for (const [step, parameters] of run(stage, options, gradients, first).entries()) {
      for (const [name, values] of Object.entries(parameters)) {
        for (const [i, value] of values.entries())
          expect(Math.abs(value - (result[step]?.[name]?.[i] ?? Number.NaN)), `${step} ${name}[${i}]`).toBeLessThan(5e-7);
      }
    }
  });
});

test('clipping leaves gradients of norm 0 alone, and a norm at the limit to the bit', () => {
  const options = { ...plain, learning_rate: 1, momentum: 0, clip_norm: 5 };
  expect(run(sgd, options, [{ a: [0, 0] }], { a: [1, 2] })).toEqual([{ a: [1, 2] }]);
  expect(run(sgd, options, [{ a: [3, 4] }], { a: [0, 0] })).toEqual([{ a: [-3, -4] }]);
});

test("adam's first step has the length of the rate, to seven digits", () => {
  const [after] = run(adam, { ...adamDefaults, learning_rate: 1 }, [{ a: [1e-3, -1e3] }], { a: [0, 0] });
  const [left = 0, right = 0] = after?.['a'] ?? [];
  expect(Math.abs(left + 1 / (1 + 1e-5))).toBeLessThan(3e-7); // epsilon is 1e-5 of the gradient
  expect(Math.abs(right - 1)).toBeLessThan(3e-7);
});

test('numbers that a sweep varies are inputs of the program, and only those in use', () => {
  const scalars = (options: Parameters<typeof adam.plan>[0]) => adam.plan(options, { model }, noProblem).scalars;
  expect(scalars({ ...adamDefaults, learning_rate: 0.1 })).toEqual({ learning_rate: 0.1 });
  expect(scalars({ ...adamDefaults, learning_rate: 0.1, clip_norm: 2, weight_decay: 0.5 })).toEqual({
    learning_rate: 0.1,
    clip_norm: 2,
    weight_decay: 0.5,
  });
});

function mapEntries<T, U>(record: Readonly<Record<string, T>>, f: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(name, value)]));
}
function mapValues<T, U>(record: Readonly<Record<string, T>>, f: (value: T) => U): Record<string, U> {
  return mapEntries(record, (_, value) => f(value));
}
