import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createWhole, disk, type Files, listIfThere, makeFolders, readIfThere, replaceWhole } from './files.js';
import { ownFolder, type RunPlace, sharedTemporaryFile, type Store } from './layout.js';
import { changeMeta } from './writer.js';

/**
 * One process at a time works on a run. Leases are numbered files, `.retable/claims/000001.json`; the highest number holds the run. Whoever
 * finds it released, or its process dead, creates the next number, which the file system gives to one process only. No number is ever
 * used again, so a late comer who judged an older lease can't take the run from a living one. The number is a fencing token too: a process
 * that stood still until it counted as dead finds a higher one when it wakes up, and publishes nothing.
 */
export interface Lease {
  /** Tells other machines that this process lives; call it at least every `heartbeatSeconds`. False when the run was taken over meanwhile. */
  heartbeat(): boolean;
  /** Throws a TakenOverError when another process has the run by now. To be asked before whatever is published. */
  confirm(): void;
  /** Lets others go on with the run. */
  release(): void;
}

/** Thrown where this process stood still for so long that another one took its run over. */
export class TakenOverError extends Error {
  override readonly name = 'TakenOverError';
}

type LeaseResult =
  | { readonly kind: 'taken'; readonly lease: Lease }
  /** `doubtful`: a process of another machine, whose last sign of life bears a date that is not of the last minutes. */
  | { readonly kind: 'held'; readonly by: Holder; readonly doubtful: boolean };

export interface Holder extends ProcessIdentity {
  /** The last sign of life; milliseconds since 1970. */
  readonly seen: number;
}

export const heartbeatSeconds = 20;

/** A sign of life of another machine that bears a date within so many seconds is believed; those of this machine are looked up. */
export const silenceSeconds = 300;

/** A lease of another machine whose date is not believed is watched for so long by this process's own clock: two heartbeats and a little. */
export const watchSeconds = 2 * heartbeatSeconds + 5;

/** Takes the run where nobody living holds it, else says who does, at once: a doubtful holder counts as living. `now` is milliseconds since 1970. */
export const takeLease = (store: Store, run: RunPlace, machine: Machine, now: number): LeaseResult =>
  takeLeaseIn(store, leaseFolder(run), machine, now);

/** What waiting for a doubtful holder takes; `now` is milliseconds since 1970. */
interface Watch {
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
  /** Called before the watching begins. */
  readonly onWatch?: (by: Holder) => void;
}

const watching: Watch = { now: Date.now, wait };

/**
 * Takes the run where nobody living holds it. Clocks of machines differ and jump, and so may the date of a sign of life: a holder expires by how
 * long it has not renewed its lease while this process watched, whatever date the lease bears.
 */
export const watchAndTakeLease = (store: Store, run: RunPlace, machine: Machine, watch: Watch = watching): Promise<LeaseResult> =>
  watchAndTakeLeaseIn(store, leaseFolder(run), machine, watch);

/** Takes any right that one process has at a time, by the folder of its leases, as `watchAndTakeLease` takes a run. */
export async function watchAndTakeLeaseIn(store: Store, folder: string, machine: Machine, watch: Watch = watching): Promise<LeaseResult> {
  const found = takeLeaseIn(store, folder, machine, watch.now());
  if (found.kind === 'taken' || !found.doubtful) return found;
  watch.onWatch?.(found.by);
  const first = lastLease(store, folder);
  for (let seconds = 0; seconds < watchSeconds; seconds++) {
    await watch.wait(1000);
    const by = readHolder(store, folder, first);
    if (lastLease(store, folder) !== first || by?.seen !== found.by.seen) return takeLeaseIn(store, folder, machine, watch.now());
  }
  return takeLeaseIn(store, folder, machine, watch.now(), { lease: first, seen: found.by.seen });
}

/** `expired`: a lease that was watched, and was not renewed. */
export function takeLeaseIn(
  store: Store,
  folder: string,
  machine: Machine,
  now: number,
  expired?: { readonly lease: number; readonly seen: number },
): LeaseResult {
  makeFolders(store.files, folder);
  for (;;) {
    const last = lastLease(store, folder);
    const holder = last && readHolder(store, folder, last);
    const life = holder && !(expired?.lease === last && expired.seen === holder.seen) ? lifeOf(holder, machine, now) : 'dead';
    if (holder && life !== 'dead') return { kind: 'held', by: holder, doubtful: life === 'doubtful' };
    if (createWhole(store.files, leaseFile(folder, last + 1), leaseText(machine.self), sharedTemporaryFile(folder))) {
      return { kind: 'taken', lease: openLease(store, folder, last + 1, machine.self) };
    }
  }
}

/** The lease that `startRun` wrote for this process. */
export const startersLease = (store: Store, run: RunPlace, machine: Machine): Lease => openLease(store, leaseFolder(run), 1, machine.self);

/** Who works on the run, or null; for those who only look. */
export function readLivingHolder(store: Store, run: RunPlace, machine: Machine, now: number): Holder | null {
  const last = lastLease(store, leaseFolder(run));
  const holder = last ? readHolder(store, leaseFolder(run), last) : null;
  return holder && lifeOf(holder, machine, now) === 'alive' ? holder : null;
}

/** Whether a process took the run, and none that lives holds it. A run of another program has no leases, and nobody can tell. */
export const isLeftAlone = (store: Store, run: RunPlace, machine: Machine, now: number): boolean =>
  lastLease(store, leaseFolder(run)) > 0 && !readLivingHolder(store, run, machine, now);

/** The first lease's file, by its path in the run's folder. */
export const firstLease = (owner: ProcessIdentity): readonly [path: string, text: string] => [
  '.retable/claims/000001.json',
  leaseText(owner),
];

function openLease(store: Store, folder: string, number: number, owner: ProcessIdentity): Lease {
  const file = leaseFile(folder, number);
  const isNewest = (): boolean => lastLease(store, folder) === number;
  return {
    heartbeat() {
      store.files.touch(file);
      return isNewest();
    },
    confirm() {
      if (!isNewest()) throw new TakenOverError('another process took the run over while this one stood still');
    },
    release: () => replaceWhole(store.files, file, leaseText(owner, true), sharedTemporaryFile(folder)),
  };
}

function lifeOf(holder: Holder, machine: Machine, now: number): 'alive' | 'dead' | 'doubtful' {
  const { self } = machine;
  if (holder.host !== self.host) return Math.abs(now - holder.seen) < 1000 * silenceSeconds ? 'alive' : 'doubtful';
  return holder.boot === self.boot && machine.startOf(holder.pid) === holder.started ? 'alive' : 'dead';
}

const leaseText = (owner: ProcessIdentity, released = false): string => `${JSON.stringify({ ...owner, released })}\n`;

/** Null when the lease was released; a text that makes no sense is nobody's. */
function readHolder(store: Store, folder: string, number: number): Holder | null {
  const file = leaseFile(folder, number);
  const facts = store.files.stat(file);
  const text = facts?.file ? readIfThere(store.files, file) : null;
  if (!facts || text === null) return null;
  try {
    const { host, boot, pid, started, released } = JSON.parse(text) as ProcessIdentity & { readonly released: boolean };
    return released ? null : { host, boot, pid, started, seen: facts.modified };
  } catch {
    return null;
  }
}

const leaseFolder = (run: RunPlace): string => join(ownFolder(run), 'claims');
const leaseFile = (folder: string, number: number): string => join(folder, `${String(number).padStart(6, '0')}.json`);

/** 0 when there is none. */
const lastLease = (store: Store, folder: string): number =>
  listIfThere(store.files, folder).reduce(
    (last, { name }) => (/^\d{6}\.json$/.test(name) ? Math.max(last, Number.parseInt(name, 10)) : last),
    0,
  );

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

/**
 * Puts a run into the trash, as MLflow's page does with "Delete": it is hidden, counts nowhere, and all of it stays until `store gc`. Gives who
 * works on it where somebody does; then nothing is changed. `now` is milliseconds since 1970.
 */
export function removeRun(store: Store, run: RunPlace, machine: Machine, now: number): Holder | undefined {
  const taken = takeLease(store, run, machine, now);
  if (taken.kind === 'held') return taken.by;
  try {
    changeMeta(store, run, { deleted: true, deletedTime: now });
  } finally {
    taken.lease.release();
  }
  return undefined;
}

/** Takes a run out of the trash: it counts again as it did. */
export const restoreRun = (store: Store, run: RunPlace): void => changeMeta(store, run, { deleted: false, deletedTime: undefined });
