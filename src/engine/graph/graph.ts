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
  /** What is run again and again, of an operation that does so (`loop.ts`). */
  readonly body?: Graph;
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

export type Attributes = Readonly<Record<string, Attribute>>;

export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

export const sameList = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);

export const sameShape = (a: Node, b: Node): boolean => sameList(a.shape, b.shape);

/** The one operand of an operation that has one, the first of others. */
export function operand(node: Node, index = 0): Node {
  const found = node.inputs[index];
  if (!found) throw new Error(`${node.op} has no operand ${index}`);
  return found;
}

export function numberIn(attributes: Attributes, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'number') throw new Error(`attribute ${name} should be a number`);
  return value;
}

export function listIn(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  if (!Array.isArray(value)) throw new Error(`attribute ${name} should be a list of numbers`);
  return value as readonly number[];
}

/** True for an attribute that is 1 or true: flags may be left out. */
export const flagIn = (attributes: Attributes, name: string): boolean => attributes[name] === 1 || attributes[name] === true;

export const nameOf = (input: Node): string => String(input.attributes['name']);

export const isConstant = (node: Node): boolean => node.op === 'Constant';

/** The numbers of a constant, in row-major order. */
export function dataOf(constant: Node): TypedArray {
  const data = constant.attributes['data'];
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data;
  throw new Error(`${constant.op} holds no data`);
}

/** The value that fills a constant; undefined for any other node, and for a constant of several values. */
export function fillOf(node: Node): number | undefined {
  if (!isConstant(node)) return undefined;
  const data = dataOf(node);
  const first = data[0];
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return undefined;
  return first;
}

/** The least number that a float32 holds. */
export const LEAST_FLOAT = -3.4028234663852886e38;

export const arrayOf = (dtype: DType, length: number): TypedArray =>
  dtype === 'float32' ? new Float32Array(length) : dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);

/** Items by key, keys in the order in which they first come. */
export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
