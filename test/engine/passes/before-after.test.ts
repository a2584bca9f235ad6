import { expect, test } from 'vitest';
import type { Attributes, Graph, Node, Pass } from '../../../src/engine/graph/graph.js';
import { infer } from '../../../src/engine/graph/rules.js';
import { createMaker } from '../../../src/engine/graph/make.js';
import { biasRow } from '../../../src/engine/passes/bias-row.js';
import { batchProducts } from '../../../src/engine/passes/batch-products.js';
import { sliceOperands } from '../../../src/engine/passes/slice-operands.js';
import { cutRightFactors } from '../../../src/engine/passes/cut-right-factors.js';
import { flatState } from '../../../src/engine/passes/flat-state.js';
import { flattenSums } from '../../../src/engine/passes/flatten-sums.js';
import { gemmAddend } from '../../../src/engine/passes/gemm-addend.js';
import { hoistAddend } from '../../../src/engine/passes/hoist-addend.js';
import { joinLeftFactors } from '../../../src/engine/passes/join-left-factors.js';
import { layout } from '../../../src/engine/passes/layout.js';
import { nestSlices } from '../../../src/engine/passes/nest-slices.js';
import { shareFactors } from '../../../src/engine/passes/share-factors.js';
import { batchToGemm } from '../../../src/engine/passes/batch-to-gemm.js';
import { subtract } from '../../../src/engine/passes/subtract.js';
import { sumOfJoins } from '../../../src/engine/passes/sum-of-joins.js';
import { sumOfProducts } from '../../../src/engine/passes/sum-of-products.js';
import { createPretransposeWeights } from '../../../src/engine/passes/pretranspose-weights.js';
import { print } from '../graph/print.js';

interface Tools {
  /** An operation as it is: no rule applies. */
  readonly build: (op: string, inputs: readonly Node[], attributes?: Attributes) => Node;
  readonly input: (name: string, ...shape: number[]) => Node;
  readonly number: (value: number, ...shape: number[]) => Node;
}

/** A graph written by hand: its outputs by name; its inputs are those that were made. */
function graphOf(body: (tools: Tools) => Readonly<Record<string, Node>>): Graph {
  const make = createMaker();
  const inputs: Node[] = [];
  const outputs = body({
    build(op, operands, attributes = {}) {
      const spec = infer(op, operands, attributes);
      if (!spec) throw new Error(`no shape for ${op}`);
      return make.opaque(op, operands, attributes, spec);
    },
    input(name, ...shape) {
      const node = make.input(name, shape, 'float32');
      inputs.push(node);
      return node;
    },
    number: (value, ...shape) => make.filled(value, shape, 'float32'),
  });
  return { inputs, outputs: new Map(Object.entries(outputs)), packed: new Map() };
}

const show = (pass: Pass, graph: Graph): string => `${print(graph)}\n-- ${pass.name} --\n${print(pass.apply(graph))}`;

const plain = { transposeA: 0, transposeB: 0 };
const slice = (begin: number, size: number, axis = 0): Attributes => ({ axis, begin, size });

test('flatten-sums: an inner sum that something else reads stays', () => {
  const graph = graphOf(({ build, input }) => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => input(name, 2)) as [Node, Node, Node, Node];
    const read = build('Sum', [a, b]);
    return { y: build('Sum', [build('Sum', [build('Sum', [read, c]), d]), a]), z: read };
  });
  expect(show(flattenSums, graph)).toMatchInlineSnapshot(`
    "v1 = Sum(a, b) [2]
    v2 = Sum(v1, c) [2]
    v3 = Sum(v2, d) [2]
    v4 = Sum(v3, a) [2]
    y = v4
    z = v1
    -- flatten-sums --
    v1 = Sum(a, b) [2]
    v2 = Sum(v1, c, d, a) [2]
    y = v2
    z = v1"
  `);
});

test('batch-products: a product that depends on others stays apart', () => {
  const graph = graphOf(({ build, input }) => {
    const w = input('w', 2, 2);
    const xs = ['a', 'b', 'c'].map((name) => input(name, 1, 2));
    const products = xs.map((x) => build('Gemm', [x, w], plain));
    const after = build('Gemm', [build('Tanh', [products[0] ?? w]), w], plain);
    return {
      y: build(
        'Concat',
        products.map((product) => build('Tanh', [product])),
        { axis: 0 },
      ),
      z: after,
    };
  });
  expect(show(batchProducts, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(a, w) transposeA=0 transposeB=0 [1, 2]
    v2 = Gemm(b, w) transposeA=0 transposeB=0 [1, 2]
    v3 = Gemm(c, w) transposeA=0 transposeB=0 [1, 2]
    v4 = Tanh(v1) [1, 2]
    v5 = Gemm(v4, w) transposeA=0 transposeB=0 [1, 2]
    v6 = Tanh(v2) [1, 2]
    v7 = Tanh(v3) [1, 2]
    v8 = Concat(v4, v6, v7) axis=0 [3, 2]
    y = v8
    z = v5
    -- batch-products --
    v1 = Concat(a, b, c) axis=0 [3, 2]
    v2 = Gemm(v1, w) transposeA=0 transposeB=0 [3, 2]
    v3 = Slice(v2) axis=0 begin=0 size=1 [1, 2]
    v4 = Slice(v2) axis=0 begin=1 size=1 [1, 2]
    v5 = Slice(v2) axis=0 begin=2 size=1 [1, 2]
    v6 = Tanh(v3) [1, 2]
    v7 = Gemm(v6, w) transposeA=0 transposeB=0 [1, 2]
    v8 = Tanh(v4) [1, 2]
    v9 = Tanh(v5) [1, 2]
    v10 = Concat(v6, v8, v9) axis=0 [3, 2]
    y = v10
    z = v7"
  `);
});

test('batch-products: two groups that would make a ring aren’t both joined', () => {
  const graph = graphOf(({ build, input }) => {
    const [v, w] = [input('v', 2, 2), input('w', 2, 2)];
    const product = (x: Node, right: Node): Node => build('Gemm', [x, right], plain);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => input(name, 1, 2)) as [Node, Node, Node];
    // v before w in one chain, w before v in another
    const first = product(build('Tanh', [product(a, v)]), w);
    const second = product(build('Tanh', [product(a, w)]), v);
    return { y: build('Sum', [first, second, product(b, v), product(c, v), product(b, w), product(c, w)]) };
  });
  expect(show(batchProducts, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(a, v) transposeA=0 transposeB=0 [1, 2]
    v2 = Tanh(v1) [1, 2]
    v3 = Gemm(v2, w) transposeA=0 transposeB=0 [1, 2]
    v4 = Gemm(a, w) transposeA=0 transposeB=0 [1, 2]
    v5 = Tanh(v4) [1, 2]
    v6 = Gemm(v5, v) transposeA=0 transposeB=0 [1, 2]
    v7 = Gemm(b, v) transposeA=0 transposeB=0 [1, 2]
    v8 = Gemm(c, v) transposeA=0 transposeB=0 [1, 2]
    v9 = Gemm(b, w) transposeA=0 transposeB=0 [1, 2]
    v10 = Gemm(c, w) transposeA=0 transposeB=0 [1, 2]
    v11 = Sum(v3, v6, v7, v8, v9, v10) [1, 2]
    y = v11
    -- batch-products --
    v1 = Gemm(a, v) transposeA=0 transposeB=0 [1, 2]
    v2 = Tanh(v1) [1, 2]
    v3 = Gemm(v2, w) transposeA=0 transposeB=0 [1, 2]
    v4 = Gemm(a, w) transposeA=0 transposeB=0 [1, 2]
    v5 = Tanh(v4) [1, 2]
    v6 = Gemm(v5, v) transposeA=0 transposeB=0 [1, 2]
    v7 = Gemm(b, v) transposeA=0 transposeB=0 [1, 2]
    v8 = Gemm(c, v) transposeA=0 transposeB=0 [1, 2]
    v9 = Gemm(b, w) transposeA=0 transposeB=0 [1, 2]
    v10 = Gemm(c, w) transposeA=0 transposeB=0 [1, 2]
    v11 = Sum(v3, v6, v7, v8, v9, v10) [1, 2]
    y = v11"
  `);
});

test('sum-of-products: weight and bias share the joined gradient', () => {
  const graph = graphOf(({ build, input }) => {
    const xs = [0, 1, 2].map((t) => input(`x${t}`, 2, 3));
    const dzs = [0, 1, 2].map((t) => input(`dz${t}`, 2, 4));
    const weights = xs.map((x, t) => build('Gemm', [x, dzs[t] ?? x], { transposeA: 1, transposeB: 0 }));
    const biases = dzs.map((dz) => build('ReduceSum', [dz], { axes: [0], keepdims: 0 }));
    return { dw: build('Sum', weights.toReversed()), db: build('Sum', biases) };
  });
  expect(show(sumOfProducts, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(x0, dz0) transposeA=1 transposeB=0 [3, 4]
    v2 = Gemm(x1, dz1) transposeA=1 transposeB=0 [3, 4]
    v3 = Gemm(x2, dz2) transposeA=1 transposeB=0 [3, 4]
    v4 = ReduceSum(dz0) axes=0 keepdims=0 [4]
    v5 = ReduceSum(dz1) axes=0 keepdims=0 [4]
    v6 = ReduceSum(dz2) axes=0 keepdims=0 [4]
    v7 = Sum(v3, v2, v1) [3, 4]
    v8 = Sum(v4, v5, v6) [4]
    dw = v7
    db = v8
    -- sum-of-products --
    v1 = Concat(x0, x1, x2) axis=0 [6, 3]
    v2 = Concat(dz0, dz1, dz2) axis=0 [6, 4]
    v3 = Gemm(v1, v2) transposeA=1 transposeB=0 [3, 4]
    v4 = Gemm({1}[1, 6], v2) transposeA=0 transposeB=0 [1, 4]
    v5 = Reshape(v4) shape=4 [4]
    dw = v3
    db = v5"
  `);
});

test('hoist-addend: not where a slice is read otherwise', () => {
  const graph = graphOf(({ build, input }) => {
    const [x, w, b] = [input('x', 4, 3), input('w', 3, 2), input('b', 2)];
    const whole = build('Gemm', [x, w], plain);
    const cuts = [0, 2].map((begin) => build('Tanh', [build('Sum', [build('Slice', [whole], slice(begin, 2)), b])]));
    const other = build('Gemm', [x, w], { transposeA: 0, transposeB: 0, other: 1 });
    const read = build('Slice', [other], slice(0, 2));
    return { y: build('Concat', cuts, { axis: 0 }), z: build('Mul', [build('Sum', [read, b]), read]) };
  });
  expect(show(hoistAddend, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(x, w) transposeA=0 transposeB=0 [4, 2]
    v2 = Slice(v1) axis=0 begin=0 size=2 [2, 2]
    v3 = Sum(v2, b) [2, 2]
    v4 = Tanh(v3) [2, 2]
    v5 = Slice(v1) axis=0 begin=2 size=2 [2, 2]
    v6 = Sum(v5, b) [2, 2]
    v7 = Tanh(v6) [2, 2]
    v8 = Gemm(x, w) transposeA=0 transposeB=0 other=1 [4, 2]
    v9 = Slice(v8) axis=0 begin=0 size=2 [2, 2]
    v10 = Concat(v4, v7) axis=0 [4, 2]
    v11 = Sum(v9, b) [2, 2]
    v12 = Mul(v11, v9) [2, 2]
    y = v10
    z = v12
    -- hoist-addend --
    v1 = Gemm(x, w) transposeA=0 transposeB=0 [4, 2]
    v2 = Gemm(x, w) transposeA=0 transposeB=0 other=1 [4, 2]
    v3 = Slice(v2) axis=0 begin=0 size=2 [2, 2]
    v4 = Sum(v3, b) [2, 2]
    v5 = Mul(v4, v3) [2, 2]
    v6 = Sum(v1, b) [4, 2]
    v7 = Slice(v6) axis=0 begin=0 size=2 [2, 2]
    v8 = Tanh(v7) [2, 2]
    v9 = Slice(v6) axis=0 begin=2 size=2 [2, 2]
    v10 = Tanh(v9) [2, 2]
    v11 = Concat(v8, v10) axis=0 [4, 2]
    y = v11
    z = v5"
  `);
});

test('gemm-addend', () => {
  const graph = graphOf(({ build, input }) => {
    const [x, w, h, u, b] = [input('x', 2, 3), input('w', 3, 4), input('h', 2, 4), input('u', 4, 4), input('b', 4)];
    return { y: build('Sigmoid', [build('Sum', [build('Gemm', [x, w], plain), build('Gemm', [h, u], plain), b])]) };
  });
  expect(show(gemmAddend, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(x, w) transposeA=0 transposeB=0 [2, 4]
    v2 = Gemm(h, u) transposeA=0 transposeB=0 [2, 4]
    v3 = Sum(v1, v2, b) [2, 4]
    v4 = Sigmoid(v3) [2, 4]
    y = v4
    -- gemm-addend --
    v1 = Gemm(x, w, b) transposeA=0 transposeB=0 [2, 4]
    v2 = Gemm(h, u, v1) transposeA=0 transposeB=0 [2, 4]
    v3 = Sigmoid(v2) [2, 4]
    y = v3"
  `);
});

test('layout: the recurrence turns, its inputs are turned once', () => {
  const graph = graphOf(({ build, input }) => {
    const [u, b] = [input('u', 64, 64), input('b', 64)];
    const step = (h: Node): Node => build('Tanh', [build('Gemm', [h, u, b], plain)]);
    return { y: build('Slice', [[1, 2, 3].reduce(step, input('h', 2, 64))], slice(0, 8, 1)) };
  });
  expect(show(layout, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(h, u, b) transposeA=0 transposeB=0 [2, 64]
    v2 = Tanh(v1) [2, 64]
    v3 = Gemm(v2, u, b) transposeA=0 transposeB=0 [2, 64]
    v4 = Tanh(v3) [2, 64]
    v5 = Gemm(v4, u, b) transposeA=0 transposeB=0 [2, 64]
    v6 = Tanh(v5) [2, 64]
    v7 = Slice(v6) axis=1 begin=0 size=8 [2, 8]
    y = v7
    -- layout --
    v1 = Reshape(b) shape=64,1 [64, 1]
    v2 = Gemm(u, h, v1) transposeA=1 transposeB=1 [64, 2]
    v3 = Tanh(v2) [64, 2]
    v4 = Gemm(u, v3, v1) transposeA=1 transposeB=0 [64, 2]
    v5 = Tanh(v4) [64, 2]
    v6 = Gemm(v5, u, b) transposeA=1 transposeB=0 [2, 64]
    v7 = Tanh(v6) [2, 64]
    v8 = Slice(v7) axis=1 begin=0 size=8 [2, 8]
    y = v8"
  `);
});

test('flat-state: momentum on two parameters', () => {
  const graph = graphOf(({ build, input }) => {
    const rate = input('scalar/rate');
    const outputs = [...'vw'].flatMap((name, i): [string, Node][] => {
      const [parameter, slot, gradient] = [
        input(`state/${name}`, 2, i + 1),
        input(`state/m ${name}`, 2, i + 1),
        input(`input/g ${name}`, 2, i + 1),
      ];
      const momentum = build('Sum', [build('Mul', [slot, rate]), gradient]);
      return [
        [`state/m ${name}`, momentum],
        [`state/${name}`, build('Sub', [parameter, build('Mul', [momentum, rate])])],
      ];
    });
    return Object.fromEntries(outputs);
  });
  expect(show(flatState, graph)).toMatchInlineSnapshot(`
    "v1 = Mul(m v, rate) [2, 1]
    v2 = Sum(v1, g v) [2, 1]
    v3 = Mul(v2, rate) [2, 1]
    v4 = Sub(v, v3) [2, 1]
    v5 = Mul(m w, rate) [2, 2]
    v6 = Sum(v5, g w) [2, 2]
    v7 = Mul(v6, rate) [2, 2]
    v8 = Sub(w, v7) [2, 2]
    state/m v = v2
    state/v = v4
    state/m w = v6
    state/w = v8
    -- flat-state --
    v1 = Mul(packed 0, rate) [6]
    v2 = Reshape(g v) shape=2 [2]
    v3 = Reshape(g w) shape=4 [4]
    v4 = Concat(v2, v3) axis=0 [6]
    v5 = Sum(v1, v4) [6]
    v6 = Mul(v5, rate) [6]
    v7 = Sub(packed 1, v6) [6]
    state/packed 0 = v5
    state/packed 1 = v7
    state/packed 0 holds state/m v [2, 1], state/m w [2, 2]
    state/packed 1 holds state/v [2, 1], state/w [2, 2]"
  `);
});

test('flat-state: a number in place of a tensor, deep in one of the updates, keeps the graph as it is', () => {
  const graph = graphOf(({ build, input }) => {
    const rate = input('scalar/rate');
    const update = (name: string, gradient: Node): [string, Node] => {
      const x = input(`state/${name}`, 2);
      return [`state/${name}`, build('Sub', [x, build('Mul', [build('Tanh', [build('Mul', [x, gradient])]), rate])])];
    };
    return Object.fromEntries([update('v', input('input/g', 2)), update('w', rate)]);
  });
  expect(flatState.apply(graph)).toBe(graph);
});

test('flat-state: a parameter whose gradient depends on the other’s new value keeps the graph as it is', () => {
  const graph = graphOf(({ build, input }) => {
    const [v, w, g] = [input('state/v', 2), input('state/w', 2), input('input/g', 2)];
    const next = build('Sub', [v, g]);
    return { 'state/v': next, 'state/w': build('Sub', [w, build('Concat', [next], { axis: 0 })]) };
  });
  expect(flatState.apply(graph)).toBe(graph);
});

test('batch-products: what is only added to another product stays apart', () => {
  const graph = graphOf(({ build, input }) => {
    const [w, u] = [input('w', 3, 2), input('u', 2, 2)];
    const step = (h: Node, t: number): Node =>
      build('Tanh', [build('Sum', [build('Gemm', [input(`x${t}`, 1, 3), w], plain), build('Gemm', [h, u], plain)])]);
    return { y: [0, 1, 2].reduce(step, input('h', 1, 2)) };
  });
  expect(batchProducts.apply(graph)).toBe(graph);
});

test('share-factors: the gradient of a gate', () => {
  const graph = graphOf(({ build, input, number }) => {
    const [i, g, dc] = [input('i', 2), input('g', 2), input('dc', 2)];
    const slope = build('Mul', [i, build('Sub', [number(1), i])]);
    return { c: build('Mul', [i, g]), di: build('Mul', [build('Mul', [dc, g]), slope]) };
  });
  expect(show(shareFactors, graph)).toMatchInlineSnapshot(`
    "v1 = Sub(1, i) [2]
    v2 = Mul(i, v1) [2]
    v3 = Mul(i, g) [2]
    v4 = Mul(dc, g) [2]
    v5 = Mul(v4, v2) [2]
    c = v3
    di = v5
    -- share-factors --
    v1 = Sub(1, i) [2]
    v2 = Mul(i, g) [2]
    v3 = Mul(dc, v2) [2]
    v4 = Mul(v3, v1) [2]
    c = v2
    di = v4"
  `);
});

test('nest-slices: cuts that overlap without lying in each other stay', () => {
  const graph = graphOf(({ build, input }) => {
    const [s, t] = [input('s', 6), input('t', 6)];
    const cuts = (x: Node, ...places: [number, number][]): Node =>
      build(
        'Concat',
        places.map(([begin, size]) => build('Exp', [build('Slice', [x], slice(begin, size))])),
        { axis: 0 },
      );
    return { y: cuts(s, [1, 3], [0, 4], [4, 2]), z: cuts(t, [0, 4], [3, 3]) };
  });
  expect(show(nestSlices, graph)).toMatchInlineSnapshot(`
    "v1 = Slice(s) axis=0 begin=1 size=3 [3]
    v2 = Exp(v1) [3]
    v3 = Slice(s) axis=0 begin=0 size=4 [4]
    v4 = Exp(v3) [4]
    v5 = Slice(s) axis=0 begin=4 size=2 [2]
    v6 = Exp(v5) [2]
    v7 = Concat(v2, v4, v6) axis=0 [9]
    v8 = Slice(t) axis=0 begin=0 size=4 [4]
    v9 = Exp(v8) [4]
    v10 = Slice(t) axis=0 begin=3 size=3 [3]
    v11 = Exp(v10) [3]
    v12 = Concat(v9, v11) axis=0 [7]
    y = v7
    z = v12
    -- nest-slices --
    v1 = Slice(s) axis=0 begin=0 size=4 [4]
    v2 = Exp(v1) [4]
    v3 = Slice(s) axis=0 begin=4 size=2 [2]
    v4 = Exp(v3) [2]
    v5 = Slice(t) axis=0 begin=0 size=4 [4]
    v6 = Exp(v5) [4]
    v7 = Slice(t) axis=0 begin=3 size=3 [3]
    v8 = Exp(v7) [3]
    v9 = Concat(v6, v8) axis=0 [7]
    v10 = Slice(v1) axis=0 begin=1 size=3 [3]
    v11 = Exp(v10) [3]
    v12 = Concat(v11, v2, v4) axis=0 [9]
    y = v12
    z = v9"
  `);
});

test('batch-to-gemm: batches in front, time turned there', () => {
  const graph = graphOf(({ build, input }) => {
    const x = input('x', 2, 3, 5);
    const unstacked = [0, 1].map((time) => build('Reshape', [build('Slice', [x], slice(time, 1))], { shape: [3, 5] }));
    const stacked = unstacked.map((matrix) => build('Reshape', [build('Tanh', [matrix])], { shape: [3, 1, 5] }));
    const y = build('Transpose', [build('Concat', stacked, { axis: 1 })], { perm: [1, 0, 2] });
    return { y: build('Reshape', [y], { shape: [6, 5] }) };
  });
  expect(show(batchToGemm, graph)).toMatchInlineSnapshot(`
    "v1 = Slice(x) axis=0 begin=0 size=1 [1, 3, 5]
    v2 = Reshape(v1) shape=3,5 [3, 5]
    v3 = Slice(x) axis=0 begin=1 size=1 [1, 3, 5]
    v4 = Reshape(v3) shape=3,5 [3, 5]
    v5 = Tanh(v2) [3, 5]
    v6 = Reshape(v5) shape=3,1,5 [3, 1, 5]
    v7 = Tanh(v4) [3, 5]
    v8 = Reshape(v7) shape=3,1,5 [3, 1, 5]
    v9 = Concat(v6, v8) axis=1 [3, 2, 5]
    v10 = Transpose(v9) perm=1,0,2 [2, 3, 5]
    v11 = Reshape(v10) shape=6,5 [6, 5]
    y = v11
    -- batch-to-gemm --
    v1 = Reshape(x) shape=6,5 [6, 5]
    v2 = Slice(v1) axis=0 begin=0 size=3 [3, 5]
    v3 = Slice(v1) axis=0 begin=3 size=3 [3, 5]
    v4 = Tanh(v2) [3, 5]
    v5 = Tanh(v3) [3, 5]
    v6 = Concat(v4, v5) axis=0 [6, 5]
    y = v6"
  `);
});

test('batch-to-gemm: a step is cut out before what is turned', () => {
  const graph = graphOf(({ build, input }) => {
    const turned = build('Transpose', [input('x', 2, 3, 5)], { perm: [1, 0, 2] });
    return { y: build('Reshape', [build('Slice', [turned], slice(1, 1, 1))], { shape: [3, 5] }), z: build('Slice', [turned], slice(1, 1)) };
  });
  expect(show(batchToGemm, graph)).toMatchInlineSnapshot(`
    "v1 = Transpose(x) perm=1,0,2 [3, 2, 5]
    v2 = Slice(v1) axis=1 begin=1 size=1 [3, 1, 5]
    v3 = Reshape(v2) shape=3,5 [3, 5]
    v4 = Slice(v1) axis=0 begin=1 size=1 [1, 2, 5]
    y = v3
    z = v4
    -- batch-to-gemm --
    v1 = Reshape(x) shape=6,5 [6, 5]
    v2 = Slice(v1) axis=0 begin=3 size=3 [3, 5]
    v3 = Slice(x) axis=1 begin=1 size=1 [2, 1, 5]
    v4 = Reshape(v3) shape=1,2,5 [1, 2, 5]
    y = v2
    z = v4"
  `);
});

test('sum-of-joins: other joins and other terms stay', () => {
  const graph = graphOf(({ build, input }) => {
    const join = (name: string, left: number): Node =>
      build('Concat', [input(`${name}1`, 2, left), input(`${name}2`, 2, 3 - left)], { axis: 1 });
    return { y: build('Sum', [join('a', 1), join('b', 1), join('c', 2), input('d', 2, 3)]) };
  });
  expect(show(sumOfJoins, graph)).toMatchInlineSnapshot(`
    "v1 = Concat(a1, a2) axis=1 [2, 3]
    v2 = Concat(b1, b2) axis=1 [2, 3]
    v3 = Concat(c1, c2) axis=1 [2, 3]
    v4 = Sum(v1, v2, v3, d) [2, 3]
    y = v4
    -- sum-of-joins --
    v1 = Concat(c1, c2) axis=1 [2, 3]
    v2 = Sum(a1, b1) [2, 1]
    v3 = Sum(a2, b2) [2, 2]
    v4 = Concat(v2, v3) axis=1 [2, 3]
    v5 = Sum(v1, d, v4) [2, 3]
    y = v5"
  `);
});

test('subtract', () => {
  const graph = graphOf(({ build, input, number }) => {
    const [x, y] = [input('x', 2), input('y', 2)];
    return {
      a: build('Sum', [number(1), build('Neg', [x])]),
      b: build('Sum', [build('Neg', [x]), y]),
      c: build('Sum', [x, y, build('Neg', [y])]),
    };
  });
  expect(show(subtract, graph)).toMatchInlineSnapshot(`
    "v1 = Neg(x) [2]
    v2 = Sum(1, v1) [2]
    v3 = Sum(v1, y) [2]
    v4 = Neg(y) [2]
    v5 = Sum(x, y, v4) [2]
    a = v2
    b = v3
    c = v5
    -- subtract --
    v1 = Neg(y) [2]
    v2 = Sum(x, y, v1) [2]
    v3 = Sub(1, x) [2]
    v4 = Sub(y, x) [2]
    a = v3
    b = v4
    c = v2"
  `);
});

test('pretranspose-weights: not what few products read', () => {
  const graph = graphOf(({ build, input }) => {
    const [w, v, h] = [input('w', 3, 4), input('v', 3, 4), input('h', 3, 2)];
    const by = (factor: Node, x: Node): Node => build('Gemm', [factor, x], { transposeA: 1, transposeB: 0 });
    const steps = [1, 2, 3, 4].map((_, i) => by(w, build('Sum', [h, input(`x${i}`, 3, 2)])));
    return { y: build('Concat', steps, { axis: 1 }), z: by(v, h) };
  });
  expect(show(createPretransposeWeights({ operation: -1 }), graph)).toMatchInlineSnapshot(`
    "v1 = Sum(h, x0) [3, 2]
    v2 = Gemm(w, v1) transposeA=1 transposeB=0 [4, 2]
    v3 = Sum(h, x1) [3, 2]
    v4 = Gemm(w, v3) transposeA=1 transposeB=0 [4, 2]
    v5 = Sum(h, x2) [3, 2]
    v6 = Gemm(w, v5) transposeA=1 transposeB=0 [4, 2]
    v7 = Sum(h, x3) [3, 2]
    v8 = Gemm(w, v7) transposeA=1 transposeB=0 [4, 2]
    v9 = Concat(v2, v4, v6, v8) axis=1 [4, 8]
    v10 = Gemm(v, h) transposeA=1 transposeB=0 [4, 2]
    y = v9
    z = v10
    -- pretranspose-weights --
    v1 = Sum(h, x0) [3, 2]
    v2 = Sum(h, x1) [3, 2]
    v3 = Sum(h, x2) [3, 2]
    v4 = Sum(h, x3) [3, 2]
    v5 = Gemm(v, h) transposeA=1 transposeB=0 [4, 2]
    v6 = Reshape(w) shape=1,3,4 [1, 3, 4]
    v7 = Transpose(v6) perm=0,2,1 [1, 4, 3]
    v8 = Reshape(v7) shape=4,3 [4, 3]
    v9 = Gemm(v8, v1) transposeA=0 transposeB=0 [4, 2]
    v10 = Gemm(v8, v2) transposeA=0 transposeB=0 [4, 2]
    v11 = Gemm(v8, v3) transposeA=0 transposeB=0 [4, 2]
    v12 = Gemm(v8, v4) transposeA=0 transposeB=0 [4, 2]
    v13 = Concat(v9, v10, v11, v12) axis=1 [4, 8]
    y = v13
    z = v5"
  `);
});

test('slice-operands: what the readout of two steps sends back', () => {
  const graph = graphOf(({ build, input }) => {
    const [errors, v, u] = [input('errors', 4, 1), input('v', 1, 3), input('u', 6, 3)];
    const product = build('Gemm', [errors, v], plain);
    const last = build('Slice', [product], slice(2, 2));
    const gates = build('Concat', [build('Tanh', [last]), last], { axis: 1 });
    return { y: build('Sum', [build('Slice', [product], slice(0, 2)), build('Gemm', [gates, u], plain)]) };
  });
  expect(show(sliceOperands, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(errors, v) transposeA=0 transposeB=0 [4, 3]
    v2 = Slice(v1) axis=0 begin=2 size=2 [2, 3]
    v3 = Tanh(v2) [2, 3]
    v4 = Concat(v3, v2) axis=1 [2, 6]
    v5 = Slice(v1) axis=0 begin=0 size=2 [2, 3]
    v6 = Gemm(v4, u) transposeA=0 transposeB=0 [2, 3]
    v7 = Sum(v5, v6) [2, 3]
    y = v7
    -- slice-operands --
    v1 = Slice(errors) axis=0 begin=2 size=2 [2, 1]
    v2 = Gemm(v1, v) transposeA=0 transposeB=0 [2, 3]
    v3 = Tanh(v2) [2, 3]
    v4 = Concat(v3, v2) axis=1 [2, 6]
    v5 = Slice(errors) axis=0 begin=0 size=2 [2, 1]
    v6 = Gemm(v5, v) transposeA=0 transposeB=0 [2, 3]
    v7 = Gemm(v4, u) transposeA=0 transposeB=0 [2, 3]
    v8 = Sum(v6, v7) [2, 3]
    y = v8"
  `);
});

/** Parts of a product of `a [4, inner]`, each added to what is made of gates. */
const cutAndAdded = (inner: number, other: (tools: Tools, gates: Node) => Node): Graph =>
  graphOf((tools) => {
    const { build, input } = tools;
    const product = build('Gemm', [input('a', 4, inner), input('v', inner, 3)], plain);
    const gates = build('Concat', [input('f', 2, 1), input('g', 2, 2)], { axis: 1 });
    const part = (begin: number): Node => build('Sum', [build('Slice', [product], slice(begin, 2)), other(tools, gates)]);
    return { y: part(0), z: part(2) };
  });

test.each([
  ['of a left factor that is not smaller', cutAndAdded(3, ({ build, input }, gates) => build('Gemm', [gates, input('u', 3, 3)], plain))],
  ['added to no product', cutAndAdded(1, ({ build }, gates) => build('Tanh', [gates]))],
  [
    'added to one product that joins nothing',
    cutAndAdded(1, ({ build, input }) => build('Gemm', [input('b', 2, 1), input('u', 1, 3)], plain)),
  ],
])('slice-operands: what is %s stays', (_what, graph) => {
  expect(print(sliceOperands.apply(graph))).toBe(print(graph));
});

test('join-left-factors: weights and bias; one that needs another stays apart', () => {
  const graph = graphOf(({ build, input, number }) => {
    const [x, h, z] = [input('x', 4, 1), input('h', 4, 2), input('z', 4, 3)];
    const transposed = { transposeA: 1, transposeB: 0 };
    const weight = build('Gemm', [h, z], transposed);
    const gradients = [build('Gemm', [x, z], transposed), weight, build('Gemm', [number(1, 1, 4), z], plain)];
    const after = build('Gemm', [build('Gemm', [h, weight], plain), z], transposed);
    return Object.fromEntries([...gradients, after].map((gradient, i) => [`y${i}`, gradient]));
  });
  expect(show(joinLeftFactors, graph)).toMatchInlineSnapshot(`
    "v1 = Gemm(h, z) transposeA=1 transposeB=0 [2, 3]
    v2 = Gemm(x, z) transposeA=1 transposeB=0 [1, 3]
    v3 = Gemm({1}[1, 4], z) transposeA=0 transposeB=0 [1, 3]
    v4 = Gemm(h, v1) transposeA=0 transposeB=0 [4, 3]
    v5 = Gemm(v4, z) transposeA=1 transposeB=0 [3, 3]
    y0 = v2
    y1 = v1
    y2 = v3
    y3 = v5
    -- join-left-factors --
    v1 = Concat(h, x, {1}[4, 1]) axis=1 [4, 4]
    v2 = Gemm(v1, z) transposeA=1 transposeB=0 [4, 3]
    v3 = Slice(v2) axis=0 begin=0 size=2 [2, 3]
    v4 = Slice(v2) axis=0 begin=2 size=1 [1, 3]
    v5 = Slice(v2) axis=0 begin=3 size=1 [1, 3]
    v6 = Gemm(h, v3) transposeA=0 transposeB=0 [4, 3]
    v7 = Gemm(v6, z) transposeA=1 transposeB=0 [3, 3]
    y0 = v4
    y1 = v3
    y2 = v5
    y3 = v7"
  `);
});

test('join-left-factors: wide left factors of a narrow one stay apart', () => {
  const graph = graphOf(({ build, input }) => {
    const z = input('z', 4, 2);
    const product = (name: string): Node => build('Gemm', [input(name, 4, 2), z], { transposeA: 1, transposeB: 0 });
    return { y: product('x'), z: product('h') };
  });
  expect(joinLeftFactors.apply(graph)).toBe(graph);
});

test('bias-row: two steps of a gate', () => {
  const graph = graphOf(({ build, input }) => {
    const [w, b, c] = [input('w', 3, 2), input('b', 2), input('c', 4, 2)];
    const gate = (step: number, turned: number): Node => {
      const joined = build('Concat', [input(`x${step}`, ...(turned ? [1, 4] : [4, 1])), input(`h${step}`, ...(turned ? [2, 4] : [4, 2]))], {
        axis: turned ? 0 : 1,
      });
      return build('Gemm', [joined, w], { transposeA: turned, transposeB: 0 });
    };
    return { y: build('Sum', [gate(0, 0), b]), z: build('Sum', [gate(1, 1), b, c]) };
  });
  expect(show(biasRow, graph)).toMatchInlineSnapshot(`
    "v1 = Concat(x0, h0) axis=1 [4, 3]
    v2 = Gemm(v1, w) transposeA=0 transposeB=0 [4, 2]
    v3 = Sum(v2, b) [4, 2]
    v4 = Concat(x1, h1) axis=0 [3, 4]
    v5 = Gemm(v4, w) transposeA=1 transposeB=0 [4, 2]
    v6 = Sum(v5, b, c) [4, 2]
    y = v3
    z = v6
    -- bias-row --
    v1 = Reshape(b) shape=1,2 [1, 2]
    v2 = Concat(x0, h0, {1}[4, 1]) axis=1 [4, 4]
    v3 = Concat(w, v1) axis=0 [4, 2]
    v4 = Gemm(v2, v3) transposeA=0 transposeB=0 [4, 2]
    v5 = Concat(x1, h1, {1}[1, 4]) axis=0 [4, 4]
    v6 = Gemm(v5, v3) transposeA=1 transposeB=0 [4, 2]
    v7 = Sum(c, v6) [4, 2]
    y = v4
    z = v7"
  `);
});

test.each<[string, Graph]>([
  [
    'added to a product whose left factor is no join',
    graphOf(({ build, input }) => {
      const [w, b] = [input('w', 3, 2), input('b', 2)];
      return { y: build('Sum', [build('Gemm', [input('x', 40, 3), w], plain), b]) };
    }),
  ],
  [
    'added to a product whose left factor joins rows',
    graphOf(({ build, input }) => {
      const [w, b] = [input('w', 3, 2), input('b', 2)];
      const rows = build('Concat', [input('x', 20, 3), input('h', 20, 3)], { axis: 0 });
      return { y: build('Sum', [build('Gemm', [rows, w], plain), b]) };
    }),
  ],
  [
    'added to a product smaller than its right factor',
    graphOf(({ build, input }) => {
      const [w, b] = [input('w', 3, 2), input('b', 2)];
      const joined = build('Concat', [input('x', 2, 1), input('h', 2, 2)], { axis: 1 });
      return { y: build('Sum', [build('Gemm', [joined, w], plain), b]) };
    }),
  ],
  [
    'a column',
    graphOf(({ build, input }) => {
      const [w, b] = [input('w', 3, 4), input('b', 4, 1)];
      const joined = build('Concat', [input('x', 4, 1), input('h', 4, 2)], { axis: 1 });
      return { y: build('Sum', [build('Gemm', [joined, w], plain), b]) };
    }),
  ],
])('bias-row: what is %s stays an addend', (_what, graph) => {
  expect(print(biasRow.apply(graph))).toBe(print(graph));
});

test('cut-right-factors: the gradient of a weight that two gates share', () => {
  const graph = graphOf(({ build, input }) => {
    const z = build('Concat', [input('i', 2, 8), input('f', 3, 8)], { axis: 0 });
    return { y: build('Gemm', [input('x', 4, 8), z], { transposeA: 0, transposeB: 1 }) };
  });
  expect(show(cutRightFactors, graph)).toMatchInlineSnapshot(`
    "v1 = Concat(i, f) axis=0 [5, 8]
    v2 = Gemm(x, v1) transposeA=0 transposeB=1 [4, 5]
    y = v2
    -- cut-right-factors --
    v1 = Gemm(x, i) transposeA=0 transposeB=1 [4, 2]
    v2 = Gemm(x, f) transposeA=0 transposeB=1 [4, 3]
    v3 = Concat(v1, v2) axis=1 [4, 5]
    y = v3"
  `);
});

test.each<[string, Graph]>([
  [
    'smaller than the product',
    graphOf(({ build, input }) => {
      const z = build('Concat', [input('i', 2, 3), input('f', 3, 3)], { axis: 0 });
      return { y: build('Gemm', [input('x', 4, 3), z], { transposeA: 0, transposeB: 1 }) };
    }),
  ],
  [
    'read by another operation',
    graphOf(({ build, input }) => {
      const z = build('Concat', [input('i', 2, 8), input('f', 3, 8)], { axis: 0 });
      return { y: build('Gemm', [input('x', 4, 8), z], { transposeA: 0, transposeB: 1 }), z: build('Neg', [z]) };
    }),
  ],
  [
    'joined along the inner dimension',
    graphOf(({ build, input }) => {
      const z = build('Concat', [input('i', 5, 4), input('f', 5, 4)], { axis: 1 });
      return { y: build('Gemm', [input('x', 4, 8), z], { transposeA: 0, transposeB: 1 }) };
    }),
  ],
])('cut-right-factors: a factor that is %s stays joined', (_what, graph) => {
  expect(cutRightFactors.apply(graph)).toBe(graph);
});

test('flat-state: large tensors stay apart', () => {
  const graph = graphOf(({ build, input, number }) => {
    const updated = (name: string, ...shape: number[]): [string, Node] => {
      const parameter = input(`state/${name}`, ...shape);
      return [`state/${name}`, build('Sub', [parameter, build('Mul', [input(`gradient ${name}`, ...shape), number(0.1)])])];
    };
    return Object.fromEntries([updated('w', 128, 128), updated('u', 128, 129), updated('b', 128)]);
  });
  expect(flatState.apply(graph).packed).toEqual(
    new Map([
      [
        'state/packed 0',
        [
          { name: 'state/w', shape: [128, 128] },
          { name: 'state/b', shape: [128] },
        ],
      ],
    ]),
  );
});
