import { flagIn, type Graph, type Node, operand, type Pass, sizeOf } from '../graph/graph.js';
import { countUses, rewrite, topological } from '../graph/make.js';

/**
 * A product whose right factor is joined for it alone becomes the join of the products of the parts, where that moves fewer numbers.
 *
 *     X [Z_i, Z_f, Z_o]        ->        [X Z_i, X Z_f, X Z_o]
 *
 * The gradient of a weight that all gates share: the right factor has a row for each time step and example, the product one for each input.
 */
export const cutRightFactors: Pass = {
  name: 'cut-right-factors',
  why: 'the gradient of a weight that gates share is joined, not the gradients of all gates over all time steps',
  apply(graph) {
    const cut = productsToCut(graph);
    if (cut.size === 0) return graph;
    return rewrite(graph, (product, of, make) => {
      if (!cut.has(product)) return undefined;
      const left = of(operand(product));
      const parts = operand(product, 1).inputs.map((part) => make('Gemm', [left, of(part)], product.attributes));
      return make('Concat', parts, { axis: 1 });
    });
  },
};

function productsToCut(graph: Graph): ReadonlySet<Node> {
  const uses = countUses(graph);
  const pays = (product: Node): boolean => {
    const [, right] = product.inputs;
    const columns = flagIn(product.attributes, 'transposeB') ? 0 : 1;
    const isJoined = right?.op === 'Concat' && right.attributes['axis'] === columns && uses.get(right) === 1;
    return product.inputs.length === 2 && isJoined && sizeOf(right.shape) > sizeOf(product.shape);
  };
  return new Set(topological(graph).filter((node) => node.op === 'Gemm' && pays(node)));
}
