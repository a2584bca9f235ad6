import { dirname } from 'node:path';
import { createEngine } from '../engine/create.js';
import { EXIT, Refusal } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { machineHere } from '../host/is-running.js';
import { natively, withinEngine } from '../host/stop.js';
import { lookAround } from '../host/surroundings.js';
import { openStore } from '../record/layout.js';
import { findRuns, type RunHead } from '../record/reader.js';
import { findByWork } from '../record/works.js';
import type { RunRecord } from './run-record.js';
import { atItsStage } from './engine-fault.js';
import { theRun } from './find-runs.js';
import { finishedRun } from './go-on-from.js';
import type { Observer } from './observer.js';
import { onFinish } from './on-finish.js';
import type { WorkResult } from './open-run.js';
import type { Prepared } from './prepare.js';
import { readReport } from './read-report.js';
import { runWork } from './run-work.js';
import { followers, trackingTarget } from './tracking.js';

interface RunRequest {
  /** The folder of the records. */
  readonly root: string;
  /** Trains again what is on record. */
  readonly fresh: boolean;
  /** A finished run of fewer epochs, where the new one begins. */
  readonly from?: string;
  /** The address of an MLflow server, or `off`. */
  readonly track?: string;
  readonly observe: Observer;
  /** True once somebody asked to stop. */
  readonly stopped: () => boolean;
}

/** A run as its record has it, after this work on it. */
interface SettledRun {
  readonly result: WorkResult;
  readonly head: RunHead;
  readonly report: RunRecord;
}

/** Does what an experiment says: trains it, goes on with it, or finds it done; then its `on_finish` command. */
export async function runExperiment(prepared: Prepared, request: RunRequest): Promise<SettledRun> {
  const { plan, stages, own, files } = prepared;
  const { root, from, observe, stopped } = request;
  const store = openStore(root);
  const machine = machineHere();
  const { tracking } = plan.config.values;
  const target = trackingTarget(request.track, tracking?.uri, observe);
  observe({ kind: 'begins', name: plan.name, seed: plan.seed, records: root });
  const work = async (): Promise<WorkResult> =>
    runWork({
      plan,
      stages,
      ...(own && { own }),
      files,
      store,
      machine,
      surroundings: await lookAround(dirname(plan.config.file)),
      fresh: request.fresh,
      ...(from !== undefined && { from: () => finishedRun(store, theRun(store, from), plan) }),
      openEngine: async () =>
        createEngine(plan.engine, {
          within: withinEngine(plan.engine.kind, own !== undefined, stopped),
          natively,
          onCompile: () => observe({ kind: 'compiling' }),
        }),
      stopped,
      observe,
      follow: followers(target, tracking, { store, machine, observe }),
    });
  const result = await atItsStage(prepared, work).catch(async (error: unknown) => {
    const [newest] = findByWork(store, plan.work.key);
    if (newest?.status === 'FAILED') await onFinish(plan, { run: newest.id, status: 'failed', record: newest.place.folder }, observe);
    throw error;
  });
  observe({ kind: 'trained' });
  const [head] = findRuns(store, result.runId);
  if (!head) throw new Refusal(`run ${result.runId.slice(0, 8)} was taken out of ${shown(root)} meanwhile`, { status: EXIT.failed });
  const report = readReport(store, head);
  if (!result.repeated) await onFinish(plan, { run: head.id, status: result.outcome, record: head.place.folder }, observe);
  return { result, head, report };
}
