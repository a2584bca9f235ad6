import { mostRuns } from '../cost.js';
import { addsLast } from '../graph/side-by-side.js';
import { rewrite } from '../graph/make.js';
import type { Pass } from '../graph/graph.js';

/**
 * In a small program an addend that its product would begin with is added behind it.
 *
 *     Gemm(A, B, c)        ->        Sum(Gemm(A, B), c)
 *
 * The runtime begins the sums of such a product with the addend where there is one row or column, and adds it at the end where a stack of products is
 * computed. So that a run has the same digits alone and beside others (`graph/side-by-side.ts`), it is added at the end in either.
 */
export const addApart: Pass = {
  name: 'add-apart',
  why: 'a small program gives the same digits alone and side by side with other runs',
  apply(graph) {
    if (mostRuns(graph) === 1) return graph;
    return rewrite(graph, (node, of, make) => {
      if (node.op !== 'Gemm' || addsLast(node)) return undefined;
      const [left, right, addend] = node.inputs.map(of);
      if (!left || !right || !addend) return undefined;
      return make.exact('Sum', [make.exact('Gemm', [left, right], node.attributes), addend]);
    });
  },
};
