import type { Kernels } from './kernel.js';
import { comparison } from './kernels/comparison.js';
import { convolution } from './kernels/convolution.js';
import { creation } from './kernels/creation.js';
import { crop } from './kernels/crop.js';
import { dilation } from './kernels/dilation.js';
import { elementwise } from './kernels/elementwise.js';
import { image } from './kernels/image.js';
import { matrix } from './kernels/matrix.js';
import { normalisation } from './kernels/normalisation.js';
import { pooling } from './kernels/pooling.js';
import { reductions } from './kernels/reduction.js';
import { selection } from './kernels/selection.js';
import { shape } from './kernels/shape.js';

/** What the tape knows, by subject. */
export const families: Readonly<Record<string, Kernels>> = {
  elementwise,
  comparison,
  reductions,
  matrix,
  shape,
  selection,
  creation,
  convolution,
  pooling,
  dilation,
  normalisation,
  image,
  crop,
};

/** Every kernel of TensorFlow.js that can be compiled, by its name there. */
export const kernels: Kernels = Object.assign({}, ...Object.values(families));
