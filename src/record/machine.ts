import { hostname } from 'node:os';
import { disk, readIfThere, type Files } from './files.js';

/** One process among all that ever ran on all machines. */
export interface ProcessIdentity {
  readonly host: string;
  /** Differs after every start of the machine; empty where the system doesn't tell. */
  readonly boot: string;
  readonly pid: number;
  /** When the process started, in the system's own words; a pid is used again, this isn't. Empty where the system doesn't tell. */
  readonly started: string;
}

/** What a process can know of the processes beside it. */
export interface Machine {
  readonly self: ProcessIdentity;
  /** As `started` of that process; null when there is none of this pid. */
  startOf(pid: number): string | null;
}

/** `isRunning` answers where there is no /proc: `process.kill(pid, 0)`. */
export function thisMachine(pid: number, isRunning: (pid: number) => boolean, files: Files = disk): Machine {
  const boot = readIfThere(files, '/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  const startOf = (other: number): string | null => (boot === '' ? (isRunning(other) ? '' : null) : startTicks(files, other));
  return { self: { host: hostname(), boot, pid, started: startOf(pid) ?? '' }, startOf };
}

/**
 * Field 22 of /proc/PID/stat: clock ticks from the machine's start to the process's. The name in field 2 may hold spaces and brackets.
 * A process that ended and whose parent hasn't asked yet (field 3 is Z) does nothing more.
 */
function startTicks(files: Files, pid: number): string | null {
  const stat = readIfThere(files, `/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && fields[0] !== 'Z' && fields[0] !== 'X' ? (fields[19] ?? null) : null;
}
