import { join } from 'node:path';
import { createWhole, listIfThere, makeFolders, readIfThere, replaceWhole } from './files.js';
import { ownFolder, sharedTemporaryFile, type RunPlace, type Store } from './layout.js';
import type { Machine, ProcessIdentity } from './machine.js';

/**
 * One process at a time works on a run. Claims are numbered files, `.retable/claims/000001.json`; the highest number holds the run. Whoever
 * finds it released, or its process dead, creates the next number, which the file system gives to one process only. No number is ever
 * used again, so a late comer who judged an older claim can't take the run from a living one. The number is a fencing token too: a process
 * that stood still until it counted as dead finds a higher one when it wakes up, and publishes nothing.
 */
export interface Claim {
  /** Tells other machines that this process lives; call it at least every `heartbeatSeconds`. False when the run was taken over meanwhile. */
  heartbeat(): boolean;
  /** Throws a TakenOverError when another process has the run by now. To be asked before whatever is published. */
  confirm(): void;
  /** Lets others go on with the run. */
  release(): void;
}

/** This process stood still for so long that another one took its run over. */
export class TakenOverError extends Error {
  override readonly name = 'TakenOverError';
}

export type ClaimResult = { readonly kind: 'taken'; readonly claim: Claim } | { readonly kind: 'held'; readonly by: Holder };

export interface Holder extends ProcessIdentity {
  /** The last sign of life; milliseconds since 1970. */
  readonly seen: number;
}

export const heartbeatSeconds = 20;

/** A process of another machine that gave no sign for so long counts as dead; those of this machine are looked up. */
export const silenceSeconds = 300;

/** Takes the run where nobody living holds it, else says who does. `now` is milliseconds since 1970. */
export const takeClaim = (store: Store, run: RunPlace, machine: Machine, now: number): ClaimResult =>
  takeClaimIn(store, claimFolder(run), machine, now);

/** The same for any right that one process has at a time, by the folder of its claims. */
export function takeClaimIn(store: Store, folder: string, machine: Machine, now: number): ClaimResult {
  makeFolders(store.files, folder);
  for (;;) {
    const last = lastClaim(store, folder);
    const holder = last && readHolder(store, folder, last);
    if (holder && isAlive(holder, machine, now)) return { kind: 'held', by: holder };
    if (createWhole(store.files, claimFile(folder, last + 1), claimText(machine.self), sharedTemporaryFile(folder))) {
      return { kind: 'taken', claim: openClaim(store, folder, last + 1, machine.self) };
    }
  }
}

/** The claim that `startRun` wrote for this process. */
export const startersClaim = (store: Store, run: RunPlace, machine: Machine): Claim => openClaim(store, claimFolder(run), 1, machine.self);

/** Who works on the run, or null; for those who only look. */
export function readLivingHolder(store: Store, run: RunPlace, machine: Machine, now: number): Holder | null {
  const last = lastClaim(store, claimFolder(run));
  const holder = last ? readHolder(store, claimFolder(run), last) : null;
  return holder && isAlive(holder, machine, now) ? holder : null;
}

/** The first claim's file, by its path in the run's folder. */
export const firstClaim = (owner: ProcessIdentity): readonly [path: string, text: string] => [
  '.retable/claims/000001.json',
  claimText(owner),
];

function openClaim(store: Store, folder: string, number: number, owner: ProcessIdentity): Claim {
  const file = claimFile(folder, number);
  const isNewest = (): boolean => lastClaim(store, folder) === number;
  return {
    heartbeat() {
      store.files.touch(file);
      return isNewest();
    },
    confirm() {
      if (!isNewest()) throw new TakenOverError('another process took the run over while this one stood still');
    },
    release: () => replaceWhole(store.files, file, claimText(owner, true), sharedTemporaryFile(folder)),
  };
}

function isAlive(holder: Holder, machine: Machine, now: number): boolean {
  const { self } = machine;
  if (holder.host !== self.host) return now - holder.seen < 1000 * silenceSeconds;
  return holder.boot === self.boot && machine.startOf(holder.pid) === holder.started;
}

const claimText = (owner: ProcessIdentity, released = false): string => `${JSON.stringify({ ...owner, released })}\n`;

/** Null when the claim was released; a text that makes no sense is nobody's. */
function readHolder(store: Store, folder: string, number: number): Holder | null {
  const file = claimFile(folder, number);
  const text = readIfThere(store.files, file);
  const seen = store.files.stat(file)?.modified;
  if (text === null || seen === undefined) return null;
  try {
    const { host, boot, pid, started, released } = JSON.parse(text) as ProcessIdentity & { readonly released: boolean };
    return released ? null : { host, boot, pid, started, seen };
  } catch {
    return null;
  }
}

const claimFolder = (run: RunPlace): string => join(ownFolder(run), 'claims');
const claimFile = (folder: string, number: number): string => join(folder, `${String(number).padStart(6, '0')}.json`);

/** 0 when there is none. */
const lastClaim = (store: Store, folder: string): number =>
  listIfThere(store.files, folder).reduce(
    (last, { name }) => (/^\d{6}\.json$/.test(name) ? Math.max(last, Number.parseInt(name, 10)) : last),
    0,
  );
