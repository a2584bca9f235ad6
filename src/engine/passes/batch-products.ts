import { flagIn, type Graph, groupBy, type Node, operand, type Pass, sameShape } from '../graph/graph.js';
import { countUses, topological } from '../graph/make.js';
import { independentGroups, isLoneProduct, isProduct, joinGroups, kindOf } from './products.js';

/**
 * Products with one right factor that don't depend on each other become one product of all their rows, cut apart again.
 *
 *     x_1 W, x_2 W, x_3 W        ->        P = [x_1; x_2; x_3] W,  P[0:B], P[B:2B], P[2B:3B]
 *
 * In a recurrent net: the readout of all time steps. Left to `sum-of-products` are products that are only added to another one (the input's
 * share of a gate: reading it back as an addend costs more than a longer inner dimension) and those with a transposed left factor (gradients
 * of weights). Two products stay apart: joining and cutting costs more than it gains.
 */
export const batchProducts: Pass = {
  name: 'batch-products',
  why: 'what does not depend on the recurrence is one product over all time steps',
  apply: (graph) =>
    joinGroups(graph, independentGroups(graph, byRightFactor(graph), LEAST), (product, group, of, make) => {
      const lefts = group.map((member) => of(operand(member)));
      return make('Gemm', [make('Concat', lefts, { axis: 0 }), of(operand(product, 1))], product.attributes);
    }),
};

const LEAST = 3;

function byRightFactor(graph: Graph): readonly (readonly Node[])[] {
  const joined = joinedBySum(graph);
  const products = topological(graph).filter((node) => isProduct(node) && !flagIn(node.attributes, 'transposeA') && !joined.has(node));
  const sets = groupBy(products, (product) => `${operand(product, 1).id} ${kindOf(product)}`);
  return [...sets.values()].filter((set) => set.length >= LEAST);
}

/** Products that are added to another one of their kind, and to nothing else: `sum-of-products` makes one product of these. */
function joinedBySum(graph: Graph): ReadonlySet<Node> {
  const uses = countUses(graph);
  const sums = topological(graph).filter((node) => node.op === 'Sum');
  return new Set(
    sums.flatMap((sum) => {
      const terms = sum.inputs.filter((term) => isLoneProduct(term, uses) && sameShape(term, sum));
      return [...groupBy(terms, kindOf).values()].filter((group) => group.length > 1).flat();
    }),
  );
}
