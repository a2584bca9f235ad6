import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus, release, totalmem } from 'node:os';

/** Where and with what figures were made. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory_gigabytes: number;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
  /** Of the code; `+` when files differ from it. */
  readonly commit: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_gigabytes: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    onnxruntime: onnxruntimeVersion(),
    commit: commit(),
  };
}

export const describeMachine = ({ processor, cores, memory_gigabytes, system, node, onnxruntime, commit: of }: Machine): string =>
  `${processor}, ${cores} cores, ${memory_gigabytes} GB, ${system}; Node ${node.slice(1)}, ONNX Runtime ${onnxruntime}; commit ${of}`;

const onnxruntimeVersion = (): string => (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;

function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
