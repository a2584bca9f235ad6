import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Job, journalOf, orderKey, printedBy, readJobs, resultsIn } from '../cluster/job.js';
import type { JobState } from '../cluster/scheduler.js';

/** Slurm's name for all jobs of a sweep in one store: no other sweep has it, nor the same one of another store. */
export const jobsName = (nonce: string, run: string): string =>
  `retable-${createHash('sha256').update(`${nonce} ${run}`).digest('hex').slice(0, 16)}`;

/** The comment that ties an array to its folder even if nothing could be written after sbatch took it. */
export const commentOf = (folder: string, sweep: string): string => `retable ${numberOf(folder)} ${sweep}`.slice(0, 200);

/** The next free folder for a submission. */
export function makeFolder(jobs: string): string {
  mkdirSync(jobs, { recursive: true });
  const last = Math.max(0, ...readdirSync(jobs).flatMap((name) => (/^\d{6}$/.test(name) ? [Number(name)] : [])));
  const folder = join(jobs, String(last + 1).padStart(6, '0'));
  mkdirSync(folder);
  return folder;
}

const numberOf = (folder: string): string => folder.slice(-6);

/** Slurm's number of the array; kept beside the orders once it is known. */
export const keepArray = (folder: string, array: string): void => writeFileSync(join(folder, ARRAY), `${array}\n`);
export function readArray(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, ARRAY), 'utf8').trim();
  } catch {
    return undefined;
  }
}
const ARRAY = 'array.txt';

/** The elements of Slurm's queue together with the job that each of them is. */
export function jobsOfElements(jobs: string, elements: readonly Element[]): readonly { readonly job: Job; readonly element: Element }[] {
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
export function openOrders(job: Job): readonly string[] {
  const results = resultsIn(job);
  return job.orders.flatMap((order, index) => (results.has(index) ? [] : [orderKey(order)]));
}

export const hasBegun = (job: Job): boolean => existsSync(journalOf(job)) || existsSync(printedBy(job));

/** One element of a job array, as squeue tells it. */
export interface Element {
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
export const squeueParameters = (name: string): readonly string[] => ['-h', '-r', '-t', 'all', '-n', name, '-o', '%F|%K|%T|%r|%k'];

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
