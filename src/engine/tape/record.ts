import type { Tensor } from '@tensorflow/tfjs-core';
import { directly, EngineError, type Spec, type Step } from '../engine.js';
import type { Graph, Node } from '../graph/graph.js';
import { scoped } from '../scope.js';
import { checkedState, outputDType, refusePromise, mapValues } from '../step.js';
import { importBackend, layers, tf } from '../tf.js';
import { Recorder, RECORDER } from './recorder.js';
import { registerKernels } from './register.js';

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
    throw await explain(error);
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
  const made = step.run(library, given, layers);
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
async function explain(error: unknown): Promise<unknown> {
  if (!(error instanceof EngineError) || !error.operation || error.help) return error;
  const { operation, part } = error;
  const engines = [];
  for (const backend of ['cpu', 'wasm'] as const) {
    await importBackend(backend);
    if (tf.getKernel(operation, backend)) engines.push(backend === 'cpu' ? 'eager-js' : 'eager-wasm');
  }
  const help = engines.length > 0 ? `engine.kind: ${engines.join(' or ')} can run it` : 'no engine can run it';
  return new EngineError(error.message, { operation, help, cause: error, ...(part === undefined ? {} : { part }) });
}
