import type { Graph, Node, Pass } from '../graph/graph.js';
import { flagIn, groupBy, operand } from '../graph/node.js';
import { rewrite, topological } from '../graph/rewrite.js';

/**
 * A left factor that many products read transposed, and that is there from the start, is transposed once.
 *
 *     W' h_1, W' h_2, W' h_3, ..        ->        V = Transpose(W),  V h_1, V h_2, V h_3, ..
 *
 * Last of all: the constructor's own rules would draw the transpose back into the products.
 */
export const hoistTransposes: Pass = {
  name: 'hoist-transposes',
  why: 'a weight is turned once a step, and not at each of its products',
  apply(graph) {
    const hoisted = manyTimesTransposed(graph);
    if (hoisted.size === 0) return graph;
    return rewrite(graph, (node, of, make) => {
      if (!readsTransposed(node) || !hoisted.has(operand(node))) return undefined;
      const turned = make('Transpose', [of(operand(node))], { perm: [1, 0] });
      return make.exact('Gemm', [turned, ...node.inputs.slice(1).map(of)], { ...node.attributes, transposeA: 0 });
    });
  },
};

const LEAST = 4;

const readsTransposed = (node: Node): boolean => node.op === 'Gemm' && flagIn(node.attributes, 'transposeA');

function manyTimesTransposed(graph: Graph): ReadonlySet<Node> {
  const order = topological(graph);
  const early = readyAtStart(order);
  const readers = groupBy(order.filter(readsTransposed), (product) => operand(product));
  return new Set([...readers].filter(([factor, products]) => products.length >= LEAST && early.has(factor)).map(([factor]) => factor));
}

/** What is made of inputs and constants by moving numbers alone. */
function readyAtStart(order: readonly Node[]): ReadonlySet<Node> {
  const ready = new Set<Node>();
  for (const node of order) {
    const given = node.op === 'Input' || node.op === 'Constant';
    if (given || (MOVES.has(node.op) && node.inputs.every((input) => ready.has(input)))) ready.add(node);
  }
  return ready;
}

const MOVES: ReadonlySet<string> = new Set(['Concat', 'Slice', 'Reshape', 'Transpose', 'Cast']);
