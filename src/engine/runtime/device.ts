import { env } from 'node:process';
import { type Device, EngineError } from '../engine.js';
import type { Graph } from '../graph/graph.js';
import { createMaker } from '../graph/make.js';
import { writeModel } from '../onnx/write.js';
import { openSession } from './session.js';

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
