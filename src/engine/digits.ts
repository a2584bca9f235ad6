import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, hostname, platform, release } from 'node:os';
import { join } from 'node:path';
import { report, versions } from 'node:process';
import type { Device } from './engine.js';
import { processorFeatures } from './runtime/processor.js';

/**
 * What decides digits besides a step itself. Engines of one kind, device and numerics that state the same here give the same digits for the same
 * steps, bit for bit; where something differs, the last digits may.
 */
export interface Digits {
  /** Versions by package: first the one whose kernels compute, then TensorFlow.js, which says of what operations and gradients are made. */
  readonly libraries: Readonly<Record<string, string>>;
  /** Architecture, and the features by which kernels are chosen. */
  readonly processor: string;
  /** The operating system, with what gives its mathematical functions a version: `linux, glibc 2.36`. */
  readonly system: string;
  /** The engine of JavaScript: constants are folded, rates scheduled and metrics finished by its functions. */
  readonly javascript: string;
  /** The GPU. */
  readonly accelerator?: string;
  /** Threads, where another number of them gives other digits. */
  readonly threads?: number;
}

/** Where kernels are compiled for a processor: ONNX Runtime, TensorFlow. */
export const nativeDigits = (libraries: Digits['libraries'], device: Device): Digits => ({
  ...digitsOf(libraries, processorFeatures()),
  ...(device !== 'cpu' && { accelerator: acceleratorName(device) }),
});

/** `processor`: what of the processor decides digits besides its architecture. */
export const digitsOf = (libraries: Digits['libraries'], processor: string = arch()): Digits => ({
  libraries: { ...libraries, '@tensorflow/tfjs-core': packageVersion('@tensorflow/tfjs-core') },
  processor,
  system: systemName(),
  // Its functions change with these two numbers at most.
  javascript: `V8 ${versions.v8.split('.').slice(0, 2).join('.')}`,
});

export const packageVersion = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version;

/** On Linux, kernels take their mathematical functions from the C library, elsewhere from the system itself. */
function systemName(): string {
  if (platform() !== 'linux') return `${platform()} ${release()}`;
  // Looking up the names of network connections takes long, and says nothing of digits.
  const settings = report as unknown as { excludeNetwork?: boolean };
  const before = settings.excludeNetwork;
  settings.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { readonly header: { readonly glibcVersionRuntime?: string } };
  settings.excludeNetwork = before ?? false;
  return `linux, ${header.glibcVersionRuntime === undefined ? 'another C library' : `glibc ${header.glibcVersionRuntime}`}`;
}

const NVIDIA = '/proc/driver/nvidia/gpus';

/** By model where the driver tells it; else by the machine that the GPU is in. */
function acceleratorName(device: Device): string {
  const models = device === 'cuda' ? nvidiaModels() : [];
  return `${device}: ${models.length > 0 ? models.join(', ') : `the one of ${hostname()}`}`;
}

function nvidiaModels(): readonly string[] {
  try {
    return readdirSync(NVIDIA)
      .toSorted()
      .flatMap((gpu) => /^Model:\s*(.+?)\s*$/m.exec(readFileSync(join(NVIDIA, gpu, 'information'), 'utf8'))?.[1] ?? []);
  } catch {
    return [];
  }
}
