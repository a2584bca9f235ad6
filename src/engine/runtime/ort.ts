import './silence.js';
import { createRequire } from 'node:module';
import type * as Runtime from 'onnxruntime-node';

/**
 * The door to ONNX Runtime: what is said here and in `silence.ts` is said before its library is loaded. Its package is of the older kind of modules,
 * and required as such: imported, Node would first read all of its files for the names that they export.
 */
const runtime = createRequire(import.meta.url)('onnxruntime-node') as typeof Runtime;

export const { env, InferenceSession, Tensor } = runtime;
export type InferenceSession = Runtime.InferenceSession;
export type Tensor = Runtime.Tensor;

// What goes wrong outside of a session is thrown as well; on stderr it would be said twice, the first time to nobody.
env.logLevel = 'fatal';
