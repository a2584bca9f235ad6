import { createRequire } from 'node:module';
import { env } from 'node:process';
import { type Device, EngineError } from './engine.js';
import { tf } from './tf.js';

/** TensorFlow's own library as TensorFlow.js's backend: a package that a person installs, with a part that is compiled or fetched for the machine. */
export type Native =
  | { readonly state: 'absent' }
  | { readonly state: 'unusable'; readonly packageName: string; readonly reason: string }
  | { readonly state: 'working'; readonly packageName: string; readonly version: string; readonly device: Device };

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** The first of the packages that works, else the first that is there. One process can load one of them. */
export async function findNative(load: (packageName: string) => Promise<unknown> = loadPackage): Promise<Native> {
  let unusable: Native | undefined;
  for (const packageName of PACKAGES) {
    try {
      await load(packageName);
      return { state: 'working', packageName, ...describeBackend() };
    } catch (error) {
      if (!isAbsent(error, packageName)) unusable ??= { state: 'unusable', packageName, reason: firstLine(error) };
    }
  }
  return unusable ?? { state: 'absent' };
}

const THREADS = 'TF_NUM_INTRAOP_THREADS';

/** How many threads share an operation: what the environment says, else as many as asked for. */
export const threadsOfNative = (asked: number): number => Number(env[THREADS] ?? asked);

/**
 * Makes the backend `tensorflow` the current one; says what to do where it can't be had on the device. TensorFlow asks the environment for its
 * threads, once in a process, and what a person said there stands.
 */
export async function loadNative(
  device: Device,
  threads: number,
  find: () => Promise<Native> = findNative,
): Promise<Extract<Native, { readonly state: 'working' }>> {
  for (const name of [THREADS, 'TF_NUM_INTEROP_THREADS']) env[name] ??= String(threads);
  const found = await find();
  const help = helpFor(found);
  switch (found.state) {
    case 'absent':
      throw new EngineError('the engine "tensorflow" needs @tensorflow/tfjs-node, which is not installed', { help, code: 'absent' });
    case 'unusable':
      throw new EngineError(`${found.packageName} is installed, but its native part can't be loaded: ${found.reason}`, {
        help,
        code: 'unusable',
      });
    case 'working':
      if (found.device === device) return found;
      throw new EngineError(`${found.packageName} computes on ${found.device} here, and the document says engine.device: ${device}`, {
        help: `use engine.device: ${found.device}`,
        code: 'other-device',
      });
    default:
      return found satisfies never;
  }
}

/** What a person can do about the state in which a package is. */
export function helpFor(found: Native): string {
  switch (found.state) {
    case 'absent':
      return 'npm install @tensorflow/tfjs-node@4.22.0 (with a GPU: tfjs-node-gpu); or engine.kind: compiled, which is faster and needs nothing';
    case 'unusable':
      return `npm rebuild ${found.packageName}; npm 12 and later need npm install-scripts approve ${found.packageName} before that`;
    case 'working':
      return '';
    default:
      return found satisfies never;
  }
}

async function loadPackage(packageName: string): Promise<unknown> {
  // Removed in Node 23, and called by the package at every operation.
  const require = createRequire(import.meta.url);
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const before = tf.getBackend();
  const loaded: unknown = require(packageName);
  // It makes itself the current backend.
  if (before) await tf.setBackend(before);
  return loaded;
}

/** What the package registers knows its library's version, and whether a GPU was found. */
function describeBackend(): { readonly version: string; readonly device: Device } {
  const backend = tf.findBackend('tensorflow') as unknown as {
    readonly isUsingGpuDevice?: boolean;
    readonly binding?: { readonly TF_Version?: string };
  } | null;
  if (!backend) throw new Error('it registers no backend: it has another copy of @tensorflow/tfjs-core');
  return { version: backend.binding?.TF_Version ?? 'unknown', device: backend.isUsingGpuDevice ? 'cuda' : 'cpu' };
}

/** Told apart from a package whose own parts are missing. */
const isAbsent = (error: unknown, packageName: string): boolean =>
  error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${packageName}'`);

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]?.trim() ?? '';
