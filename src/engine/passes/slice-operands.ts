import { flagIn, type Graph, type Node, operand, type Pass, sameShape, sizeOf } from '../graph/graph.js';
import { countUses, readersOf, rewrite, topological } from '../graph/make.js';
import { isLoneProduct, isProduct, kindOf } from './products.js';

/**
 * Rows of a product that are added to other products are made there: the smaller left factor is cut, not the product.
 *
 *     P = A B,  P[0:2] + x W,  P[2:4] + y W        ->        A[0:2] B + x W,  A[2:4] B + y W
 *
 * The gradient that the readout of all time steps sends back to each is such a P, where the gates' gradients are joined already or will be:
 * `sum-of-products` makes the inner dimension a little longer, which costs less than to read an addend back. In an LSTM of 256 it is 1,052 in
 * place of 1,024, which spares the processor rows that lie 4,096 bytes apart and push each other out of its first cache. Where there is
 * nothing to be joined with, in a net of one gate, joining costs what it gains.
 */
export const sliceOperands: Pass = {
  name: 'slice-operands',
  why: 'a share in a sum of products is made by a longer product, not by one of its own',
  apply(graph) {
    const cut = productsToCut(graph);
    return rewrite(graph, (slice, of, make) => {
      if (slice.op !== 'Slice' || !cut.has(operand(slice))) return undefined;
      const { inputs, attributes } = operand(slice);
      const [left, right] = inputs.map(of);
      const axis = flagIn(attributes, 'transposeA') ? 1 : 0;
      return left && right && make('Gemm', [make('Slice', [left], { ...slice.attributes, axis }), right], attributes);
    });
  },
};

/** Products larger than their left factor that are only read row by row, at least every other time to be added to products of their kind. */
function productsToCut(graph: Graph): ReadonlySet<Node> {
  const order = topological(graph);
  const uses = countUses(graph);
  const readers = readersOf(order);
  const isAdded = (slice: Node, product: Node): boolean => {
    const [sum] = readers(slice);
    if (sum?.op !== 'Sum' || uses.get(slice) !== 1) return false;
    const terms = sum.inputs.filter((term) => isLoneProduct(term, uses) && sameShape(term, sum) && kindOf(term) === kindOf(product));
    return terms.length > 1 || terms.some(({ inputs }) => inputs.some(({ op }) => op === 'Concat'));
  };
  const pays = (product: Node): boolean => {
    const slices = readers(product);
    const onlyRows = slices.every(({ op, attributes }) => op === 'Slice' && attributes['axis'] === 0);
    const added = slices.filter((slice) => isAdded(slice, product));
    return onlyRows && uses.get(product) === slices.length && added.length > 0 && 2 * added.length >= slices.length;
  };
  return new Set(order.filter((node) => isProduct(node) && sizeOf(operand(node).shape) < sizeOf(node.shape) && pays(node)));
}
