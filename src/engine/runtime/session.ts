import * as ort from './ort.js';
import { env } from 'node:process';
import { type Device, EngineError } from '../engine.js';
import type { Graph } from '../graph/graph.js';
import { createMaker } from '../graph/make.js';
import { writeModel } from '../onnx/write.js';

export type Session = ort.InferenceSession;

export interface SessionOptions {
  readonly device: Device;
  readonly threads: number;
  /** The model was optimised when it was saved. */
  readonly optimised?: boolean;
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
