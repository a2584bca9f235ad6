import * as ort from './ort.js';
import { type Device, EngineError } from '../engine.js';

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
