import { flagIn, type Graph, type Node } from '../graph/graph.js';
import { type Make, orderByNeeds, rewrite, topological } from '../graph/make.js';

/** Nodes that become one: member -> its whole group, in the order of the program. */
type Groups = ReadonlyMap<Node, readonly Node[]>;

/**
 * Which nodes of each set can become one node, since none depends on another: at least `least` of them.
 *
 * The members of a set are told apart by depth: the largest number of them on a path that ends in one. Members of equal depth can't depend on
 * each other, and joining all levels of one set can't make a ring. Groups of two sets can, so each is judged in the graph in which the
 * earlier groups are one node already.
 */
export function independentGroups(graph: Graph, sets: readonly (readonly Node[])[], least: number): Groups {
  let order = topological(graph);
  const groups = new Map<Node, readonly Node[]>();
  for (const set of sets) {
    const levels = byDepth(order, groups, new Set(set)).filter((level) => level.length >= least);
    for (const level of levels) {
      const group = level.toSorted((a, b) => a.at - b.at);
      for (const member of group) groups.set(member, group);
    }
    if (levels.length > 0) order = orderByNeeds(order, (node) => needsOf(node, groups));
  }
  return groups;
}

/** A group as one node, made alike whichever of its members asks first. */
type Join = (member: Node, group: readonly Node[], of: (old: Node) => Node, make: Make) => Node;

/** Every group becomes the one node that `join` makes of it, and each member its rows of that. */
export function joinGroups(graph: Graph, groups: Groups, join: Join): Graph {
  if (groups.size === 0) return graph;
  return rewrite(
    graph,
    (node, of, make) => {
      const group = groups.get(node);
      return group && make('Slice', [join(node, group, of, make)], { ...rowsOf(node, group) });
    },
    { needs: (node) => needsOf(node, groups) },
  );
}

/** A group is ready when all its members are: its first member waits for all their operands, the others for the first. */
function needsOf(node: Node, groups: Groups): readonly Node[] {
  const group = groups.get(node);
  if (!group) return node.inputs;
  return node === group[0] ? group.flatMap((member) => member.inputs) : group.slice(0, 1);
}

/** Where a member's rows lie among those of its group, as the attributes of a slice. */
function rowsOf(node: Node, group: readonly Node[]): { readonly axis: 0; readonly begin: number; readonly size: number } {
  const before = group.slice(0, group.indexOf(node));
  return { axis: 0, begin: before.reduce((sum, member) => sum + height(member), 0), size: height(node) };
}

const height = ({ shape }: Node): number => shape[0] ?? 1;

function byDepth(order: readonly Node[], groups: Groups, members: ReadonlySet<Node>): readonly (readonly Node[])[] {
  const depths = new Map<Node, number>();
  const levels: Node[][] = [];
  for (const node of order) {
    const first = groups.get(node)?.[0];
    const below = (need: Node): number => (depths.get(need) ?? 0) + (members.has(need) ? 1 : 0);
    const depth =
      first && depths.has(first) ? (depths.get(first) ?? 0) : needsOf(node, groups).reduce((most, need) => Math.max(most, below(need)), 0);
    depths.set(node, depth);
    if (members.has(node)) (levels[depth] ??= []).push(node);
  }
  return levels.filter((level) => level !== undefined);
}

/** A matrix product that adds nothing yet. */
export const isProduct = (node: Node): boolean => node.op === 'Gemm' && node.inputs.length === 2;

/** A product that is read once: it may be made otherwise. */
export const isLoneProduct = (node: Node, uses: ReadonlyMap<Node, number>): boolean => isProduct(node) && uses.get(node) === 1;

/** Which factors it reads transposed: products of one kind can be added up as one. */
export const kindOf = ({ attributes }: Node): string => `${flagIn(attributes, 'transposeA')} ${flagIn(attributes, 'transposeB')}`;
