import { flagIn, type Graph, groupBy, listIn, type Node, operand, type Pass, sameShape } from '../graph/graph.js';
import { countUses, type Make, rewrite, topological } from '../graph/make.js';
import { isLoneProduct, kindOf } from './products.js';

/**
 * A sum of matrix products of one kind becomes one product of the factors joined along the inner dimension; so does a sum of column sums.
 *
 *     sum_t A_t' B_t        ->        [A_1; A_2; ...]' [B_1; B_2; ...]
 *     sum_t 1' B_t          ->        1' [B_1; B_2; ...]
 *
 * The first is the gradient of a weight that is used at every time step, a third of all arithmetic of a recurrent net, and one long product
 * runs at the processor's peak where many short ones don't. The second is the gradient of the bias beside it, over the same join.
 */
export const sumOfProducts: Pass = {
  name: 'sum-of-products',
  why: 'one long matrix product is faster than many short ones and their sum',
  apply(graph) {
    const uses = countUses(graph);
    const kindOfTerm = (term: Node): string | undefined =>
      isLoneProduct(term, uses) ? kindOf(term) : summedRows(term, uses) ? 'rows' : undefined;
    const orders = joinOrders(graph, uses);
    return rewrite(graph, (node, of, make) => {
      if (node.op !== 'Sum') return undefined;
      const kinds = groupBy(node.inputs, (term) => (sameShape(term, node) ? kindOfTerm(term) : undefined));
      const rest = kinds.get(undefined) ?? [];
      kinds.delete(undefined);
      const groups = [...kinds].filter(([, terms]) => terms.length > 1);
      if (groups.length === 0) return undefined;
      const single = [...kinds.values()].filter((terms) => terms.length === 1).flat();
      const joined = groups.map(([kind, terms]) => {
        if (kind !== 'rows') return longProduct(inTime(terms), of, make);
        const summed = terms.map((term) => summedRows(term, uses) ?? term);
        return longSum(orders.get(setOf(summed)) ?? summed, node, of, make);
      });
      return make('Sum', [...rest.map(of), ...single.map(of), ...joined]);
    });
  },
};

type Uses = ReadonlyMap<Node, number>;

/** The matrix whose rows a term adds up. The gradient of a broadcast operand is reshaped after its reduction: looked through. */
function summedRows(term: Node, uses: Uses): Node | undefined {
  let node = term;
  while (node.op === 'Reshape' && uses.get(node) === 1) node = operand(node);
  if (node.op !== 'ReduceSum' || uses.get(node) !== 1) return undefined;
  const rows = operand(node);
  return rows.shape.length === 2 && listIn(node.attributes, 'axes').join() === '0' ? rows : undefined;
}

/** Products in the order in which their factors stand in the program: equal sets of factors are then joined in equal order, and once. */
const inTime = (products: readonly Node[]): readonly Node[] => products.toSorted((a, b) => begin(a) - begin(b));

const begin = (product: Node): number => Math.min(...product.inputs.map((factor) => factor.at));

const setOf = (nodes: readonly Node[]): string =>
  nodes
    .map((node) => node.id)
    .toSorted((a, b) => a - b)
    .join();

/** For each set of factors that products join: the order in which they do. */
function joinOrders(graph: Graph, uses: Uses): ReadonlyMap<string, readonly Node[]> {
  const orders = new Map<string, readonly Node[]>();
  for (const sum of topological(graph).filter((node) => node.op === 'Sum')) {
    const products = inTime(sum.inputs.filter((term) => isLoneProduct(term, uses)));
    for (const side of [0, 1]) {
      const factors = products.map((product) => operand(product, side));
      orders.set(setOf(factors), factors);
    }
  }
  return orders;
}

function longProduct(products: readonly Node[], of: (old: Node) => Node, make: Make): Node {
  const attributes = products[0]?.attributes ?? {};
  const join = (side: number, axis: number): Node =>
    make(
      'Concat',
      products.map((product) => of(operand(product, side))),
      { axis },
    );
  const left = join(0, flagIn(attributes, 'transposeA') ? 0 : 1);
  const right = join(1, flagIn(attributes, 'transposeB') ? 1 : 0);
  return make('Gemm', [left, right], attributes);
}

function longSum(matrices: readonly Node[], sum: Node, of: (old: Node) => Node, make: Make): Node {
  const rows = make('Concat', matrices.map(of), { axis: 0 });
  const ones = make.filled(1, [1, rows.shape[0] ?? 1], 'float32');
  return make('Reshape', [make('Gemm', [ones, rows], { transposeA: 0, transposeB: 0 })], { shape: sum.shape });
}
