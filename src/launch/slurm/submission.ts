import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Job, journalOf, orderKey, printedBy, readJobs } from '../cluster/job.js';
import { resultsIn } from '../cluster/event-log.js';
import type { Element } from './states.js';

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
