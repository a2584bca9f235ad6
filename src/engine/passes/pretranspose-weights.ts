import { flagIn, type Graph, groupBy, type Node, operand, type Pass, sizeOf } from '../graph/graph.js';
import { type Make, rewrite, topological } from '../graph/make.js';

/**
 * A left factor that many products read transposed is transposed once.
 *
 *     W' h_1, W' h_2, W' h_3, ...        ->        V = W',  V h_1, V h_2, V h_3, ...
 *
 * In a recurrence whose layout was turned: the weights, which the runtime otherwise turns again at every time step, a quarter of the time of such a
 * product. `operation`: what the turning costs for being done at all, in numbers turned.
 *
 * The matrix is turned as one of rank 3. ONNX Runtime draws a plain transposition into the products that read it, which would undo this.
 */
export const createPretransposeWeights = ({ operation }: { readonly operation: number }): Pass => ({
  name: 'pretranspose-weights',
  why: 'a weight is transposed once, not at every time step',
  apply(graph) {
    const pays = (matrix: Node, readers: number): boolean => readers * sizeOf(matrix.shape) > TURNING * sizeOf(matrix.shape) + operation;
    const factors = factorsReadTurned(graph, pays);
    if (factors.size === 0) return graph;
    return rewrite(graph, (node, of, make) => {
      if (!readsTurned(node) || !factors.has(operand(node))) return undefined;
      const [factor, ...others] = node.inputs.map(of);
      return factor && make.exact('Gemm', [turn(make, factor), ...others], { ...node.attributes, transposeA: 0 });
    });
  },
});

export const pretransposeWeights = createPretransposeWeights({ operation: 1 << 14 });

/** Turning a matrix costs this much for each number, where a product that reads it turned pays 1. */
const TURNING = 4;

const readsTurned = (node: Node): boolean => node.op === 'Gemm' && flagIn(node.attributes, 'transposeA');

function factorsReadTurned(graph: Graph, pays: (matrix: Node, readers: number) => boolean): ReadonlySet<Node> {
  const products = groupBy(topological(graph).filter(readsTurned), (product) => operand(product));
  return new Set([...products].flatMap(([factor, readers]) => (pays(factor, readers.length) ? [factor] : [])));
}

function turn(make: Make, matrix: Node): Node {
  const [rows = 1, columns = 1] = matrix.shape;
  const turned = make.exact('Transpose', [make.exact('Reshape', [matrix], { shape: [1, rows, columns] })], { perm: [0, 2, 1] });
  return make.exact('Reshape', [turned], { shape: [columns, rows] });
}
