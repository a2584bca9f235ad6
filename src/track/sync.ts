import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere } from '../record/files.js';
import { keyFile, type Store } from '../record/layout.js';
import type { Machine } from '../record/lease.js';
import { keysBelow, listArtifacts, readMetrics, readParameters, readTags, type RunHead } from '../record/reader.js';
import { artifactsBeside, changedArtifacts, hashOf } from './artifacts.js';
import { runLink, type TrackingClient } from './client.js';
import { datasetIdentity, identity, newPoints, openDelivery } from './delivery.js';
import { TrackingError } from './errors.js';
import { outgoingDatasets, outgoingParameters } from './outgoing.js';
import {
  destination,
  type Destination,
  freshState,
  openRemoteRun,
  readState,
  refreshed,
  type Refusal,
  remoteTags,
  type SyncState,
  wasReplaced,
  withoutRefusals,
  writeState,
} from './remote-run.js';

interface SyncRequest {
  readonly store: Store;
  readonly client: TrackingClient;
  readonly machine: Machine;
  /** What to send, in any order. */
  readonly runs: readonly RunHead[];
  /** All runs of the store, where parents are looked for. */
  readonly all: readonly RunHead[];
  /** Whether what the server refused is tried once more. */
  readonly retryRefused?: boolean;
  readonly onProgress: (progress: SyncProgress) => void;
}

interface SyncProgress {
  readonly run: RunHead;
  /** The run's number among all, the first being 1. */
  readonly number: number;
  readonly runs: number;
  /** Points that were sent, of all runs. */
  readonly points: number;
}

/** How it went with one run: `same` was there already, `sent` is there now, `differs` is there and reads otherwise, `held` is being sent by another process. */
export interface RunSync {
  readonly run: RunHead;
  readonly outcome: 'same' | 'sent' | 'differs' | 'held' | 'failed';
  readonly link?: string;
  readonly remoteRun?: string;
  readonly points: number;
  readonly artifacts: number;
  readonly refused: readonly Refusal[];
  /** In words, of `differs`, `held` and `failed`. */
  readonly problems: readonly string[];
}

/**
 * Brings runs to a server: what it lacks is sent, then all of the run is read back and compared. Running it again is always right: it goes
 * on where it was interrupted, and a run that was found equal costs one request. Throws when the server can't be reached or won't have us.
 */
export async function syncRuns(request: SyncRequest): Promise<readonly RunSync[]> {
  const { store, client, machine, all, retryRefused = false, onProgress } = request;
  const byId = new Map(all.map((head) => [head.id, head]));
  const to = destination(client, store, machine, (id) => byId.get(id) ?? null);
  const results: RunSync[] = [];
  const runs = parentsFirst(store, request.runs);
  let points = 0;
  for (const [index, run] of runs.entries()) {
    const told = (count: number): void => {
      points += count;
      onProgress({ run, number: index + 1, runs: runs.length, points });
    };
    told(0);
    results.push(await syncRun(to, run, retryRefused, told));
  }
  return results;
}

async function syncRun(
  to: Destination,
  head: RunHead,
  retryRefused: boolean,
  onPoints: (count: number) => void,
  again = 2,
): Promise<RunSync> {
  const nothing = { run: head, points: 0, artifacts: 0, refused: [], problems: [] };
  try {
    const settled = await findSettled(to, head, retryRefused);
    if (settled) return { ...nothing, ...settled, outcome: 'same' };
    const opened = await openDelivery(to, head, retryRefused);
    if (opened.kind === 'held') {
      const { pid, host } = opened.by;
      return { ...nothing, outcome: 'held', problems: [`process ${pid} on ${host} is sending it`] };
    }
    const { delivery } = opened;
    try {
      const before = fingerprint(to.store, head);
      const { points, artifacts } = await delivery.pass({ files: true, onPoints });
      const { state, remote } = delivery;
      const problems = await readBack(to, refreshed(to.store, head), state, artifacts);
      state.settled = problems.length === 0 && before === fingerprint(to.store, head) ? before : '';
      writeState(to.store, head.place, state);
      return {
        run: head,
        outcome: problems.length === 0 ? 'sent' : 'differs',
        link: runLink(to.client.server, remote),
        remoteRun: remote.id,
        points,
        artifacts: artifacts.length,
        refused: state.refused,
        problems,
      };
    } finally {
      delivery.close();
    }
  } catch (error) {
    // What is about this run alone is no reason not to send the others.
    if (error instanceof TrackingError && (error.kind === 'missing' || error.kind === 'refused' || error.kind === 'invalid')) {
      if (again > 0 && (await wasReplaced(to, head, readState(to.store, head.place, to.client.server).remoteRun))) {
        return syncRun(to, head, retryRefused, onPoints, again - 1);
      }
      return { ...nothing, outcome: 'failed', problems: [error.remedy ? `${error.message}; ${error.remedy}` : error.message] };
    }
    throw error;
  }
}

/** What `sync` would send, without a word to the server. */
export function planSync(store: Store, server: string, runs: readonly RunHead[], retryRefused = false): readonly PlannedSync[] {
  return parentsFirst(store, runs).map((run) => {
    const held = readState(store, run.place, server);
    const state = retryRefused ? withoutRefusals(held) : held;
    const isSettled = state.settled !== '' && state.settled === fingerprint(store, run);
    const known = state.remoteRun === '' ? freshState(server) : state;
    let points = 0;
    if (!isSettled) for (const _ of newPoints(store, run.place, known.offsets)) points++;
    return { run, isNew: state.remoteRun === '', points, artifacts: isSettled ? 0 : changedArtifacts(store, run.place, known).length };
  });
}

export interface PlannedSync {
  readonly run: RunHead;
  readonly isNew: boolean;
  readonly points: number;
  readonly artifacts: number;
}

/** A run that hasn't changed since it was found equal, as long as it is still there. */
async function findSettled(
  to: Destination,
  head: RunHead,
  retryRefused: boolean,
): Promise<Pick<RunSync, 'link' | 'remoteRun' | 'refused'> | null> {
  const state = readState(to.store, head.place, to.client.server);
  if (retryRefused && state.refused.length > 0) return null;
  if (state.settled === '' || state.settled !== fingerprint(to.store, head)) return null;
  const remote = await to.client.run(state.remoteRun);
  if (!remote || remote.deleted) return null;
  to.runs.set(head.id, remote.id);
  return { link: runLink(to.client.server, remote), remoteRun: remote.id, refused: state.refused };
}

/** A hash of all that is sent of a run, with the size of what only grows and the time of what is replaced as a whole. */
function fingerprint(store: Store, { place }: RunHead): string {
  const { files } = store;
  const sizeOf = (path: string): number => files.stat(path)?.size ?? 0;
  const facts = [
    readIfThere(files, join(place.folder, 'meta.yaml')),
    readParameters(store, place),
    readTags(store, place),
    keysBelow(store, join(place.folder, 'metrics')).map((key) => [key, sizeOf(keyFile(place, 'metrics', key))]),
    keysBelow(store, join(place.folder, 'inputs')),
    listArtifacts(store, place).map(({ path, size }) => [path, size, files.stat(join(place.folder, 'artifacts', path))?.modified]),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** The oldest first, but each behind its parent. */
function parentsFirst(store: Store, runs: readonly RunHead[]): readonly RunHead[] {
  const byId = new Map(runs.map((head) => [head.id, head]));
  const ordered = new Set<RunHead>();
  const visit = (head: RunHead): void => {
    if (ordered.has(head) || !byId.delete(head.id)) return;
    const parent = byId.get(readIfThere(store.files, keyFile(head.place, 'tags', 'mlflow.parentRunId')) ?? '');
    if (parent) visit(parent);
    ordered.add(head);
  };
  for (const head of runs.toReversed()) visit(head);
  return [...ordered];
}

/**
 * Reads a run back from the server and compares it with the record, point for point. Gives what differs, in words; what the server refused
 * is known, and no difference. The content of the artifacts in `sent` is compared by hash, that of the others by size.
 */
async function readBack(to: Destination, head: RunHead, state: SyncState, sent: readonly string[]): Promise<readonly string[]> {
  const { client, store } = to;
  const isRefused = (kind: string, key: string, step?: number): boolean =>
    state.refused.some((refusal) => refusal.kind === kind && refusal.key === key && (refusal.step === undefined || refusal.step === step));
  // Also gives away a second run, made by a call that came late.
  await openRemoteRun(to, head, state.remoteRun);
  const remote = await client.run(state.remoteRun);
  if (!remote) return ['the run is not there'];
  const found: string[] = [];
  const compare = (what: string, here: unknown, there: unknown): void => {
    if (here !== there) found.push(`${what} is ${shown(here)} here and ${shown(there)} there`);
  };

  compare('status', head.status, remote.status);
  compare('start', head.startTime, remote.startTime);
  if (head.endTime !== null) compare('end', head.endTime, remote.endTime);
  for (const [kind, here, there] of [
    ['param', outgoingParameters(store, head.place), remote.params],
    ['tag', await remoteTags(to, head), remote.tags],
  ] as const) {
    for (const [key, value] of Object.entries(here)) if (!isRefused(kind, key)) compare(`${kind} ${key}`, value, there[key]);
  }
  for (const [key, points] of Object.entries(readMetrics(store, head.place))) {
    const here = points.filter(({ step }) => !isRefused('metric', key, step)).map((point) => identity({ key, ...point }));
    const there = (await client.history(remote.id, key)).map((point) => identity({ key, ...point }));
    for (const difference of pointDifferences(key, [...new Set(here)], there)) found.push(difference);
  }
  const datasets = new Set(remote.datasets.map(datasetIdentity));
  for (const dataset of outgoingDatasets(store, head.place)) {
    if (!datasets.has(datasetIdentity(dataset))) found.push(`dataset ${dataset.name} is not there`);
  }
  const sizes = new Map((await artifactsBeside(client, remote.id, Object.keys(state.artifacts))).map(({ path, size }) => [path, size]));
  for (const [path, { size: kept, sent: cut, sha256 }] of Object.entries(state.artifacts)) {
    const size = cut ?? kept;
    if (sizes.get(path) !== size) compare(`size of ${path}`, size, sizes.get(path));
    else if (sent.includes(path) && hashOf(await client.getArtifact(remote.id, path)) !== sha256) found.push(`${path} has another content`);
  }
  return found;
}

function pointDifferences(key: string, here: readonly string[], there: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const point of there) left.set(point, (left.get(point) ?? 0) + 1);
  const missing = here.filter((point) => !left.has(point));
  for (const point of here) left.set(point, (left.get(point) ?? 0) - 1);
  const more = [...left.values()].reduce((sum, count) => sum + Math.max(0, count), 0);
  return [
    ...(missing.length > 0 ? [`${missing.length} of ${here.length} points of ${key} are missing`] : []),
    ...(more > 0 ? [`${more} points of ${key} are there that aren't in the record, or twice`] : []),
  ];
}

const shown = (value: unknown): string => (value === undefined || value === null ? 'missing' : JSON.stringify(value).slice(0, 60));
