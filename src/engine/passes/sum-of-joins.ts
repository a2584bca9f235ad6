import { groupBy, type Node, numberIn, operand, type Pass, sameShape } from '../graph/graph.js';
import { countUses, type Make, rewrite } from '../graph/make.js';

/**
 * A sum of tensors that are joined alike becomes the join of the sums of their parts.
 *
 *     [A_1, B_1] + [A_2, B_2] + ...        ->        [A_1 + A_2 + ..., B_1 + B_2 + ...]
 *
 * The gradient of a weight that every step of a sequence splits, as the GRU of tf.layers does with that of its gates, is such a sum over time;
 * the sums within are of products, for `sum-of-products`.
 */
export const sumOfJoins: Pass = {
  name: 'sum-of-joins',
  why: 'the gradient of a weight that every time step splits is added up part by part, which are sums of products',
  apply(graph) {
    const uses = countUses(graph);
    return rewrite(graph, (sum, of, make) => {
      if (sum.op !== 'Sum') return undefined;
      const isJoin = (term: Node): boolean => term.op === 'Concat' && uses.get(term) === 1 && sameShape(term, sum);
      const groups = [...groupBy(sum.inputs.filter(isJoin), cutsOf).values()].filter((joins) => joins.length > 1);
      if (groups.length === 0) return undefined;
      const others = sum.inputs.filter((term) => !groups.some((joins) => joins.includes(term)));
      return make('Sum', [...others.map(of), ...groups.map((joins) => joinOfSums(joins, of, make))]);
    });
  },
};

/** Along which axis, and how long each part is. */
const cutsOf = (join: Node): string => {
  const axis = numberIn(join.attributes, 'axis');
  return `${axis}: ${join.inputs.map(({ shape }) => shape[axis])}`;
};

function joinOfSums(joins: readonly Node[], of: (old: Node) => Node, make: Make): Node {
  const [first] = joins;
  const sums = (first?.inputs ?? []).map((_, part) =>
    make(
      'Sum',
      joins.map((join) => of(operand(join, part))),
    ),
  );
  return make('Concat', sums, first?.attributes);
}
