import { type Graph, type Node, operand, type Pass, sameShape } from '../graph/graph.js';
import { countUses, rewrite, topological } from '../graph/make.js';

/**
 * A product of several factors uses the product of two of them that is computed anyway.
 *
 *     c = i g,  (dc g) (i (1 - i))        ->        c = i g,  dc c (1 - i)
 *
 * The gradient of a gate multiplies by what the step forwards has multiplied already: three multiplications less in each step of an LSTM.
 * Only the order of the factors changes: an infinite factor or NaN shows as before, unless finite factors overflow on the way.
 */
export const shareFactors: Pass = {
  name: 'share-factors',
  why: 'gradients of gates take over the products that the step forwards has made',
  apply(graph) {
    const inner = innerProducts(graph);
    const known = knownPairs(graph, inner);
    return rewrite(graph, (node, of, make) => {
      if (!isProduct(node) || inner.has(node)) return undefined;
      const factors = factorsOf(node, inner);
      const pair = factors.length > 2 ? findPair(factors, (a, b) => earlier(node, known.get(pairKey(a, b)))) : undefined;
      if (!pair) return undefined;
      const [first, ...rest] = factors.filter((_, i) => i !== pair.i && i !== pair.j).map(of);
      return first && rest.reduce((product, factor) => make('Mul', [product, factor]), make('Mul', [first, of(pair.product)]));
    });
  },
};

const isProduct = (node: Node): boolean => node.op === 'Mul' && node.inputs.every((factor) => sameShape(factor, node));

/** Products that are nothing but a factor of another one. */
function innerProducts(graph: Graph): ReadonlySet<Node> {
  const uses = countUses(graph);
  const products = topological(graph).filter(isProduct);
  return new Set(products.flatMap((product) => product.inputs.filter((factor) => isProduct(factor) && uses.get(factor) === 1)));
}

const pairKey = (a: Node, b: Node): string => (a.id < b.id ? `${a.id} ${b.id}` : `${b.id} ${a.id}`);

/** Products of two factors that stay in the graph whatever becomes of the others. */
function knownPairs(graph: Graph, inner: ReadonlySet<Node>): ReadonlyMap<string, Node> {
  const products = topological(graph).filter(
    (node) => isProduct(node) && !inner.has(node) && node.inputs.every((factor) => !inner.has(factor)),
  );
  return new Map(products.map((product) => [pairKey(operand(product, 0), operand(product, 1)), product]));
}

function factorsOf(product: Node, inner: ReadonlySet<Node>): readonly Node[] {
  return product.inputs.flatMap((factor) => (inner.has(factor) ? factorsOf(factor, inner) : [factor]));
}

const earlier = (node: Node, product: Node | undefined): Node | undefined => (product && product.id < node.id ? product : undefined);

interface Pair {
  readonly i: number;
  readonly j: number;
  readonly product: Node;
}

function findPair(factors: readonly Node[], find: (a: Node, b: Node) => Node | undefined): Pair | undefined {
  for (const [i, a] of factors.entries()) {
    for (const [k, b] of factors.slice(i + 1).entries()) {
      const product = find(a, b);
      if (product) return { i, j: i + 1 + k, product };
    }
  }
  return undefined;
}
