import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatCount } from '../../diagnostics/numbers.js';
import { hasPassword } from '../../diagnostics/secrets.js';
import { Refusal } from '../../host/exit.js';
import { isObject } from '../../record/files.js';
import { ownFolder, runPlace, type Store } from '../../record/layout.js';
import { listExperiments } from '../../record/reader.js';
import type { FromWorker, TrialOrder, TrialResult } from '../launcher.js';

/**
 * Jobs of a cluster, on the file system that it shares with this machine. A submission is a folder in the dot-folder of the document's own run:
 *
 *     RUN/.retable/jobs/SUBMISSION/orders.json  for every job of it the orders that it trains, one after the other
 *                                  3.jsonl      what the worker of job 3 says: its event log
 *                                  3.txt        what the cluster lets that job print
 */
export interface Job {
  readonly folder: string;
  /** The job's place in the submission, from 0. */
  readonly index: number;
  readonly orders: readonly TrialOrder[];
}

export const journalOf = ({ folder, index }: Pick<Job, 'folder' | 'index'>): string => join(folder, `${index}.jsonl`);
export const printedBy = ({ folder, index }: Pick<Job, 'folder' | 'index'>): string => join(folder, `${index}.txt`);

/** Where the jobs of a sweep or a table lie, by the id of its own run; undefined before it was ever run in this store. */
export function jobsFolder(store: Store, run: string): string | undefined {
  const place = listExperiments(store)
    .map(({ id }) => runPlace(store, id, run))
    .find(({ folder }) => store.files.stat(folder)?.directory);
  return place && join(ownFolder(place), 'jobs');
}

/** Puts the orders where the jobs will find them. */
export function writeOrders(folder: string, orders: readonly (readonly TrialOrder[])[]): readonly Job[] {
  const text = `[\n${orders.map((batch) => JSON.stringify(batch)).join(',\n')}\n]\n`;
  if (hasPassword(text)) {
    throw new Refusal('a password is not written into the files of jobs', {
      help: 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD where the jobs run',
    });
  }
  mkdirSync(folder, { recursive: true });
  const file = join(folder, ORDERS);
  writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
  return orders.map((batch, index) => ({ folder, index, orders: batch }));
}

/** The jobs of a submission; none where its orders can't be read. */
export function readJobs(folder: string): readonly Job[] {
  try {
    const orders = JSON.parse(readFileSync(join(folder, ORDERS), 'utf8')) as unknown;
    if (!areOrders(orders)) return [];
    return orders.map((batch, index) => ({ folder, index, orders: batch }));
  } catch {
    return [];
  }
}

const areOrders = (value: unknown): value is readonly (readonly TrialOrder[])[] =>
  Array.isArray(value) &&
  value.every((batch) => Array.isArray(batch) && batch.every((order) => isObject(order) && typeof order['work'] === 'string'));

const ORDERS = 'orders.json';

/** Equal for orders that ask for the same: of one work, training to one epoch. */
export const orderKey = ({ work, until }: Pick<TrialOrder, 'work' | 'until'>): string => (until === undefined ? work : `${work}@${until}`);

/** Orders in groups of at most `size`, in their order. */
export const inGroups = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, group) => items.slice(group * size, (group + 1) * size));

export const countJobs = (count: number): string => (count === 1 ? '1 job' : `${formatCount(count)} jobs`);

/** What is the matter with the first of several jobs; with the others it is mostly the same. */
export const inShort = ([first, ...others]: readonly string[]): readonly string[] =>
  first === undefined ? [] : [others.length === 0 ? first : `${first}; and ${countJobs(others.length)} more`];

/** What a worker of this machine says over its channel, a job's worker says in its event log: which of its orders, and what about it. */
export type Entry =
  | (FromWorker & { readonly order: number })
  /** The cluster asked the worker to stop; this trial had begun after epoch `from`. */
  | { readonly kind: 'interrupted'; readonly order: number; readonly from: number };

export const say = (job: Pick<Job, 'folder' | 'index'>, entry: Entry): void =>
  appendFileSync(journalOf(job), `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`, { mode: 0o600 });

/** Gives at every call what was written since the one before; a line that isn't whole yet is left for the next. */
export function readerOf(job: Pick<Job, 'folder' | 'index'>): () => readonly Entry[] {
  let offset = 0;
  return () => {
    const text = readFrom(journalOf(job), offset);
    const end = text.lastIndexOf(0x0a) + 1;
    offset += end;
    return text.subarray(0, end).toString('utf8').split('\n').flatMap(parse);
  };
}

/** The results in an event log, by order. */
export const resultsIn = (job: Pick<Job, 'folder' | 'index'>): ReadonlyMap<number, TrialResult> =>
  new Map(readerOf(job)().flatMap((entry) => (entry.kind === 'ended' ? [[entry.order, entry.result] as const] : [])));

/** A worker that was killed in the middle of a line, and its successor, leave one that makes no sense. */
function parse(line: string): readonly Entry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}

function readFrom(file: string, offset: number): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return Buffer.alloc(0); // the job hasn't begun
  }
  try {
    const chunks: Buffer[] = [];
    for (let at = offset; ; at += chunks.at(-1)?.length ?? 0) {
      const chunk = Buffer.alloc(65_536);
      const size = readSync(descriptor, chunk, 0, chunk.length, at);
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, size));
    }
  } finally {
    closeSync(descriptor);
  }
}
