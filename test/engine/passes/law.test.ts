import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/engine/graph/graph.js';
import { topological } from '../../../src/engine/graph/make.js';
import { unroll } from '../../../src/engine/graph/unroll.js';
import { passes as list } from '../../../src/engine/passes/index.js';
import { createLayout, layout } from '../../../src/engine/passes/layout.js';
import { createPretransposeWeights, pretransposeWeights } from '../../../src/engine/passes/pretranspose-weights.js';
import { interpret, type Numbers, packInputs, unpackOutputs } from '../graph/interpret.js';
import { print } from '../graph/print.js';
import { randomGraph, randomInputs } from '../graph/random-graph.js';

const GRAPHS = 500;

/** The random graphs' matrices are too small for turning one to pay: here the operation that does it costs nothing, or less. */
const free = new Map([
  [layout, createLayout({ operation: 0 })],
  [pretransposeWeights, createPretransposeWeights({ operation: -1000 })],
]);
const passes = list.map((pass) => free.get(pass) ?? pass);

const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, seed) => seed);

const applyAll = (graph: Graph): Graph => passes.reduce((done, pass) => pass.apply(done), graph);

const run = (graph: Graph, inputs: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> =>
  unpackOutputs(graph, interpret(graph, packInputs(graph, inputs)));

/** The largest difference of two tensors, as a part of the first one's largest value. */
function difference(a: Numbers, b: Numbers): number {
  const scale = Math.max(1e-30, ...a.map(Math.abs));
  return a.length === b.length ? Math.max(0, ...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) / scale : Infinity;
}

/** What the passes did to the random graphs, one after another, each judged by the graph as it was recorded. */
interface Judged {
  /** Graphs that the pass changed. */
  readonly fired: number;
  /** Outputs that it left elsewhere than within 1e-6. */
  readonly failures: readonly string[];
}

const inOrder = (graph: Graph): readonly Graph[] =>
  passes.reduce<readonly Graph[]>((made, pass) => [...made, pass.apply(made.at(-1) ?? graph)], [graph]);
const alone = (graph: Graph): readonly Graph[] => passes.map((pass) => pass.apply(graph));

function judge(count: number): ReadonlyMap<string, Judged> {
  const judged = new Map(passes.map(({ name }) => [name, { fired: 0, failures: [] as string[] }]));
  for (const seed of seeds(count)) {
    const raw = randomGraph(seed);
    const inputs = randomInputs(raw, seed);
    const wanted = run(raw, inputs);
    const [first, ...after] = inOrder(raw).map((graph) => ({ graph, text: print(graph) }));
    let before = first;
    for (const [i, made] of after.entries()) {
      const verdict = judged.get(passes[i]?.name ?? '');
      if (verdict && made.text !== before?.text) {
        verdict.fired += 1;
        verdict.failures.push(...differences(wanted, run(made.graph, inputs)).map((name) => `seed ${seed}, ${name}`));
      }
      before = made;
    }
  }
  return judged;
}

/** Names of the outputs that differ. */
const differences = (wanted: ReadonlyMap<string, Numbers>, got: ReadonlyMap<string, Numbers>): readonly string[] =>
  [...new Set([...wanted.keys(), ...got.keys()])].filter((name) => !(difference(wanted.get(name) ?? [], got.get(name) ?? [NaN]) < 1e-6));

describe(`${GRAPHS} random graphs`, () => {
  const judged = judge(GRAPHS);

  test.each(passes.map(({ name }) => name))('%s keeps the outputs of what the passes before it left', (name) => {
    expect(judged.get(name)?.failures).toEqual([]);
    expect(judged.get(name)?.fired).toBeGreaterThan(0);
  });

  test('how many of them each pass changed', () => {
    expect([...judged].map(([name, { fired }]) => `${name} ${fired}`)).toMatchInlineSnapshot(`
      [
        "batch-to-gemm 397",
        "flatten-sums 499",
        "sum-of-joins 75",
        "batch-products 159",
        "slice-operands 13",
        "sum-of-products 493",
        "join-left-factors 119",
        "hoist-addend 159",
        "bias-row 221",
        "gemm-addend 500",
        "share-factors 260",
        "subtract 239",
        "layout 262",
        "cut-right-factors 1",
        "flat-state 499",
        "nest-slices 224",
        "pretranspose-weights 500",
        "add-apart 220",
      ]
    `);
  });

  test('every pass alone keeps the outputs of graphs as recorded', () => {
    for (const seed of seeds(50)) {
      const raw = randomGraph(seed);
      const inputs = randomInputs(raw, seed);
      const wanted = run(raw, inputs);
      for (const [i, made] of alone(raw).entries()) {
        if (print(made) !== print(raw)) expect(differences(wanted, run(made, inputs)), `seed ${seed}, ${passes[i]?.name}`).toEqual([]);
      }
    }
  });
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
