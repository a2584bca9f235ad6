import { EngineError } from '../engine.js';
import { fillOf, type Graph, type Node, operand, sameList, type Shape } from '../graph/graph.js';
import { type Make, rewrite, topological } from '../graph/make.js';

/** A length that is known only when the model runs: a factor times lengths by name. `{factor: 2, names: ['batch', 'time']}` is 2 batch time. */
interface Length {
  readonly factor: number;
  readonly names: readonly string[];
}

export type OpenShape = readonly Length[];

/** The program at one set of lengths, and at others that differ from it in one length each. */
interface Recordings {
  readonly base: Graph;
  readonly lengths: Readonly<Record<string, number>>;
  readonly others: readonly { readonly name: string; readonly length: number; readonly graph: Graph }[];
}

interface OpenGraph {
  readonly graph: Graph;
  /** Of its inputs and outputs. */
  readonly shapeOf: (node: Node) => OpenShape;
}

/**
 * One graph for all lengths, from what was recorded at several. Node by node the recordings are the same program; where their shapes differ,
 * the shape is told to the operation when it runs, computed from the shapes of the inputs.
 *
 *     Reshape {shape: [3, 10]} | Reshape {shape: [5, 10]}   ->   DynamicReshape(x, [batch, 10])
 *     zeros [3, 32] | zeros [5, 32]                         ->   DynamicExpand(0, [batch, 32])
 */
export function generalise(recordings: Recordings): OpenGraph {
  const { base } = recordings;
  const order = topological(base);
  const aligned = recordings.others.map(({ graph }) => align(order, topological(graph)));
  const open = (node: Node, shapeIn: (node: Node) => Shape): OpenShape =>
    shapeIn(node).map((length, axis) =>
      lengthOf(
        length,
        recordings,
        aligned.map((counterpart) => shapeIn(counterpart(node))[axis] ?? NaN),
      ),
    );
  const shapeOf = (node: Node): OpenShape => open(node, ({ shape }) => shape);
  const dimension = dimensions(base.inputs, shapeOf);

  const graph = rewrite(
    base,
    (node, of, make) => {
      const shapes = aligned.map((counterpart) => counterpart(node).shape);
      if (shapes.every((shape) => sameList(shape, node.shape))) {
        refuseChange(node, aligned);
        return undefined;
      }
      switch (node.op) {
        case 'Constant': {
          const fill = fillOf(node);
          if (fill === undefined || aligned.some((counterpart) => !Object.is(fillOf(counterpart(node)), fill))) throw dependent(node);
          return dynamic('DynamicExpand', make.filled(fill, [], node.dtype), node, shapeOf(node), dimension, of, make);
        }
        case 'Reshape':
          return dynamic('DynamicReshape', of(operand(node)), node, shapeOf(node), dimension, of, make);
        // Copies along axes of length 1 are what stretching these gives.
        case 'Tile':
          if ([node, ...aligned.map((counterpart) => counterpart(node))].some((tile) => !tilesOnes(tile))) throw dependent(node);
          return dynamic('DynamicExpand', of(operand(node)), node, shapeOf(node), dimension, of, make);
        case 'Expand':
          return dynamic('DynamicExpand', of(operand(node)), node, shapeOf(node), dimension, of, make);
        default:
          refuseChange(node, aligned);
          return undefined;
      }
    },
    { needs: inputsFirst(base) },
  );
  const ends = new Map(
    [...base.outputs].flatMap(([name, node]) => (graph.outputs.get(name) ? [[graph.outputs.get(name), shapeOf(node)] as const] : [])),
  );
  return { graph, shapeOf: (node) => ends.get(node) ?? shapeOf(node) };
}

/** Any node may come to ask an input for a length. */
const inputsFirst =
  ({ inputs }: Graph) =>
  (node: Node): readonly Node[] =>
    node.op === 'Input' ? [] : inputs;

type Counterpart = (node: Node) => Node;

function align(order: readonly Node[], other: readonly Node[]): Counterpart {
  const index = new Map(order.map((node, i) => [node, i]));
  const otherIndex = new Map(other.map((node, i) => [node, i]));
  const alike = order.every((node, i) => {
    const counterpart = other[i];
    return (
      counterpart?.op === node.op &&
      sameList(
        node.inputs.map((input) => index.get(input) ?? -1),
        counterpart.inputs.map((input) => otherIndex.get(input) ?? -1),
      )
    );
  });
  if (!alike || order.length !== other.length)
    throw new EngineError('the program itself, not only its shapes, depends on a length that is to be left open');
  return (node) => other[index.get(node) ?? -1] ?? node;
}

/** What a length is made of: by how much it grows when one of the named lengths does. */
function lengthOf(length: number, { lengths, others }: Recordings, grown: readonly number[]): Length {
  const names = others.flatMap(({ name, length: other }, i) => {
    const ratio = (grown[i] ?? NaN) / length;
    if (ratio === 1 || length === 0) return [];
    if (ratio === other / (lengths[name] ?? NaN)) return [name];
    throw new EngineError(`a length of ${length} grows to ${grown[i]} when ${name} grows from ${lengths[name]} to ${other}`);
  });
  return { factor: names.reduce((factor, name) => factor / (lengths[name] ?? NaN), length), names };
}

/** Where a named length can be read: an input and its axis. */
function dimensions(
  inputs: readonly Node[],
  shapeOf: (node: Node) => OpenShape,
): (name: string) => { readonly input: Node; readonly axis: number } {
  return (name) => {
    for (const input of inputs) {
      const axis = shapeOf(input).findIndex(({ factor, names }) => factor === 1 && names.length === 1 && names[0] === name);
      if (axis >= 0) return { input, axis };
    }
    throw new EngineError(`no input has an axis of length ${name}`);
  };
}

/** A shape with one open length lets ONNX find that; others are computed. */
function dynamic(
  op: string,
  x: Node,
  node: Node,
  shape: OpenShape,
  dimension: ReturnType<typeof dimensions>,
  of: (node: Node) => Node,
  make: Make,
): Node {
  const read = (name: string): Node => {
    const { input, axis } = dimension(name);
    return make.opaque('Dimension', [of(input)], { axis }, { shape: [1], dtype: 'int32' });
  };
  const length = ({ factor, names }: Length): Node =>
    names.reduce(
      (product, name) => (isOne(product) ? read(name) : make('Mul', [product, read(name)])),
      make.constant(Int32Array.of(factor), [1], 'int32'),
    );
  return make.opaque(op, [x, make('Concat', shape.map(length), { axis: 0 })], {}, node);
}

const isOne = (node: Node): boolean => fillOf(node) === 1;

const tilesOnes = (node: Node): boolean => operand(node).shape.every((length, axis) => length === 1 || length === node.shape[axis]);

/** Numbers that aren't shapes must not depend on a length: half a batch, a mean over the batch as a factor. */
function refuseChange(node: Node, aligned: readonly Counterpart[]): void {
  const own = plainAttributes(node);
  if (aligned.some((counterpart) => plainAttributes(counterpart(node)) !== own)) throw dependent(node);
}

function plainAttributes(node: Node): string {
  const { data, ...rest } = node.attributes;
  return JSON.stringify([rest, data === undefined ? [] : Array.from(data as ArrayLike<number>)]);
}

const dependent = (node: Node): EngineError =>
  new EngineError(`the value of ${node.op === 'Constant' ? 'a constant' : node.op} depends on a length that is to be left open`);
