import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatDuration } from '../../diagnostics/numbers.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { prepareStore } from '../../record/layout.js';
import { createPatience, type Launcher, type Site, type Trial, type TrialResult } from '../launcher.js';
import { countJobs, type Entry, inShort, type Job, jobsFolder, orderKey, readerOf } from './job.js';
import { type Ending, type JobState, refuseAt, type Rejection, type Scheduler } from './scheduler.js';

/** What every cluster takes of a study. */
export interface ClusterSite {
  /** Folder of the study's jobs. */
  readonly jobs: string;
  /** For a person who looks at the queue. */
  readonly title: string;
  /** Of the store. */
  readonly nonce: string;
  /** Where the paths in the orders begin. */
  readonly directory: string;
  readonly note: (line: string) => void;
  readonly refuse: (rejection: Rejection) => Error;
}

/** Trials as jobs of a cluster, which are handed in and followed alike for all of them. */
export function launchAsJobs({ store, run, title, doc, observe }: Site, schedulerOf: (site: ClusterSite) => Scheduler): Launcher {
  const jobs = jobsFolder(store, run);
  if (jobs === undefined) throw new Error(`run ${run} is not in ${store.root}`);
  const note = (text: string): void => observe({ kind: 'message', text });
  return launchOn(schedulerOf({ jobs, title, directory: resolve('.'), refuse: refuseAt(doc), note, nonce: prepareStore(store) }), note);
}

/** `--workers` beats the document. */
export const withWorkers = <O>(options: O, { launch: { workers } }: Site): O => (workers === undefined ? options : { ...options, workers });

/** A job can be lost with its machine. A trial whose job was lost so often in a row, at the same epoch, has failed. */
const MOST_LOSSES = 2;
/** A job can wait for longer than a cluster lets it. So often in a row, with no job of all at work in between, there is no place for it. */
const MOST_WAITS = 5;
/** Milliseconds. The cluster is asked the more rarely the longer nothing happens. */
const PACE = {
  /** Between two looks at the event logs. */
  read: 500,
  /** Between two questions to the cluster, soon after something happened and at most. */
  ask: 1500,
  askAtMost: 15_000,
  /** What the last lines of an event log may need from the machine of the job to this one. */
  late: 3000,
  /** A cluster that answers nothing for so long while no event log has a word either: first it is told, then the watching ends. */
  silent: 60_000,
  silentAtMost: 3_600_000,
};

/** A job that is waited for. */
interface Followed {
  readonly job: Job;
  /** What the progress display knows it by. */
  readonly number: number;
  readonly read: () => readonly Entry[];
  /** Orders of this job whose end the event log has told, be it that somebody else holds the trial. */
  readonly told: Set<number>;
  state: JobState | undefined;
  /** When its end was heard of; milliseconds. */
  ended: number | undefined;
}

/**
 * Trains trials as jobs of a cluster:
 *
 *     every order has a job ─▶ read the event logs ─▶ what does the cluster say? ─▶ jobs that were lost: their orders get another one
 *                                    ▲──────────────────────┘
 *
 * A trial's end is in its event log; the cluster is asked about jobs that end without a word. `leave` ends the watching only: the jobs stay, and
 * whoever gives the same command again finds them.
 */
export function launchOn(scheduler: Scheduler, note: (line: string) => void, pace = PACE): Launcher {
  return ({ trials, orderOf, onProgress, onEnd }) => {
    const open = new Map(trials.map((trial) => [orderKey(orderOf(trial)), trial]));
    const losses = new Map<Trial, { readonly count: number; readonly epoch: number }>();
    /** The last epoch that is known of a trial. */
    const epochs = new Map<Trial, number>();
    let waits = 0;
    let heard = performance.now();
    let isSilent = false;
    const patience = createPatience();
    const queue = [...trials];
    let followed: readonly Followed[] = [];
    let numbers = 0;
    let drained = false;
    let submitting: Promise<void> = Promise.resolve();
    const leaving = new AbortController();

    const ended = follow();
    return { ended, drain, stop, kill: () => void leave(), leave };

    async function follow(): Promise<void> {
      let pause = pace.ask;
      let asked = performance.now();
      await (submitting = submit());
      while (open.size > 0 && !leaving.signal.aborted) {
        await wait(pace.read, undefined, { signal: leaving.signal }).catch(() => {});
        const before = open.size + queue.length;
        for (const each of followed) listen(each);
        if (performance.now() - asked > pause || followed.some(({ ended: end }) => end !== undefined)) {
          const isNews = await ask();
          asked = performance.now();
          pause = isNews || open.size + queue.length !== before ? pace.ask : Math.min(pace.askAtMost, pause * 1.5);
        }
        followed = followed.filter(hasOpen);
        if (!leaving.signal.aborted && !drained) await (submitting = submit());
        if (drained && followed.length === 0) return;
      }
    }

    /** As many jobs as may be with the cluster get orders. */
    async function submit(): Promise<void> {
      const room = Math.max(0, scheduler.most - followed.length) * scheduler.perJob;
      if (queue.length === 0 || room === 0) return;
      const jobs = await scheduler.ensure(queue.splice(0, room).map(orderOf));
      const known = new Set(followed.map(({ job }) => nameOf(job)));
      const fresh = jobs.filter((job) => !known.has(nameOf(job)));
      followed = [
        ...followed,
        ...fresh.map((job) => ({
          job,
          number: numbers++,
          read: readerOf(job),
          told: new Set<number>(),
          state: undefined,
          ended: undefined,
        })),
      ];
    }

    function listen(each: Followed): void {
      for (const entry of each.read()) {
        const trial = trialOf(each, entry.order);
        if (!trial || entry.kind === 'interrupted') continue;
        hear();
        if (entry.kind === 'progress') {
          waits = 0;
          epochs.set(trial, entry.epoch);
          onProgress(each.number, trial, entry);
        } else {
          each.told.add(entry.order);
          const given = entry.result.outcome === 'held' ? patience(trial, entry.result) : entry.result;
          if (given) close(each.number, trial, given);
          else queue.push(trial);
        }
      }
    }

    /** True when something changed since the last time. */
    async function ask(): Promise<boolean> {
      const states = await scheduler.look(followed.map(({ job }) => job));
      if (states.size > 0) hear();
      else if (followed.length > 0) silence();
      let isNews = false;
      const obstacles: string[] = [];
      for (const each of followed) {
        const state = states.get(each.job);
        if (!state) continue;
        isNews ||= state.kind !== each.state?.kind;
        if (state.kind === 'running') waits = 0;
        if (state.kind === 'waiting' && state.reason !== undefined && each.state?.kind !== 'waiting') obstacles.push(state.reason);
        each.state = state;
        if (state.kind !== 'ended') each.ended = undefined;
        else if (each.ended === undefined) each.ended = performance.now();
        else if (performance.now() - each.ended > pace.late) bury(each, state);
      }
      for (const line of inShort(obstacles)) note(line);
      return isNews;
    }

    /** The job is gone, and some of its orders have no end. */
    function bury(each: Followed, { how, reason }: Extract<JobState, { kind: 'ended' }>): void {
      listen(each);
      for (const order of each.job.orders.keys()) {
        const trial = trialOf(each, order);
        if (!trial) continue;
        const { again, why = reason } = how === 'never began' ? keepWaiting(reason) : lose(trial, how);
        if (drained && how === 'cancelled') open.delete(orderKey(orderOf(trial)));
        else if (again) {
          note(`${reason}: submitted again`);
          queue.push(trial);
        } else close(each.number, trial, { outcome: how === 'cancelled' ? 'stopped' : 'failed', reason: why, seconds: 0 });
      }
      followed = followed.filter((other) => other !== each);
    }

    /** Losses count while the trial gets no further in between: on machines that others may take back it can be interrupted any number of times. */
    function lose(trial: Trial, how: Ending): { readonly again: boolean; readonly why?: string } {
      const epoch = epochs.get(trial) ?? 0;
      const before = losses.get(trial);
      const count = before?.epoch === epoch ? before.count + 1 : 1;
      losses.set(trial, { count, epoch });
      return { again: AGAIN.includes(how) && count < MOST_LOSSES };
    }

    function keepWaiting(reason: string): { readonly again: boolean; readonly why?: string } {
      waits += 1;
      return waits < MOST_WAITS
        ? { again: true }
        : { again: false, why: `${reason}, ${MOST_WAITS} times in a row with no job at work: does the cluster have what run_on asks for?` };
    }

    function hear(): void {
      heard = performance.now();
      if (isSilent) note('the cluster answers again');
      isSilent = false;
    }

    function silence(): void {
      const silent = performance.now() - heard;
      if (silent > pace.silentAtMost) {
        throw new Refusal(`the cluster has not answered for ${formatDuration(silent / 1000)}; its jobs stay`, {
          status: EXIT.failed,
          help: 'the same command watches them again, and does what is left',
        });
      }
      if (silent > pace.silent && !isSilent) {
        isSilent = true;
        note('the cluster does not answer: its jobs go on, and it is asked again');
      }
    }

    function close(number: number, trial: Trial, result: TrialResult): void {
      open.delete(orderKey(orderOf(trial)));
      onEnd(number, trial, result);
    }

    /** Undefined where there is nothing to wait for any more. */
    function trialOf({ job, told }: Followed, order: number): Trial | undefined {
      const asked = job.orders[order];
      return asked && !told.has(order) ? open.get(orderKey(asked)) : undefined;
    }

    function hasOpen(each: Followed): boolean {
      return each.job.orders.some((_, order) => trialOf(each, order) !== undefined);
    }

    function drain(): void {
      drained = true;
      void scheduler.cancel(followed.filter(({ state }) => state?.kind !== 'running').map(({ job }) => job));
    }

    function stop(): void {
      drained = true;
      void scheduler.cancel(followed.map(({ job }) => job));
    }

    async function leave(): Promise<readonly string[]> {
      await submitting.catch(() => {});
      leaving.abort();
      const running = followed.filter(({ state }) => state?.kind === 'running').length;
      return [
        `${countJobs(followed.length)} left with the cluster, ${running} at work; the same command watches again, and does what is left`,
        `to end them: ${scheduler.howToCancel}`,
        ...(queue.length === 0 ? [] : [`not submitted yet: ${queue.length} trials; no more than ${scheduler.most} jobs are at a time`]),
      ];
    }
  };
}

/** What the next job may not meet again. */
const AGAIN: readonly Ending[] = ['timed out', 'node failed', 'preempted', 'failed', 'done', 'gone'];

const nameOf = ({ folder, index }: Job): string => `${folder}:${index}`;
