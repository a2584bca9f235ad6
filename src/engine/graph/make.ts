import type { Spec } from '../engine.js';
import {
  arrayOf,
  type Attribute,
  type Attributes,
  dataOf,
  type DType,
  type Graph,
  isConstant,
  listIn,
  type Node,
  numberIn,
  sameList,
  type Shape,
  sizeOf,
  type TypedArray,
} from './graph.js';
import { infer, isInferred, rules } from './rules.js';

/**
 * The constructor of nodes, for the tape and for every pass. Equal nodes are made once (constants: equal by content), operations on
 * constants are folded, and the local rules of `rules.ts` apply: so they need no pass of their own, and hold after each pass.
 */
export interface Make {
  /** An operation of `rules.ts`, which knows its shape. */
  (op: string, inputs: readonly Node[], attributes?: Attributes): Node;
  /** Any other operator of ONNX: its value's shape and dtype are told. Shared as well, so it must be a pure function of its operands. */
  opaque(op: string, inputs: readonly Node[], attributes: Attributes, made: MadeOf): Node;
  input(name: string, shape: Shape, dtype: DType): Node;
  constant(data: TypedArray, shape: Shape, dtype: DType): Node;
  /** A constant of one value everywhere. */
  filled(value: number, shape: Shape, dtype: DType): Node;
  /** Shared, but exactly this operation: no rule, no folding. */
  exact(op: string, inputs: readonly Node[], attributes?: Attributes): Node;
  /** A node's operation on other operands of equal shapes and dtypes; the very node, where the operands are its own. */
  again(node: Node, inputs: readonly Node[]): Node;
  /** What `body` makes stands at `at` in the recorded program: replacements inherit the place of what they replace. */
  within<T>(at: number, body: () => T): T;
}

const NONE: Attributes = {};

/** The shape and dtype of a value, and what the operation runs again and again. */
type MadeOf = Spec & Pick<Node, 'body'>;

/** `after`: the largest id so far. Ids go on from there, so that they grow from inputs to users across passes too. */
export function createMaker(after = -1): Make {
  const made = new Map<number, Node[]>();
  const constants = new Map<string, Node[]>();
  let last = after;
  let place: number | undefined;

  const node = (op: string, inputs: readonly Node[], attributes: Attributes, { shape, dtype, body }: MadeOf): Node => {
    const id = ++last;
    return { id, at: place ?? id, op, inputs, attributes, shape, dtype, ...(body && { body }) };
  };

  const shared = (op: string, inputs: readonly Node[], attributes: Attributes, spec: MadeOf, old?: Node): Node => {
    const bucket = remembered(made, hashOf(op, inputs, attributes), () => []);
    for (const known of bucket) {
      const same = known.op === op && sameOperands(known, inputs) && sameAttributes(known.attributes, attributes);
      if (same && known.dtype === spec.dtype && known.body === spec.body && sameList(known.shape, spec.shape)) return known;
    }
    const fresh = old ?? node(op, inputs, attributes, spec);
    bucket.push(fresh);
    return fresh;
  };

  const constant = (data: TypedArray, shape: Shape, dtype: DType, old?: Node): Node => {
    if (data.length !== sizeOf(shape)) throw new Error(`a constant of shape [${shape}] has ${data.length} numbers`);
    const bucket = remembered(constants, `${dtype} ${shape} ${fingerprint(data)}`, () => []);
    const known = bucket.find((other) => sameBytes(dataOf(other), data));
    if (known) return known;
    const fresh = old ?? node('Constant', [], { data }, { shape, dtype });
    bucket.push(fresh);
    return fresh;
  };

  const operation = (op: string, inputs: readonly Node[], attributes: Attributes = NONE, spec = inferred(op, inputs, attributes)): Node => {
    const data = inputs.every(isConstant) ? fold(op, inputs, attributes, spec) : undefined;
    if (data) return constant(data, spec.shape, spec.dtype);
    return rules[op]?.(make, inputs, attributes, spec) ?? shared(op, inputs, attributes, spec);
  };

  const make: Make = Object.assign((op: string, inputs: readonly Node[], attributes?: Attributes) => operation(op, inputs, attributes), {
    opaque: (op: string, inputs: readonly Node[], attributes: Attributes, spec: MadeOf) => shared(op, inputs, attributes, spec),
    input: (name: string, shape: Shape, dtype: DType) => node('Input', [], { name }, { shape, dtype }),
    constant: (data: TypedArray, shape: Shape, dtype: DType) => constant(data, shape, dtype),
    filled: (value: number, shape: Shape, dtype: DType) => constant(arrayOf(dtype, sizeOf(shape)).fill(value), shape, dtype),
    exact: (op: string, inputs: readonly Node[], attributes: Attributes = NONE) =>
      shared(op, inputs, attributes, inferred(op, inputs, attributes)),
    again(old: Node, inputs: readonly Node[]) {
      if (old.op === 'Input') return old;
      if (old.op === 'Constant') return constant(dataOf(old), old.shape, old.dtype, old);
      if (inputs.every((input, i) => input === old.inputs[i])) return shared(old.op, inputs, old.attributes, old, old);
      return (isInferred(old.op) ? operation : shared)(old.op, inputs, old.attributes, old);
    },
    within<T>(at: number, body: () => T): T {
      const outer = place;
      place = at;
      try {
        return body();
      } finally {
        place = outer;
      }
    },
  });
  return make;
}

function inferred(op: string, inputs: readonly Node[], attributes: Attributes): Spec {
  const spec = infer(op, inputs, attributes);
  if (!spec) throw new Error(`the shape of ${op} isn't known here: it has to be told`);
  return spec;
}

function remembered<Key, T>(table: Map<Key, T>, key: Key, create: () => T): T {
  const known = table.get(key);
  if (known !== undefined) return known;
  const fresh = create();
  table.set(key, fresh);
  return fresh;
}

/** Operands whose order doesn't change the value's bits are shared in either order. */
const areSwappable = (op: string, inputs: readonly Node[]): boolean =>
  inputs.length === 2 && (op === 'Sum' || op === 'Mul' || op === 'Add');

/** Of equal operations an equal number; the reverse is checked field by field. A program has thousands, which every pass makes again. */
function hashOf(op: string, inputs: readonly Node[], attributes: Attributes): number {
  let hash = remembered(numbers, op, () => numbers.size);
  if (areSwappable(op, inputs)) {
    const [a = 0, b = 0] = [inputs[0]?.id, inputs[1]?.id];
    hash = mixed(mixed(hash, Math.min(a, b)), Math.max(a, b));
  } else for (const { id } of inputs) hash = mixed(hash, id);
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value === 'number') hash = mixed(hash, value);
    else if (Array.isArray(value)) for (const item of value as readonly number[]) hash = mixed(hash, item);
  }
  return hash;
}

/** Operators by number, as they come. */
const numbers = new Map<string, number>();

/** A step of FNV-1a, by words. */
const mixed = (hash: number, word: number): number => Math.imul(hash ^ word, 0x01000193);

function sameOperands(node: Node, inputs: readonly Node[]): boolean {
  if (node.inputs.length !== inputs.length) return false;
  if (node.inputs.every((input, i) => input === inputs[i])) return true;
  return areSwappable(node.op, inputs) && node.inputs[0] === inputs[1] && node.inputs[1] === inputs[0];
}

function sameAttributes(a: Attributes, b: Attributes): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameValue(a[name], b[name]));
}

const isList = (value: Attribute | undefined): value is readonly number[] | TypedArray => Array.isArray(value) || ArrayBuffer.isView(value);

const sameValue = (a: Attribute | undefined, b: Attribute | undefined): boolean =>
  Object.is(a, b) || (isList(a) && isList(b) && a.length === b.length && a.every((item, i) => Object.is(item, b[i])));

const sameBytes = (a: TypedArray, b: TypedArray): boolean => a === b || bufferOf(a).equals(bufferOf(b));

const bufferOf = (data: TypedArray): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Numbers of a constant never change, and every pass asks for them again. */
const fingerprints = new WeakMap<TypedArray, number>();

/** Equal content gives an equal number; the reverse is checked byte by byte. */
function fingerprint(data: TypedArray): number {
  const known = fingerprints.get(data);
  if (known !== undefined) return known;
  const whole = data.byteLength % 4 === 0 && data.byteOffset % 4 === 0;
  const words = whole ? new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4) : bufferOf(data);
  const hash = fnv1a(words);
  fingerprints.set(data, hash);
  return hash;
}

function fnv1a(words: Uint32Array | Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ (words[i] ?? 0), 0x01000193);
  return hash >>> 0;
}

/** Folding a tensor larger than this would trade a moment of the runtime's time for memory in the program. */
const LARGEST = 1 << 16;

/**
 * The value of an operation on constants; undefined where it is left to the runtime.
 *
 * Float arithmetic is done in double precision and rounded once, which for + - * / and square roots gives the very digits of float32.
 */
function fold(op: string, inputs: readonly Node[], attributes: Attributes, made: Spec): TypedArray | undefined {
  const [x] = inputs;
  if (!x || sizeOf(made.shape) > LARGEST) return undefined;
  if (op === 'Cast') return cast(dataOf(x), x.dtype, made.dtype);
  if (op === 'Transpose') return moved(x, made, strided(x.shape, listIn(attributes, 'perm')), 0);
  if (op === 'Slice') {
    const axis = numberIn(attributes, 'axis');
    const every = x.shape.map((_, i) => i);
    return moved(x, made, strided(x.shape, every), numberIn(attributes, 'begin') * sizeOf(x.shape.slice(axis + 1)));
  }
  if (op === 'Concat') return joined(inputs, made, numberIn(attributes, 'axis'));
  const one = UNARY[op];
  if (one && x.dtype === 'float32') return Float32Array.from(dataOf(x) as Float32Array, one);
  const two = (x.dtype === 'float32' ? FLOAT : INTEGER)[op];
  return two && inputs.length > 1 ? combined(inputs, made, two) : undefined;
}

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Tanh: Math.tanh,
  Sqrt: Math.sqrt,
  Exp: Math.exp,
  Log: Math.log,
  Neg: (x) => -x,
  Relu: (x) => Math.max(x, 0),
  Abs: Math.abs,
  Reciprocal: (x) => 1 / x,
};

type Two = (a: number, b: number) => number;

const FLOAT: Readonly<Record<string, Two>> = {
  Sum: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Min: Math.min,
  Max: Math.max,
  Pow: (a, b) => a ** b,
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Equal: (a, b) => Number(a === b),
};

/** Division is absent: what dividing by zero gives is the runtime's matter. */
const INTEGER: Readonly<Record<string, Two>> = {
  Add: (a, b) => (a + b) | 0,
  Sub: (a, b) => (a - b) | 0,
  Mul: Math.imul,
};

function combined(inputs: readonly Node[], made: Spec, two: Two): TypedArray {
  const [first, ...rest] = inputs.map((input) => spread(input, made.shape));
  const result = arrayOf(made.dtype, sizeOf(made.shape));
  for (let i = 0; i < result.length; i++) result[i] = rest.reduce((value, next) => two(value, next(i)), first?.(i) ?? NaN);
  return result;
}

/** Reads a constant as if it had been stretched to `shape`. */
function spread(constant: Node, shape: Shape): (index: number) => number {
  const data = dataOf(constant);
  if (data.length === 1) return () => data[0] ?? NaN;
  if (data.length === sizeOf(shape)) return (index) => data[index] ?? NaN;
  const lead = shape.length - constant.shape.length;
  return (index) => {
    let rest = index;
    let place = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= lead; axis--) {
      const length = shape[axis] ?? 1;
      const own = constant.shape[axis - lead] ?? 1;
      if (own !== 1) place += (rest % length) * stride;
      rest = Math.floor(rest / length);
      stride *= own;
    }
    return data[place] ?? NaN;
  };
}

/** The strides of a tensor's axes, in the order `axes`. */
function strided(shape: Shape, axes: readonly number[]): readonly number[] {
  return axes.map((axis) => sizeOf(shape.slice(axis + 1)));
}

function moved(x: Node, made: Spec, strides: readonly number[], begin: number): TypedArray {
  const data = dataOf(x);
  const result = arrayOf(made.dtype, sizeOf(made.shape));
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let place = begin;
    for (let axis = made.shape.length - 1; axis >= 0; axis--) {
      const length = made.shape[axis] ?? 1;
      place += (rest % length) * (strides[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    result[i] = data[place] ?? NaN;
  }
  return result;
}

function joined(inputs: readonly Node[], made: Spec, axis: number): TypedArray {
  const result = arrayOf(made.dtype, sizeOf(made.shape));
  const row = sizeOf(made.shape.slice(axis));
  let begin = 0;
  for (const input of inputs) {
    const width = sizeOf(input.shape.slice(axis));
    const data = dataOf(input);
    for (let from = 0, to = begin; from < data.length; from += width, to += row) result.set(data.subarray(from, from + width), to);
    begin += width;
  }
  return result;
}

function cast(data: TypedArray, from: DType, to: DType): TypedArray | undefined {
  if (to === 'bool') return Uint8Array.from(data as Float32Array, (v) => Number(v !== 0));
  if (to === 'float32') return Float32Array.from(data as Float32Array);
  return from === 'float32' && data.some((v) => !(Math.abs(v) < 2 ** 31)) ? undefined : Int32Array.from(data as Float32Array);
}

/** Gives a node's replacement, or undefined to make it again from its operands' replacements. `of` maps old nodes to new ones. */
type Change = (node: Node, of: (old: Node) => Node, make: Make) => Node | undefined;

/** Gives what an output of the graph becomes, or undefined for its node's replacement. */
type End = (name: string, node: Node, of: (old: Node) => Node, make: Make) => Node | undefined;

/**
 * A new graph, in which `change` has replaced what it wants. What follows a replacement goes through the constructor again, with all its
 * local rules; nodes that nothing before them touched are kept as they are.
 *
 * A node's operands are replaced before it. A change that joins several nodes asks for the operands of all of them when it meets the first:
 * `needs` names such nodes. When these needs form a ring there is no such graph, and a RingError is thrown.
 */
export function rewrite(
  graph: Graph,
  change: Change,
  { needs, end }: { readonly needs?: (node: Node) => readonly Node[]; readonly end?: End } = {},
): Graph {
  const order = topological(graph);
  const make = createMaker(order.at(-1)?.id ?? -1);
  const done = new Map<Node, Node>();
  const of = (old: Node): Node => {
    const replacement = done.get(old);
    if (!replacement) throw new Error(`${old.op} ${old.id} is asked for before its turn: the change should name it in its needs`);
    return replacement;
  };
  const replace = (node: Node): Node => make.within(node.at, () => change(node, of, make) ?? make.again(node, node.inputs.map(of)));
  const ready = needs ? orderByNeeds(order, (each) => [...each.inputs, ...needs(each)]) : order;
  for (const node of ready) done.set(node, replace(node));
  const last = (name: string, node: Node): Node => make.within(node.at, () => end?.(name, node, of, make) ?? of(node));
  return { ...graph, outputs: new Map([...graph.outputs].map(([name, node]) => [name, last(name, node)])) };
}

export class RingError extends Error {
  override readonly name = 'RingError';
}

/** Every node after what it needs, otherwise in the given order. No recursion: a long sequence is a deep graph. */
export function orderByNeeds(nodes: readonly Node[], needs: (node: Node) => readonly Node[]): readonly Node[] {
  const result: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  for (const root of nodes) {
    const stack = [root];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      const missing = state.get(node) === 'done' ? [] : needs(node).filter((need) => state.get(need) !== 'done');
      if (missing.length === 0) {
        stack.pop();
        if (state.get(node) !== 'done') result.push(node);
        state.set(node, 'done');
        continue;
      }
      if (missing.some((need) => state.get(need) === 'open')) throw new RingError(`${node.op} ${node.id} needs itself`);
      state.set(node, 'open');
      for (const need of missing.toReversed()) stack.push(need);
    }
  }
  return result;
}

/** Graphs never change, and a pass asks for the order of one several times. */
const orders = new WeakMap<Graph, readonly Node[]>();

/** All nodes that the outputs reach, and the inputs: from inputs to users. */
export function topological(graph: Graph): readonly Node[] {
  const known = orders.get(graph);
  if (known) return known;
  const reached = new Set<Node>(graph.inputs);
  const open = [...graph.outputs.values()];
  for (let node = open.pop(); node; node = open.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    for (const input of node.inputs) open.push(input);
  }
  const order = [...reached].toSorted((a, b) => a.id - b.id);
  orders.set(graph, order);
  return order;
}

/** How often a node's value is read: once for each operand, and once for each output of the graph. */
export function countUses(graph: Graph): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>();
  const add = (node: Node): unknown => uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const { inputs } of topological(graph)) inputs.forEach(add);
  for (const node of graph.outputs.values()) add(node);
  return uses;
}

/** The nodes that read a node's value, each as often as it does. An output of the graph is no reader. */
export function readersOf(nodes: readonly Node[]): (node: Node) => readonly Node[] {
  const readers = new Map<Node, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = readers.get(input);
      if (known) known.push(node);
      else readers.set(input, [node]);
    }
  }
  return (node) => readers.get(node) ?? [];
}
