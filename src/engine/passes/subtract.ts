import { operand, type Pass } from '../graph/graph.js';
import { rewrite } from '../graph/make.js';

/**
 * What is made negative to be added is subtracted: the same bits, by one operation less.
 *
 *     x + (-y)        ->        x - y
 *
 * Not among the constructor's rules: the passes over sums want to see every term.
 */
export const subtract: Pass = {
  name: 'subtract',
  why: 'a negated term needs no operation of its own',
  apply: (graph) =>
    rewrite(graph, (sum, of, make) => {
      const [x, y] = sum.inputs;
      if (sum.op !== 'Sum' || !x || !y || sum.inputs.length > 2) return undefined;
      if (y.op === 'Neg') return make('Sub', [of(x), of(operand(y))]);
      return x.op === 'Neg' ? make('Sub', [of(y), of(operand(x))]) : undefined;
    }),
};
