import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatCount, formatDuration } from '../../diagnostics/numbers.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { firstLine, optionalPart, versionIn } from '../../host/finding.js';
import { shown } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import { prepareStore, type Store } from '../../record/layout.js';
import { type Machine, watchAndTakeLeaseIn } from '../../record/lease.js';
import { type ClusterSite, launchAsJobs, withWorkers } from '../cluster/follow.js';
import {
  countJobs,
  inGroups,
  inShort,
  type Job,
  jobsFolder,
  journalOf,
  orderKey,
  printedBy,
  readJobs,
  resultsIn,
  writeOrders,
} from '../cluster/job.js';
import type { JobState, Rejection, Scheduler } from '../cluster/scheduler.js';
import type { LauncherKind, TrialOrder } from '../launcher.js';
import { noAnswer, noSlurm, refusedBySbatch, slurmProgram } from './programs.js';
import { type Arrays, jobScript, sbatchParameters, SCRIPT, slurmOptions } from './script.js';

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
    note(`submitted to Slurm: ${countJobs(batches.length)}, as array ${array}`);
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

/** Slurm's name for all jobs of a sweep in one store: no other sweep has it, nor the same one of another store. */
const jobsName = (nonce: string, run: string): string =>
  `retable-${createHash('sha256').update(`${nonce} ${run}`).digest('hex').slice(0, 16)}`;

/** The comment that ties an array to its folder even if nothing could be written after sbatch took it. */
const commentOf = (folder: string, sweep: string): string => `retable ${folder.slice(-6)} ${sweep}`.slice(0, 200);

/** The next free folder for a submission. */
function makeFolder(jobs: string): string {
  mkdirSync(jobs, { recursive: true });
  const last = Math.max(0, ...readdirSync(jobs).flatMap((name) => (/^\d{6}$/.test(name) ? [Number(name)] : [])));
  const folder = join(jobs, String(last + 1).padStart(6, '0'));
  mkdirSync(folder);
  return folder;
}

/** Slurm's number of the array; kept beside the orders once it is known. */
const keepArray = (folder: string, array: string): void => writeFileSync(join(folder, ARRAY), `${array}\n`);
function readArray(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, ARRAY), 'utf8').trim();
  } catch {
    return undefined;
  }
}
const ARRAY = 'array.txt';

/** The elements of Slurm's queue together with the job that each of them is. */
function jobsOfElements(jobs: string, elements: readonly Element[]): readonly { readonly job: Job; readonly element: Element }[] {
  const known = new Map<string, readonly Job[]>();
  return elements.flatMap((element) => {
    const [, number] = /^retable (\d{6})\b/.exec(element.comment) ?? [];
    if (number === undefined) return [];
    const folder = join(jobs, number);
    const all = known.get(folder) ?? readJobs(folder);
    known.set(folder, all);
    const job = all[element.index];
    return job ? [{ job, element }] : [];
  });
}

/** Orders of a job that it still has to train. */
function openOrders(job: Job): readonly string[] {
  const results = resultsIn(job);
  return job.orders.flatMap((order, index) => (results.has(index) ? [] : [orderKey(order)]));
}

const hasBegun = (job: Job): boolean => existsSync(journalOf(job)) || existsSync(printedBy(job));

/** One element of a job array, as squeue tells it. */
interface Element {
  /** `17_3`: what a person types after scancel. */
  readonly id: string;
  readonly array: string;
  readonly index: number;
  readonly state: string;
  /** Why it waits, or ended. */
  readonly reason: string;
  /** What was said of it when it was handed in. */
  readonly comment: string;
}

/** `-r`: elements that wait are listed one by one; `-t all`: those that ended stay for some minutes. The comment may hold anything. */
const squeueParameters = (name: string): readonly string[] => ['-h', '-r', '-t', 'all', '-n', name, '-o', '%F|%K|%T|%r|%k'];

export const readSqueue = (text: string): readonly Element[] =>
  text.split('\n').flatMap((line) => {
    const [, array = '', index = '', state = '', reason = '', comment = ''] = /^(\d+)\|(\d+)\|(\w+)\|([^|]*)\|(.*)$/.exec(line) ?? [];
    return array === '' ? [] : [{ id: `${array}_${index}`, array, index: Number(index), state, reason, comment }];
  });

/** `sacct -n -P -X -o JobID,State`; where there is accounting, it knows those that squeue has forgotten. */
export const readSacct = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, id = '', state = ''] = /^(\d+_\d+)\|(\w+)/.exec(line) ?? [];
      return id === '' ? [] : [[id, state] as const];
    }),
  );

/** A job in these words of Slurm (its manual, JOB STATE CODES) waits, or begins again. */
const WAITING = ['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'RESV_DEL_HOLD', 'SPECIAL_EXIT'];
/** COMPLETING: its processes are being ended, and how it ended isn't said yet. */
const RUNNING = ['RUNNING', 'COMPLETING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'STAGE_OUT', 'RESIZING'];

/**
 * A job in Slurm's words in ours. Its reason for a failure misleads (a worker that was killed is a JobLaunchFailure): the file that the job
 * `printed` says more. What waits says why where it will not begin by itself.
 */
export function stateOf({ id, state, reason }: Pick<Element, 'id' | 'state' | 'reason'>, printed = ''): JobState {
  if (WAITING.includes(state)) return { kind: 'waiting', ...obstacle(id, state, reason) };
  if (RUNNING.includes(state)) return { kind: 'running' };
  switch (state) {
    case 'COMPLETED':
      return ended('done', `job ${id} ended before all of its trials`);
    case 'CANCELLED':
    case 'REVOKED':
      return ended('cancelled', `job ${id} was cancelled`);
    case 'TIMEOUT':
    case 'DEADLINE':
      return ended('timed out', `the time limit of job ${id} came before the end of a step: give run_on.time more`);
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return ended('node failed', `the node of job ${id} failed`);
    case 'OUT_OF_MEMORY':
      return ended('out of memory', `job ${id} was ended because it used more memory than it has: give run_on.memory more`);
    case 'PREEMPTED':
      return ended('preempted', `job ${id} had to give way to another one`);
    default:
      return ended('failed', `job ${id} failed${printed === '' ? '' : `; what it printed is in ${printed}`}`);
  }
}

/** What Slurm knows no more left no word of its end. */
export const forgotten = (id: string, hasBegun: boolean): JobState =>
  hasBegun
    ? ended('gone', `job ${id} is gone, and Slurm no longer knows how`)
    : ended('cancelled', `job ${id} was cancelled before it began`);

const ended = (how: Extract<JobState, { kind: 'ended' }>['how'], reason: string): JobState => ({ kind: 'ended', how, reason });

/** Reasons of jobs that Slurm took and will not begin as they are. */
const NEVER = /^(Partition\w*Limit|BadConstraints|InvalidAccount|InvalidQOS|\w*NotAllowed|DependencyNeverSatisfied)$/;

function obstacle(id: string, state: string, reason: string): { readonly reason?: string } {
  if (state.endsWith('_HOLD') || /held/i.test(reason))
    return { reason: `job ${id} waits for a person (${reason}): scontrol release ${id} lets it begin, scancel ${id} ends it` };
  if (NEVER.test(reason)) return { reason: `job ${id} will not begin as it is (${reason}): scancel ${id} ends it, then change run_on` };
  return {};
}
