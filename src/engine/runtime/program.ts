import { env } from 'node:process';
import {
  type Arrays,
  type Device,
  directly,
  EngineError,
  type Made,
  type Natively,
  type Program,
  type SharedProgram,
  type State,
} from '../engine.js';
import { arrayOf, type Graph, sizeOf, type TypedArray } from '../graph/graph.js';
import { outputName } from '../onnx/model.js';
import * as ort from './ort.js';
import { Tensor } from './ort.js';
import { arrange, arrangeRows, type Buffer, type Buffers, HeldState, type Layout, type Port } from './state.js';

/** Milliseconds: a call that is longer than this is called as what takes long. */
const LONG = 2000;

/** A program on a session of ONNX Runtime. State goes in and comes out in place; inputs are not copied either. */
export function createProgram(what: string, session: Session, layout: Layout, pool: Buffers, natively: Natively = directly): Program {
  const renewed = renewedBlocks(layout);
  const outputs = layout.outputs.map((port) => ({ port, name: outputName(`output/${port.name}`) }));
  let disposed = false;
  let took = 0;

  return {
    steps: layout.steps,
    outputs: Object.fromEntries(layout.outputs.map(({ name, shape, dtype }) => [name, { shape, dtype }])),
    async run(state, inputs, scalars) {
      if (disposed) throw new EngineError(`${what} was disposed of`);
      const given = arrange(held(what, state), layout, pool);
      const feeds: Record<string, Tensor> = {};
      for (const [block, { name }] of layout.state.entries()) feeds[name] = bufferAt(given, block).tensor;
      for (const port of layout.inputs) feeds[`input/${port.name}`] = tensorOf(what, port, inputs);
      for (const port of layout.scalars) feeds[`scalar/${port.name}`] = tensorOf(what, port, scalars);

      const next = given.buffers.slice();
      const fetches: Record<string, Tensor> = {};
      for (const { block, name, dtype, shape } of renewed) {
        const buffer = pool.take(dtype, shape);
        next[block] = buffer;
        fetches[name] = buffer.tensor;
      }
      const collected: Record<string, Arrays[string]> = {};
      for (const { port, name } of outputs) {
        const data = arrayOf(port.dtype, sizeOf(port.shape));
        collected[port.name] = data;
        fetches[name] = new Tensor(port.dtype, data, port.shape);
      }

      try {
        const began = performance.now();
        await (took < LONG ? directly : natively)(() => session.run(feeds, fetches));
        took = performance.now() - began;
        return { state: given.renew(next), outputs: collected };
      } finally {
        given.dispose();
      }
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      void session.release();
    },
  };
}

/** A program for several runs side by side: each has a row of every tensor. */
export function createSharedProgram(what: string, session: Session, layout: Layout, runs: number, pool: Buffers): SharedProgram {
  const renewed = renewedBlocks(layout);
  const stacked = (ports: readonly Port[], kind: 'input' | 'scalar') =>
    ports.map((port) => {
      const data = arrayOf(port.dtype, runs * sizeOf(port.shape));
      return { port, name: `${kind}/${port.name}`, data, tensor: new Tensor(port.dtype, data, [runs, ...port.shape]) };
    });
  // Written anew by each call; the rows of runs that are not there stay zeros.
  const inputs = stacked(layout.inputs, 'input');
  const scalars = stacked(layout.scalars, 'scalar');
  return {
    async run(calls) {
      const states = calls.map(({ state }) => held(what, state));
      for (const [run, call] of calls.entries()) {
        for (const { port, data } of inputs) data.set(numbersOf(what, port, call.inputs), run * sizeOf(port.shape));
        for (const { port, data } of scalars) data.set(numbersOf(what, port, call.scalars), run * sizeOf(port.shape));
      }
      const given = arrangeRows(states, layout, runs, pool);
      try {
        const [first] = given;
        if (!first) return [];
        const feeds: Record<string, Tensor> = {};
        for (const { name, tensor } of [...inputs, ...scalars]) feeds[name] = tensor;
        for (const [block, { name }] of layout.state.entries()) feeds[name] = bufferAt(first, block).tensor;
        const next = first.buffers.slice(0, layout.state.length);
        const fetches: Record<string, Tensor> = {};
        for (const { block, name, dtype, shape } of renewed) {
          const buffer = pool.take(dtype, [runs, ...shape]);
          next[block] = buffer;
          fetches[name] = buffer.tensor;
        }
        const collected = layout.outputs.map((port) => {
          const data = arrayOf(port.dtype, runs * sizeOf(port.shape));
          fetches[outputName(`output/${port.name}`)] = new Tensor(port.dtype, data, [runs, ...port.shape]);
          return { port, data };
        });
        await session.run(feeds, fetches);
        return given.map((state, run): Made => ({
          state: state.renew([...next, ...state.buffers.slice(next.length)]),
          outputs: Object.fromEntries(
            collected.map(({ port: { name, shape }, data }) => {
              const size = sizeOf(shape);
              return [name, data.subarray(run * size, (run + 1) * size)];
            }),
          ),
        }));
      } finally {
        for (const state of given) state.dispose();
      }
    },
    dispose: () => void session.release(),
  };
}

/** Blocks of the state that come out anew: which one each is, and what the runtime calls it then. */
const renewedBlocks = ({ state }: Layout) =>
  state.flatMap((block, i) => (block.renewed ? [{ ...block, block: i, name: outputName(block.name) }] : []));

function held(what: string, state: State): HeldState {
  if (state instanceof HeldState) return state;
  throw new EngineError(`${what} was given the state of another engine`);
}

function bufferAt(state: HeldState, block: number): Buffer {
  const buffer = state.buffers[block];
  if (!buffer) throw new EngineError(`the state has no block ${block}`);
  return buffer;
}

const tensorOf = (what: string, port: Port, values: Arrays): Tensor => new Tensor(port.dtype, numbersOf(what, port, values), port.shape);

function numbersOf(what: string, { name, shape }: Port, values: Arrays): TypedArray {
  const data = values[name];
  if (!data) throw new EngineError(`${what} was given no "${name}"`);
  if (data.length !== sizeOf(shape)) {
    throw new EngineError(`${what} takes "${name}" as [${shape.join(', ')}], ${sizeOf(shape)} numbers; it was given ${data.length}`);
  }
  return data;
}

export type Session = ort.InferenceSession;

export interface SessionOptions {
  readonly device: Device;
  readonly threads: number;
  /** The model was optimised when it was saved. */
  readonly optimised?: boolean;
  /** The runtime takes memory for each value when it is made, not for all of them at once by a plan. */
  readonly unplanned?: boolean;
  /** Where to leave the optimised model. */
  readonly saveTo?: string;
}

/** What computes on a device, best first: an operation that a GPU has no kernel for runs on the processor. */
const PROVIDERS: Readonly<Record<Device, readonly string[]>> = { cpu: ['cpu'], webgpu: ['webgpu', 'cpu'], cuda: ['cuda', 'cpu'] };

/** Only errors: what the runtime warns about is of its own making. */
const ERRORS = 3;

export async function openSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: PROVIDERS[options.device],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: options.optimised ? 'disabled' : 'all',
      logSeverityLevel: ERRORS,
      enableMemPattern: !options.unplanned,
      ...(options.saveTo === undefined ? {} : { optimizedModelFilePath: options.saveTo }),
    });
  } catch (error) {
    throw new EngineError(`ONNX Runtime can't take the program: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

export const runtimeVersion = (): string => ort.env.versions.node ?? ort.env.versions.common;

type Accelerator = Exclude<Device, 'cpu'>;

const HELP: Readonly<Record<Accelerator, string>> = {
  webgpu: 'it takes a GPU with a driver for Vulkan, Metal or Direct3D 12; else use engine.device: cpu',
  cuda: 'it takes Linux, a GPU of NVIDIA, CUDA 12 with cuDNN, and npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12; else use engine.device: cpu',
};

/**
 * Whether a device is there is found out by opening a program on it: the smallest one.
 *
 * NVIDIA's libraries round the factors of a product to 10 bits unless they are told otherwise before they are loaded (TF32): results would
 * agree with other engines to three digits only.
 */
export async function assertDevice(device: Accelerator): Promise<void> {
  env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  const [{ createMaker }, { writeModel }] = await Promise.all([import('../graph/make.js'), import('../onnx/write.js')]);
  const make = createMaker();
  const x = make.input('x', [1], 'float32');
  const smallest: Graph = { inputs: [x], outputs: new Map([['y', make('Neg', [x])]]), packed: new Map() };
  try {
    const session = await openSession(writeModel('device', smallest), { device, threads: 1 });
    await session.release();
  } catch (error) {
    throw new EngineError(`ONNX Runtime finds no device ${device} here`, { help: HELP[device], cause: error });
  }
}
