import { machineHere } from '../host/is-running.js';
import type { Store } from '../record/layout.js';
import { isLeftAlone } from '../record/lease.js';
import { readTag, type RunHead } from '../record/reader.js';
import { diverged, findByWork, findByWorks, type NextStep, nextStep, outcomeTag } from '../record/works.js';
import type { RunStatus } from './run-record.js';

export type RunOutcome = 'finished' | 'diverged' | 'stopped' | 'failed';
export const attemptTag = 'retable.attempt';
/** Why a run did not finish, in one sentence. */
export const reasonTag = 'retable.reason';
/** Tells that epochs of a run were computed where last digits may differ from those of the others, or that some did. */
export const continuedElsewhere = 'retable.continued';
/** The epoch whose weights a finished run keeps. */
export const keptTag = 'retable.kept_epoch';

export interface TriedRun extends RunHead {
  /** The tag `retable.outcome` of a run that failed; null of any other, which its status tells of. */
  readonly outcome: string | null;
}

/** The attempts at a work that are on record, and what to do about it. One in the trash, or damaged, is gone. */
export function decideAttempt(store: Store, workKey: string, fresh: boolean): NextStep<TriedRun> {
  const attempts = findByWork(store, workKey).map((run) => triedRun(store, run));
  const next = nextStep(attempts, fresh);
  return next.kind === 'start' ? { kind: 'start', number: Math.max(0, ...attempts.map((run) => attemptNumber(store, run))) + 1 } : next;
}

/** Whether a work is on record, and where. */
export type RecordState = { readonly state: 'needed' } | { readonly state: 'done' | 'unfinished'; readonly run: string };

export const recordState = (next: NextStep<TriedRun>): RecordState =>
  next.kind === 'start' ? { state: 'needed' } : { state: next.kind === 'show' ? 'done' : 'unfinished', run: next.attempt.id };

/** How a run ended, in words for people and JSON; undefined while it is at work, or when it was killed. */
export function outcomeOf({ status, outcome }: Pick<TriedRun, 'status' | 'outcome'>): RunOutcome | undefined {
  if (status === 'FINISHED') return 'finished';
  if (status === 'FAILED') return outcome === diverged ? 'diverged' : 'failed';
  return status === 'KILLED' ? 'stopped' : undefined;
}

/** The attempts at each of these works, the newest first. */
export function attemptsByWork(store: Store, wanted: ReadonlySet<string>): ReadonlyMap<string, readonly TriedRun[]> {
  const found = findByWorks(store, wanted);
  return new Map([...found].map(([work, runs]) => [work, runs.map((run) => triedRun(store, run))]));
}

/** Which attempt at its work a run is; what can't be read as a number is the first. */
export function attemptNumber(store: Store, { place }: RunHead): number {
  const text = readTag(store, place, attemptTag);
  return text !== null && /^[1-9]\d{0,8}$/.test(text.trim()) ? Number(text) : 1;
}

/** A run with what its tags say of it as an attempt at its work. */
export const triedRun = (store: Store, run: RunHead): TriedRun => ({
  ...run,
  outcome: run.status === 'FAILED' ? readTag(store, run.place, outcomeTag) : null,
});

/** Why a run came to its end otherwise than planned, as its record says it. */
export function reasonOf(store: Store, { place }: RunHead): { readonly reason?: string } {
  const reason = readTag(store, place, reasonTag);
  return reason === null ? {} : { reason };
}

/** How a run stands. Whether a process works on one that is recorded as running is looked up on this machine, and by its lease elsewhere. */
export function statusOf(store: Store, run: RunHead): RunStatus {
  const outcome = outcomeOf(triedRun(store, run));
  if (outcome === 'stopped') return 'killed';
  if (outcome !== undefined) return outcome;
  return isLeftAlone(store, run.place, machineHere(), Date.now()) ? 'interrupted' : 'running';
}
