import type { Pass } from '../graph/graph.js';
import { batchProducts } from './batch-products.js';
import { flatState } from './flat-state.js';
import { flattenSums } from './flatten-sums.js';
import { gemmAddend } from './gemm-addend.js';
import { hoistAddend } from './hoist-addend.js';
import { layout } from './layout.js';
import { nestSlices } from './nest-slices.js';
import { shareFactors } from './share-factors.js';
import { simplify } from './simplify.js';
import { stacksAsRows } from './stacks-as-rows.js';
import { subtract } from './subtract.js';
import { sumOfJoins } from './sum-of-joins.js';
import { sumOfProducts } from './sum-of-products.js';
import { turnFactors } from './turn-factors.js';

/** In this order, each for its reason. */
export const passes: readonly Pass[] = [
  simplify,
  stacksAsRows, // what follows looks at matrices
  flattenSums, // the next three look for sums with all their terms
  sumOfJoins,
  batchProducts,
  sumOfProducts,
  hoistAddend,
  gemmAddend, // the bias stands beside its product now
  shareFactors,
  subtract,
  layout, // when every product has its final factors
  flatState,
  nestSlices, // from here on the constructor's rules would undo what is done
  turnFactors,
];
