import { setImmediate as otherEvents } from 'node:timers/promises';
import { formatCount, formatMeasure } from '../diagnostics/numbers.js';
import { traceOf } from '../host/fault.js';
import { InterruptedError, interruptible } from '../host/stop.js';
import { workClock } from '../host/work-clock.js';
import { keepLastCheckpoint, recorded, removeCheckpoints, writeCheckpoint } from '../record/checkpoint.js';
import { RecordError } from '../record/files.js';
import { prepareStore } from '../record/layout.js';
import { heartbeatSeconds, type Lease, TakenOverError } from '../record/lease.js';
import { readTag } from '../record/reader.js';
import { diverged, outcomeTag } from '../record/works.js';
import type { RunWriter } from '../record/writer.js';
import type { Divergence } from '../train/divergence.js';
import { createDataset, createFinishers, pipelineFor } from '../train/pipeline.js';
import { type Outcome, type Snapshot, train } from '../train/run.js';
import { continuedElsewhere, decideAttempt, keptTag, outcomeOf, reasonTag } from './attempt.js';
import { checkpointOf } from './checkpoints.js';
import { drawPlots, keepModel } from './conclude.js';
import { keepPredictions } from './forecasts.js';
import { keepBaselines, recordSamples } from './kept-files.js';
import { beginRun, continueRun, HeldError, type OpenedRun, refuseWhileTrained, type WorkRequest, type WorkResult } from './open-run.js';
import { numericsOf, otherDigits, recordEpochs } from './recorder.js';
import { keepWeights } from './weights.js';

/**
 * One work, from whatever is on record about it to a settled run:
 *
 *     on record?  finished or diverged ─▶ shown          interrupted ─▶ the same run goes on          else ─▶ a new attempt
 *     lease ─▶ engine ─▶ train, every epoch into the record ─▶ plots, model, last word
 *
 * Whatever ends it, what was recorded stays; a run that an exception ended is FAILED and says why.
 */
export async function runWork(request: WorkRequest): Promise<WorkResult> {
  const { plan, store } = request;
  const nonce = prepareStore(store);
  const decision = decideAttempt(store, plan.work.key, request.fresh);
  if (decision.kind === 'start') refuseWhileTrained(request);
  if (decision.kind === 'show') return { runId: decision.attempt.id, repeated: true, outcome: outcomeOf(decision.attempt) ?? 'finished' };
  const opened = decision.kind === 'continue' ? await continueRun(request, decision.attempt) : beginRun(request, decision.number, nonce);
  if (!opened) return runWork(request);
  const heart = setInterval(() => opened.lease.heartbeat(), heartbeatSeconds * 1000);
  heart.unref();
  let unfollow: (() => Promise<void>) | undefined;
  const begin = (): void => {
    opened.prologue?.();
    unfollow = request.follow?.(opened.writer.run);
  };
  try {
    return await trainAndRecord(request, opened, begin);
  } finally {
    clearInterval(heart);
    await unfollow?.();
  }
}

/** From here on an exception ends in the record; `begin` is the first that may throw one. */
async function trainAndRecord(request: WorkRequest, opened: OpenedRun, begin: () => void): Promise<WorkResult> {
  const { writer, lease } = opened;
  const { runId: id } = writer.run;
  try {
    begin();
    const outcome = await trainRun(request, opened);
    lease.confirm();
    switch (outcome.kind) {
      case 'finished':
        await conclude(request, writer, outcome.kept);
        lease.confirm();
        writer.tag(keptTag, String(outcome.kept.epoch));
        writer.tag(outcomeTag, 'finished');
        writer.finish('FINISHED', Date.now());
        (request.plain ? removeCheckpoints : keepLastCheckpoint)(request.store, writer.run);
        return { runId: id, repeated: false, outcome: 'finished' };
      case 'diverged': {
        const reason = divergedReason(outcome.divergence);
        await conclude(request, writer);
        lease.confirm();
        writer.tag(outcomeTag, diverged);
        writer.tag(reasonTag, reason);
        writer.finish('FAILED', Date.now());
        return { runId: id, repeated: false, outcome: 'diverged', reason };
      }
      case 'paused':
      case 'stopped':
        return stopRun(writer, outcome.kind);
      default:
        return outcome satisfies never;
    }
  } catch (error) {
    const takenOver = lostTo(lease, error);
    if (takenOver) {
      writer.close();
      throw new HeldError(`run ${id.slice(0, 8)}: ${takenOver.message}`, {
        help: 'the same command shows what became of it',
        sign: id,
      });
    }
    if (error instanceof InterruptedError) return stopRun(writer, 'stopped');
    failRun(writer, error);
    throw error;
  } finally {
    lease.release();
  }
}

/** Before its end: the same command goes on with it. */
function stopRun(writer: RunWriter, outcome: 'paused' | 'stopped'): WorkResult {
  writer.tag(outcomeTag, outcome);
  writer.finish('KILLED', Date.now());
  return { runId: writer.run.runId, repeated: false, outcome };
}

/** Whatever went wrong here, it isn't the run's failure when another process has the run by now: a file that was renamed meanwhile, say. */
function lostTo(lease: Lease, error: unknown): TakenOverError | undefined {
  if (error instanceof TakenOverError) return error;
  try {
    lease.confirm();
    return undefined;
  } catch (lost) {
    return lost instanceof TakenOverError ? lost : undefined;
  }
}

async function trainRun(request: WorkRequest, { writer, lease, attempt, start, numerics }: OpenedRun): Promise<Outcome> {
  const { plan, stages, files, store, observe, stopped, plain = false } = request;
  const clock = workClock();
  observe({ kind: 'opened', run: writer.run.runId, folder: writer.run.folder, attempt, from: start.epoch });
  const note = (text: string): void => observe({ kind: 'note', text });
  const engine = await request.openEngine();
  await otherEvents();
  try {
    lease.confirm();
    const here = numericsOf(engine);
    const before = recorded(store, writer.run);
    const others = otherDigits(store, writer.run, { here, checkpoint: numerics, recorded: before });
    if (others.length > 0) {
      note(`the run goes on where last digits may differ (${others.join('; ')}): what is computed again is compared within 1e-5`);
      if (readTag(store, writer.run, continuedElsewhere) === null) writer.tag(continuedElsewhere, 'where digits may differ');
    }
    const recorder = recordEpochs(plan, writer, before, others.length === 0, {
      onRough: () => writer.tag(continuedElsewhere, 'where digits differ'),
      onWrite: () => lease.confirm(),
      clock,
    });
    const samples = recordSamples(store, writer, start.epoch);
    const made = {
      plan,
      pipeline: pipelineFor(plan, stages),
      finishers: createFinishers(plan, stages),
      dataset: createDataset(plan, stages, files),
      engine,
      stopped,
    };
    const outcome = await train({
      ...made,
      start,
      until: Math.min(request.until ?? Infinity, plan.training.epochs),
      ...(request.own && { within: interruptible }),
      clock,
      onReady: () => observe({ kind: 'ready' }),
      onProgress: (progress) => {
        recorder.goOn();
        observe({ kind: 'progress', ...progress });
      },
      onEpoch: (epoch, metrics) => {
        recorder.record(epoch, metrics);
        observe({ kind: 'epoch', epoch, metrics: Object.fromEntries(metrics) });
      },
      onViews: (views) => recorder.show(views),
      onSamples: (epoch, made) => {
        recorder.flush();
        samples.record(epoch, made);
        observe({ kind: 'samples', epoch, texts: made.map(({ text }) => text) });
      },
      onCheckpoint: (snapshot) => {
        // What a checkpoint goes on from is on the disk before it.
        recorder.flush();
        writer.sync();
        lease.confirm();
        writeCheckpoint(store, writer.run, checkpointOf(plan, here, snapshot));
      },
    }).catch((error: unknown) => {
      // Whatever ended an epoch, those before it are recorded.
      if (!(error instanceof RecordError || error instanceof TakenOverError)) recorder.flush();
      throw error;
    });
    recorder.flush();
    observe({ kind: 'concluding' });
    if (outcome.kind === 'finished') {
      if (!plain) await keepBaselines(store, writer, made, note);
      await keepPredictions(writer, { ...made, plain }, outcome.kept, note);
    }
    return outcome;
  } finally {
    await engine.dispose();
  }
}

/** Pictures and the model are views of what is recorded already: one that can't be made is told, and takes nothing away from the run. */
async function conclude(
  { plan, stages, store, observe, plain = false }: WorkRequest,
  writer: RunWriter,
  trained?: Snapshot,
): Promise<void> {
  const attempt = async (what: string, work: () => Promise<readonly string[]>): Promise<void> => {
    try {
      for (const text of await work()) observe({ kind: 'note', text });
    } catch (error) {
      if (error instanceof RecordError || error instanceof InterruptedError) throw error;
      observe({ kind: 'note', text: `${what} could not be made: ${error instanceof Error ? error.message : String(error)}` });
    }
  };
  if (!plain) await attempt('the pictures', () => drawPlots(store, writer, plan.name));
  if (trained) keepWeights(plan, writer, trained);
  if (trained) await attempt('model.onnx', () => keepModel(plan, stages, writer, trained));
}

function divergedReason({ step, epoch, loss, gradientNorm }: Divergence): string {
  const norm = gradientNorm === undefined ? '' : `; the gradient norm one step before was ${formatMeasure(gradientNorm)}`;
  return `the loss became ${loss} at step ${formatCount(step)} (epoch ${formatCount(epoch)})${norm}`;
}

/**
 * An exception ended the run: the record says so, as far as the disk still lets it. A disk that refuses is no fault of the work: the run counts
 * as interrupted, and the same command goes on with it once there is room.
 */
function failRun(writer: RunWriter, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const interrupted = error instanceof RecordError;
  try {
    if (!interrupted) writer.artifact('error.txt', `${traceOf(error)}\n`);
    writer.tag(outcomeTag, interrupted ? 'stopped' : 'failed');
    writer.tag(reasonTag, message.slice(0, 5000));
    writer.finish(interrupted ? 'KILLED' : 'FAILED', Date.now());
  } catch {
    writer.close();
  }
}
