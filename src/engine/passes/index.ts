import type { Pass } from '../graph/graph.js';
import { biasRow } from './bias-row.js';
import { addApart } from './add-apart.js';
import { batchProducts } from './batch-products.js';
import { sliceOperands } from './slice-operands.js';
import { cutRightFactors } from './cut-right-factors.js';
import { flatState } from './flat-state.js';
import { flattenSums } from './flatten-sums.js';
import { gemmAddend } from './gemm-addend.js';
import { hoistAddend } from './hoist-addend.js';
import { joinLeftFactors } from './join-left-factors.js';
import { layout } from './layout.js';
import { nestSlices } from './nest-slices.js';
import { shareFactors } from './share-factors.js';
import { batchToGemm } from './batch-to-gemm.js';
import { subtract } from './subtract.js';
import { sumOfJoins } from './sum-of-joins.js';
import { sumOfProducts } from './sum-of-products.js';
import { pretransposeWeights } from './pretranspose-weights.js';

/** In this order, each for its reason. */
export const passes: readonly Pass[] = [
  batchToGemm, // what follows looks at matrices
  flattenSums, // the next four look for sums with all their terms
  sumOfJoins,
  batchProducts,
  sliceOperands, // of products that batch-products made; a share of its own in the sums
  sumOfProducts,
  joinLeftFactors, // of the long products
  hoistAddend,
  biasRow, // before it becomes an addend
  gemmAddend, // the bias stands beside its product now
  shareFactors,
  subtract,
  layout, // when every product has its final factors
  cutRightFactors, // as the layout joins them
  flatState,
  nestSlices, // from here on the constructor's rules would undo what is done
  pretransposeWeights,
  addApart, // of all products as they will be
];
