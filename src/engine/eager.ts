import { arch } from 'node:os';
import { setImmediate as otherEvents } from 'node:timers/promises';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Digits, digitsOf, nativeDigits, packageVersion } from './digits.js';
import {
  type Arrays,
  atOnce,
  type Device,
  directly,
  type Engine,
  EngineError,
  type EngineKind,
  type EngineOptions,
  numerics,
  type Program,
  type Specs,
  type State,
  type Step,
  type Within,
} from './engine.js';
import { sizeOf, type TypedArray } from './graph/graph.js';
import { loadNative, threadsOfNative } from './native.js';
import { checkedState, mapValues, outputDType, refusePromise, scoped } from './step.js';
import { layers, loadTensorFlow, tf } from './tf.js';

type EagerKind = Exclude<EngineKind, 'compiled'>;

/** A step run as it is written, operation by operation, on one of TensorFlow.js's own backends: the reference for the compiled engine. */
export async function createEagerEngine(
  { kind, device, threads }: EngineOptions & { readonly kind: EagerKind },
  within = directly,
): Promise<Engine> {
  const backend = BACKENDS[kind];
  const digits = await start(backend, device, threads);
  return {
    kind,
    device: kind === 'tensorflow' ? device : 'cpu',
    numerics: numerics[kind],
    digits,
    state: (specs, values) => createState(backend, specs, values),
    stepsPerCall: async () => 1,
    compile: async (step, steps) => createProgram(backend, step, steps, within),
    async dispose() {},
  };
}

const BACKENDS = { 'eager-js': 'cpu', 'eager-wasm': 'wasm', tensorflow: 'tensorflow' } as const satisfies Record<EagerKind, string>;
type BackendName = (typeof BACKENDS)[EagerKind];

async function start(backend: BackendName, device: Device, threads: number): Promise<Digits> {
  switch (backend) {
    case 'cpu':
      await loadTensorFlow(backend);
      return digitsOf({ '@tensorflow/tfjs-backend-cpu': packageVersion('@tensorflow/tfjs-backend-cpu') });
    case 'wasm': {
      await loadTensorFlow(backend);
      const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
      return digitsOf(
        { '@tensorflow/tfjs-backend-wasm': packageVersion('@tensorflow/tfjs-backend-wasm') },
        `${arch()}${simd ? ', vectors in WebAssembly' : ''}`,
      );
    }
    case 'tensorflow': {
      const { packageName, version } = await loadNative(device, threads);
      await tf.setBackend(backend);
      // TensorFlow shares sums out among its threads, and has as many as the environment says.
      return {
        ...nativeDigits({ tensorflow: version, [packageName]: packageVersion(packageName) }, device),
        threads: threadsOfNative(threads),
      };
    }
    default:
      return backend satisfies never;
  }
}

/** Tensors by name. A tensor that several states share lives as long as one of them. */
class TensorState implements State {
  readonly tensors: Readonly<Record<string, Shared>>;
  #disposed = false;

  constructor(tensors: Readonly<Record<string, Shared>>) {
    this.tensors = tensors;
    for (const shared of Object.values(tensors)) shared.holders++;
  }

  async read(name: string): Promise<TypedArray> {
    this.refuseDisposed();
    const shared = this.tensors[name];
    if (!shared) throw new EngineError(`the state has no tensor "${name}"`);
    return numbersOf(shared.tensor);
  }

  refuseDisposed(): void {
    if (this.#disposed) throw new EngineError('the state was disposed of');
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const shared of Object.values(this.tensors)) if (--shared.holders === 0) shared.tensor.dispose();
  }
}

interface Shared {
  readonly tensor: Tensor;
  holders: number;
}

function createState(backend: BackendName, specs: Specs, values: Arrays): State {
  const tensors = scoped(backend, 'the state', (_, survive) =>
    mapValues(specs, ({ shape, dtype }, name) => {
      const data = values[name];
      if (!data) throw new EngineError(`the state "${name}" was given no numbers`);
      return { tensor: survive(tf.tensor(data.slice(), [...shape], dtype)), holders: 0 };
    }),
  );
  return new TensorState(tensors);
}

function createProgram(backend: BackendName, step: Step, steps: number, within: Within): Program {
  let outputs: Specs = {};
  return {
    steps,
    // Known after the first call: nothing else tells what a step gives.
    get outputs() {
      return outputs;
    },
    async run(given, inputs, scalars) {
      if (!(given instanceof TensorState)) throw new EngineError(`${step.name} was given the state of another engine`);
      given.refuseDisposed();
      let state = new TensorState(given.tensors);
      const collected: Record<string, TypedArray[]> = {};
      for (let index = 0; index < steps; index++) {
        const before = state;
        const taken = {
          inputs: mapValues(step.inputs, (spec, name) => partOf(step, name, inputs[name], spec.shape, steps, index)),
          scalars: Object.fromEntries(step.scalars.map((name) => [name, partOf(step, name, scalars[name], [], steps, index)])),
        };
        const made = within(() => runStep(backend, step, before, taken));
        state = made.state;
        before.dispose();
        for (const [name, { data }] of Object.entries(made.outputs)) (collected[name] ??= []).push(data);
        outputs = mapValues(made.outputs, ({ shape, dtype }) => ({ shape: [steps, ...shape], dtype }));
      }
      // Nothing above lets the process look up: signals, heartbeat and the live line have their turn between calls.
      await otherEvents();
      return { state, outputs: mapValues(collected, joined) };
    },
    dispose() {},
  };
}

interface Value {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

function runStep(
  backend: BackendName,
  step: Step,
  state: TensorState,
  given: { readonly inputs: Arrays; readonly scalars: Arrays },
): { readonly state: TensorState; readonly outputs: Readonly<Record<string, Value>> } {
  return scoped(backend, step.name, (library, survive) => {
    const tensors = mapValues(state.tensors, ({ tensor }) => tensor);
    const made = step.run(
      library,
      {
        state: mapValues(step.state, (_, name) => pick(tensors, name)),
        inputs: mapValues(step.inputs, ({ shape, dtype }, name) => tf.tensor(pick(given.inputs, name), [...shape], dtype)),
        scalars: mapValues(given.scalars, (value) => tf.tensor(value, [], 'float32')),
      },
      layers,
      atOnce,
    );
    refusePromise(made, step);
    const next = mapValues(checkedState(made.state, step), (tensor, name): Shared => {
      const known = state.tensors[name];
      return known?.tensor === tensor ? known : { tensor: survive(tf.clone(tensor)), holders: 0 };
    });
    const outputs = mapValues(made.outputs, (tensor): Value => {
      const dtype = outputDType(tensor, step);
      return { data: numbersOf(tensor), shape: tensor.shape, dtype };
    });
    return { state: new TensorState({ ...state.tensors, ...next }), outputs };
  });
}

function pick<T>(record: Readonly<Record<string, T>>, name: string): T {
  const found = record[name];
  if (found === undefined) throw new EngineError(`the state has no tensor "${name}"`);
  return found;
}

/** The numbers of one of the steps that were stacked along the leading axis. */
function partOf(
  step: Step,
  name: string,
  data: TypedArray | undefined,
  shape: readonly number[],
  steps: number,
  index: number,
): TypedArray {
  if (!data) throw new EngineError(`${step.name} was given no "${name}"`);
  const size = sizeOf(shape);
  if (data.length !== size * steps) {
    throw new EngineError(
      `${step.name} takes "${name}" as [${[steps, ...shape].join(', ')}], ${size * steps} numbers; it was given ${data.length}`,
    );
  }
  return data.slice(index * size, (index + 1) * size);
}

function numbersOf(tensor: Tensor): TypedArray {
  const data = tensor.dataSync();
  return tensor.dtype === 'int32' ? Int32Array.from(data) : tensor.dtype === 'bool' ? Uint8Array.from(data) : Float32Array.from(data);
}

function joined(parts: readonly TypedArray[]): TypedArray {
  const numbers = parts.flatMap((part) => [...part]);
  const [first] = parts;
  return first instanceof Float32Array
    ? Float32Array.from(numbers)
    : first instanceof Int32Array
      ? Int32Array.from(numbers)
      : Uint8Array.from(numbers);
}
