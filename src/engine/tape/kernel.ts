import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Node } from '../graph/graph.js';
import type { Operations } from './operations.js';

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
