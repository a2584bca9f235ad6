import type { Graph, Node, Pass } from '../graph/graph.js';
import { countUses, readersOf, rewrite, topological } from '../graph/make.js';

/**
 * When every slice of a product is only ever added to the same tensor, that is added to the whole product, before it is cut.
 *
 *     P[0:B] + b, P[B:2B] + b        ->        Q = P + b,  Q[0:B], Q[B:2B]
 *
 * The bias of a layer is then added for all time steps at once, and `gemm-addend` draws it into the product.
 */
export const hoistAddend: Pass = {
  name: 'hoist-addend',
  why: 'a bias is added once for all time steps',
  apply(graph) {
    const hoists = findHoists(graph);
    const gains = new Map(hoists.map(({ product, addend }) => [product, addend]));
    const loses = new Map(hoists.flatMap(({ sums, addend }) => sums.map((sum) => [sum, addend] as const)));
    return rewrite(
      graph,
      (node, of, make) => {
        const gained = gains.get(node);
        if (gained) return make('Sum', [make.again(node, node.inputs.map(of)), of(gained)]);
        const lost = loses.get(node);
        return lost && make('Sum', node.inputs.toSpliced(node.inputs.indexOf(lost), 1).map(of));
      },
      { needs: (node) => [gains.get(node) ?? []].flat() },
    );
  },
};

interface Hoist {
  readonly product: Node;
  readonly sums: readonly Node[];
  readonly addend: Node;
}

function findHoists(graph: Graph): readonly Hoist[] {
  const order = topological(graph);
  const uses = countUses(graph);
  const readers = readersOf(order);
  const taken = new Set<Node>();
  const hoists: Hoist[] = [];
  for (const product of order.filter((node) => node.op === 'Gemm')) {
    const slices = readers(product);
    const sums = slices.flatMap(readers);
    const [axis] = slices.map((slice) => slice.attributes['axis']);
    const onlyCut =
      slices.length > 0 &&
      uses.get(product) === slices.length &&
      slices.every((slice) => slice.op === 'Slice' && slice.attributes['axis'] === axis);
    const onlyAdded =
      slices.every((slice) => uses.get(slice) === readers(slice).length) && sums.every((sum) => sum.op === 'Sum' && !taken.has(sum));
    if (!onlyCut || !onlyAdded || new Set(sums).size < sums.length) continue;
    const addend = sums[0]?.inputs.find((term) => isAcross(term, product, slices) && sums.every((sum) => sum.inputs.includes(term)));
    if (!addend) continue;
    for (const sum of sums) taken.add(sum);
    hoists.push({ product, sums, addend });
  }
  return hoists;
}

/** An addend that doesn't extend along the cut and fits into the product, so that each slice gets the same of it. */
function isAcross(term: Node, product: Node, slices: readonly Node[]): boolean {
  const cut = slices[0]?.attributes['axis'];
  if (slices.includes(term) || term.shape.length > 2) return false;
  const padded = [1, 1, ...term.shape].slice(-2);
  return padded.every((length, axis) => length === 1 || (axis !== cut && length === product.shape[axis]));
}
