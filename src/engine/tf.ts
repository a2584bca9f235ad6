import * as tf from '@tensorflow/tfjs-core';
// Loading it also registers the gradients of all operations.
import * as layers from '@tensorflow/tfjs-layers';
import { registerGradients } from './gradients.js';
import { patchJs, patchWasm } from './patched-kernels.js';

/**
 * The one door to TensorFlow.js. Who imports this file loads it (a quarter of a second), so the rooms that can do without import those
 * that can't only when they need them.
 */
export { layers, tf };

type BackendName = 'cpu' | 'wasm';

/** TensorFlow.js with one of its own backends set up and made the current one. */
export async function loadTensorFlow(backend: BackendName): Promise<typeof tf> {
  await importBackend(backend);
  await tf.setBackend(backend);
  return tf;
}

/** Registers a backend's kernels, those that are wrong patched, without starting it. WebAssembly has JavaScript run some, so it comes with it. */
export async function importBackend(backend: BackendName): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  patchJs(tf);
  if (backend === 'cpu') return;
  await import('@tensorflow/tfjs-backend-wasm');
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
    prototype[name] ??= function (this: tf.Tensor, ...rest: unknown[]): unknown {
      return operation(this, ...rest);
    };
  }
  prototype['flatten'] ??= function (this: tf.Tensor): tf.Tensor {
    return tf.reshape(this, [this.size]);
  };
  prototype['asScalar'] ??= function (this: tf.Tensor): tf.Tensor {
    return tf.reshape(this, []);
  };
  prototype['concat'] ??= function (this: tf.Tensor, others: tf.Tensor | tf.Tensor[], axis?: number): tf.Tensor {
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
