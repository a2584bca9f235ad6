import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';

export type Unlock = () => Promise<void>;

/** What stands in a lock: whose it is. `token`: of no other lock. */
interface Holder {
  readonly machine: string;
  readonly process: number;
  readonly token: string;
}

/**
 * Takes a lock, which is a file: undefined while a living process has it. One whose process has ended, killed or not, is nobody's. Of a process of
 * another machine nobody here can tell, so it counts as living: whoever waits should not wait for ever, and may break the lock.
 *
 * It spares work and guards nothing: where the file can't be made or taken away everybody gets it, and of two that find a dead one at the same
 * moment both may.
 */
export async function tryLock(path: string): Promise<Unlock | undefined> {
  const mine: Holder = { machine: hostname(), process: pid, token: randomUUID() };
  const unlock = async (): Promise<void> => {
    if ((await readHolder(path))?.token === mine.token) await breakLock(path);
  };
  const create = (): Promise<unknown> => writeFile(path, JSON.stringify(mine), { flag: 'wx' }).catch((error: unknown) => error);
  if (!isThere(await create())) return unlock;
  const holder = await readHolder(path);
  if (!holder || holder.machine !== mine.machine || isAlive(holder.process)) return undefined;
  await breakLock(path);
  await create();
  return unlock;
}

export const breakLock = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined);

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Undefined too while it is being written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(process: number): boolean {
  try {
    return kill(process, 0);
  } catch (error) {
    // Of another user, it lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
