import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { listIfThere, makeFolders, readIfThere, replaceWhole } from '../record/files.js';
import { ownFolder, type RunPlace, sharedTemporaryFile, type Store } from '../record/layout.js';
import { type Machine, watchAndTakeLeaseIn } from '../record/lease.js';
import { readHead, type RunHead } from '../record/reader.js';
import type { TrackingClient } from './client.js';
import { retrying } from './connection.js';
import { TrackingError } from './errors.js';
import { outgoingTags } from './outgoing.js';
import type { RemoteRun, ServerFacts } from './wire.js';

/** A server that runs are sent to, and what is known of it by now. */
export interface Destination {
  readonly client: TrackingClient;
  readonly store: Store;
  readonly machine: Machine;
  /** Finds a run of the store by its id. */
  readonly headOf: (runId: string) => RunHead | null;
  facts?: ServerFacts;
  /** Ids of experiments by name. */
  readonly experiments: Map<string, string>;
  /** Ids of runs there by those here. */
  readonly runs: Map<string, string>;
}

/** The tag that holds a run's id of here: a server gives ids of its own. */
export const uidTag = 'retable.run';
const parentTag = 'mlflow.parentRunId';

export const destination = (client: TrackingClient, store: Store, machine: Machine, headOf: Destination['headOf']): Destination => ({
  client,
  store,
  machine,
  headOf,
  experiments: new Map(),
  runs: new Map(),
});

/** The run on the server: found by its tag, or made. Whoever calls holds the lease on sending it. `known` is its id there as last seen. */
export function openRemoteRun(to: Destination, head: RunHead, known = ''): Promise<RemoteRun> {
  return retrying(to.client.retry, async () => {
    const experimentId = await openExperiment(to, head.experiment);
    const found = await to.client.runsByTag([experimentId], uidTag, head.id);
    const kept = chooseRun(found, known);
    if (kept) {
      for (const other of found) if (other !== kept && !other.deleted && isEmpty(other)) await to.client.deleteRun(other.id);
      to.runs.set(head.id, kept.id);
      return kept;
    }
    if (found.length > 0) throw wasDeleted(to, head);
    const tags = await remoteTags(to, head);
    const made = await to.client.createRun({ experimentId, name: head.name, user: head.user, startTime: head.startTime, tags });
    const run = await orItsTwin(to, experimentId, head, made);
    to.runs.set(head.id, run.id);
    return run;
  });
}

/** The run that was made, or the one that another process made for it at the same moment. */
async function orItsTwin({ client }: Destination, experimentId: string, head: RunHead, made: RemoteRun): Promise<RemoteRun> {
  const twinOf = (run: RemoteRun) => ({ id: run.id, isFilled: !isEmpty(run), run });
  const others = async () => inOrderOfChoice(await client.runsByTag([experimentId], uidTag, head.id)).map(twinOf);
  return (await theOnlyOne(twinOf(made), others, (id) => client.deleteRun(id))).run;
}

/** The tags of a run as they are to stand on the server: its parent by the id that it has there, and its own id of here. */
export async function remoteTags(to: Destination, head: RunHead): Promise<Readonly<Record<string, string>>> {
  const { [parentTag]: parent, ...tags } = outgoingTags(to.store, head.place);
  const remoteParent = parent === undefined ? null : await remoteParentOf(to, parent);
  // A run that is in another store than its parent stands alone on the server.
  return {
    ...tags,
    ...(head.name && { 'mlflow.runName': head.name }),
    [uidTag]: head.id,
    ...(remoteParent && { [parentTag]: remoteParent }),
  };
}

/** Children of one sweep may be sent by many processes at once, and each needs the parent. */
async function remoteParentOf(to: Destination, parent: string): Promise<string | null> {
  const there = to.runs.get(parent);
  if (there !== undefined) return there;
  const head = to.headOf(parent);
  if (!head) return null;
  for (let tried = 0; tried < 100; tried++) {
    const taken = await watchAndTakeLeaseIn(to.store, syncLeases(head.place, to.client.server), to.machine);
    if (taken.kind === 'taken') {
      try {
        return (await openRemoteRun(to, head)).id;
      } finally {
        taken.lease.release();
      }
    }
    const experimentId = await openExperiment(to, head.experiment);
    const kept = chooseRun(await to.client.runsByTag([experimentId], uidTag, head.id), '');
    if (kept) {
      to.runs.set(parent, kept.id);
      return kept.id;
    }
    await wait(100);
  }
  const message = `the parent run ${parent.slice(0, 8)} is being sent by another process, which doesn't come to an end`;
  throw new TrackingError({ kind: 'unreachable', server: to.client.server, call: 'runs/create', message });
}

async function openExperiment(to: Destination, name: string): Promise<string> {
  const there = to.experiments.get(name);
  if (there !== undefined) return there;
  const found = await to.client.experimentByName(name);
  if (found?.deleted) {
    throw new TrackingError({
      kind: 'missing',
      server: to.client.server,
      call: 'experiments/get-by-name',
      message: `the experiment "${name}" was deleted on ${to.client.server}`,
      remedy: `restore it there: mlflow experiments restore -x ${found.id}`,
    });
  }
  const id = found?.id ?? (await to.client.createExperiment(name));
  to.experiments.set(name, id);
  return id;
}

/** Of several (an answer was lost, and the call came late), the one that is known or has most; all processes choose the same. */
function chooseRun(found: readonly RemoteRun[], known: string): RemoteRun | undefined {
  const there = inOrderOfChoice(found);
  return there.find((run) => run.id === known) ?? there[0];
}

const inOrderOfChoice = (found: readonly RemoteRun[]): readonly RemoteRun[] =>
  found.filter((run) => !run.deleted).toSorted((a, b) => b.metricKeys.length - a.metricKeys.length || (a.id < b.id ? -1 : 1));

/** Whether the run that was known under this id there was taken away while another one stands for it: a copy of this store was sent at once. */
export async function wasReplaced(to: Destination, head: RunHead, known: string): Promise<boolean> {
  const remote = known === '' ? null : await to.client.run(known);
  if (!remote?.deleted) return false;
  return chooseRun(await to.client.runsByTag([remote.experimentId], uidTag, head.id), '') !== undefined;
}

const isEmpty = (run: RemoteRun): boolean => run.metricKeys.length === 0;

export const wasDeleted = (to: Destination, head: RunHead): TrackingError =>
  new TrackingError({
    kind: 'missing',
    server: to.client.server,
    call: 'runs/search',
    message: `run ${head.id.slice(0, 8)} was deleted on ${to.client.server}`,
    remedy: 'restore it there to have it sent again',
  });

/** The run as it stands now: its name, status and times may have changed. */
export const refreshed = (store: Store, head: RunHead): RunHead => readHead(store, head.place);

/** How often, and after how many milliseconds, what was made at the same moment is looked for again. */
const LOOKS = 20;
const PAUSE = 100;

/** What a server has, and whether it was filled: then it stays. */
interface Twin {
  readonly id: string;
  readonly isFilled: boolean;
}

/**
 * A copy of this store may be sent at the same moment, by a process that has leases of its own. What was just made for it on the server is kept
 * only where a look after that shows no other: of any two, the one made later sees the older. Where two see each other, the one with the smaller
 * id waits for the other to go. `others` gives those that are there beside it, the one first that all processes would choose.
 */
export async function theOnlyOne<Item extends Twin>(
  made: Item,
  others: () => Promise<readonly Item[]>,
  remove: (id: string) => Promise<void>,
): Promise<Item> {
  for (let look = 0; ; look++) {
    const found = (await others()).filter(({ id }) => id !== made.id);
    const [older] = found;
    if (!older) return made;
    if (look === LOOKS || found.some(({ id, isFilled }) => id < made.id || isFilled)) {
      await remove(made.id);
      return older;
    }
    await wait(PAUSE);
  }
}

/**
 * How far one run is known to one server, in `.retable/sync/SERVER.json` of the run. Losing it loses nothing: all is sent again, and the
 * server knows most of it.
 */
export interface SyncState {
  readonly server: string;
  /** The run's id there; empty before it is known. */
  remoteRun: string;
  /** Bytes of each metric file whose points have arrived. */
  readonly offsets: Record<string, number>;
  readonly artifacts: Record<string, SentArtifact>;
  /** What the server will not take, and why; it is not sent again by itself. */
  refused: readonly Refusal[];
  /** The record as it was when all of it was found equal on the server; empty when it wasn't. */
  settled: string;
}

interface SentArtifact {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Of what was sent. */
  readonly sha256: string;
  /** Bytes that were sent, where something was blanked out. */
  readonly sent?: number;
}

export interface Refusal {
  readonly kind: 'metric' | 'param' | 'tag' | 'dataset' | 'artifact';
  readonly key: string;
  /** Of a metric. */
  readonly step?: number;
  readonly reason: string;
}

export const freshState = (server: string): SyncState => ({
  server,
  remoteRun: '',
  offsets: {},
  artifacts: {},
  refused: [],
  settled: '',
});

export function readState(store: Store, run: RunPlace, server: string): SyncState {
  const state = parseState(readIfThere(store.files, stateFile(run, server)));
  return state?.server === server ? state : freshState(server);
}

/** What can't be read counts as lost. */
function parseState(text: string | null): SyncState | null {
  try {
    const state = JSON.parse(text ?? 'null') as SyncState | null;
    return state && { ...freshState(state.server), ...state };
  } catch {
    return null;
  }
}

/** As if nothing had been refused: of a metric that was, all points count as not sent. */
export function withoutRefusals(state: SyncState): SyncState {
  const { refused, offsets } = state;
  if (refused.length === 0) return state;
  const keys = new Set(refused.flatMap(({ kind, key }) => (kind === 'metric' ? [key] : [])));
  const others = Object.entries(offsets).filter(([key]) => !keys.has(key));
  return { ...state, refused: [], settled: '', offsets: Object.fromEntries(others) };
}

/** How far a run is known to every server that it was ever sent to. */
export function readStates(store: Store, run: RunPlace): readonly SyncState[] {
  const files = listIfThere(store.files, syncFolder(run)).filter(({ name }) => name.endsWith('.json'));
  return files.flatMap(({ name }) => parseState(readIfThere(store.files, join(syncFolder(run), name))) ?? []);
}

export function writeState(store: Store, run: RunPlace, state: SyncState): void {
  makeFolders(store.files, syncFolder(run));
  replaceWhole(store.files, stateFile(run, state.server), `${JSON.stringify(state)}\n`, sharedTemporaryFile(syncFolder(run)));
}

/** The leases on sending this run to this server. */
export const syncLeases = (run: RunPlace, server: string): string => join(syncFolder(run), `${nameOf(server)}.claims`);

const syncFolder = (run: RunPlace): string => join(ownFolder(run), 'sync');
const stateFile = (run: RunPlace, server: string): string => join(syncFolder(run), `${nameOf(server)}.json`);
const nameOf = (server: string): string => createHash('sha256').update(server).digest('hex').slice(0, 16);
