import { describe, expect, test } from 'vitest';
import type { Graph, Pass } from '../../../src/engine/graph/graph.js';
import { unroll } from '../../../src/engine/graph/unroll.js';
import { passes } from '../../../src/engine/passes/index.js';
import { interpret, type Numbers, packInputs, unpackOutputs } from '../graph/interpret.js';
import { print } from '../graph/print.js';
import { randomGraph, randomInputs } from '../graph/random-graph.js';

const GRAPHS = 500;
const seeds = Array.from({ length: GRAPHS }, (_, seed) => seed);

/** Every pass of the list on the graph that the earlier ones left, and on the raw graph. */
const situations: readonly { readonly pass: Pass; readonly earlier: readonly Pass[] }[] = passes.flatMap((pass, i) =>
  i === 0
    ? [{ pass, earlier: [] }]
    : [
        { pass, earlier: passes.slice(0, i) },
        { pass, earlier: [] },
      ],
);

const applyAll = (graph: Graph, list: readonly Pass[]): Graph => list.reduce((done, pass) => pass.apply(done), graph);

const run = (graph: Graph, inputs: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> =>
  unpackOutputs(graph, interpret(graph, packInputs(graph, inputs)));

/** The largest difference of two tensors, as a part of the first one's largest value. */
function difference(a: Numbers, b: Numbers): number {
  const scale = Math.max(1e-30, ...a.map(Math.abs));
  return a.length === b.length ? Math.max(0, ...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) / scale : Infinity;
}

describe.each(situations)('$pass.name after $earlier.length others', ({ pass, earlier }) => {
  test(`keeps the outputs of ${GRAPHS} graphs, and fires`, ({ annotate }) => {
    let fired = 0;
    for (const seed of seeds) {
      const raw = randomGraph(seed);
      const before = applyAll(raw, earlier);
      const after = pass.apply(before);
      if (print(after) !== print(before)) fired += 1;
      const inputs = randomInputs(raw, seed);
      const wanted = run(raw, inputs);
      const got = run(after, inputs);
      expect([...got.keys()].sort(), `seed ${seed}`).toEqual([...wanted.keys()].sort());
      for (const [name, values] of wanted) expect(difference(values, got.get(name) ?? []), `seed ${seed}, ${name}`).toBeLessThan(1e-6);
    }
    void annotate(`fired on ${fired} of ${GRAPHS} graphs`);
    expect(fired).toBeGreaterThan(0);
  });
});
