import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import type { FromWorker, TrialResult } from '../protocol.js';
import { type Job, journalOf } from './job.js';

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
