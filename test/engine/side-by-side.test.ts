import { describe, expect, it } from 'vitest';
import { createCompany } from '../../src/engine/company.js';
import { createEngine } from '../../src/engine/create.js';
import { mostRuns } from '../../src/engine/cost.js';
import type { Arrays, Engine, Step } from '../../src/engine/engine.js';
import { type Graph, nameOf, type Node, operand, sizeOf } from '../../src/engine/graph/graph.js';
import { createMaker, rewrite } from '../../src/engine/graph/make.js';
import { sideBySide } from '../../src/engine/graph/side-by-side.js';
import { unroll } from '../../src/engine/graph/unroll.js';
import { outputName } from '../../src/engine/onnx/model.js';
import { writeModel } from '../../src/engine/onnx/write.js';
import { passes } from '../../src/engine/passes/index.js';
import { openSession } from '../../src/engine/runtime/program.js';
import { Tensor } from '../../src/engine/runtime/ort.js';
import { stages } from '../../src/stages/registry.js';
import { pipelineFor } from '../../src/train/pipeline.js';
import { evaluateStep, trainStep } from '../../src/train/step.js';
import { improve } from '../../src/engine/compiled.js';
import { planned } from '../support/experiment.js';
import { randomGraph, randomInputs } from './graph/random-graph.js';
import { packInputs } from './graph/interpret.js';
import { trainOn } from './run.js';
import { addition, initial } from './steps/addition.js';

type Feeds = ReadonlyMap<string, ArrayLike<number>>;

const tensor = ({ dtype }: Node, numbers: readonly number[], shape: readonly number[]): Tensor =>
  new Tensor(
    dtype,
    dtype === 'float32' ? Float32Array.from(numbers) : dtype === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers),
    shape,
  );

/** Names of outputs in which a run side by side with others differs from the run alone in any bit. */
async function differences(graph: Graph, feeds: readonly Feeds[]): Promise<readonly string[]> {
  const options = { device: 'cpu', threads: 1 } as const;
  const runs = feeds.length;
  const alone = await openSession(writeModel('alone', graph), options);
  const together = await openSession(writeModel('together', sideBySide(graph, runs)), options);
  const of = (feed: Feeds | undefined, node: Node): readonly number[] => Array.from(feed?.get(nameOf(node)) ?? []);
  const given = graph.inputs.map((node) => [
    nameOf(node),
    tensor(
      node,
      feeds.flatMap((feed) => of(feed, node)),
      [runs, ...node.shape],
    ),
  ]);
  const all = await together.run(Object.fromEntries(given));
  const wrong = new Set<string>();
  for (const [run, feed] of feeds.entries()) {
    const one = await alone.run(Object.fromEntries(graph.inputs.map((node) => [nameOf(node), tensor(node, of(feed, node), node.shape)])));
    for (const name of graph.outputs.keys()) {
      const wanted = Array.from(one[outputName(name)]?.data as Float32Array);
      const got = Array.from(all[outputName(name)]?.data as Float32Array).slice(run * wanted.length, (run + 1) * wanted.length);
      if (wanted.some((value, i) => !Object.is(value, got[i]))) wrong.add(name);
    }
  }
  await Promise.all([alone.release(), together.release()]);
  return [...wrong];
}

describe('each run has the bits that it has alone', () => {
  it('of 60 random nets, 2, 3 and 30 runs, several steps a call', async () => {
    let shared = 0;
    for (let seed = 0; seed < 60; seed++) {
      const graph = passes.reduce((done, pass) => pass.apply(done), runnable(randomGraph(seed)));
      if (mostRuns(graph) > 1) shared += 1;
      const steps = unroll(graph, 1 + (seed % 3));
      const feeds = Array.from({ length: [2, 3, 30][seed % 3] ?? 2 }, (_, run) => repeatedInputs(steps, graph, 1000 * run + seed));
      expect(await differences(steps, feeds), `seed ${seed}`).toEqual([]);
    }
    expect(shared).toBe(60);
  }, 120_000);

  it('of sums and means over any axes, of whole fours of numbers and of others', async () => {
    for (const [shape, axes] of [
      [[3], [0]],
      [[64], [0]],
      [[64, 1], [0]],
      [[1, 9], [1]],
      [[5, 3], [1]],
      [[64, 8], [0]],
      [[64, 5], [1]],
      [
        [7, 1, 4],
        [1, 2],
      ],
      [
        [8, 23, 7],
        [0, 1],
      ],
      [[8, 23, 7], [1]],
      [
        [8, 3, 7],
        [0, 2],
      ],
    ] as const) {
      for (const op of ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceProd']) {
        const make = createMaker();
        const x = make.input('input/x', shape, 'float32');
        const graph = { inputs: [x], outputs: new Map([['output/y', make.exact(op, [x], { axes, keepdims: 0 })]]), packed: new Map() };
        const feeds = [0, 1, 2].map((run) => drawn(graph, run));
        expect(await differences(graph, feeds), `${op} of [${shape}] over ${axes}`).toEqual([]);
      }
    }
  }, 60_000);

  it('of products with and without an addend, by one row, by one column, of long sums', async () => {
    for (const [rows, inner, columns] of [
      [1, 5, 4],
      [1, 40, 1],
      [6, 40, 1],
      [6, 9, 5],
      [16, 300, 130],
    ] as const) {
      for (const flags of [0, 1, 2, 3]) {
        for (const addend of [undefined, [columns], [rows, columns]]) {
          const make = createMaker();
          const [transposeA, transposeB] = [flags & 1, flags >> 1];
          const a = make.input('input/a', transposeA ? [inner, rows] : [rows, inner], 'float32');
          const b = make.input('input/b', transposeB ? [columns, inner] : [inner, columns], 'float32');
          const c = addend && make.input('input/c', addend, 'float32');
          const inputs = [a, b, ...(c ? [c] : [])];
          const graph = {
            inputs,
            outputs: new Map([['output/y', make.exact('Gemm', inputs, { transposeA, transposeB })]]),
            packed: new Map(),
          };
          const feeds = [0, 1, 2].map((run) => drawn(graph, run));
          expect(await differences(graph, feeds), `[${rows}, ${inner}] x [${inner}, ${columns}] + ${addend}, ${flags}`).toEqual([]);
        }
      }
    }
  }, 60_000);

  it.each(['shampoo', 'airline', 'lstm_addition', 'lstm_addition_bitwise', 'gru_addition', 'rnn_addition', 'reber_elman'])(
    'of the programs of %s',
    async (name) => {
      const { plan } = planned(`experiments/${name}.yaml`);
      const pipeline = pipelineFor(plan, stages);
      const steps = [trainStep(plan, pipeline), ...Object.keys(plan.data.splits).map((split) => evaluateStep(plan, pipeline, split))];
      let shared = 0;
      for (const step of steps) {
        const graph = await improve(step);
        if (mostRuns(graph) === 1) continue;
        shared += 1;
        const feeds = [0, 1, 2].map((run) => drawn(graph, run));
        expect(await differences(graph, feeds), step.name).toEqual([]);
      }
      expect(shared).toBeGreaterThan(0);
    },
    120_000,
  );
});

/** Random graphs have an operation of their own for vectors of classes. */
const runnable = (graph: Graph): Graph =>
  rewrite(graph, (node, of, make) => {
    if (node.op !== 'OneHot') return undefined;
    const classes = node.shape.at(-1) ?? 1;
    const column = make('Reshape', [of(operand(node))], { shape: [...node.shape.slice(0, -1), 1] });
    const all = make.constant(
      Int32Array.from({ length: classes }, (_, i) => i),
      [classes],
      'int32',
    );
    return make('Cast', [make('Equal', [column, all])], { to: 'float32' });
  });

const repeatedInputs = (steps: Graph, one: Graph, seed: number): Feeds => {
  const packed = packInputs(one, randomInputs(one, seed));
  return new Map(
    steps.inputs.map((node) => {
      const numbers = packed.get(nameOf(node)) ?? [];
      return [nameOf(node), Array.from({ length: sizeOf(node.shape) }, (_, i) => numbers[i % numbers.length] ?? 0)];
    }),
  );
};

/** Numbers that a training could hand a program; slots of an optimizer are never negative. */
const drawn = (graph: Graph, seed: number): Feeds =>
  new Map(
    graph.inputs.map((node, place) => {
      const positive = /slots|packed|scalar|weight|mask/.test(nameOf(node));
      return [
        nameOf(node),
        Array.from({ length: sizeOf(node.shape) }, (_, i) => {
          const value = Math.sin(12.9898 * (i + 1) + 78.233 * (seed + 1) + place) * 43758.5453;
          const share = value - Math.floor(value);
          return node.dtype === 'float32' ? (positive ? share : 2 * share - 1) : Math.floor(share * 2);
        }),
      ];
    }),
  );

const small = (): Step => addition({ batch: 4, hidden: 4 });

/** What came of as many trainings as there are starts, all of one company, beside how often several of them were one call. */
async function trainTogether(starts: readonly Arrays[], lengths: readonly number[] = starts.map(() => 12)) {
  const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: null });
  const widths: number[] = [];
  const counted: Engine = {
    ...engine,
    async compileShared(step, steps, runs) {
      const program = await engine.compileShared?.(step, steps, runs);
      if (!program) throw new Error('this engine shares nothing');
      return {
        ...program,
        run(calls) {
          widths.push(calls.length);
          return program.run(calls);
        },
      };
    },
    dispose: async () => {},
  };
  const company = createCompany(counted);
  const step = small();
  const made = await Promise.all(
    starts.map(async (start, i) => {
      const own = company.join();
      const trained = await trainOn(own, step, lengths[i] ?? 12, 2, start);
      await own.dispose();
      return trained;
    }),
  );
  await engine.dispose();
  return { made, widths };
}

async function trainAlone(start: Arrays, steps: number) {
  const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: null });
  try {
    return await trainOn(engine, small(), steps, 2, start);
  } finally {
    await engine.dispose();
  }
}

const startOf = (run: number): Arrays =>
  Object.fromEntries(
    Object.entries(initial(small().state)).map(([name, values]) => [name, Float32Array.from(values, (v) => v * (1 + run / 7))]),
  );

describe('trainings of one company', () => {
  it('compute together and get what they get alone, also when some end before others', async () => {
    const lengths = [12, 12, 4, 12, 8];
    const starts = lengths.map((_, run) => startOf(run));
    const { made, widths } = await trainTogether(starts, lengths);
    expect(Math.max(...widths)).toBeGreaterThan(2);
    for (const [run, start] of starts.entries()) expect(made[run], `run ${run}`).toEqual(await trainAlone(start, lengths[run] ?? 0));
  }, 60_000);

  it('are told of an error of their own call, and the others go on', async () => {
    const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: null });
    const company = createCompany(engine);
    const [one, other] = [company.join(), company.join()];
    const step = small();
    const [first, second] = await Promise.all([one.compile(step, 1), other.compile(step, 1)]);
    const state = one.state(step.state, startOf(0));
    const refused = first.run(state, {}, {});
    await one.dispose();
    await expect(refused).rejects.toThrow('was given no');
    expect(second.steps).toBe(1);
    const trained = await trainOn(other, step, 4, 2, startOf(1));
    expect(trained).toEqual(await trainAlone(startOf(1), 4));
    await engine.dispose();
  }, 60_000);
});
