import {
  dataOf,
  flagIn,
  type Graph,
  listIn,
  nameOf,
  type Node,
  numberIn,
  operand,
  type Shape,
  sizeOf,
} from '../../../src/engine/graph/graph.js';
import { topological } from '../../../src/engine/graph/make.js';

export type Numbers = readonly number[];

/** Runs a graph in double precision, one operation after another, in the plainest way. Tensors are lists of numbers in row-major order. */
export function interpret(graph: Graph, inputs: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> {
  const values = new Map<Node, Numbers>();
  /** Of operations that give several values, by name. */
  const parts = new Map<Node, ReadonlyMap<string, Numbers>>();
  const of = (node: Node): Numbers => values.get(node) ?? [];
  for (const node of topological(graph)) {
    if (node.body) {
      parts.set(node, repeat(node, of, parts));
      values.set(node, [0]);
      continue;
    }
    const value =
      node.op === 'Input'
        ? inputs.get(nameOf(node))
        : node.op === 'Part'
          ? parts.get(operand(node))?.get(String(node.attributes['of']))
          : evaluate(node, of);
    if (value?.length !== sizeOf(node.shape)) throw new Error(`${node.op} gave ${value?.length} numbers for [${node.shape}]`);
    values.set(node, value);
  }
  return new Map([...graph.outputs].map(([name, node]) => [name, of(node)]));
}

/** What an operation with a body gives, by the names that the body has for it. */
function repeat(
  node: Node,
  of: (node: Node) => Numbers,
  known: ReadonlyMap<Node, ReadonlyMap<string, Numbers>>,
): ReadonlyMap<string, Numbers> {
  const body = node.body ?? raise(node);
  const trips = numberIn(node.attributes, 'trips');
  const { given, borders } = operandsOf(node, of, known);
  const carried = [...body.inputs].filter((input) => body.outputs.has(`out ${nameOf(input)}`));
  const now = new Map(carried.map((input) => [nameOf(input), given.get(nameOf(input)) ?? zeros(input)]));
  const joined = new Map<string, Numbers[]>();
  const statesBefore: ReadonlyMap<string, Numbers>[] = [];
  const isBackwards = node.op === 'LoopGradient' || flagIn(node.attributes, 'backwards');
  for (let trip = 0; trip < trips; trip++) {
    const at = isBackwards ? trips - 1 - trip : trip;
    statesBefore.push(new Map(now));
    const inputs = new Map(
      body.inputs.map((input) => {
        const name = nameOf(input);
        const whole = given.get(name) ?? zeros(input);
        const size = sizeOf(input.shape);
        // Forwards nothing is known of gradients, and whatever is given for them, nothing follows from it.
        const own = borders?.[at]?.get(name) ?? now.get(name) ?? (whole.length === size ? whole : whole.slice(at * size, (at + 1) * size));
        return [name, own] as const;
      }),
    );
    for (const [name, values] of interpret(body, inputs)) {
      const state = name.slice('out '.length);
      if (now.has(state)) now.set(state, values);
      else joined.set(name, isBackwards ? [values, ...(joined.get(name) ?? [])] : [...(joined.get(name) ?? []), values]);
    }
  }
  states.set(node, statesBefore);
  return new Map([
    ...[...joined].map(([name, values]) => [name, values.flat()] as const),
    ...[...now].map(([name, values]) => [`out ${name}`, values] as const),
  ]);
}

/** By loop, the states that each piece began with. */
const states = new WeakMap<Node, readonly ReadonlyMap<string, Numbers>[]>();

const zeros = ({ shape }: Node): Numbers => new Array<number>(sizeOf(shape)).fill(0);

/** Of a gradient: what its loop was given, the states at the borders of that one's pieces, and the gradients that come in. */
function operandsOf(
  node: Node,
  of: (node: Node) => Numbers,
  known: ReadonlyMap<Node, unknown>,
): { readonly given: ReadonlyMap<string, Numbers>; readonly borders?: readonly ReadonlyMap<string, Numbers>[] } {
  const body = node.body ?? raise(node);
  const [loop] = node.inputs;
  const named = (inputs: readonly Node[], names: readonly Node[]) =>
    inputs.map((input, i) => [nameOf(names[i] ?? raise(node)), of(input)] as const);
  if (node.op !== 'LoopGradient' || !loop || !known.has(loop)) return { given: new Map(named(node.inputs, body.inputs)) };
  const gradients = body.inputs.filter((input) => /^gradient (state|sequence)\//.test(nameOf(input)));
  const before = states.get(loop)?.map((all) => new Map([...all].filter(([name]) => name.startsWith('state/'))));
  return { given: new Map([...named(loop.inputs, body.inputs), ...named(node.inputs.slice(1), gradients)]), borders: before ?? [] };
}

function raise(node: Node): never {
  throw new Error(`${node.op} lacks something`);
}

/** The inputs of a graph, given the members of its packed tensors by name. */
export function packInputs(graph: Graph, inputs: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> {
  const packed = [...graph.packed].map(([name, members]) => [name, members.flatMap((member) => inputs.get(member.name) ?? [])] as const);
  return new Map([...inputs, ...packed]);
}

/** Outputs by name, those of packed tensors cut out of them. */
export function unpackOutputs(graph: Graph, outputs: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Numbers> {
  const result = new Map(outputs);
  for (const [name, members] of graph.packed) {
    const flat = outputs.get(name);
    if (!flat) continue;
    result.delete(name);
    let begin = 0;
    for (const member of members) {
      result.set(member.name, flat.slice(begin, begin + sizeOf(member.shape)));
      begin += sizeOf(member.shape);
    }
  }
  return result;
}

function evaluate(node: Node, of: (node: Node) => Numbers): Numbers {
  const { op, inputs, attributes, shape } = node;
  if (op === 'Constant') return [...dataOf(node)];
  const x = of(operand(node));
  const from = operand(node).shape;
  const function_ = SCALAR[op];
  if (function_)
    return eachIndex(shape).map((index) => function_(...inputs.map((input) => at(of(input), input.shape, stretched(index, input.shape)))));
  if (op === 'Reshape' || op === 'Cast') return x;
  if (op === 'Transpose') {
    const perm = listIn(attributes, 'perm');
    return eachIndex(shape).map((index) =>
      at(
        x,
        from,
        from.map((_, axis) => index[perm.indexOf(axis)] ?? 0),
      ),
    );
  }
  if (op === 'Slice') {
    const [axis, begin] = [numberIn(attributes, 'axis'), numberIn(attributes, 'begin')];
    return eachIndex(shape).map((index) =>
      at(
        x,
        from,
        index.map((i, k) => (k === axis ? i + begin : i)),
      ),
    );
  }
  if (op === 'Concat') return concat(node, of);
  if (op === 'Gemm') return gemm(node, of);
  if (op === 'MatMul') return matMul(node, of);
  if (op.startsWith('Reduce')) return reduce(node, x);
  if (op === 'Softmax' || op === 'LogSoftmax') return softmax(node, x);
  if (op === 'OneHot') {
    const axis = numberIn(attributes, 'axis');
    return eachIndex(shape).map((index) =>
      Number(
        at(
          x,
          from,
          index.filter((_, k) => k !== axis),
        ) === index[axis],
      ),
    );
  }
  throw new Error(`the interpreter doesn't know ${op}`);
}

const SCALAR: Readonly<Record<string, (...values: number[]) => number>> = {
  Sum: (first = 0, ...rest) => rest.reduce((sum, term) => sum + term, first),
  Add: (a = 0, b = 0) => a + b,
  Sub: (a = 0, b = 0) => a - b,
  Mul: (a = 0, b = 0) => a * b,
  Div: (a = 0, b = 0) => a / b,
  Pow: (a = 0, b = 0) => a ** b,
  Min: (a = 0, b = 0) => Math.min(a, b),
  Max: (a = 0, b = 0) => Math.max(a, b),
  Greater: (a = 0, b = 0) => Number(a > b),
  Equal: (a, b) => Number(a === b),
  Where: (condition, a = 0, b = 0) => (condition ? a : b),
  Neg: (a = 0) => -a,
  Sqrt: (a = 0) => Math.sqrt(a),
  Exp: (a = 0) => Math.exp(a),
  Tanh: (a = 0) => Math.tanh(a),
  Sigmoid: (a = 0) => 1 / (1 + Math.exp(-a)),
  Relu: (a = 0) => Math.max(a, 0),
  Abs: (a = 0) => Math.abs(a),
};

/** Every index of a shape, in row-major order. */
function eachIndex(shape: Shape): readonly (readonly number[])[] {
  return shape.reduce<readonly (readonly number[])[]>(
    (indices, length) => indices.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  );
}

const at = (values: Numbers, shape: Shape, index: readonly number[]): number =>
  values[shape.reduce((place, length, axis) => place * length + (index[axis] ?? 0), 0)] ?? NaN;

const stretched = (index: readonly number[], shape: Shape): readonly number[] =>
  shape.map((length, axis) => (length === 1 ? 0 : (index[index.length - shape.length + axis] ?? 0)));

function concat(node: Node, of: (node: Node) => Numbers): Numbers {
  const axis = numberIn(node.attributes, 'axis');
  return eachIndex(node.shape).map((index) => {
    let place = index[axis] ?? 0;
    for (const part of node.inputs) {
      const length = part.shape[axis] ?? 1;
      if (place < length) return at(of(part), part.shape, index.with(axis, place));
      place -= length;
    }
    return NaN;
  });
}

function gemm(node: Node, of: (node: Node) => Numbers): Numbers {
  const [a, b, c] = node.inputs;
  if (!a || !b) throw new Error('Gemm takes two matrices');
  const [flipA, flipB] = [flagIn(node.attributes, 'transposeA'), flagIn(node.attributes, 'transposeB')];
  const inner = a.shape[flipA ? 0 : 1] ?? 0;
  return eachIndex(node.shape).map((index) => {
    const [row = 0, column = 0] = index;
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += at(of(a), a.shape, flipA ? [k, row] : [row, k]) * at(of(b), b.shape, flipB ? [column, k] : [k, column]);
    return c ? sum + at(of(c), c.shape, stretched(index, c.shape)) : sum;
  });
}

function matMul(node: Node, of: (node: Node) => Numbers): Numbers {
  const [a, b] = [operand(node, 0), operand(node, 1)];
  return eachIndex(node.shape).map((index) => {
    let sum = 0;
    for (let k = 0; k < (a.shape.at(-1) ?? 0); k++) {
      const left = [...stretched(index.slice(0, -2), a.shape.slice(0, -2)), index.at(-2) ?? 0, k];
      const right = [...stretched(index.slice(0, -2), b.shape.slice(0, -2)), k, index.at(-1) ?? 0];
      sum += at(of(a), a.shape, left) * at(of(b), b.shape, right);
    }
    return sum;
  });
}

function reduce(node: Node, x: Numbers): Numbers {
  const axes = listIn(node.attributes, 'axes');
  const { shape } = operand(node);
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const groups = eachIndex(kept).map((): number[] => []);
  for (const [i, index] of eachIndex(shape).entries()) {
    const place = kept.reduce((sum, length, axis) => sum * length + (length === 1 ? 0 : (index[axis] ?? 0)), 0);
    groups[place]?.push(x[i] ?? NaN);
  }
  const sum = (values: Numbers): number => values.reduce((total, value) => total + value, 0);
  if (node.op === 'ReduceSum') return groups.map(sum);
  if (node.op === 'ReduceMean') return groups.map((group) => sum(group) / group.length);
  if (node.op === 'ReduceMax') return groups.map((group) => Math.max(...group));
  throw new Error(`the interpreter doesn't know ${node.op}`);
}

function softmax(node: Node, x: Numbers): Numbers {
  const axis = numberIn(node.attributes, 'axis');
  const { shape } = node;
  return eachIndex(shape).map((index) => {
    const along = Array.from({ length: shape[axis] ?? 1 }, (_, i) => at(x, shape, index.with(axis, i)));
    const most = Math.max(...along);
    const total = along.reduce((sum, value) => sum + Math.exp(value - most), 0);
    const log = at(x, shape, index) - most - Math.log(total);
    return node.op === 'Softmax' ? Math.exp(log) : log;
  });
}
