import { flagIn, type Graph, groupBy, type Node, operand, type Pass, sizeOf } from '../graph/graph.js';
import { countUses, rewrite, topological } from '../graph/make.js';
import { isLoneProduct } from './products.js';

/**
 * A bias that is added to a product of joined factors becomes one more row of the right one.
 *
 *     [x, h] [W; U] + b        ->        [x, h, 1] [W; U; b]
 *
 * Where a product has an addend, the runtime first copies that into every row of the result, which the product then reads and writes again. As
 * a row it costs one more term of each sum. Where the left factors aren't joined along that dimension anyway, or the right one is so large that
 * joining it costs more than the copies, the bias stays an addend.
 */
export const biasRow: Pass = {
  name: 'bias-row',
  why: 'a product takes its bias as one more term of its sums, not as a matrix of copies',
  apply(graph) {
    const biased = biasedSums(graph);
    if (biased.size === 0) return graph;
    return rewrite(graph, (sum, of, make) => {
      const found = biased.get(sum);
      if (!found) return undefined;
      const { product, bias } = found;
      const { attributes, shape } = product;
      const [left, right] = [of(operand(product, 0)), of(operand(product, 1))];
      const [turnedLeft, turnedRight] = [flagIn(attributes, 'transposeA'), flagIn(attributes, 'transposeB')];
      const ones = make.filled(1, turnedLeft ? [1, shape[0] ?? 1] : [shape[0] ?? 1, 1], product.dtype);
      const row = make('Reshape', [of(bias)], { shape: turnedRight ? [shape[1] ?? 1, 1] : [1, shape[1] ?? 1] });
      const factors = [
        make('Concat', [left, ones], { axis: turnedLeft ? 0 : 1 }),
        make('Concat', [right, row], { axis: turnedRight ? 1 : 0 }),
      ];
      const others = sum.inputs.filter((term) => term !== product && term !== bias).map(of);
      return make('Sum', [...others, make('Gemm', factors, attributes)]);
    });
  },
};

interface Biased {
  readonly product: Node;
  readonly bias: Node;
}

function biasedSums(graph: Graph): ReadonlyMap<Node, Biased> {
  const uses = countUses(graph);
  const found = topological(graph).flatMap((sum): (readonly [Node, Biased])[] => {
    if (sum.op !== 'Sum') return [];
    const product = sum.inputs.find((term) => isLoneProduct(term, uses) && joinsInner(term));
    const bias = product && sum.inputs.find((term) => isRowOf(term, product));
    return bias ? [[sum, { product, bias }]] : [];
  });
  const alike = groupBy(
    found,
    ([, { product, bias }]) => `${operand(product, 1).id} ${bias.id} ${flagIn(product.attributes, 'transposeB')}`,
  );
  return new Map([...alike.values()].filter((group) => pays(group.map(([, each]) => each.product))).flat());
}

/** Is the left factor joined along the inner dimension? */
function joinsInner(product: Node): boolean {
  const left = operand(product);
  return left.op === 'Concat' && left.attributes['axis'] === (flagIn(product.attributes, 'transposeA') ? 0 : 1);
}

/** A vector as long as the product's rows, the same for each of several. */
function isRowOf(term: Node, product: Node): boolean {
  const [rows = 1, columns = 1] = product.shape;
  const isRow = term.shape.length === 1 || (term.shape.length === 2 && term.shape[0] === 1);
  return rows > 1 && isRow && term.shape.at(-1) === columns;
}

/** Copies of the bias that are spared, against numbers of the right factor that are joined. */
const pays = (products: readonly Node[]): boolean => {
  const [first] = products;
  return first !== undefined && products.reduce((sum, { shape }) => sum + sizeOf(shape), 0) >= sizeOf(operand(first, 1).shape);
};
