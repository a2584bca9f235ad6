import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Processor time in seconds since some moment: of the whole machine, and of this process with all that it started. */
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
  return {
    wall: performance.now() / 1000,
    machine: (user + nice + system + interrupts + soft + stolen) / TICKS_A_SECOND,
    own: ticksOfFamily(process.pid, readProcesses()) / TICKS_A_SECOND,
  };
}

/** How many processors' worth of work others did between two readings. */
export function othersBetween(before: Load | undefined, after: Load | undefined): number {
  if (!before || !after) return 0;
  return Math.max(0, (after.machine - before.machine - (after.own - before.own)) / (after.wall - before.wall));
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Of itself, and of its children that have ended. */
  readonly ticks: number;
}

function readProcesses(): readonly Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      // Of proc_pid_stat(5): field 4 is the parent, 14 to 17 are utime, stime, cutime, cstime; the first that is left here is field 4.
      const [parent = 0, ...rest] = numbers(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \S/s, ''));
      return [{ pid: Number(pid), parent, ticks: rest.slice(9, 13).reduce((sum, ticks) => sum + ticks, 0) }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

function ticksOfFamily(pid: number, processes: readonly Process[]): number {
  const own = processes.find((each) => each.pid === pid)?.ticks ?? 0;
  return processes.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + ticksOfFamily(child.pid, processes), own);
}

const numbers = (line = ''): number[] =>
  line
    .trim()
    .split(/\s+/)
    .map(Number)
    .filter((number) => !Number.isNaN(number));
