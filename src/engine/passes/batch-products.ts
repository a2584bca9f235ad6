import type { Graph, Node, Pass } from '../graph/graph.js';
import { flagIn, groupBy, operand, sameShape } from '../graph/node.js';
import { countUses, orderByNeeds, rewrite, topological } from '../graph/rewrite.js';

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
  apply(graph) {
    const groups = independentGroups(graph);
    if (groups.size === 0) return graph;
    return rewrite(
      graph,
      (node, of, make) => {
        const group = groups.get(node);
        if (!group) return undefined;
        const rows = make(
          'Concat',
          group.map((member) => of(operand(member))),
          { axis: 0 },
        );
        const product = make('Gemm', [rows, of(operand(node, 1))], node.attributes);
        const before = group.slice(0, group.indexOf(node));
        return make('Slice', [product], { axis: 0, begin: before.reduce((sum, member) => sum + height(member), 0), size: height(node) });
      },
      { needs: (node) => needs(node, groups) },
    );
  },
};

const LEAST = 3;

const height = (product: Node): number => product.shape[0] ?? 1;

/**
 * Which products are joined with which: member -> its whole group, in the order of the program.
 *
 * The products of one right factor are told apart by depth: the largest number of them on a path that ends in one. Products of equal depth can't
 * depend on each other, and joining all levels of one right factor can't make a ring. Groups of two right factors can, so each is judged
 * in the graph in which the earlier groups are one node already.
 */
function independentGroups(graph: Graph): ReadonlyMap<Node, readonly Node[]> {
  let order = topological(graph);
  const groups = new Map<Node, readonly Node[]>();
  const joined = joinedBySum(graph);
  for (const candidates of byRightFactor(order.filter((node) => !joined.has(node)))) {
    const levels = byDepth(order, groups, new Set(candidates)).filter((level) => level.length >= LEAST);
    for (const level of levels) {
      const group = [...level].toSorted((a, b) => a.at - b.at);
      for (const member of group) groups.set(member, group);
    }
    if (levels.length > 0) order = orderByNeeds(order, (node) => needs(node, groups));
  }
  return groups;
}

function byRightFactor(order: readonly Node[]): readonly (readonly Node[])[] {
  const products = order.filter((node) => node.op === 'Gemm' && node.inputs.length === 2 && !flagIn(node.attributes, 'transposeA'));
  const sets = groupBy(products, (product) => `${operand(product, 1).id} ${flagIn(product.attributes, 'transposeB')}`);
  return [...sets.values()].filter((set) => set.length >= LEAST);
}

/** Products that are added to another one of their kind, and to nothing else: `sum-of-products` makes one product of these. */
function joinedBySum(graph: Graph): ReadonlySet<Node> {
  const uses = countUses(graph);
  const sums = topological(graph).filter((node) => node.op === 'Sum');
  return new Set(
    sums.flatMap((sum) => {
      const terms = sum.inputs.filter(
        (term) => term.op === 'Gemm' && term.inputs.length === 2 && uses.get(term) === 1 && sameShape(term, sum),
      );
      return [...groupBy(terms, flagsOf).values()].filter((group) => group.length > 1).flat();
    }),
  );
}

const flagsOf = (product: Node): string => `${flagIn(product.attributes, 'transposeA')} ${flagIn(product.attributes, 'transposeB')}`;

function byDepth(
  order: readonly Node[],
  groups: ReadonlyMap<Node, readonly Node[]>,
  members: ReadonlySet<Node>,
): readonly (readonly Node[])[] {
  const depths = new Map<Node, number>();
  const levels: Node[][] = [];
  for (const node of order) {
    const first = groups.get(node)?.[0];
    const below = (need: Node): number => (depths.get(need) ?? 0) + (members.has(need) ? 1 : 0);
    const depth =
      first && depths.has(first) ? (depths.get(first) ?? 0) : needs(node, groups).reduce((most, need) => Math.max(most, below(need)), 0);
    depths.set(node, depth);
    if (members.has(node)) (levels[depth] ??= []).push(node);
  }
  return levels.filter((level) => level !== undefined);
}

/** A group is ready when all its members are: its first member waits for all their operands, the others for the first. */
function needs(node: Node, groups: ReadonlyMap<Node, readonly Node[]>): readonly Node[] {
  const group = groups.get(node);
  if (!group) return node.inputs;
  return node === group[0] ? group.flatMap((member) => member.inputs) : group.slice(0, 1);
}
