import { dirname, join } from 'node:path';
import { heartbeatSeconds, type Lease, type Machine, restoreRun, startersLease, watchAndTakeLease } from '../record/lease.js';
import { failedWith } from '../record/files.js';
import { experimentId, prepareStore, runPlace, type Store } from '../record/layout.js';
import { reopenRun, type RunStart, startRun } from '../record/start.js';
import { standardTags } from '../record/environment.js';
import type { RunWriter } from '../record/writer.js';
import { sourceArtifact } from '../run/describe-run.js';
import { lookAround, type Surroundings } from '../host/surroundings.js';
import { type Member, MEMBERS } from './members.js';

/** The run of a sweep or a table itself, under which MLflow shows its members. */
export interface OwnRun {
  keep(artifact: string, text: string): void;
  keepMembers(members: readonly Member[]): void;
  finish(how: 'FINISHED' | 'FAILED' | 'KILLED'): void;
}

export interface OwnRunStart extends Pick<RunStart, 'experiment' | 'runId' | 'runName' | 'parameters' | 'tags'> {
  /** As typed. */
  readonly file: string;
  readonly text: string;
  readonly note?: string | undefined;
}

/** Begins the run, or goes on with it; undefined while another process that runs the same document has it. */
export async function openOwnRun(store: Store, start: OwnRunStart, machine: Machine): Promise<OwnRun | undefined> {
  prepareStore(store);
  const opened = begin(store, start, machine, await lookAround(dirname(start.file))) ?? (await goOn(store, start, machine));
  if (!opened) return undefined;
  const { writer, lease } = opened;
  releasedUnless(lease, () => writer.artifact(sourceArtifact(start.file), start.text));
  const heart = setInterval(() => lease.heartbeat(), heartbeatSeconds * 1000);
  heart.unref();
  return {
    keep: (artifact, text) => writer.artifact(artifact, text),
    keepMembers: (members) => writer.artifact(MEMBERS, `[\n${members.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`),
    finish(how) {
      clearInterval(heart);
      writer.finish(how, Date.now());
      lease.release();
    },
  };
}

const placeOf = (store: Store, { experiment, runId }: OwnRunStart) => runPlace(store, experimentId(experiment), runId);

interface Opened {
  readonly writer: RunWriter;
  readonly lease: Lease;
}

function begin(store: Store, start: OwnRunStart, machine: Machine, { user, git }: Surroundings): Opened | undefined {
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
async function goOn(store: Store, start: OwnRunStart, machine: Machine): Promise<Opened | undefined> {
  const place = placeOf(store, start);
  const taken = await watchAndTakeLease(store, place, machine);
  if (taken.kind === 'held') return undefined;
  const writer = releasedUnless(taken.lease, () => {
    const reopened = reopenRun(store, place);
    restoreRun(store, place);
    return reopened;
  });
  return { writer, lease: taken.lease };
}

/** Of a record that is damaged, the lease is given back: others of this process may want to repair it. */
function releasedUnless<T>(lease: Lease, work: () => T): T {
  try {
    return work();
  } catch (error) {
    lease.release();
    throw error;
  }
}
