import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Arrays, Specs, Step } from '../../src/engine/engine.js';
import { type Make, createMaker } from '../../src/engine/graph/make.js';
import { type Graph, nameOf, type Node, sizeOf } from '../../src/engine/graph/graph.js';
import { writeModel } from '../../src/engine/onnx/write.js';
import { Tensor as Value } from '../../src/engine/runtime/ort.js';
import { openSession } from '../../src/engine/runtime/program.js';
import { steadyThreads } from '../../src/engine/runtime/processor.js';
import { train } from './run.js';
import { numbers } from './steps/addition.js';
import { characters } from './steps/cells.js';

/** Where many numbers meet in one, and large enough that ONNX Runtime shares the work among threads. */
const rows: readonly {
  readonly name: string;
  readonly inputs: Specs;
  readonly run: (tf: typeof TensorFlow, x: Tensor, at: Tensor) => Tensor;
}[] = [
  {
    name: 'scatterND of many to few',
    inputs: { x: { shape: [20_000, 64], dtype: 'float32' }, at: { shape: [20_000, 1], dtype: 'int32' } },
    run: (tf, x, at) => tf.scatterND(at, x, [3, 64]),
  },
  {
    name: 'scatterND of many to few, number by number',
    inputs: { x: { shape: [300_000], dtype: 'float32' }, at: { shape: [300_000, 1], dtype: 'int32' } },
    run: (tf, x, at) => tf.scatterND(at, x, [3]),
  },
  {
    name: 'tensorScatterUpdate, the last of many',
    inputs: { x: { shape: [20_000, 64], dtype: 'float32' }, at: { shape: [20_000, 1], dtype: 'int32' } },
    run: (tf, x, at) => tf.tensorScatterUpdate(tf.zeros([3, 64]), at, x),
  },
  {
    name: 'unsortedSegmentSum, which is the gradient of an embedding',
    inputs: { x: { shape: [20_000, 64], dtype: 'float32' }, at: { shape: [20_000], dtype: 'int32' } },
    run: (tf, x, at) => tf.unsortedSegmentSum(x, at as never, 3),
  },
  {
    name: 'the gradient of a maximum over windows that overlap',
    inputs: { x: { shape: [4, 64, 64, 8], dtype: 'float32' }, at: { shape: [1], dtype: 'int32' } },
    run: (tf, x) => tf.grad((x: Tensor) => tf.maxPool(x as Tensor4D, 5, 1, 'same'))(x),
  },
  {
    name: 'the gradient of a mean over windows that overlap',
    inputs: { x: { shape: [4, 64, 64, 8], dtype: 'float32' }, at: { shape: [1], dtype: 'int32' } },
    run: (tf, x) => tf.grad((x: Tensor) => tf.avgPool(x as Tensor4D, 5, 1, 'same'))(x),
  },
  {
    name: "the gradient of a convolution's filter",
    inputs: { x: { shape: [4, 64, 64, 8], dtype: 'float32' }, at: { shape: [1], dtype: 'int32' } },
    run: (tf, x) => tf.grad((filter: Tensor) => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same'))(tf.ones([3, 3, 8, 8])),
  },
  {
    name: 'a sum of everything',
    inputs: { x: { shape: [1000, 1000], dtype: 'float32' }, at: { shape: [1], dtype: 'int32' } },
    run: (tf, x) => tf.concat([tf.reshape(tf.sum(x), [1]), tf.sum(x, 0), tf.sum(x, 1), tf.reshape(tf.norm(x), [1])]),
  },
  {
    name: 'a running sum',
    inputs: { x: { shape: [1000, 300], dtype: 'float32' }, at: { shape: [1], dtype: 'int32' } },
    run: (tf, x) => tf.cumsum(x, 0),
  },
];

describe('the same digits on one thread and on two', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', async (name, { inputs, run }) => {
    const step: Step = {
      name,
      state: {},
      inputs,
      scalars: [],
      run: (tf, given) => ({ state: {}, outputs: { y: run(tf, given.inputs['x'] ?? tf.scalar(0), given.inputs['at'] ?? tf.scalar(0)) } }),
    };
    const feeds: Arrays = {
      x: numbers(sizeOf(inputs['x']?.shape ?? []), 1),
      at: Int32Array.from({ length: sizeOf(inputs['at']?.shape ?? []) }, (_, i) => i % 3),
    };
    const made: string[] = [];
    for (const threads of [1, 2, 2]) {
      const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads, cache: null });
      const program = await engine.compile(step, 1);
      const { outputs } = await program.run(engine.state({}, {}), feeds, {});
      made.push(Buffer.from(outputs['y']?.buffer ?? new ArrayBuffer()).toString('base64'));
      await engine.dispose();
    }
    expect(made[1] === made[0] && made[2] === made[0]).toBe(true);
  });
});

describe('a program runs on no more threads than keep its digits', () => {
  for (const [kind, hidden] of [
    ['lstm', 64],
    ['gru', 128],
    ['rnn', 256],
  ] as const) {
    it(`a ${kind} of ${hidden} that is told 1, 2, 4 and 8`, async () => {
      const step = characters(kind, { time: 35, hidden, batch: 32, vocabulary: 28 });
      const made = [];
      for (const threads of [1, 2, 4, 8]) made.push(JSON.stringify(await train(step, { steps: 2, threads })));
      expect(new Set(made).size).toBe(1);
    });
  }

  it('products and convolutions of random sizes: those on several threads give the digits of one', async () => {
    const counts = { free: 0, bound: 0, differed: 0 };
    for (const product of randomProducts(120)) {
      const most = steadyThreads(product);
      if (most >= 4) counts.free++;
      else counts.bound++;
      const [one, ...others] = await Promise.all([1, 2, 3, 4].map((threads) => digitsOf(product, threads)));
      const kept = others.findIndex((digits) => digits !== one) + 1 || others.length + 1;
      if (kept < 4) counts.differed++;
      expect(kept, describeProduct(product)).toBeGreaterThanOrEqual(Math.min(4, most));
    }
    // Were there no difference at all, there would be nothing to keep out of the way.
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(5);
  });
});

/** Gemm, MatMul and Conv of random sizes around those where ONNX Runtime cuts in other places. */
function randomProducts(count: number): readonly Graph[] {
  const draws = numbers(20 * count, 5).values();
  const one = (...items: readonly number[]): number => items[Math.floor(((Number(draws.next().value) + 1) / 2) * items.length)] ?? 1;
  return Array.from({ length: count }, (_, i) => {
    const make = createMaker();
    const draw = [gemm, batches, gemm, convolution][i % 4] ?? gemm;
    const [inputs, made] = draw(make, one);
    return { inputs, outputs: new Map([['output/y', made]]), packed: new Map() };
  });
}

type Draw = (make: Make, one: (...items: readonly number[]) => number) => readonly [readonly Node[], Node];

const gemm: Draw = (make, one) => {
  const [rows, inner, columns] = [
    one(1, 2, 3, 8, 28, 32, 100, 256),
    one(64, 129, 256, 300, 1120),
    one(1, 2, 16, 28, 48, 64, 96, 128, 200, 300),
  ];
  const [transposeA, transposeB] = [one(0, 0, 1), one(0, 1)];
  const a = make.input('a', transposeA ? [inner, rows] : [rows, inner], 'float32');
  const b = make.input('b', transposeB ? [columns, inner] : [inner, columns], 'float32');
  return [[a, b], make.exact('Gemm', [a, b], { transposeA, transposeB })];
};

const batches: Draw = (make, one) => {
  const [batch, rows, inner, columns] = [one(2, 3), one(8, 16, 32), one(64, 200, 600), one(16, 64, 128, 200)];
  const [a, b] = [make.input('a', [batch, rows, inner], 'float32'), make.input('b', [batch, inner, columns], 'float32')];
  return [[a, b], make.exact('MatMul', [a, b])];
};

const convolution: Draw = (make, one) => {
  const [channels, side, filters, window] = [one(1, 3, 16, 32), one(6, 12, 16, 28), one(4, 16, 64), one(1, 3, 5)];
  const x = make.input('x', [1, channels, side, side], 'float32');
  const filter = make.input('filter', [filters, channels, window, window], 'float32');
  const pads = [1, 1, 1, 1].map((pad) => (pad * (window - 1)) / 2);
  const attributes = { strides: [1, 1], dilations: [1, 1], pads, kernel_shape: [window, window], group: 1 };
  return [[x, filter], make.opaque('Conv', [x, filter], attributes, { shape: [1, filters, side, side], dtype: 'float32' })];
};

async function digitsOf(graph: Graph, threads: number): Promise<string> {
  const session = await openSession(writeModel('product', graph), { device: 'cpu', threads });
  const feeds = Object.fromEntries(
    graph.inputs.map((input, i) => [nameOf(input), new Value('float32', numbers(sizeOf(input.shape), i + 1), input.shape)]),
  );
  const [made] = Object.values(await session.run(feeds));
  await session.release();
  if (!(made?.data instanceof Float32Array)) throw new Error('a product gave no floats');
  return Buffer.from(made.data.slice().buffer).toString('base64');
}

const describeProduct = ({ inputs, outputs }: Graph): string =>
  `${[...outputs.values()].map(({ op }) => op).join()} of ${inputs.map(({ shape }) => `[${shape}]`).join(' and ')}`;
