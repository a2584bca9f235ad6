export type DType = 'float32' | 'int32' | 'bool';
export type Shape = readonly number[];
export type TypedArray = Float32Array | Int32Array | Uint8Array;

export type Attribute = number | string | boolean | readonly number[] | TypedArray;

/**
 * One value of a program and the operation that makes it. A program is an acyclic expression graph of plain nodes with one output each;
 * what no output reaches is not in the program, so dead code needs no pass.
 *
 * `op` is an operator of ONNX where one output suffices, else ours: `Input {name}`, `Constant {data}`, `Slice {axis, begin, size}` (one axis;
 * slices that cut a tensor without overlap are written as one Split), `Gemm {transposeA, transposeB}` (rank 2, optional third operand added).
 */
export interface Node {
  /** Grows from inputs to users: sorting by it is a topological order. */
  readonly id: number;
  /** Place in the recorded program. A replacement inherits it, and groups are ordered by it, so that equal groups come in equal order. */
  readonly at: number;
  readonly op: string;
  readonly inputs: readonly Node[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface Graph {
  readonly inputs: readonly Node[];
  readonly outputs: ReadonlyMap<string, Node>;
  /** Inputs that hold several named tensors one after another (`state`): the runtime packs and cuts them. Name of the flat tensor -> members in order. */
  readonly packed: ReadonlyMap<string, readonly { readonly name: string; readonly shape: Shape }[]>;
}

/** A pass keeps every output's value. It looks at the arithmetic only, never at whether a value is an input: else 1 and 10 steps a call differ in bits. */
export interface Pass {
  readonly name: string;
  /** One sentence: what it gains. */
  readonly why: string;
  readonly apply: (graph: Graph) => Graph;
}
