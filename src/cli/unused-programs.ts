import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A compiled program that nobody will miss: it is made again when it is wanted. */
interface UnusedProgram {
  readonly kind: 'program';
  readonly path: string;
  readonly bytes: number;
  readonly message: string;
}

const DAY = 86_400_000;
/** Milliseconds without use. */
const FORGOTTEN = 30 * DAY;
/** What was begun and not finished belongs to nobody after an hour. */
const GIVEN_UP = 3_600_000;
/** Bytes of all programs together; the least recently used go first. */
const MOST = 2 ** 30;

/** Of the user's compiled programs, those that weren't used for a month, and the oldest beyond 1 GiB in all. `now` is milliseconds since 1970. */
export function unusedPrograms(folder: string | null, now: number): readonly UnusedProgram[] {
  let kept = 0;
  return filesIn(folder)
    .toSorted((a, b) => b.used - a.used)
    .flatMap(({ path, bytes, used }): readonly UnusedProgram[] => {
      const unused = (message: string): readonly UnusedProgram[] => [{ kind: 'program', path, bytes, message }];
      if (/\.(part|lock)$/.test(path)) return now - used > GIVEN_UP ? unused('a process ended before it was whole') : [];
      if (now - used > FORGOTTEN) return unused(`a compiled program that nobody used for ${Math.floor((now - used) / DAY)} days`);
      if (kept + bytes > MOST) return unused('a compiled program, among the oldest of more than 1 GiB');
      kept += bytes;
      return [];
    });
}

/** Reading a file counts as its use where the disk keeps track of that, at least once a day. */
function filesIn(folder: string | null): readonly { readonly path: string; readonly bytes: number; readonly used: number }[] {
  try {
    const names = folder === null ? [] : readdirSync(folder).filter((name) => /\.(program|part|lock)$/.test(name));
    return names.map((name) => {
      const path = join(folder ?? '', name);
      const { size, atimeMs, mtimeMs } = statSync(path);
      return { path, bytes: size, used: Math.max(atimeMs, mtimeMs) };
    });
  } catch {
    return []; // no folder, or another process tidies it
  }
}
