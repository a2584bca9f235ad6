import { describe, expect, test } from 'vitest';
import type { Graph, Pass } from '../../../src/engine/graph/graph.js';
import { topological } from '../../../src/engine/graph/rewrite.js';
import { unroll } from '../../../src/engine/graph/unroll.js';
import { passes as list } from '../../../src/engine/passes/index.js';
import { createLayout, layout } from '../../../src/engine/passes/layout.js';
import { interpret, type Numbers, packInputs, unpackOutputs } from '../graph/interpret.js';
import { print } from '../graph/print.js';
import { randomGraph, randomInputs } from '../graph/random-graph.js';

const GRAPHS = 500;

/** The random graphs' matrices are too small for a change of layout to pay: here the operation that turns one costs nothing. */
const passes = list.map((pass) => (pass === layout ? createLayout({ operation: 0 }) : pass));

const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, seed) => seed);

const firings = new Map<string, number>();

const applyAll = (graph: Graph, some: readonly Pass[] = passes): Graph => some.reduce((done, pass) => pass.apply(done), graph);

const run = (graph: Graph, inputs: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> =>
  unpackOutputs(graph, interpret(graph, packInputs(graph, inputs)));

/** The largest difference of two tensors, as a part of the first one's largest value. */
function difference(a: Numbers, b: Numbers): number {
  const scale = Math.max(1e-30, ...a.map(Math.abs));
  return a.length === b.length ? Math.max(0, ...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) / scale : Infinity;
}

function expectSame(raw: Graph, after: Graph, seed: number): void {
  const inputs = randomInputs(raw, seed);
  const [wanted, got] = [run(raw, inputs), run(after, inputs)];
  expect([...got.keys()].toSorted(), `seed ${seed}`).toEqual([...wanted.keys()].toSorted());
  for (const [name, values] of wanted) expect(difference(values, got.get(name) ?? []), `seed ${seed}, ${name}`).toBeLessThan(1e-6);
}

describe.each(passes.map((pass, i) => ({ pass, earlier: passes.slice(0, i) })))('$pass.name', ({ pass, earlier }) => {
  test(`keeps the outputs of ${GRAPHS} graphs that the earlier passes left`, () => {
    let fired = 0;
    for (const seed of seeds(GRAPHS)) {
      const raw = randomGraph(seed);
      const before = applyAll(raw, earlier);
      const after = pass.apply(before);
      if (print(after) !== print(before)) fired += 1;
      expectSame(raw, after, seed);
    }
    firings.set(pass.name, fired);
  });

  test('keeps the outputs of graphs as recorded, alone', () => {
    for (const seed of seeds(100)) {
      const raw = randomGraph(seed);
      expectSame(raw, pass.apply(raw), seed);
    }
  });
});

test(`how many of ${GRAPHS} graphs each pass changed`, () => {
  expect(Math.min(...firings.values())).toBeGreaterThan(0);
  expect([...firings].map(([name, fired]) => `${name} ${fired}`)).toMatchInlineSnapshot(`
    [
      "simplify 500",
      "flatten-sums 500",
      "batch-products 157",
      "sum-of-products 500",
      "hoist-addend 157",
      "gemm-addend 500",
      "share-factors 260",
      "layout 301",
      "flat-state 500",
      "nest-slices 328",
    ]
  `);
});

test('the same graph gives the same result, node for node', () => {
  for (const seed of seeds(50)) expect(print(applyAll(randomGraph(seed)))).toBe(print(applyAll(randomGraph(seed))));
});

test('ids grow from operands to users, after every pass', () => {
  for (const seed of seeds(50)) {
    for (const node of topological(applyAll(randomGraph(seed)))) {
      for (const input of node.inputs) expect(input.id).toBeLessThan(node.id);
    }
  }
});

test('where the recorded step gives NaN or infinity, so does the improved one', () => {
  const kind = (value: number): string => (Number.isFinite(value) ? 'finite' : String(value));
  let rare = 0;
  for (const seed of seeds(200)) {
    const raw = randomGraph(seed);
    const inputs = randomInputs(raw, seed, [NaN, Infinity, -Infinity]);
    const got = run(applyAll(raw), inputs);
    for (const [name, values] of run(raw, inputs)) {
      rare += values.filter((value) => !Number.isFinite(value)).length;
      expect((got.get(name) ?? []).map(kind), `seed ${seed}, ${name}`).toEqual(values.map(kind));
    }
  }
  expect(rare).toBeGreaterThan(1000);
});

/** The outputs of `steps` calls of a graph of one step, state going from call to call; outputs one after another. */
function runCalls(graph: Graph, steps: number, inputs: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> {
  let state = new Map([...inputs].filter(([name]) => name.startsWith('state/')));
  const collected = new Map<string, Numbers>();
  for (let step = 0; step < steps; step++) {
    const given = [...inputs]
      .filter(([name]) => !name.startsWith('state/'))
      .map(([name, all]): [string, Numbers] => [name, all.slice((all.length / steps) * step, (all.length / steps) * (step + 1))]);
    const outputs = run(graph, new Map([...state, ...given]));
    for (const [name, values] of outputs) {
      if (name.startsWith('state/')) state = new Map([...state, [name, values]]);
      else collected.set(name, [...(collected.get(name) ?? []), ...values]);
    }
  }
  return new Map([...[...state].filter(([name]) => graph.outputs.has(name) || graph.packed.size > 0), ...collected]);
}

const STEPS = 3;

test(`one call of ${STEPS} unrolled steps gives the bits of ${STEPS} calls`, () => {
  for (const seed of seeds(150)) {
    const raw = randomGraph(seed);
    const one = applyAll(raw);
    const inputs = randomInputs(unroll(raw, STEPS), seed);
    const wanted = runCalls(one, STEPS, inputs);
    for (const [name, values] of run(unroll(one, STEPS), inputs)) expect(values, `seed ${seed}, ${name}`).toEqual(wanted.get(name));
  }
});

test('a graph of 6,000 nodes', ({ annotate }) => {
  const graph = unroll(randomGraph(5), 60);
  const nodes = topological(graph).length;
  const began = performance.now();
  const after = applyAll(graph);
  void annotate(`${nodes} nodes in ${(performance.now() - began).toFixed(0)} ms`);
  expect(nodes).toBeGreaterThan(6000);
  expect(topological(after).length).toBeLessThan(nodes);
});
