import { machineHere } from '../host/is-running.js';
import { workersOf } from '../launch/orders.js';
import type { LaunchRequest } from '../launch/launcher.js';
import { launcherTo, type RunOn, whereToTrain } from '../launch/run-on.js';
import { type ListenForStop, trainWorks, type Works } from '../launch/train-works.js';
import type { SourceDoc } from '../language/source.js';
import { quietly } from '../record/files.js';
import type { Store } from '../record/layout.js';
import { findRun } from '../record/reader.js';
import type { ObservedEvent, ObservedStanding, Observer } from '../run/observer.js';
import { tellCommand } from '../run/on-finish.js';
import type { Changes } from '../run/prepare.js';
import { sendRun, trackingTarget } from '../run/tracking.js';
import type { Budget } from './budget.js';
import type { Member } from './members.js';
import { openOwnRun, type OwnRun, type OwnRunStart } from './own-run.js';

/** Trials that are trained side by side. */
export interface Batch extends Pick<Works, 'trials' | 'orderOf' | 'nameOf' | 'metric' | 'all' | 'done' | 'inOrder' | 'seconds'> {
  /** The rung or the stage that it is of, which is told before it begins. */
  readonly step?: Extract<ObservedEvent, { kind: 'rung' | 'stage' }>;
}

/** What the records say of a study at one moment. */
export interface Standing<Result> {
  readonly standing: ObservedStanding;
  /** A study whose trials have all come to an end is finished. */
  readonly isLeft: boolean;
  readonly members: () => readonly Member[];
  /** What is to be trained next; undefined where nothing is. `failed`: works that failed in this command, which are not tried again in it. */
  readonly next: (failed: ReadonlySet<string>) => Batch | undefined;
  /** What came of it. */
  readonly conclude: (own?: OwnRun) => Promise<Result>;
}

/** A sweep or a table that is planned: what is its own on the way that both go. */
interface Study<Result> {
  readonly own: OwnRunStart;
  readonly doc: SourceDoc;
  readonly runOn: RunOn;
  readonly look: () => Standing<Result>;
  /** The `on_finish` commands of its bases, with what each is told besides. */
  readonly commands: readonly { readonly command: string; readonly base: string; readonly facts: Readonly<Record<string, string>> }[];
}

/** A sweep or a table, and what a person asks for beside it. */
export interface StudyRequest {
  /** The study's document, as typed. */
  readonly file: string;
  readonly changes: Changes;
  /** The folder of the records. */
  readonly root: string;
  readonly launch: LaunchRequest;
  /** Of a table: these rows and cells alone. */
  readonly only?: readonly string[];
  /** Of a table: what it may cost in all. */
  readonly budget?: Budget;
}

/** Who watches a study, and who may stop it. */
export interface Watching<Result> {
  readonly observe: Observer;
  readonly listen: ListenForStop;
  /** Is given what came of it before the study's own run is closed, and gives that in a line, which its `on_finish` commands are told. */
  readonly conclude: (result: Result) => Promise<string>;
}

export interface StudyEnd<Result> {
  readonly result: Result;
  /** Some of its trials failed in this command. */
  readonly failed: boolean;
  /** The exit status of whoever asked to stop. */
  readonly stopped?: number;
}

/**
 * Does what is left of a study, and gives what came of all of it. A sweep proposes and sums up, a table claims and judges; the way is one:
 *
 *     plan every trial ─▶ what do the records say? ─▶ train what is next, here or on a cluster ─▶ the records again ─▶ summary, verdicts
 *                                  ▲                                                                     │
 *                                  └────────── as long as configurations are pruned on the way ──────────┘
 */
export async function runStudy<Result>(
  study: Study<Result>,
  store: Store,
  launch: LaunchRequest,
  { observe, listen, conclude }: Watching<Result>,
): Promise<StudyEnd<Result>> {
  const { own: start, doc, runOn } = study;
  const before = study.look();
  observe({ kind: 'begins', name: start.runName, standing: before.standing, records: store.root });
  const tell = async (standing: Standing<Result>, opened?: OwnRun) => {
    const result = await standing.conclude(opened);
    return { result, summary: await conclude(result) };
  };
  // What can't be used is refused here, not in every trial.
  const where = whereToTrain(runOn, launch);
  const first = before.next(new Set());
  if (!first) return { result: (await tell(before)).result, failed: false };
  const target = trackingTarget(launch.track, undefined, observe);
  const machine = machineHere();
  const own = await openOwnRun(store, start, machine);

  const failed = new Set<string>();
  const train = async (): Promise<number | undefined> => {
    const launcher = launcherTo(where, { store, run: start.runId, title: start.runName, doc, launch, observe });
    const { failFast, wait } = launch;
    let standing = before;
    let batch: Batch | undefined = first;
    while (batch) {
      // What a round proposed, and what was left behind, is known to whoever looks while it trains.
      own?.keepMembers(standing.members());
      if (batch.step) observe(batch.step);
      const works = { ...batch, workers: workersOf(launch, where.workers), failFast, wait };
      const { failed: failing, stopped } = await trainWorks(works, launcher, observe, listen);
      for (const { work } of failing) failed.add(work);
      if (stopped !== undefined || (failFast && failed.size > 0)) return stopped;
      standing = study.look();
      batch = standing.next(failed);
    }
    return undefined;
  };
  const stopped = await train().catch((refused: unknown) => {
    quietly(() => own?.finish('KILLED'));
    throw refused;
  });

  const after = study.look();
  const isLeft = failed.size > 0 || after.isLeft;
  const close = (): void => {
    try {
      own?.keepMembers(after.members());
    } finally {
      own?.finish(stopped !== undefined ? 'KILLED' : isLeft ? 'FAILED' : 'FINISHED');
    }
  };
  const { result, summary } = await tell(after, own).catch((unsaid: unknown) => {
    quietly(close);
    throw unsaid;
  });
  close();
  await sendRun(target, start.runId, { store, machine, observe });
  if (stopped !== undefined) return { result, failed: failed.size > 0, stopped };
  const finish = {
    run: start.runId,
    status: failed.size > 0 ? 'failed' : 'finished',
    record: findRun(store, start.runId)?.place.folder ?? '',
  };
  for (const { command, base, facts } of study.commands) await tellCommand(command, base, finish, { ...facts, SUMMARY: summary }, observe);
  return { result, failed: failed.size > 0 };
}
