import { execFile } from 'node:child_process';
import { cpus, hostname, release, totalmem, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { version } from '../version.js';

/** Where and by whom a run is made, as far as a person may want to know later. None of it is part of the work key. */
export interface Surroundings {
  readonly user: string;
  readonly host: string;
  /** What `git status --porcelain=v2 --branch` says of the folder; empty outside of a repository. */
  readonly gitStatus: string;
  readonly environment: Readonly<Record<string, unknown>>;
}

export async function lookAround(folder: string): Promise<Surroundings> {
  const processors = cpus();
  return {
    user: userName(),
    host: hostname(),
    gitStatus: await gitStatus(folder),
    environment: {
      retable: version,
      node: process.version,
      v8: process.versions.v8,
      platform: process.platform,
      architecture: process.arch,
      system: release(),
      host: hostname(),
      processor: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memory_gigabytes: Math.round(totalmem() / 1e8) / 10,
    },
  };
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
