import { createRequire } from 'node:module';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { registerGradients } from './gradients.js';
import { patchJs, patchWasm } from './patched-kernels.js';

/**
 * The one door to TensorFlow.js. Who imports this file loads it (a tenth of a second), so the rooms that can do without import those
 * that can't only when they need them.
 *
 * Its packages are of the older kind of modules, and required as such: imported, Node would first look for what kind they are and which names
 * they export, in more than a megabyte of text each, which takes longer than to load them.
 */
const require = createRequire(import.meta.url);
export const tf = require('@tensorflow/tfjs-core') as typeof TensorFlow;
// Loading it also registers the gradients of all operations.
export const layers = require('@tensorflow/tfjs-layers') as typeof Layers;

type BackendName = 'cpu' | 'wasm';

/** TensorFlow.js with one of its own backends set up and made the current one. */
export async function loadTensorFlow(backend: BackendName): Promise<typeof tf> {
  importBackend(backend);
  await tf.setBackend(backend);
  return tf;
}

/** Registers a backend's kernels, those that are wrong patched, without starting it. WebAssembly has JavaScript run some, so it comes with it. */
export function importBackend(backend: BackendName): void {
  require('@tensorflow/tfjs-backend-cpu');
  patchJs(tf);
  if (backend === 'cpu') return;
  require('@tensorflow/tfjs-backend-wasm');
  patchWasm(tf);
}

/**
 * Gives tensors the methods that the library itself calls on them (`x.flatten()` in the orthogonal initializer, `x.add(y)` in layers).
 * TensorFlow.js registers them in a module that Node can't import.
 */
function chainMethods(): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>;
  const library = tf as unknown as Record<string, unknown>;
  for (const name of CHAINED) {
    const operation = library[name];
    if (typeof operation !== 'function') throw new Error(`TensorFlow.js has no operation ${name}`);
    prototype[name] ??= function (this: TensorFlow.Tensor, ...rest: unknown[]): unknown {
      return operation(this, ...rest);
    };
  }
  prototype['flatten'] ??= function (this: TensorFlow.Tensor): TensorFlow.Tensor {
    return tf.reshape(this, [this.size]);
  };
  prototype['asScalar'] ??= function (this: TensorFlow.Tensor): TensorFlow.Tensor {
    return tf.reshape(this, []);
  };
  prototype['concat'] ??= function (
    this: TensorFlow.Tensor,
    others: TensorFlow.Tensor | TensorFlow.Tensor[],
    axis?: number,
  ): TensorFlow.Tensor {
    return tf.concat([this, ...(Array.isArray(others) ? others : [others])], axis);
  };
}

const CHAINED = (
  'abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh batchToSpaceND broadcastTo cast ceil clipByValue cos cosh cumprod cumsum ' +
  'depthToSpace div divNoNan dot elu equal erf euclideanNorm exp expandDims expm1 fft floor floorDiv gather greater greaterEqual ifft irfft ' +
  'isFinite isInf isNaN leakyRelu less lessEqual log log1p logSigmoid logSoftmax logSumExp logicalAnd logicalNot logicalOr logicalXor matMul max ' +
  'maximum mean min minimum mirrorPad mod mul neg norm notEqual oneHot onesLike pad pow prelu prod reciprocal relu relu6 reshape reverse rfft ' +
  'round rsqrt selu sigmoid sign sin sinh slice softmax softplus spaceToBatchND split sqrt square squaredDifference squeeze stack step ' +
  'stridedSlice sub sum tan tanh tile topk transpose unsortedSegmentSum unstack where zerosLike'
).split(' ');

chainMethods();
registerGradients(tf);
// Else its backends advertise other backends on the console.
tf.enableProdMode();
