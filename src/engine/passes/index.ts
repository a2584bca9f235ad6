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
import { sumOfProducts } from './sum-of-products.js';

/** In this order, each for its reason. */
export const passes: readonly Pass[] = [
  simplify,
  flattenSums, // the next two look for sums with all their terms
  batchProducts,
  sumOfProducts,
  hoistAddend,
  gemmAddend, // the bias stands beside its product now
  shareFactors,
  layout, // when every product has its final factors
  flatState,
  nestSlices, // last: the constructor's rules would undo it
];
