import { existsSync, readFileSync } from 'node:fs';

/** Processor time in seconds since some moment: of the whole machine, and of this process with all children that have ended. */
export interface Load {
  readonly wall: number;
  readonly machine: number;
  readonly own: number;
}

const TICKS_A_SECOND = 100;

/** Undefined where the system doesn't say: then nobody can tell whether others work. */
export function readLoad(): Load | undefined {
  if (!existsSync('/proc/stat')) return undefined;
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = numbers(
    readFileSync('/proc/stat', 'utf8').split('\n')[0],
  );
  const own = numbers(readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) \S/s, ''));
  return {
    wall: performance.now() / 1000,
    machine: (user + nice + system + interrupts + soft + stolen) / TICKS_A_SECOND,
    // Of proc_pid_stat(5): utime, stime, cutime, cstime, which are fields 14 to 17; the first that is left here is field 4.
    own: own.slice(10, 14).reduce((sum, ticks) => sum + ticks, 0) / TICKS_A_SECOND,
  };
}

/** How many processors' worth of work others did between two readings. */
export function othersBetween(before: Load | undefined, after: Load | undefined): number {
  if (!before || !after) return 0;
  return Math.max(0, (after.machine - before.machine - (after.own - before.own)) / (after.wall - before.wall));
}

const numbers = (line = ''): number[] =>
  line
    .trim()
    .split(/\s+/)
    .map(Number)
    .filter((number) => !Number.isNaN(number));
