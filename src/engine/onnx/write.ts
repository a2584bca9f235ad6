import type { Attribute, Graph, Node, Shape } from '../graph/graph.js';
import { dataOf, groupBy, nameOf, numberIn, operand } from '../graph/node.js';
import { topological } from '../graph/rewrite.js';
import { bytesOf, ELEMENT, type Element } from './dtype.js';
import { lowerings } from './lowerings.js';
import { encodeModel, type GraphParts, nodeProto, tensorProto } from './model.js';
import { byReadiness } from './order.js';
import type { Message } from './protobuf.js';

/** An output has the name of the state that it renews; ONNX wants another. */
export const outputName = (name: string): string => `next ${name}`;

export interface WriteOptions {
  readonly outputName?: (name: string) => string;
  /** Shapes of inputs and outputs as the file tells them: names stand for lengths that are known when it runs. */
  readonly shapeOf?: (node: Node) => readonly (number | string)[];
  /** What float32 is written as: in float64, rounding can be told from mistakes. */
  readonly float?: Float;
}

type Float = 'float32' | 'float64';

/**
 * A graph as the bytes of an ONNX file. Inputs keep their names, outputs get `outputName`; shapes, axes and other constants are
 * initializers, one for all that are equal: session creation is quadratic in their number.
 */
export const writeModel = (name: string, graph: Graph, options: WriteOptions = {}): Uint8Array =>
  encodeModel(name, graphParts(graph, options));

/** The same as a part of a larger file. */
export function graphParts(graph: Graph, options: WriteOptions = {}): GraphParts {
  const nameOutput = options.outputName ?? outputName;
  const shapeOf = options.shapeOf ?? (({ shape }) => shape);
  const writer = createWriter(new Map([...graph.outputs].toReversed().map(([output, node]) => [node, nameOutput(output)])), options.float);
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
    nodes: byReadiness(writer.operators).map(({ op, inputs, outputs, attributes }) => nodeProto(op, inputs, outputs, attributes)),
    initializers: writer.initializers,
    inputs: graph.inputs.map((node) => ({ name: nameOf(node), element: writer.element(node.dtype), shape: shapeOf(node) })),
    outputs: [...graph.outputs].map(([output, node]) => ({
      name: nameOutput(output),
      element: writer.element(node.dtype),
      shape: shapeOf(node),
    })),
  };
}

/** What a lowering writes with: operators of ONNX by name, on values by name. */
export interface Writer {
  /** Appends an operator with one output, and names that. */
  op(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** The same with several outputs. */
  ops(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>, outputs: number): readonly string[];
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
  /** What numbers of an element type are written as. */
  element(element: Element): Element;
  constant(element: Element, shape: Shape, bytes: Uint8Array): string;
  /** Gives an output of the graph its name: by a copy, where its value has another one. */
  end(node: Node, name: string): void;
}

interface Operator {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** `ends`: the names that values of outputs get where they are made, so that they need no copy. */
function createWriter(ends: ReadonlyMap<Node, string>, float: Float = 'float32'): GraphWriter {
  const operators: Operator[] = [];
  const initializers: Message[] = [];
  const names = new Map<Node, string>();
  const constants = new Map<string, string>();
  const fresh = (op: string): string => `${op} ${operators.length}`;
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
    ops(op, inputs, attributes, outputs) {
      const made = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? fresh(op) : `${fresh(op)}.${i}`));
      operators.push({ op, inputs, outputs: made, attributes });
      return made;
    },
    element: (element) => (element === 'float32' ? float : element),
    cast: (value, to) => writer.op('Cast', [value], { to: ELEMENT[writer.element(to)] }),
    integers: (values) => writer.constant('int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt))),
    number: (value, element) => writer.constant(writer.element(element), [], scalarBytes(value, writer.element(element))),
    constant(element, shape, bytes) {
      const key = `${element} ${shape} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')}`;
      const known = constants.get(key);
      if (known) return known;
      const name = `constant ${constants.size}`;
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

function writeNode(writer: GraphWriter, node: Node): void {
  if (node.op === 'Input') writer.bind(node, nameOf(node));
  else if (node.op === 'Constant') {
    const [element, data] = [writer.element(node.dtype), dataOf(node)];
    writer.bind(node, writer.constant(element, node.shape, bytesOf(element === 'float64' ? Float64Array.from(data) : data)));
  } else {
    const inputs = node.inputs.map((input) => writer.name(input));
    const lower = lowerings[node.op];
    writer.bind(node, lower ? lower(writer, inputs, node) : writer.op(node.op, inputs, node.attributes));
  }
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
