import { readCheckpoint } from '../../record/checkpoint.js';
import { type Claim, startersClaim, takeClaim } from '../../record/claim.js';
import { runId } from '../../record/layout.js';
import { reopenRun } from '../../record/reopen.js';
import { startRun } from '../../record/start.js';
import type { RunWriter } from '../../record/writer.js';
import { freshStart } from '../../train/start.js';
import type { Snapshot } from '../../train/train.js';
import { EXIT, Refusal } from '../exit.js';
import { attemptTag, decideAttempt, type TriedRun } from './attempt.js';
import { snapshotOf } from './checkpoints.js';
import { describeRun } from './describe-run.js';
import { takeOver } from './go-on-from.js';
import type { WorkRequest } from './work.js';

/** A run that this process holds and writes. */
export interface OpenedRun {
  readonly writer: RunWriter;
  readonly claim: Claim;
  readonly attempt: number;
  readonly start: Snapshot;
  /** Numerics of the engine that made the checkpoint; undefined at a fresh start. */
  readonly numerics: string | undefined;
}

export function beginRun(request: WorkRequest, attempt: number, nonce: string): OpenedRun {
  const { plan, files, store, machine, surroundings, parent, from } = request;
  const finished = from?.();
  const { tags, ...described } = describeRun(plan, surroundings, request);
  const writer = startRun(store, {
    ...described,
    runId: runId(plan.work.key, attempt, nonce),
    startTime: Date.now(),
    tags: { ...tags, [attemptTag]: String(attempt) },
    owner: machine.self,
    ...(parent !== undefined && { parent }),
  });
  const claim = startersClaim(store, writer.run, machine);
  if (!finished) return { writer, claim, attempt, start: freshStart(plan, files), numerics: undefined };
  takeOver(store, finished, writer, plan);
  return { writer, claim, attempt, start: snapshotOf(finished.checkpoint), numerics: finished.checkpoint.header.numerics };
}

/** Undefined when somebody else brought the run to its end before this process had its claim. */
export function continueRun({ plan, files, store, machine, observer }: WorkRequest, run: TriedRun): OpenedRun | undefined {
  const taken = takeClaim(store, run.place, machine, Date.now());
  if (taken.kind === 'held') {
    const { host, pid } = taken.by;
    const where = host === machine.self.host ? `process ${pid} of this machine` : `process ${pid} on ${host}`;
    throw new Refusal(`${plan.name} is being trained by ${where}, as run ${run.id.slice(0, 8)}`, {
      status: EXIT.failed,
      help: 'wait for it, or stop it and run this command again; --fresh starts another attempt beside it',
    });
  }
  if (decideAttempt(store, plan.work.key, false).kind !== 'continue') {
    taken.claim.release();
    return undefined;
  }
  const { checkpoint, damaged } = readCheckpoint(store, run.place, plan.work.key);
  for (const { file, reason } of damaged) observer.onNote(`a checkpoint can't be used (${reason}): ${file}`);
  const writer = reopenRun(store, run.place);
  const attempt = run.number;
  if (!checkpoint) return { writer, claim: taken.claim, attempt, start: freshStart(plan, files), numerics: undefined };
  return { writer, claim: taken.claim, attempt, start: snapshotOf(checkpoint), numerics: checkpoint.header.numerics };
}
