import { type Graph, type Node, type Pass, sameShape } from '../graph/graph.js';
import { countUses, rewrite, topological } from '../graph/make.js';

/**
 * A sum of sums becomes one sum of all terms, where nothing else reads the inner ones.
 *
 *     Sum(Sum(Sum(a, b), c), d)        ->        Sum(a, b, c, d)
 *
 * It gains little by itself; the gradient of a weight is such a chain, and `sum-of-products` has to see it whole.
 */
export const flattenSums: Pass = {
  name: 'flatten-sums',
  why: 'a gradient that was added up term by term is seen whole by the passes that follow',
  apply(graph) {
    const inner = innerSums(graph);
    return rewrite(graph, (node, of, make) => {
      if (node.op !== 'Sum' || inner.has(node) || !node.inputs.some((term) => inner.has(term))) return undefined;
      return make('Sum', termsOf(node, inner).map(of));
    });
  },
};

/** Sums that are nothing but a term of another sum of the same shape. */
function innerSums(graph: Graph): ReadonlySet<Node> {
  const uses = countUses(graph);
  const sums = topological(graph).filter((node) => node.op === 'Sum');
  return new Set(sums.flatMap((sum) => sum.inputs.filter((term) => term.op === 'Sum' && uses.get(term) === 1 && sameShape(term, sum))));
}

/** The terms of nested sums, from left to right. */
function termsOf(sum: Node, inner: ReadonlySet<Node>): readonly Node[] {
  const terms: Node[] = [];
  const open = [sum];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node !== sum && !inner.has(node)) terms.push(node);
    else for (const term of node.inputs.toReversed()) open.push(term);
  }
  return terms;
}
