import { describe, expect, test } from 'vitest';
import { dataOf, type Node } from '../../../src/engine/graph/graph.js';
import { createMaker, type Make } from '../../../src/engine/graph/make.js';
import { print } from './print.js';

/** What becomes of an expression over x [4, 6], y [6, 4], b [6] and a number n. */
const becomes: readonly { readonly rule: string; readonly from: (make: Make, given: Given) => Node; readonly to: string }[] = [
  { rule: 'x + 0', from: (make, { x }) => make('Sum', [x, make.filled(0, [4, 6], 'float32')]), to: 'r = x' },
  { rule: 'x - 0', from: (make, { x }) => make('Sub', [x, make.filled(0, [], 'float32')]), to: 'r = x' },
  { rule: '1 * x', from: (make, { x }) => make('Mul', [make.filled(1, [6], 'float32'), x]), to: 'r = x' },
  { rule: 'x / 1', from: (make, { x }) => make('Div', [x, make.filled(1, [], 'float32')]), to: 'r = x' },
  {
    rule: 'x * 0 stays: x may be infinite',
    from: (make, { x }) => make('Mul', [x, make.filled(0, [], 'float32')]),
    to: 'v1 = Mul(x, 0) [4, 6]\nr = v1',
  },
  {
    rule: 'b * 1 stays where it stretches',
    from: (make, { b }) => make('Mul', [b, make.filled(1, [2, 6], 'float32')]),
    to: 'v1 = Mul(b, {1}[2, 6]) [2, 6]\nr = v1',
  },
  {
    rule: 'a filled constant is a scalar',
    from: (make, { x }) => make('Mul', [x, make.filled(3, [4, 6], 'float32')]),
    to: 'v1 = Mul(x, 3) [4, 6]\nr = v1',
  },
  { rule: 'Add of floats is Sum', from: (make, { x, b }) => make('Add', [x, b]), to: 'v1 = Sum(x, b) [4, 6]\nr = v1' },
  {
    rule: 'reshapes fold',
    from: (make, { x }) => make('Reshape', [make('Reshape', [x], { shape: [24] })], { shape: [4, 6] }),
    to: 'r = x',
  },
  {
    rule: 'transposes compose',
    from: (make, { x }) => make('Transpose', [make('Transpose', [x], { perm: [1, 0] })], { perm: [1, 0] }),
    to: 'r = x',
  },
  {
    rule: 'a transpose of one long axis is a reshape',
    from: (make, { b }) => make('Transpose', [make('Reshape', [b], { shape: [1, 6] })], { perm: [1, 0] }),
    to: 'v1 = Reshape(b) shape=6,1 [6, 1]\nr = v1',
  },
  {
    rule: 'transposes become flags',
    from: (make, { x, y }) =>
      make('Gemm', [make('Transpose', [y], { perm: [1, 0] }), make('Transpose', [x], { perm: [1, 0] })], { transposeA: 0, transposeB: 0 }),
    to: 'v1 = Gemm(y, x) transposeA=1 transposeB=1 [4, 4]\nr = v1',
  },
  {
    rule: 'a product of a batch and a matrix is one product',
    from: (make, { x, y }) => make('MatMul', [make('Reshape', [x], { shape: [2, 2, 6] }), y]),
    to: 'v1 = Gemm(x, y) transposeA=0 transposeB=0 [4, 4]\nv2 = Reshape(v1) shape=2,2,4 [2, 2, 4]\nr = v2',
  },
  {
    rule: 'a sum over axes of length 1 is a reshape',
    from: (make, { b }) => make('ReduceSum', [make('Reshape', [b], { shape: [1, 6] })], { axes: [0], keepdims: 0 }),
    to: 'r = b',
  },
  {
    rule: 'a slice of a slice',
    from: (make, { x }) => cut(make, cut(make, x, 0, 1, 3), 0, 1, 2),
    to: 'v1 = Slice(x) axis=0 begin=2 size=2 [2, 6]\nr = v1',
  },
  {
    rule: 'slices of two axes: the lower one inside',
    from: (make, { x }) => cut(make, cut(make, x, 1, 2, 3), 0, 1, 2),
    to: 'v1 = Slice(x) axis=0 begin=1 size=2 [2, 6]\nv2 = Slice(v1) axis=1 begin=2 size=3 [2, 3]\nr = v2',
  },
  {
    rule: 'a slice of a join is one of its parts',
    from: (make, { x, n }) => cut(make, make('Concat', [x, stretch(make, n)], { axis: 0 }), 0, 0, 4),
    to: 'r = x',
  },
  {
    rule: 'a slice of a join within a part',
    from: (make, { x }) => cut(make, make('Concat', [x, x], { axis: 0 }), 0, 5, 2),
    to: 'v1 = Slice(x) axis=0 begin=1 size=2 [2, 6]\nr = v1',
  },
  {
    rule: 'a slice across two parts stays',
    from: (make, { x }) => cut(make, make('Concat', [x, x], { axis: 0 }), 0, 3, 2),
    to: 'v1 = Concat(x, x) axis=0 [8, 6]\nv2 = Slice(v1) axis=0 begin=3 size=2 [2, 6]\nr = v2',
  },
  {
    rule: 'a join of neighbours is their whole',
    from: (make, { x }) => make('Concat', [cut(make, x, 1, 0, 2), cut(make, x, 1, 2, 4)], { axis: 1 }),
    to: 'r = x',
  },
  {
    rule: 'a join in another order stays',
    from: (make, { x }) => make('Concat', [cut(make, x, 0, 2, 2), cut(make, x, 0, 0, 2)], { axis: 0 }),
    to: 'v1 = Slice(x) axis=0 begin=2 size=2 [2, 6]\nv2 = Slice(x) axis=0 begin=0 size=2 [2, 6]\nv3 = Concat(v1, v2) axis=0 [4, 6]\nr = v3',
  },
  {
    rule: 'unstack and stack',
    from: (make, { x }) =>
      make(
        'Concat',
        [0, 1, 2, 3].map((i) => make('Reshape', [cut(make, x, 0, i, 1)], { shape: [6] })),
        { axis: 0 },
      ),
    to: 'v1 = Reshape(x) shape=24 [24]\nr = v1',
  },
  {
    rule: 'parts cut alike are joined first',
    from: (make, { x }) =>
      make(
        'Concat',
        [0, 2].map((begin) => cut(make, cut(make, x, 0, begin, 2), 1, 1, 3)),
        { axis: 0 },
      ),
    to: 'v1 = Slice(x) axis=1 begin=1 size=3 [4, 3]\nr = v1',
  },
  {
    rule: 'joins in joins',
    from: (make, { x }) => make('Concat', [make('Concat', [x, x], { axis: 0 }), x], { axis: 0 }),
    to: 'v1 = Concat(x, x, x) axis=0 [12, 6]\nr = v1',
  },
];

interface Given {
  readonly x: Node;
  readonly y: Node;
  readonly b: Node;
  readonly n: Node;
}

const cut = (make: Make, x: Node, axis: number, begin: number, size: number): Node => make('Slice', [x], { axis, begin, size });

const stretch = (make: Make, n: Node): Node => make('Mul', [n, make.filled(2, [1, 6], 'float32')]);

describe('local rules', () => {
  test.each(becomes)('$rule', ({ from, to }) => {
    const make = createMaker();
    const given = {
      x: make.input('x', [4, 6], 'float32'),
      y: make.input('y', [6, 4], 'float32'),
      b: make.input('b', [6], 'float32'),
      n: make.input('n', [], 'float32'),
    };
    const node = from(make, given);
    expect(print({ inputs: Object.values(given), outputs: new Map([['r', node]]), packed: new Map() })).toBe(to);
  });
});

describe('constants', () => {
  const numbers = (node: Node): readonly number[] => [...dataOf(node)];

  test('are folded, with broadcasting, to the digits of float32', () => {
    const make = createMaker();
    const row = make.constant(Float32Array.of(0.1, 0.2, 0.3), [3], 'float32');
    const column = make.constant(Float32Array.of(1, 2), [2, 1], 'float32');
    expect(numbers(make('Sum', [row, column]))).toEqual([1.1, 1.2, 1.3, 2.1, 2.2, 2.3].map(Math.fround));
    expect(numbers(make('Transpose', [make('Mul', [column, row])], { perm: [1, 0] }))).toEqual(
      [0.1, 0.2, 0.2, 0.4, 0.3, 0.6].map((v) => Math.fround(v)),
    );
    expect(numbers(make('Concat', [make('Slice', [row], { axis: 0, begin: 1, size: 2 }), row], { axis: 0 }))).toEqual(
      [0.2, 0.3, 0.1, 0.2, 0.3].map(Math.fround),
    );
  });

  test('whole numbers wrap around as int32 does; dividing them is left to the runtime', () => {
    const make = createMaker();
    const big = make.filled(2 ** 31 - 1, [], 'int32');
    expect(numbers(make('Add', [big, make.filled(1, [], 'int32')]))).toEqual([-(2 ** 31)]);
    expect(numbers(make('Mul', [big, big]))).toEqual([1]);
    expect(make('Div', [big, make.filled(0, [], 'int32')]).op).toBe('Div');
  });

  test('are shared by content, bit by bit', () => {
    const make = createMaker();
    expect(make.filled(0, [2], 'float32')).toBe(make.constant(Float32Array.of(0, 0), [2], 'float32'));
    expect(make.filled(-0, [2], 'float32')).not.toBe(make.filled(0, [2], 'float32'));
    expect(make.filled(0, [2], 'int32')).not.toBe(make.filled(0, [2], 'float32'));
  });

  test('cast as ONNX does: towards zero, truth for all but zero; what int32 can’t hold is left to the runtime', () => {
    const make = createMaker();
    const x = make.constant(Float32Array.of(0.5, -1.7, 0), [3], 'float32');
    expect(numbers(make('Cast', [x], { to: 'int32' }))).toEqual([0, -1, 0]);
    expect(numbers(make('Cast', [x], { to: 'bool' }))).toEqual([1, 1, 0]);
    expect(make('Cast', [make.filled(NaN, [], 'float32')], { to: 'int32' }).op).toBe('Cast');
  });
});

test('equal operations are made once, in either order where that can’t matter', () => {
  const make = createMaker();
  const [a, b] = [make.input('a', [2], 'float32'), make.input('b', [2], 'float32')];
  expect(make('Mul', [a, b])).toBe(make('Mul', [b, a]));
  expect(make('Sub', [a, b])).not.toBe(make('Sub', [b, a]));
  expect(make.opaque('Pad', [a], { pads: [1, 0] }, { shape: [3], dtype: 'float32' })).toBe(
    make.opaque('Pad', [a], { pads: [1, 0] }, { shape: [3], dtype: 'float32' }),
  );
});

test('a replacement stands where what it replaces stood', () => {
  const make = createMaker(100);
  const x = make.input('x', [], 'float32');
  const inside = make.within(7, () => make('Neg', [x]));
  expect([x, inside, make('Exp', [x])].map(({ id, at }) => [id, at])).toEqual([
    [101, 101],
    [102, 7],
    [103, 103],
  ]);
});

test.each([
  [
    'Gemm',
    [
      [2, 3],
      [2, 3],
    ],
    { transposeA: 0, transposeB: 0 },
    'inner lengths 3 and 2',
  ],
  ['Sum', [[2, 3], [2]], {}, 'broadcast'],
  ['Reshape', [[2, 3]], { shape: [5] }, 'Reshape from [2,3] to [5]'],
  ['Pad', [[2]], {}, 'has to be told'],
] as const)('%s of %j is refused', (op, shapes, attributes, words) => {
  const make = createMaker();
  const inputs = shapes.map((shape, i) => make.input(`x${i}`, shape, 'float32'));
  expect(() => make(op, inputs, attributes)).toThrow(words);
});
