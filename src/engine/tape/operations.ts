import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Attribute, type DType, type Node, sameList, type Shape, sizeOf, type TypedArray } from '../graph/graph.js';
import type { Make } from '../graph/make.js';
import { infer } from '../graph/rules.js';

/** The vocabulary in which kernels are written: a thin layer over the node constructor that minds element types. */
export interface Operations {
  readonly make: Make;
  constant(values: TypedArray, shape: Shape, dtype?: DType): Node;
  /** A constant without axes, of the element type of `like`. */
  scalar(value: number, like?: DType): Node;
  filled(value: number, shape: Shape, dtype: DType): Node;
  /** 0, 1, 2, ... along one axis. */
  range(length: number, shape?: Shape, dtype?: DType): Node;
  /** An elementwise operator of ONNX; the value has the first operand's shape (broadcast) and element type. */
  apply(op: string, ...inputs: readonly Node[]): Node;
  /** An operator whose value has this shape, and the first operand's element type unless told. */
  shaped(op: string, inputs: readonly Node[], attributes: Readonly<Record<string, Attribute>>, shape: Shape, dtype?: DType): Node;
  /** float32 or int32; of truth values: as int32. */
  add(a: Node, b: Node): Node;
  /** Truth of a predicate of ONNX on each element. */
  test(op: 'IsNaN' | 'IsInf', x: Node): Node;
  not(x: Node): Node;
  where(condition: Node, yes: Node, no: Node): Node;
  cast(x: Node, dtype: DType): Node;
  /** Truth values become 0 and 1; numbers stay as they are. */
  number(x: Node): Node;
  reshape(x: Node, shape: Shape): Node;
  transpose(x: Node, perm: readonly number[]): Node;
  slice(x: Node, begin: readonly number[], size: readonly number[]): Node;
  /** Parts that follow each other along one axis. */
  split(x: Node, sizes: readonly number[], axis: number): readonly Node[];
  concat(parts: readonly Node[], axis: number): Node;
  pad(x: Node, paddings: readonly (readonly [number, number])[], value: number): Node;
  reduce(op: 'Sum' | 'Prod' | 'Mean' | 'Max' | 'Min', x: Node, axes: readonly number[], keepdims: boolean): Node;
  /** Matrices of equal rank or broadcast batch axes. */
  product(a: Node, b: Node, transposeA?: boolean, transposeB?: boolean): Node;
}

export function operations(make: Make): Operations {
  const scalar = (value: number, like: DType = 'float32'): Node => make.filled(value, [], like);
  const apply = (op: string, ...inputs: readonly Node[]): Node => {
    const [x] = inputs;
    if (!x) throw new Error(`${op} needs an operand`);
    return infer(op, inputs, {}) ? make(op, inputs) : make.opaque(op, inputs, {}, { shape: x.shape, dtype: x.dtype });
  };
  const shaped: Operations['shaped'] = (op, inputs, attributes, shape, dtype) =>
    make.opaque(op, inputs, attributes, { shape, dtype: dtype ?? inputs[0]?.dtype ?? 'float32' });
  const cast = (x: Node, dtype: DType): Node => (x.dtype === dtype ? x : make('Cast', [x], { to: dtype }));
  const number = (x: Node): Node => (x.dtype === 'bool' ? cast(x, 'int32') : x);
  const reshape = (x: Node, shape: Shape): Node => (sameList(x.shape, shape) ? x : make('Reshape', [x], { shape }));
  const transpose = (x: Node, perm: readonly number[]): Node =>
    perm.every((axis, i) => axis === i) ? x : make('Transpose', [x], { perm });
  const cut = (x: Node, axis: number, begin: number, size: number): Node =>
    begin === 0 && size === x.shape[axis] ? x : make('Slice', [x], { axis, begin, size });

  return {
    make,
    constant: (values, shape, dtype = 'float32') => make.constant(values, shape, dtype),
    scalar,
    filled: (value, shape, dtype) => make.filled(value, shape, dtype),
    range: (length, shape = [length], dtype = 'int32') =>
      make.constant(dtype === 'float32' ? Float32Array.from(Array(length).keys()) : Int32Array.from(Array(length).keys()), shape, dtype),
    apply,
    shaped,
    add: (a, b) => (a.dtype === 'float32' ? make('Sum', [a, b]) : make('Add', [number(a), number(b)])),
    test: (op, x) => shaped(op, [x], {}, x.shape, 'bool'),
    not: (x) => shaped('Not', [x], {}, x.shape, 'bool'),
    where: (condition, yes, no) => make('Where', [condition, yes, no]),
    cast,
    number,
    reshape,
    transpose,
    slice: (x, begin, size) => size.reduce((part, length, axis) => cut(part, axis, begin[axis] ?? 0, length), x),
    split(x, sizes, axis) {
      let begin = 0;
      return sizes.map((size) => {
        const part = cut(x, axis, begin, size);
        begin += size;
        return part;
      });
    },
    concat: (parts, axis) => make('Concat', parts, { axis }),
    pad(x, paddings, value) {
      if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
      const shape = x.shape.map((length, i) => length + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));
      const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
      return shaped('Pad', [x, scalar(value, x.dtype)], { pads }, shape);
    },
    reduce: (op, x, axes, keepdims) => (axes.length === 0 ? x : make(`Reduce${op}`, [x], { axes: [...axes], keepdims: keepdims ? 1 : 0 })),
    product(a, b, transposeA = false, transposeB = false) {
      const batches = sizeOf(a.shape.slice(0, -2)) * sizeOf(b.shape.slice(0, -2));
      if (batches !== 1 || a.dtype !== 'float32') {
        return make('MatMul', [transposeA ? swapped(a, transpose) : a, transposeB ? swapped(b, transpose) : b]);
      }
      const matrix = make('Gemm', [reshape(a, a.shape.slice(-2)), reshape(b, b.shape.slice(-2))], {
        transposeA: transposeA ? 1 : 0,
        transposeB: transposeB ? 1 : 0,
      });
      return reshape(matrix, [...new Array<number>(Math.max(a.shape.length, b.shape.length) - 2).fill(1), ...matrix.shape]);
    },
  };
}

const swapped = (x: Node, transpose: Operations['transpose']): Node => {
  const rank = x.shape.length;
  return transpose(x, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
};

/** A kernel of TensorFlow.js as a function from nodes to nodes; its inputs and attributes are named as in TensorFlow.js. */
export type Kernel = (inputs: Operands, attributes: object, operations: Operations) => Made;

export type Kernels = Readonly<Record<string, Kernel>>;

export type Made = Node | readonly Node[] | Complex;

/** A tensor of complex numbers as a float32 node with one axis more, `[..., 2]`: real and imaginary parts in turn, as TensorFlow.js reads them. */
export interface Complex {
  readonly parts: Node;
}

type Operands = Readonly<Record<string, Node>> | readonly Node[];

/** The node of each tensor that a kernel takes; TensorFlow.js leaves out optional ones. */
type NodesOf<I> = I extends readonly TensorInfo[] ? readonly Node[] : { readonly [K in keyof I]: Node };

/** Types a kernel by TensorFlow.js's own names: `kernel<SumInputs, SumAttrs>(({ x }, { axis, keepDims }, o) => ...)`. */
export const kernel =
  <I, A = object>(body: (inputs: NodesOf<I>, attributes: A, operations: Operations) => Made): Kernel =>
  (inputs, attributes, operations) =>
    body(inputs as NodesOf<I>, attributes as A, operations);

/** A node as TensorFlow.js's own helpers of shapes want to see a tensor. */
export const described = ({ shape, dtype }: Node): TensorInfo & { readonly rank: number } => ({
  dataId: {},
  shape: [...shape],
  dtype,
  rank: shape.length,
});
