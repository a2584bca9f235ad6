import type { NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { directly, EngineError, type Spec, type Step } from '../engine.js';
import { type Graph, isConstant, type Node, sizeOf } from '../graph/graph.js';
import { inJavaScript } from '../patched-kernels.js';
import { checkedState, mapValues, outputDType, refusePromise, scoped } from '../step.js';
import { importBackend, layers, tf } from '../tf.js';
import type { Kernel, Kernels } from './operations.js';
import { comparison, elementwise } from './kernels/elementwise.js';
import { complex, toComplex } from './kernels/complex.js';
import { convolution, dilation } from './kernels/convolution.js';
import { creation, shape } from './kernels/shape.js';
import { crop, image } from './kernels/image.js';
import { matrix } from './kernels/matrix.js';
import { normalisation, reductions } from './kernels/reduction.js';
import { pooling } from './kernels/pooling.js';
import { selection } from './kernels/selection.js';
import { loopOn, registerLoops } from './loop.js';
import { Recorder, RECORDER } from './recorder.js';

/**
 * Runs a step once on the recording backend: its program, for one step a call.
 *
 *     inputs of the graph     state/NAME    input/NAME [1, ...]    scalar/NAME [1]
 *     outputs of the graph    state/NAME    output/NAME [1, ...]
 *
 * State that comes out as it went in isn't an output. Leaves no tensor behind.
 */
export async function record(step: Step, within = directly): Promise<Graph> {
  try {
    return within(() => recordNow(step));
  } catch (error) {
    throw explain(error);
  }
}

/** Without a pause: TensorFlow.js has one current backend, and other programs may be recorded or run meanwhile. */
function recordNow(step: Step): Graph {
  registerKernels();
  const recorder = new Recorder(step.name);
  tf.registerBackend(RECORDER, () => recorder);
  try {
    return scoped(RECORDER, step.name, (library) => run(step, recorder, library));
  } finally {
    tf.removeBackend(RECORDER);
  }
}

function run(step: Step, recorder: Recorder, library: typeof tf): Graph {
  const { make } = recorder;
  const tensor = (node: Node): Tensor => tf.engine().makeTensorFromTensorInfo(recorder.infoOf(node));
  const unstacked = (node: Node): Tensor => tensor(make('Reshape', [node], { shape: node.shape.slice(1) }));
  const scalarSpecs = Object.fromEntries(step.scalars.map((name): [string, Spec] => [name, { shape: [], dtype: 'float32' }]));

  const state = mapValues(step.state, ({ shape, dtype }, name) => make.input(`state/${name}`, shape, dtype));
  const inputs = mapValues(step.inputs, ({ shape, dtype }, name) => make.input(`input/${name}`, [1, ...shape], dtype));
  const scalars = mapValues(scalarSpecs, ({ shape, dtype }, name) => make.input(`scalar/${name}`, [1, ...shape], dtype));
  const given = { state: mapValues(state, tensor), inputs: mapValues(inputs, unstacked), scalars: mapValues(scalars, unstacked) };
  const made = step.run(library, given, layers, loopOn(recorder));
  recorder.refuseUnread();
  refusePromise(made, step);

  const next = Object.entries(checkedState(made.state, step)).flatMap(([name, value]): [string, Node][] => {
    const node = recorder.nodeOf(value);
    return node === state[name] ? [] : [[`state/${name}`, node]];
  });
  const outputs = Object.entries(made.outputs).map(([name, value]): [string, Node] => {
    outputDType(value, step);
    const node = recorder.nodeOf(value);
    return [`output/${name}`, make('Reshape', [node], { shape: [1, ...node.shape] })];
  });
  return {
    inputs: [state, inputs, scalars].flatMap((nodes) => Object.values(nodes)),
    outputs: new Map([...next, ...outputs]),
    packed: new Map(),
  };
}

/** Adds who else could run what can't be recorded; TensorFlow.js's own complaints (shapes, ranks) pass as they are. */
function explain(error: unknown): unknown {
  if (!(error instanceof EngineError) || !error.operation || error.help) return error;
  const { operation, part } = error;
  const engines = [];
  for (const backend of ['cpu', 'wasm'] as const) {
    importBackend(backend);
    if (tf.getKernel(operation, backend)) engines.push(backend === 'cpu' ? 'eager-js' : 'eager-wasm');
  }
  const help = engines.length > 0 ? `engine.kind: ${engines.join(' or ')} can run it` : 'no engine can run it';
  return new EngineError(error.message, { operation, help, cause: error, ...(part === undefined ? {} : { part }) });
}

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

  registerLoops();
  for (const name of kernelNames()) {
    register(
      name,
      aliases[name] ??
        ((backend, call) =>
          ofKnownValues(name, call, backend) ?? backend.run(kernelFor(name, call, backend), call.inputs, call.attributes)),
    );
  }
}

/** Kernels whose results are as long as values say. A program's tensors have one shape: it takes them where all values are known while recording. */
export const sizedByValues: ReadonlySet<string> = new Set(
  (
    'NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 RaggedGather RaggedRange RaggedTensorToTensor SparseFillEmptyRows ' +
    'SparseReshape SparseSegmentMean SparseSegmentSum Unique'
  ).split(' '),
);

/** What TensorFlow.js's JavaScript makes of them becomes a constant of the program. */
function ofKnownValues(name: string, { inputs, attributes }: Call, backend: Recorder): TensorInfo | TensorInfo[] | undefined {
  if (!sizedByValues.has(name)) return undefined;
  const operands = Object.values(inputs).flatMap((tensor) => tensor ?? []);
  if (!operands.every((tensor) => isConstant(backend.nodeOf(tensor)))) return undefined;
  importBackend('cpu');
  const theirs = tf.getKernel(name, 'cpu');
  return theirs && inJavaScript(tf, theirs.kernelFunc)({ inputs, attrs: attributes as NamedAttrMap, backend });
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
