import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Folders of all runs of a store. */
export function runsIn(runs: string): readonly string[] {
  const below = (path: string, pattern: RegExp): readonly string[] => {
    try {
      return readdirSync(path)
        .filter((name) => pattern.test(name))
        .map((name) => join(path, name));
    } catch {
      return [];
    }
  };
  return below(runs, /^\d{18}$/).flatMap((experiment) => below(experiment, /^[0-9a-f]{32}$/));
}

export function readTag(run: string, key: string): string | undefined {
  try {
    return readFileSync(join(run, 'tags', key), 'utf8');
  } catch {
    return undefined;
  }
}

export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether there was a process to kill. */
export function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
