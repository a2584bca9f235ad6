import { setTimeout as wait } from 'node:timers/promises';
import type { Engine } from '../engine/engine.js';
import { EXIT, Refusal } from '../host/exit.js';
import type { Surroundings } from '../host/surroundings.js';
import type { OwnModules } from '../modules/use-modules.js';
import type { Plan } from '../planning/plan.js';
import { readCheckpoint } from '../record/checkpoint.js';
import { failedWith } from '../record/files.js';
import { runId, type RunPlace, type Store } from '../record/layout.js';
import {
  type Holder,
  type Lease,
  type Machine,
  readLivingHolder,
  startersLease,
  watchAndTakeLease,
  watchSeconds,
} from '../record/lease.js';
import { reopenRun, type RunStart, startRun } from '../record/start.js';
import { findByWork, isRunThere } from '../record/works.js';
import type { RunWriter } from '../record/writer.js';
import type { Files, Stage } from '../stages/stage.js';
import type { Snapshot } from '../train/run.js';
import { freshStart } from '../train/start.js';
import { attemptNumber, attemptTag, decideAttempt, type RunOutcome, type TriedRun } from './attempt.js';
import { snapshotOf } from './checkpoints.js';
import { describeRun } from './describe-run.js';
import { type FinishedRun, takeOver } from './go-on-from.js';
import type { Observer } from './observer.js';

/** A run that this process holds and writes. */
export interface OpenedRun {
  readonly writer: RunWriter;
  readonly lease: Lease;
  readonly attempt: number;
  readonly start: Snapshot;
  /** Numerics of the engine that made the checkpoint; undefined at a fresh start. */
  readonly numerics: string | undefined;
  /** What is recorded before the first epoch. */
  readonly prologue?: () => void;
}

/** `first` is the number of the attempt, or a later one where that folder is taken by what is no attempt any more. Undefined when another process began the same attempt in this moment. */
export function beginRun(request: WorkRequest, first: number, nonce: string): OpenedRun | undefined {
  const { plan, files, store, machine, surroundings, parent, from } = request;
  const finished = from?.();
  const idOf = (number: number): string => runId(plan.work.key, number, nonce);
  let attempt = first;
  while (isRunThere(store, idOf(attempt))) {
    if (findByWork(store, plan.work.key).some(({ id }) => id === idOf(attempt))) return undefined;
    attempt++;
  }
  // Whatever can fail does so before there is a run.
  const start = finished ? snapshotOf(finished.checkpoint) : freshStart(plan, files);
  const { tags, ...described } = describeRun(plan, surroundings, request);
  const writer = startUnlessThere(store, {
    ...described,
    runId: idOf(attempt),
    startTime: Date.now(),
    tags: { ...tags, [attemptTag]: String(attempt) },
    owner: machine.self,
    ...(parent !== undefined && { parent }),
  });
  if (!writer) return undefined;
  const lease = startersLease(store, writer.run, machine);
  if (!finished) return { writer, lease, attempt, start, numerics: undefined };
  const { numerics } = finished.checkpoint.header;
  return { writer, lease, attempt, start, numerics, prologue: () => takeOver(store, finished, writer, plan) };
}

/** Another process has the run. `sign` differs whenever something changed about who holds it. */
export class HeldError extends Refusal {
  readonly sign: string;
  constructor(message: string, { help, sign }: { readonly help: string; readonly sign: string }) {
    super(message, { status: EXIT.failed, help });
    this.sign = sign;
  }
}

function heldBy(by: Holder, work: string, run: string, machine: Machine): HeldError {
  const where = by.host === machine.self.host ? `process ${by.pid} of this machine` : `process ${by.pid} on ${by.host}`;
  return new HeldError(`${work} is being trained by ${where}, as run ${run.slice(0, 8)}`, {
    help: 'wait for it, or stop it and run this command again',
    sign: JSON.stringify([run, by.host, by.pid, by.seen]),
  });
}

/** Throws a HeldError while any attempt at a work is being trained: a second one would only make the same numbers once more. */
export function refuseWhileTrained({ plan, store, machine }: WorkRequest): void {
  for (const run of findByWork(store, plan.work.key)) {
    const holder = run.status === 'RUNNING' ? readLivingHolder(store, run.place, machine, Date.now()) : null;
    if (holder) throw heldBy(holder, plan.name, run.id, machine);
  }
}

function startUnlessThere(store: Store, start: RunStart): RunWriter | undefined {
  try {
    return startRun(store, start);
  } catch (error) {
    if (failedWith(error, 'EEXIST') && isRunThere(store, start.runId)) return undefined;
    throw error;
  }
}

/** Undefined when somebody else brought the run to its end before this process had its lease. */
export async function continueRun({ plan, files, store, machine, observe }: WorkRequest, run: TriedRun): Promise<OpenedRun | undefined> {
  const note = (text: string): void => observe({ kind: 'note', text });
  const taken = await watchAndTakeLease(store, run.place, machine, {
    now: Date.now,
    wait,
    onWatch: ({ host, pid }) =>
      note(`run ${run.id.slice(0, 8)} was held by process ${pid} on ${host}: watching for ${watchSeconds} s whether it still lives`),
  });
  if (taken.kind === 'held') throw heldBy(taken.by, plan.name, run.id, machine);
  if (decideAttempt(store, plan.work.key, false).kind !== 'continue') {
    taken.lease.release();
    return undefined;
  }
  try {
    const { checkpoint, damaged } = readCheckpoint(store, run.place, plan.work.key);
    for (const { file, reason } of damaged) note(`a checkpoint can't be used (${reason}): ${file}`);
    const start = checkpoint ? snapshotOf(checkpoint) : freshStart(plan, files);
    const writer = reopenRun(store, run.place);
    return { writer, lease: taken.lease, attempt: attemptNumber(store, run), start, numerics: checkpoint?.header.numerics };
  } catch (error) {
    taken.lease.release();
    throw error;
  }
}

export interface WorkRequest {
  readonly plan: Plan;
  readonly stages: readonly Stage[];
  /** Modules that some of these stages come from. */
  readonly own?: OwnModules;
  readonly files: Files;
  readonly store: Store;
  readonly machine: Machine;
  readonly surroundings: Surroundings;
  readonly fresh: boolean;
  /** Where a new attempt goes on from: the end of the same work with fewer epochs. Asked where there is one to begin. */
  readonly from?: () => FinishedRun;
  /** The run of the sweep that asks for this work first. */
  readonly parent?: string;
  /** Draw no pictures at the end: a sweep draws one of all its trials, and `report RUN` draws those of a run from its record. */
  readonly plain?: boolean;
  /** The last epoch to train, where that is before the plan's: what is left stays for whoever goes on. */
  readonly until?: number;
  readonly openEngine: () => Promise<Engine>;
  /** True once the person or the system asked to stop. */
  readonly stopped: () => boolean;
  readonly observe: Observer;
  /** Sends the record elsewhere while it is made; what it gives is called when the record is at its end. */
  readonly follow?: (run: RunPlace) => () => Promise<void>;
}

export interface WorkResult {
  readonly runId: string;
  /** `settled` before: shown, not repeated. */
  readonly repeated: boolean;
  /** `paused`: it came to `until`. */
  readonly outcome: RunOutcome | 'paused';
  /** Why it did not finish, in one sentence. */
  readonly reason?: string;
}
