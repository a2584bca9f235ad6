import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Lease, heartbeatSeconds, startersLease, watchAndTakeLease } from '../record/lease.js';
import { failedWith } from '../record/error.js';
import { experimentId, prepareStore, runPlace, type Store } from '../record/layout.js';
import type { Machine } from '../record/machine.js';
import { reopenRun } from '../record/reopen.js';
import { type RunStart, startRun } from '../record/start.js';
import { standardTags } from '../record/tags.js';
import { restoreRun } from '../record/trash.js';
import type { RunWriter } from '../record/writer.js';
import { sourceArtifact } from '../run/describe-run.js';
import type { Surroundings } from '../run/surroundings.js';

/** The run of a sweep or a table itself, under which MLflow shows its members. */
interface DocumentRun {
  readonly writer: RunWriter;
  finish(how: 'FINISHED' | 'FAILED' | 'KILLED'): void;
}

interface DocumentStart extends Pick<RunStart, 'experiment' | 'runId' | 'runName' | 'parameters' | 'tags'> {
  /** As typed. */
  readonly file: string;
  readonly text: string;
  readonly note?: string | undefined;
}

/** 32 hex of what names a document: its runs in two stores become one when they are copied together. */
export const documentRunId = (...names: readonly ['sweep', string, string] | readonly ['table', string]): string =>
  createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32);

/** Begins the run, or goes on with it; undefined while another process that runs the same document has it. */
export async function openDocumentRun(
  store: Store,
  start: DocumentStart,
  machine: Machine,
  around: Surroundings,
): Promise<DocumentRun | undefined> {
  prepareStore(store);
  const opened = begin(store, start, machine, around) ?? (await goOn(store, start, machine));
  if (!opened) return undefined;
  const { writer, lease } = opened;
  writer.artifact(sourceArtifact(start.file), start.text);
  const heart = setInterval(() => lease.heartbeat(), heartbeatSeconds * 1000);
  heart.unref();
  return {
    writer,
    finish(how) {
      clearInterval(heart);
      writer.finish(how, Date.now());
      lease.release();
    },
  };
}

const placeOf = (store: Store, { experiment, runId }: DocumentStart) => runPlace(store, experimentId(experiment), runId);

interface Opened {
  readonly writer: RunWriter;
  readonly lease: Lease;
}

function begin(store: Store, start: DocumentStart, machine: Machine, { user, git }: Surroundings): Opened | undefined {
  const { experiment, runId, runName, parameters, file, note } = start;
  if (store.files.stat(join(placeOf(store, start).folder, 'meta.yaml'))) return undefined;
  try {
    const writer = startRun(store, {
      experiment,
      runId,
      runName,
      user,
      startTime: Date.now(),
      parameters,
      tags: { ...standardTags({ user, source: file, sourceType: 'LOCAL', git, ...(note !== undefined && { note }) }), ...start.tags },
      datasets: [],
      owner: machine.self,
    });
    return { writer, lease: startersLease(store, writer.run, machine) };
  } catch (error) {
    if (failedWith(error, 'EEXIST') && store.files.stat(placeOf(store, start).folder)) return undefined;
    throw error;
  }
}

/** A document that is run again comes out of the trash: it has one run for ever. */
async function goOn(store: Store, start: DocumentStart, machine: Machine): Promise<Opened | undefined> {
  const place = placeOf(store, start);
  const taken = await watchAndTakeLease(store, place, machine);
  if (taken.kind === 'held') return undefined;
  const writer = reopenRun(store, place);
  restoreRun(store, place);
  return { writer, lease: taken.lease };
}
