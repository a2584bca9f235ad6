import { type Pass, sameShape } from '../graph/graph.js';
import { countUses, rewrite } from '../graph/make.js';
import { isLoneProduct } from './products.js';

/**
 * What is added to a product is added by it: the third operand of Gemm.
 *
 *     Sum(A B, C D, b)        ->        Gemm(C, D, Gemm(A, B, b))
 *
 * A gate `sigmoid(x W + h U + b)` is then two nodes and no addition, and ONNX Runtime fuses the activation into the second.
 */
export const gemmAddend: Pass = {
  name: 'gemm-addend',
  why: 'a matrix product adds its addend at no cost, and takes the activation that follows',
  apply(graph) {
    const uses = countUses(graph);
    return rewrite(graph, (sum, of, make) => {
      if (sum.op !== 'Sum') return undefined;
      const products = sum.inputs.filter((term) => isLoneProduct(term, uses) && sameShape(term, sum));
      if (products.length === 0) return undefined;
      const others = sum.inputs.filter((term) => !products.includes(term)).map(of);
      const [first, ...rest] = products;
      const start = others.length > 0 ? make('Sum', others) : first && of(first);
      const chained = others.length > 0 ? products : rest;
      return chained.reduce((addend, product) => addend && make('Gemm', [...product.inputs.map(of), addend], product.attributes), start);
    });
  },
};
