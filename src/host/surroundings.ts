import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus, hostname, release, totalmem, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { type EnvironmentFacts, type GitFacts, parseGitStatus } from '../record/environment.js';
import { version } from '../version.js';

/** Where and by whom a run is made, as far as a person may want to know later. None of it is part of the work key. */
export interface Surroundings {
  readonly user: string;
  /** Null outside of a repository. */
  readonly git: GitFacts | null;
  readonly environment: EnvironmentFacts;
}

/** Looks at this machine, and at the repository that `folder` lies in. */
export async function lookAround(folder: string): Promise<Surroundings> {
  const processors = cpus();
  return {
    user: userName(),
    git: parseGitStatus(await gitStatus(folder)),
    environment: {
      retable: version,
      node: process.version,
      platform: process.platform,
      architecture: process.arch,
      system: release(),
      host: hostname(),
      processor: processors[0]?.model ?? '',
      cores: processors.length,
      memoryBytes: totalmem(),
      packages: Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name)])),
    },
  };
}

/** What could change a digit. */
const PACKAGES = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', 'onnxruntime-node'] as const;

function packageVersion(name: string): string {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version;
  } catch {
    return 'absent';
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // no entry in the password file, as in some containers
  }
}

async function gitStatus(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, 'status', '--porcelain=v2', '--branch'], { timeout: 5_000 });
    return stdout;
  } catch {
    return '';
  }
}
