import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatCount, formatDuration } from '../../diagnostics/numbers.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { firstLine, optionalPart, versionIn } from '../../host/finding.js';
import { shown } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import { prepareStore, type Store } from '../../record/layout.js';
import { type Machine, watchAndTakeLeaseIn } from '../../record/lease.js';
import { countJobs, inGroups, inShort, type Job, jobsFolder, orderKey, printedBy, resultsIn, writeOrders } from '../cluster/job.js';
import { type ClusterSite, launchAsJobs, withWorkers } from '../cluster/follow.js';
import type { JobState, Rejection, Scheduler } from '../cluster/scheduler.js';
import type { LauncherKind, TrialOrder } from '../launcher.js';
import { type Arrays, jobScript, sbatchParameters, SCRIPT, slurmOptions } from './script.js';
import { noAnswer, noSlurm, refusedBySbatch, slurmProgram } from './programs.js';
import {
  commentOf,
  type Element,
  forgotten,
  hasBegun,
  jobsName,
  jobsOfElements,
  keepArray,
  makeFolder,
  openOrders,
  readArray,
  readSacct,
  readSqueue,
  squeueParameters,
  stateOf,
} from './submission.js';

/** Arrays of jobs of Slurm. */
export const slurm: LauncherKind<typeof slurmOptions> = {
  options: slurmOptions,
  outlives: true,
  launch: (options, site) =>
    launchAsJobs(site, (cluster) =>
      slurmScheduler({
        ...cluster,
        threads: site.launch.threads,
        options: withWorkers(options, site),
        name: jobsName(cluster.nonce, site.run),
        store: site.store,
        machine: machineHere(),
      }),
    ),
  describeJobs: async (store, run) => describeJobs(await jobsOf(store, run)),
  doctor,
};

/** Slurm's programs may be there where its controller isn't. */
async function doctor() {
  const version = versionIn(await firstLine('sinfo', ['--version']));
  const found = optionalPart('Slurm', version, 'on clusters only; sweeps run on this machine without it');
  if (!found.present || (await firstLine('sinfo', ['--noheader']))) return found;
  return { ...found, usable: false, advice: 'sinfo gets no answer: is slurmctld running, and is this machine one of its cluster?' };
}

/** A job of a cluster that has a trial before it. */
interface JobOfTrial {
  /** As Slurm writes it: `17_3`. */
  readonly id: string;
  readonly state: Exclude<JobState, { kind: 'ended' }>;
}

/** `in Slurm: 2 jobs at work, 7 waiting`; and what waits for a person. */
function describeJobs(jobs: ReadonlyMap<string, JobOfTrial>): readonly string[] {
  const distinct = [...new Map([...jobs.values()].map((job) => [job.id, job])).values()];
  if (distinct.length === 0) return [];
  const running = distinct.filter(({ state }) => state.kind === 'running').length;
  const counts = `in Slurm: ${countJobs(running)} at work, ${formatCount(distinct.length - running)} waiting`;
  const obstacles = distinct.flatMap(({ state }) => (state.kind === 'waiting' && state.reason !== undefined ? [state.reason] : []));
  return [counts, ...inShort(obstacles)];
}

/**
 * The jobs that are queued or at work for a sweep or a table, by the work key of the trials that they have yet to end. `run` is the id of the
 * document's own run. Empty where nothing was handed in to Slurm, or no Slurm is here: what the records say is true without it.
 */
async function jobsOf(store: Store, run: string): Promise<ReadonlyMap<string, JobOfTrial>> {
  const jobs = jobsFolder(store, run);
  if (jobs === undefined || !store.files.stat(jobs)) return new Map();
  const said = await slurmProgram('squeue', squeueParameters(jobsName(prepareStore(store), run)));
  if (!said.ok) return new Map();
  return new Map(
    jobsOfElements(jobs, readSqueue(said.stdout)).flatMap(({ job, element }) => {
      const state = stateOf(element);
      if (state.kind === 'ended') return [];
      const results = resultsIn(job);
      return job.orders.flatMap(({ work }, order) => (results.has(order) ? [] : [[work, { id: element.id, state }] as const]));
    }),
  );
}

interface SlurmSweep extends Arrays, Omit<ClusterSite, 'nonce'> {
  readonly store: Store;
  readonly machine: Machine;
}

/** Milliseconds until another process has handed in its jobs: between two looks, and at most. Each call of sbatch has a minute. */
const TURN = 200;
const MOST_TURNS = 600_000;
/** Where Slurm doesn't say: its own default. */
const MAX_ARRAY = 1001;

/** Slurm's arrays. All that is remembered lies in the queue and beside the orders: whoever asks next finds it there. */
export function slurmScheduler(sweep: SlurmSweep, mostTurns = MOST_TURNS): Scheduler {
  const { options, name, jobs, store, machine, title, note, refuse } = sweep;
  let largest: number | undefined;
  return { most: Infinity, perJob: options.trials_per_job, ensure, look, cancel, howToCancel: `scancel --name=${name}` };

  async function ensure(orders: readonly TrialOrder[]): Promise<readonly Job[]> {
    const done = await turn();
    try {
      const living = new Map((await livingJobs()).flatMap((job) => openOrders(job).map((key) => [key, job] as const)));
      const found = new Set(orders.flatMap((order) => living.get(orderKey(order)) ?? []));
      const missing = inGroups(
        orders.filter((order) => !living.has(orderKey(order))),
        options.trials_per_job,
      );
      if (found.size > 0) note(`with Slurm already: ${countJobs(found.size)}`);
      const submitted: Job[] = [];
      for (const array of inGroups(missing, (largest ??= await largestArray()))) submitted.push(...(await submit(array)));
      return [...found, ...submitted];
    } finally {
      done();
    }
  }

  /** One process at a time looks what is there and hands in the rest. */
  async function turn(): Promise<() => void> {
    const began = performance.now();
    for (;;) {
      const taken = await watchAndTakeLeaseIn(store, join(jobs, 'turns'), machine);
      if (taken.kind === 'taken') return taken.lease.release;
      if (performance.now() - began > mostTurns) {
        const { pid, host } = taken.by;
        throw new Refusal(`process ${pid} on ${host} has been handing in jobs of this sweep for ${formatDuration(mostTurns / 1000)}`, {
          status: EXIT.failed,
          help: 'end that process, and run this command again',
        });
      }
      await wait(TURN);
    }
  }

  async function livingJobs(): Promise<readonly Job[]> {
    const elements = await squeue();
    if ('rejection' in elements) throw refuse(elements.rejection);
    return jobsOfElements(
      jobs,
      elements.there.filter((element) => stateOf(element).kind !== 'ended'),
    ).map(({ job }) => job);
  }

  async function submit(batches: readonly (readonly TrialOrder[])[]): Promise<readonly Job[]> {
    const folder = makeFolder(jobs);
    const handed = writeOrders(folder, batches);
    writeFileSync(join(folder, SCRIPT), jobScript(folder, options, title), { mode: 0o700 });
    const said = await slurmProgram('sbatch', sbatchParameters(sweep, folder, batches.length, commentOf(folder, title)));
    if (!said.ok) throw refuse(refusedBySbatch(said));
    const [array = ''] = said.stdout.trim().split(';');
    keepArray(folder, array);
    note(`handed in to Slurm: ${countJobs(batches.length)}, as array ${array}`);
    return handed;
  }

  async function look(wanted: readonly Job[]): Promise<ReadonlyMap<Job, JobState>> {
    const elements = await squeue();
    if ('rejection' in elements) return new Map();
    const there = new Map(jobsOfElements(jobs, elements.there).map(({ job, element }) => [placeOf(job), element]));
    const lost = wanted.filter((job) => !there.has(placeOf(job)));
    const remembered = await sacct(lost);
    return new Map(
      wanted.map((job) => {
        const element = there.get(placeOf(job));
        if (element) return [job, stateOf(element, shown(printedBy(job)))];
        const id = idOf(job);
        const state = remembered.get(id);
        return [job, state === undefined ? forgotten(id, hasBegun(job)) : stateOf({ id, state, reason: '' }, shown(printedBy(job)))];
      }),
    );
  }

  async function squeue(): Promise<{ readonly there: readonly Element[] } | { readonly rejection: Rejection }> {
    const said = await slurmProgram('squeue', squeueParameters(name));
    if (said.ok) return { there: readSqueue(said.stdout) };
    return { rejection: said.code === 'ENOENT' ? noSlurm('squeue') : noAnswer(said) };
  }

  /** Empty where the cluster keeps no accounts. */
  async function sacct(lost: readonly Job[]): Promise<ReadonlyMap<string, string>> {
    const arrays = Array.from(new Set(lost.flatMap(({ folder }) => readArray(folder) ?? [])));
    if (arrays.length === 0) return new Map();
    const said = await slurmProgram('sacct', ['-n', '-P', '-X', '-o', 'JobID,State', '-j', arrays.join(',')]);
    return said.ok ? readSacct(said.stdout) : new Map();
  }

  async function cancel(unwanted: readonly Job[]): Promise<void> {
    for (const some of inGroups(unwanted.map(idOf), 500)) await slurmProgram('scancel', some);
  }

  async function largestArray(): Promise<number> {
    const said = await slurmProgram('scontrol', ['show', 'config']);
    return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(said.stdout)?.[1] ?? MAX_ARRAY);
  }
}

const placeOf = ({ folder, index }: Job): string => `${folder}:${index}`;
const idOf = (job: Job): string => `${readArray(job.folder) ?? '?'}_${job.index}`;
