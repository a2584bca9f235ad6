import type { Graph, Node } from '../graph/graph.js';
import { dataOf, groupBy, nameOf, numberIn, operand } from '../graph/node.js';
import { topological } from '../graph/rewrite.js';
import { bytesOf } from './dtype.js';
import { lowerings } from './lowerings.js';
import { encodeModel, type GraphParts, nodeProto } from './model.js';
import { createWriter, type GraphWriter } from './writer.js';

/** An output has the name of the state that it renews; ONNX wants another. */
export const outputName = (name: string): string => `next ${name}`;

interface WriteOptions {
  readonly outputName?: (name: string) => string;
  /** Shapes of inputs and outputs as the file tells them: names stand for lengths that are known when it runs. */
  readonly shapeOf?: (node: Node) => readonly (number | string)[];
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
  const writer = createWriter(new Map([...graph.outputs].toReversed().map(([output, node]) => [node, nameOutput(output)])));
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
    inputs: graph.inputs.map((node) => ({ name: nameOf(node), element: node.dtype, shape: shapeOf(node) })),
    outputs: [...graph.outputs].map(([output, node]) => ({
      name: nameOutput(output),
      element: node.dtype,
      shape: shapeOf(node),
    })),
  };
}

function writeNode(writer: GraphWriter, node: Node): void {
  if (node.op === 'Input') writer.bind(node, nameOf(node));
  else if (node.op === 'Constant') writer.bind(node, writer.constant(node.dtype, node.shape, bytesOf(dataOf(node))));
  else {
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

/** What is ordered: it reads the values `inputs` and makes the values `outputs`. */
interface Operator {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Operators in the order in which they become ready. As recorded, what the backward steps need is ready all through the forward ones: in an
 * LSTM over 1,000 steps some 1,500 operators wait at a time, here at most 18. ONNX Runtime keeps those that wait in a list which it walks
 * for each operator, once an optimisation (`Graph::KahnsTopologicalSort`, in 1.30; 1.32 has mended it): that took most of a minute.
 */
export function byReadiness<T extends Operator>(operators: readonly T[]): readonly T[] {
  const makers = new Map(operators.flatMap(({ outputs }, index) => outputs.map((value) => [value, index] as const)));
  const users = operators.map((): number[] => []);
  // Operands that aren't made yet; one that is read twice counts twice, here as among the users.
  const missing = operators.map(({ inputs }, index) => {
    const needed = inputs.flatMap((value) => makers.get(value) ?? []);
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
