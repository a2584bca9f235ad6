import { flagIn, type Graph, groupBy, isConstant, type Node, operand, type Pass } from '../graph/graph.js';
import { type Make, topological } from '../graph/make.js';
import { independentGroups, isProduct, joinGroups } from './products.js';

/**
 * Products of one right factor with several left factors that are read transposed become one product, cut apart again.
 *
 *     X' Z,  H' Z,  1' Z        ->        P = [X, H, 1]' Z,  P[0:28],  P[28:284],  P[284:285]
 *
 * The gradients of a gate's weights and of its bias: the right factor, the gate's gradients of all time steps, is by far the largest, and every
 * product packs it anew. Where joining the left factors moves more numbers than are packed less, they stay apart.
 */
export const joinLeftFactors: Pass = {
  name: 'join-left-factors',
  why: 'gradients of the weights and of the bias of a gate are one product',
  apply: (graph) =>
    joinGroups(graph, independentGroups(graph, byRightFactor(graph), 2), (product, group, of, make) => {
      const lefts = group.map((member) => columns(member, of, make));
      return make('Gemm', [make('Concat', lefts, { axis: 1 }), of(operand(product, 1))], { ...product.attributes, transposeA: 1 });
    }),
};

const isTransposed = (product: Node): boolean => flagIn(product.attributes, 'transposeA');

/** The left factor as one that is read transposed. Turning a constant costs nothing. */
function columns(product: Node, of: (old: Node) => Node, make: Make): Node {
  const left = of(operand(product));
  return isTransposed(product) ? left : make('Transpose', [left], { perm: [1, 0] });
}

function byRightFactor(graph: Graph): readonly (readonly Node[])[] {
  const products = topological(graph).filter((node) => isProduct(node) && (isTransposed(node) || isConstant(operand(node))));
  const sets = groupBy(products, (product) => `${operand(product, 1).id} ${flagIn(product.attributes, 'transposeB')}`);
  return [...sets.values()].filter((set) => set.some(isTransposed) && pays(set));
}

/** Per row of the right factor: numbers that are packed less, against numbers of left factors that are moved. */
function pays(products: readonly Node[]): boolean {
  const width = products[0]?.shape[1] ?? 0;
  return (products.length - 1) * width > products.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
}
