import type { TensorInfo } from '@tensorflow/tfjs-core';
import { EngineError } from '../engine.js';
import { sizeOf } from '../graph/node.js';
import { tf } from '../tf.js';
import type { Kernel, Kernels } from './kernel.js';
import { comparison } from './kernels/comparison.js';
import { complex, toComplex } from './kernels/complex.js';
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
import { type Recorder, RECORDER } from './recorder.js';

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

/** Registers every kernel under the recorder's name, once: kernels get the backend that is current when they run. */
let registered = false;
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  const register = (kernelName: string, kernelFunc: (backend: Recorder, call: Call) => TensorInfo | TensorInfo[]): void =>
    tf.registerKernel({
      kernelName,
      backendName: RECORDER,
      kernelFunc: ({ inputs, attrs, backend }) =>
        kernelFunc(backend as Recorder, { inputs: inputs as Call['inputs'], attributes: attrs ?? {} }),
    });

  for (const name of kernelNames()) {
    register(name, aliases[name] ?? ((backend, call) => backend.run(kernelFor(name, call, backend), call.inputs, call.attributes)));
  }
}

/** A kernel by its name and by what it is called on: some come for real numbers, for complex ones, and for making these of those. */
function kernelFor(name: string, { inputs, attributes }: Call, { what }: Recorder): Kernel {
  const ofComplex = Object.values(inputs).some((tensor) => tensor?.dtype === 'complex64');
  const makesComplex = name === 'Complex' || attributes['dtype'] === 'complex64';
  const kernel = (ofComplex ? complex : makesComplex ? toComplex : kernels)[name];
  if (kernel) return kernel;
  const on = ofComplex && kernels[name] ? ' on complex numbers' : '';
  throw new EngineError(`${what} uses the operation ${name}${on}, which can't be compiled`, { operation: name });
}

interface Call {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Kernels whose value is their operand under another shape: as TensorFlow.js counts memory, they share its data. */
export const aliases: Readonly<Record<string, (backend: Recorder, call: Call) => TensorInfo>> = {
  Identity: (backend, { inputs }) => share(backend, inputs['x']),
  Reshape(backend, { inputs, attributes }) {
    const x = given(inputs['x']);
    const shape = tf.util.inferFromImplicitShape(attributes['shape'] as number[], sizeOf(x.shape));
    tf.util.assert(
      sizeOf(shape) === sizeOf(x.shape),
      () =>
        `The new shape (${shape}) has ${sizeOf(shape)} elements and the old shape (${x.shape}) has ${sizeOf(x.shape)} elements. ` +
        'The new shape and old shape must have the same number of elements.',
    );
    return share(backend, x, shape);
  },
  ExpandDims(backend, { inputs, attributes }) {
    const x = given(inputs['input']);
    const rank = x.shape.length;
    const dim = attributes['dim'] as number;
    tf.util.assert(-(rank + 1) <= dim, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
    return share(backend, x, x.shape.toSpliced(dim < 0 ? dim + rank + 1 : dim, 0, 1));
  },
};

function share(backend: Recorder, tensor: TensorInfo | undefined, shape?: number[]): TensorInfo {
  const x = given(tensor);
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: shape ?? x.shape, dtype: x.dtype };
}

function given(tensor: TensorInfo | undefined): TensorInfo {
  if (!tensor) throw new Error('a kernel was called without its operand');
  return tensor;
}

/** All names of kernels that TensorFlow.js has: it exports each as a constant that holds itself. */
export const kernelNames = (): readonly string[] => Object.entries(tf).flatMap(([name, value]) => (name === value ? [name] : []));
