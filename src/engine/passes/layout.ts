import {
  type Attributes,
  flagIn,
  type Graph,
  isConstant,
  listIn,
  type Node,
  numberIn,
  operand,
  type Pass,
  sizeOf,
} from '../graph/graph.js';
import { isElementwise, isReduction } from '../graph/rules.js';
import { type Make, rewrite, topological } from '../graph/make.js';

/**
 * Matrices are stored transposed where that makes the right factors of products smaller.
 *
 *     h [B, H],  h W  with  W [H, H]        ->        h' [H, B],  W' h'
 *
 * A product packs its right factor at every call. Of a recurrent step that is the weight, a megabyte, or, transposed, the few columns of `h`.
 * Matrices tied by elementwise work, joins and slices share a layout; a product ties nothing, since `A B` costs what `B' A'` costs and its flags
 * take any layout of its factors. Each tied set is turned if that packs less, counting what turning its inputs and outputs costs: a number each
 * that is moved, and `operation` for doing it at all (in numbers packed).
 */
export const createLayout = ({ operation }: { readonly operation: number }): Pass => ({
  name: 'layout',
  why: 'products pack the small factor instead of the large one',
  apply(graph) {
    const isTurned = chooseTurned(graph, (matrix) => operation + TURNING * sizeOf(matrix.shape));
    if (!topological(graph).some(isTurned)) return graph;
    return rewrite(
      graph,
      (node, of, make) => {
        const plain = (old: Node): Node => (isTurned(old) ? transpose(make, of(old)) : of(old));
        const turned = (old: Node): Node => (isTurned(old) ? of(old) : asTurned(make, of(old)));
        if (isTurned(node)) return turnedNode(node, { of, plain, turned, isTurned }, make);
        return node.inputs.some(isTurned) ? plainNode(node, { of, plain, turned, isTurned }, make) : undefined;
      },
      { end: (_name, node, of, make) => (isTurned(node) ? transpose(make, of(node)) : undefined) },
    );
  },
});

/** An operation costs about a microsecond whatever it does: the packing of some four thousand numbers. */
export const layout = createLayout({ operation: 4096 });

/** Moving a number costs this much, where packing one costs 1. */
const TURNING = 4;

const isMatrix = (node: Node): boolean => node.shape.length === 2;

/** Operations that work on matrices stored transposed as well, if all their matrices are. */
const ties = (node: Node): boolean =>
  isElementwise(node.op) || TYING.has(node.op) || (isReduction(node.op) && flagIn(node.attributes, 'keepdims'));
const TYING: ReadonlySet<string> = new Set(['Concat', 'Slice', 'Cast', 'Softmax', 'LogSoftmax']);

/** Operations that can make their matrix in either layout at no cost. */
const makesEither = (node: Node): boolean =>
  node.op === 'OneHot' ? 'axis' in node.attributes : ['Gemm', 'Transpose', 'Constant'].includes(node.op);

function chooseTurned(graph: Graph, costOfTurning: (matrix: Node) => number): (node: Node) => boolean {
  const order = topological(graph);
  const setOf = tiedSets(order);
  const outputs = new Set(graph.outputs.values());
  const costs = new Map<Node, number>();
  const pay = (node: Node, cost: number): unknown => costs.set(setOf(node), (costs.get(setOf(node)) ?? 0) + cost);
  for (const node of order) {
    if (node.op === 'Gemm') pay(node, sizeOf(operand(node, 0).shape) - sizeOf(operand(node, 1).shape));
    if (isMatrix(node) && (outputs.has(node) || !(ties(node) || makesEither(node)))) pay(node, costOfTurning(node));
    const readsEither = ties(node) || node.op === 'Gemm' || node.op === 'Transpose' || isReduction(node.op);
    if (!readsEither) for (const input of node.inputs.filter(isMatrix)) pay(input, costOfTurning(input));
  }
  return (node) => isMatrix(node) && !isConstant(node) && (costs.get(setOf(node)) ?? 0) < 0;
}

/** Union-find over the matrices: node -> the one that stands for its set. */
function tiedSets(order: readonly Node[]): (node: Node) => Node {
  const parents = new Map<Node, Node>();
  const find = (node: Node): Node => {
    let root = node;
    for (let parent = parents.get(root); parent; parent = parents.get(root)) root = parent;
    if (root !== node) parents.set(node, root);
    return root;
  };
  const tie = (a: Node, b: Node): void => {
    const [left, right] = [find(a), find(b)];
    if (left !== right) parents.set(left, right);
  };
  for (const node of order.filter(isMatrix)) {
    for (const [k, input] of node.inputs.entries()) {
      const tied = ties(node) || (node.op === 'Gemm' && k === 2);
      if (tied && isMatrix(input) && !isConstant(input)) tie(node, input);
    }
  }
  return find;
}

const transpose = (make: Make, node: Node): Node => make('Transpose', [node], { perm: [1, 0] });

/** An operand as a transposed matrix needs it: a row is a column, a number stays. */
function asTurned(make: Make, node: Node): Node {
  if (node.shape.length === 2) return transpose(make, node);
  return node.shape.length === 1 ? make('Reshape', [node], { shape: [...node.shape, 1] }) : node;
}

interface Views {
  readonly of: (old: Node) => Node;
  readonly plain: (old: Node) => Node;
  readonly turned: (old: Node) => Node;
  readonly isTurned: (old: Node) => boolean;
}

/** The node's matrix, transposed. */
function turnedNode(node: Node, { of, plain, turned, isTurned }: Views, make: Make): Node {
  if (node.op === 'Gemm') {
    const [a, b] = [operand(node, 0), operand(node, 1)];
    const transposeA = Number(flagIn(node.attributes, 'transposeB') === isTurned(b));
    const transposeB = Number(flagIn(node.attributes, 'transposeA') === isTurned(a));
    return make('Gemm', [of(b), of(a), ...node.inputs.slice(2).map(turned)], { transposeA, transposeB });
  }
  if (node.op === 'Transpose') return plain(operand(node));
  if (node.op === 'OneHot')
    return make.opaque('OneHot', node.inputs.map(of), flipAxis(node.attributes), { shape: node.shape.toReversed(), dtype: node.dtype });
  if (!ties(node)) return transpose(make, make.again(node, node.inputs.map(plain)));
  const spec = { shape: node.shape.toReversed(), dtype: node.dtype };
  const attributes = isReduction(node.op)
    ? flipAxes(node.attributes)
    : 'axis' in node.attributes
      ? flipAxis(node.attributes)
      : node.attributes;
  const inputs = node.inputs.map(turned);
  return node.op === 'Softmax' || node.op === 'LogSoftmax'
    ? make.opaque(node.op, inputs, attributes, spec)
    : make(node.op, inputs, attributes);
}

/** The node as it was, from operands of which some are stored transposed. */
function plainNode(node: Node, { of, plain, turned, isTurned }: Views, make: Make): Node {
  if (node.op === 'Gemm') {
    const [a, b] = [operand(node, 0), operand(node, 1)];
    const transposeA = Number(flagIn(node.attributes, 'transposeA') !== isTurned(a));
    const transposeB = Number(flagIn(node.attributes, 'transposeB') !== isTurned(b));
    return make('Gemm', [of(a), of(b), ...node.inputs.slice(2).map(plain)], { transposeA, transposeB });
  }
  if (node.op === 'Transpose') return turned(operand(node));
  if (isReduction(node.op)) return make(node.op, [of(operand(node))], flipAxes(node.attributes));
  return make.again(node, node.inputs.map(plain));
}

const flipAxis = (attributes: Attributes): Attributes => ({ ...attributes, axis: 1 - ((numberIn(attributes, 'axis') + 2) % 2) });

const flipAxes = (attributes: Attributes): Attributes => ({ ...attributes, axes: listIn(attributes, 'axes').map((axis) => 1 - axis) });
