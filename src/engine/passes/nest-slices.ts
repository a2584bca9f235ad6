import { type Graph, groupBy, type Node, numberIn, operand, type Pass } from '../graph/graph.js';
import { rewrite, topological } from '../graph/make.js';

/**
 * A slice within a larger slice of the same tensor is cut from that.
 *
 *     s[0:40], s[8:40], s[40:60]        ->        a = s[0:40],  a[8:40],  s[40:60]
 *
 * The outer slices then don't overlap, and are written as one Split instead of one operation each: the parameters in a flat state, of which some
 * are read both alone and with their neighbours. After all else: the constructor's rules would undo it.
 */
export const nestSlices: Pass = {
  name: 'nest-slices',
  why: 'the parameters of a flat state are cut apart by one operation',
  apply(graph) {
    const outer = outerSlices(graph);
    if (outer.size === 0) return graph;
    return rewrite(
      graph,
      (node, of, make) => {
        const around = outer.get(node);
        return around && make.exact('Slice', [of(around)], { ...node.attributes, begin: begin(node) - begin(around) });
      },
      { needs: (node) => [outer.get(node) ?? []].flat() },
    );
  },
};

const begin = (slice: Node): number => numberIn(slice.attributes, 'begin');
const end = (slice: Node): number => begin(slice) + numberIn(slice.attributes, 'size');

/** The smallest slice around each that lies in another; none where slices of one tensor overlap without lying in each other. */
function outerSlices(graph: Graph): ReadonlyMap<Node, Node> {
  const slices = topological(graph).filter((node) => node.op === 'Slice');
  const outer = new Map<Node, Node>();
  for (const cuts of groupBy(slices, (slice) => `${operand(slice).id} ${numberIn(slice.attributes, 'axis')}`).values()) {
    const found = nested(cuts);
    for (const [slice, around] of found ?? []) outer.set(slice, around);
  }
  return outer;
}

function nested(cuts: readonly Node[]): readonly (readonly [Node, Node])[] | undefined {
  const sorted = [...cuts].toSorted((a, b) => begin(a) - begin(b) || end(b) - end(a));
  const pairs: [Node, Node][] = [];
  const open: Node[] = [];
  for (const slice of sorted) {
    while (open.length > 0 && end(open.at(-1) ?? slice) <= begin(slice)) open.pop();
    const around = open.at(-1);
    if (around && end(slice) > end(around)) return undefined;
    if (around) pairs.push([slice, around]);
    open.push(slice);
  }
  return pairs;
}
