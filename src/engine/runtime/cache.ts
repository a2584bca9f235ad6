import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { breakLock, tryLock, type Unlock } from './lock.js';

/** Something that took long to make: facts about it, and its bytes. */
interface Entry {
  readonly facts: unknown;
  readonly bytes: Uint8Array;
}

/**
 * A folder of files named by what made them. A file that is damaged, cut short or of another layout is as good as none, and a folder that
 * can't be written costs time, never a run.
 */
export interface Cache {
  read(key: string): Promise<Entry | undefined>;
  write(key: string, entry: Entry): Promise<void>;
  /**
   * What several processes want to make and one shall: gives what `find` finds, waiting while a living process has the right to make it, else that
   * right, to be given back. `between` is called while it waits. Nobody waits for longer than a minute.
   */
  findOrTake<T>(
    right: string,
    find: () => Promise<T | undefined>,
    between: () => void,
  ): Promise<{ readonly found: T } | { readonly unlock: Unlock }>;
  /** Calls `body` with the name of a file that doesn't exist yet, and gives the bytes that it left there, if any. */
  collect(body: (path: string) => Promise<void>): Promise<Uint8Array | undefined>;
}

export function openCache(folder: string): Cache {
  const pathOf = (key: string): string => join(folder, `${key}.program`);
  const temporary = (): string => join(folder, `${randomUUID()}.part`);
  return {
    async read(key) {
      const bytes = await readFile(pathOf(key)).catch(() => undefined);
      return bytes && decode(key, bytes);
    },
    async write(key, entry) {
      const part = temporary();
      try {
        await makeFolder(folder);
        await writeFile(part, encode(key, entry));
        await rename(part, pathOf(key));
      } catch {
        await rm(part, { force: true }).catch(() => undefined);
      }
    },
    async findOrTake(right, find, between) {
      const path = join(folder, `${right}.lock`);
      const began = performance.now();
      await makeFolder(folder).catch(() => undefined);
      for (let pause = SHORTEST; ; pause = Math.min(2 * pause, LONGEST)) {
        const unlock = await tryLock(path);
        // Asked once the lock is there: until it was given back, its last holder may have made it.
        const found = await find();
        if (found !== undefined) await unlock?.();
        if (found !== undefined) return { found };
        if (unlock) return { unlock };
        if (performance.now() - began > PATIENCE) {
          await breakLock(path);
          return { unlock: async () => {} };
        }
        between();
        await wait(pause);
      }
    },
    async collect(body) {
      const part = temporary();
      const usable = await makeFolder(folder).then(
        () => true,
        () => false,
      );
      if (!usable) return undefined;
      try {
        await body(part);
        return await readFile(part).catch(() => undefined);
      } finally {
        await rm(part, { force: true }).catch(() => undefined);
      }
    },
  };
}

/** Milliseconds between two looks at what another process makes. */
const SHORTEST = 5;
const LONGEST = 100;
/** Milliseconds after which whoever makes it is not waited for any more. */
const PATIENCE = 60_000;

/** Makes a folder and those above it, one after the other: where the kernel makes none, as in `/proc`, Node's own way never ends. */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder).catch(async (error: unknown) => {
    // Another process may have made it just now.
    if (!(await isFolder(folder))) throw error;
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Counts up when entries come to hold something else, or a program of the same digits is made better. */
const FORMAT = 4;

/** SHA-256 of everything that an entry depends on, as canonical as JSON with keys in a fixed order is. */
export const keyOf = (ingredients: Readonly<Record<string, unknown>>): string => hash(JSON.stringify({ format: FORMAT, ...ingredients }));

/** One line of JSON, then the bytes. */
function encode(key: string, { facts, bytes }: Entry): Uint8Array {
  const body = JSON.stringify(facts);
  const head = JSON.stringify({ key, checksum: hash(key, body, bytes), facts: body });
  return Buffer.concat([Buffer.from(`${head}\n`), bytes]);
}

function decode(key: string, file: Buffer): Entry | undefined {
  const end = file.indexOf('\n');
  try {
    const head: unknown = JSON.parse(file.toString('utf8', 0, end));
    if (typeof head !== 'object' || head === null || !('key' in head) || !('checksum' in head) || !('facts' in head)) return undefined;
    const bytes = new Uint8Array(file.subarray(end + 1));
    if (head.key !== key || typeof head.facts !== 'string' || head.checksum !== hash(key, head.facts, bytes)) return undefined;
    return { facts: JSON.parse(head.facts), bytes };
  } catch {
    return undefined;
  }
}

function hash(...parts: readonly (string | Uint8Array)[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}
