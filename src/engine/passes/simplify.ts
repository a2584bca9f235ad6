import type { Pass } from '../graph/graph.js';
import { infer } from '../graph/infer.js';
import { rewrite } from '../graph/rewrite.js';

/**
 * Every node is made again by the constructor, with its local rules: equal nodes become one, constants are folded, and what changes nothing goes.
 *
 *     Reshape(Reshape(x)), x * 1, Transpose(a) b, [x[0:2], x[2:4]]        ->        Reshape(x), x, a' b, x[0:4]
 */
export const simplify: Pass = {
  name: 'simplify',
  why: 'what the tape writes down twice, or to no effect, is computed once or not at all',
  apply: (graph) =>
    rewrite(graph, (node, of, make) =>
      infer(node.op, node.inputs, node.attributes) ? make(node.op, node.inputs.map(of), node.attributes) : undefined,
    ),
};
