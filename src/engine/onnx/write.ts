import { type Attribute, dataOf, flagIn, type Graph, groupBy, nameOf, type Node, numberIn, operand, type Shape } from '../graph/graph.js';
import { bodyOf } from '../graph/loop.js';
import { topological } from '../graph/make.js';
import { lowerings } from './lowerings.js';
import {
  bytesOf,
  ELEMENT,
  type Element,
  encodeModel,
  type GraphParts,
  graphProto,
  type Message,
  nodeProto,
  outputName,
  tensorProto,
} from './model.js';

interface WriteOptions {
  readonly outputName?: (name: string) => string;
  /** Shapes of inputs and outputs as the file tells them: names stand for lengths that are known when it runs. */
  readonly shapeOf?: (node: Node) => readonly (number | string)[];
  /** Of a graph within another one: what its own names begin with, and its inputs that are values of that one. */
  readonly within?: { readonly prefix: string; readonly outer: ReadonlyMap<Node, string> };
}

/**
 * A graph as the bytes of an ONNX file. Inputs keep their names, outputs get `outputName`; shapes, axes and other constants are
 * initializers, one for all that are equal: session creation is quadratic in their number.
 */
export const writeModel = (name: string, graph: Graph, options: WriteOptions = {}): Uint8Array =>
  encodeModel(name, graphParts(graph, options));

/** A graph as the parts of an ONNX graph, to be put into a larger file. */
export function graphParts(graph: Graph, options: WriteOptions = {}): GraphParts {
  const nameOutput = options.outputName ?? outputName;
  const shapeOf = options.shapeOf ?? (({ shape }) => shape);
  const { prefix, outer } = options.within ?? { prefix: '', outer: new Map<Node, string>() };
  const own = graph.inputs.filter((input) => !outer.has(input));
  const writer = createWriter(new Map([...graph.outputs].toReversed().map(([output, node]) => [node, nameOutput(output)])), prefix);
  for (const [node, value] of outer) writer.bind(node, value);
  for (const node of own) writer.bind(node, prefix + nameOf(node));
  const order = topological(graph);
  const splits = findSplits(order);
  for (const node of order) {
    if (writer.has(node)) continue;
    const pieces = splits.get(node);
    if (pieces) writeSplit(writer, pieces);
    else writeNode(writer, node);
  }
  for (const [output, node] of graph.outputs) writer.end(node, nameOutput(output));
  return {
    nodes: byReadiness(writer.operators).map(({ op, inputs, outputs, attributes, body }) =>
      nodeProto(op, inputs, outputs, attributes, body),
    ),
    initializers: writer.initializers,
    inputs: own.map((node) => ({ name: prefix + nameOf(node), element: node.dtype, shape: shapeOf(node) })),
    outputs: [...graph.outputs].map(([output, node]) => ({
      name: nameOutput(output),
      element: node.dtype,
      shape: shapeOf(node),
    })),
  };
}

function writeNode(writer: GraphWriter, node: Node): void {
  if (node.op === 'Scan') writeScan(writer, node);
  else if (node.op === 'Part') writer.bind(node, writer.part(operand(node), String(node.attributes['of'])));
  else if (node.op === 'Constant') writer.bind(node, writer.constant(node.dtype, node.shape, bytesOf(dataOf(node))));
  else {
    const inputs = node.inputs.map((input) => writer.name(input));
    const lower = lowerings[node.op];
    writer.bind(node, lower ? lower(writer, inputs, node) : writer.op(node.op, inputs, node.attributes));
  }
}

/** The operator Scan. Weights aren't among its operands: the body reads them where they are, so that none is copied. */
function writeScan(writer: GraphWriter, node: Node): void {
  const body = bodyOf(node);
  const [carried, cut] = [numberIn(node.attributes, 'carried'), numberIn(node.attributes, 'cut')];
  const inputs = node.inputs.map((input) => writer.name(input));
  const weights = inputs.slice(carried + cut);
  const prefix = writer.innerPrefix();
  const outer = new Map(body.inputs.slice(carried + cut).map((input, i) => [input, weights[i] ?? ''] as const));
  const parts = graphParts(body, { outputName: (name) => prefix + name, within: { prefix, outer } });
  // The runtime counts trips by what it cuts, so that a loop that reads no sequence is given one.
  const [trips, isCounted] = [numberIn(node.attributes, 'trips'), cut === 0];
  const counter = isCounted ? [writer.constant('float32', [trips], bytesOf(new Float32Array(trips)))] : [];
  const counted = isCounted ? [{ name: `${prefix}trip`, element: 'float32' as const, shape: [] }] : [];
  const directions = (count: number): readonly number[] => new Array<number>(count).fill(flagIn(node.attributes, 'backwards') ? 1 : 0);
  const attributes = {
    num_scan_inputs: cut + counter.length,
    scan_input_directions: directions(cut + counter.length),
    scan_output_directions: directions(body.outputs.size - carried),
  };
  const made = writer.ops('Scan', [...inputs.slice(0, carried + cut), ...counter], attributes, body.outputs.size, {
    body: graphProto('body', { ...parts, inputs: [...parts.inputs, ...counted] }),
    reads: weights,
  });
  writer.bindParts(node, new Map([...body.outputs.keys()].map((name, i) => [name, made[i] ?? ''] as const)));
}

/** Slices that cut one tensor along one axis without overlap are one Split: from each slice to all of its kind. */
function findSplits(order: readonly Node[]): ReadonlyMap<Node, readonly Node[]> {
  const cuts = groupBy(
    order.filter((node) => node.op === 'Slice'),
    (node) => `${operand(node).id} ${numberIn(node.attributes, 'axis')}`,
  );
  const splits = new Map<Node, readonly Node[]>();
  for (const cut of cuts.values()) {
    const pieces = cut.toSorted((a, b) => beginOf(a) - beginOf(b));
    const apart = pieces.every((piece, i) => i === 0 || endOf(pieces[i - 1] ?? piece) <= beginOf(piece));
    if (pieces.length > 1 && apart) for (const piece of pieces) splits.set(piece, pieces);
  }
  return splits;
}

const beginOf = (slice: Node): number => numberIn(slice.attributes, 'begin');
const endOf = (slice: Node): number => beginOf(slice) + numberIn(slice.attributes, 'size');

/** One Split for all the pieces; what lies between them is cut as well, and left unused. */
function writeSplit(writer: GraphWriter, pieces: readonly Node[]): void {
  const [first] = pieces;
  if (!first) return;
  const axis = numberIn(first.attributes, 'axis');
  const parts: { readonly size: number; readonly piece?: Node }[] = [];
  let at = 0;
  for (const piece of pieces) {
    if (beginOf(piece) > at) parts.push({ size: beginOf(piece) - at });
    parts.push({ size: numberIn(piece.attributes, 'size'), piece });
    at = endOf(piece);
  }
  const rest = (operand(first).shape[axis] ?? 0) - at;
  if (rest > 0) parts.push({ size: rest });
  const sizes = writer.integers(parts.map(({ size }) => size));
  const names = writer.ops('Split', [writer.name(operand(first)), sizes], { axis }, parts.length);
  for (const [i, { piece }] of parts.entries()) if (piece) writer.bind(piece, names[i] ?? '');
}

/**
 * Operators in the order in which they become ready. As recorded, what the backward steps need is ready all through the forward ones: in an
 * LSTM over 1,000 steps some 1,500 operators wait at a time, here at most 18. ONNX Runtime keeps those that wait in a list which it walks
 * for each operator, once an optimisation (`Graph::KahnsTopologicalSort`, in 1.30; 1.32 has mended it): that took most of a minute.
 */
export function byReadiness<T extends Pick<Operator, 'inputs' | 'outputs' | 'reads'>>(operators: readonly T[]): readonly T[] {
  const makers = new Map(operators.flatMap(({ outputs }, index) => outputs.map((value) => [value, index] as const)));
  const users = operators.map((): number[] => []);
  // Operands that aren't made yet; one that is read twice counts twice, here as among the users.
  const missing = operators.map(({ inputs, reads = [] }, index) => {
    const needed = [...inputs, ...reads].flatMap((value) => makers.get(value) ?? []);
    for (const maker of needed) users[maker]?.push(index);
    return needed.length;
  });
  const ready = [...missing.keys()].filter((index) => missing[index] === 0);
  // Grows while it is walked.
  for (const index of ready) {
    for (const user of users[index] ?? []) {
      const left = (missing[user] ?? 0) - 1;
      missing[user] = left;
      if (left === 0) ready.push(user);
    }
  }
  return ready.flatMap((index) => operators[index] ?? []);
}

/** What a lowering writes with: operators of ONNX by name, on values by name. */
export interface Writer {
  /** Appends an operator with one output, and names that. */
  op(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** Appends an operator with several outputs, and names them. */
  ops(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number,
    within?: Pick<Operator, 'body' | 'reads'>,
  ): readonly string[];
  cast(value: string, to: Element): string;
  /** Whole numbers along one axis: shapes, axes, bounds. */
  integers(values: readonly number[]): string;
  number(value: number, element: Element): string;
}

interface GraphWriter extends Writer {
  readonly operators: readonly Operator[];
  readonly initializers: readonly Message[];
  has(node: Node): boolean;
  name(node: Node): string;
  bind(node: Node, value: string): void;
  /** Values of an operation that gives several, by the names that its body has for them. */
  bindParts(node: Node, values: ReadonlyMap<string, string>): void;
  part(node: Node, name: string): string;
  /** What the names within one more body begin with. */
  innerPrefix(): string;
  constant(element: Element, shape: Shape, bytes: Uint8Array): string;
  /** Gives an output of the graph its name: by a copy, where its value has another one. */
  end(node: Node, name: string): void;
}

interface Operator {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** A graph within, and what it reads of this one. */
  readonly body?: Message;
  readonly reads?: readonly string[];
}

/** `ends`: the names that values of outputs get where they are made, so that they need no copy. */
function createWriter(ends: ReadonlyMap<Node, string>, prefix: string): GraphWriter {
  const operators: Operator[] = [];
  const initializers: Message[] = [];
  const names = new Map<Node, string>();
  const constants = new Map<string, string>();
  const parts = new Map<Node, ReadonlyMap<string, string>>();
  const fresh = (op: string): string => `${prefix}${op} ${operators.length}`;
  const rename = (value: string, name: string): boolean => {
    const last = operators.at(-1);
    if (!last?.outputs.includes(value)) return false;
    operators[operators.length - 1] = { ...last, outputs: last.outputs.map((output) => (output === value ? name : output)) };
    return true;
  };

  const writer: GraphWriter = {
    operators,
    initializers,
    has: (node) => names.has(node),
    name(node) {
      const name = names.get(node);
      if (name === undefined) throw new Error(`${node.op} ${node.id} is used before it is written`);
      return name;
    },
    bind(node, value) {
      const end = ends.get(node);
      names.set(node, end !== undefined && rename(value, end) ? end : value);
    },
    op: (op, inputs, attributes = {}) => writer.ops(op, inputs, attributes, 1)[0] ?? '',
    bindParts: (node, values) => void parts.set(node, values),
    part(node, name) {
      const value = parts.get(node)?.get(name);
      if (value === undefined) throw new Error(`${node.op} ${node.id} gives no "${name}"`);
      return value;
    },
    innerPrefix: () => `${fresh('body')}/`,
    ops(op, inputs, attributes, outputs, within = {}) {
      const made = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? fresh(op) : `${fresh(op)}.${i}`));
      operators.push({ op, inputs, outputs: made, attributes, ...within });
      return made;
    },
    cast: (value, to) => writer.op('Cast', [value], { to: ELEMENT[to] }),
    integers: (values) => writer.constant('int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt))),
    number: (value, element) => writer.constant(element, [], scalarBytes(value, element)),
    constant(element, shape, bytes) {
      const key = `${element} ${shape} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')}`;
      const known = constants.get(key);
      if (known) return known;
      const name = `${prefix}constant ${constants.size}`;
      constants.set(key, name);
      initializers.push(tensorProto(name, element, shape, bytes));
      return name;
    },
    end(node, name) {
      if (writer.name(node) !== name) operators.push({ op: 'Identity', inputs: [writer.name(node)], outputs: [name], attributes: {} });
    },
  };
  return writer;
}

function scalarBytes(value: number, element: Element): Uint8Array {
  switch (element) {
    case 'float32':
      return bytesOf(Float32Array.of(value));
    case 'float64':
      return bytesOf(Float64Array.of(value));
    case 'int32':
      return bytesOf(Int32Array.of(value));
    case 'int64':
      return bytesOf(BigInt64Array.of(BigInt(value)));
    case 'bool':
    case 'uint8':
      return Uint8Array.of(value);
  }
}
