import { join } from 'node:path';
import { keyFile, type RunPlace, type Store } from '../record/layout.js';
import { type Holder, type Lease, watchAndTakeLeaseIn } from '../record/lease.js';
import { keysBelow, parsePoint, type RunHead, wholeLines } from '../record/reader.js';
import { sendArtifacts, sendLoggedModel } from './artifacts.js';
import type { TrackingClient } from './client.js';
import { retrying } from './connection.js';
import { saidIn, TrackingError } from './errors.js';
import { outgoingDatasets, outgoingParameters } from './outgoing.js';
import {
  type Destination,
  openRemoteRun,
  readState,
  refreshed,
  type Refusal,
  remoteTags,
  syncLeases,
  type SyncState,
  wasDeleted,
  withoutRefusals,
  writeState,
} from './remote-run.js';
import { batchOf, inBatches, type Item, type MetricItem, type RemoteRun } from './wire.js';

/** One run on its way to one server. While it is open, no other process sends this run there. */
export interface Delivery {
  readonly remote: RemoteRun;
  readonly state: SyncState;
  /** Sends what the record holds by now and the server lacks. Interrupted anywhere, the next one goes on. */
  pass(what: { readonly files: boolean; readonly onPoints?: (count: number) => void }): Promise<Passed>;
  /** To be called now and then while it is open. */
  heartbeat(): void;
  close(): void;
}

interface Passed {
  readonly points: number;
  /** Paths of artifacts. */
  readonly artifacts: readonly string[];
}

type DeliveryResult = { readonly kind: 'open'; readonly delivery: Delivery } | { readonly kind: 'held'; readonly by: Holder };

/** `again`: what the server refused is tried once more. */
export async function openDelivery(to: Destination, head: RunHead, again = false): Promise<DeliveryResult> {
  const taken = await watchAndTakeLeaseIn(to.store, syncLeases(head.place, to.client.server), to.machine);
  if (taken.kind === 'held') return taken;
  try {
    return { kind: 'open', delivery: await begin(to, head, taken.lease, again) };
  } catch (error) {
    taken.lease.release();
    throw error;
  }
}

async function begin(to: Destination, head: RunHead, lease: Lease, again: boolean): Promise<Delivery> {
  const { client, store } = to;
  to.facts ??= await client.facts();
  const dropsDoubles = to.facts.store === 'sql';
  const known = readState(store, head.place, client.server);
  const before = again ? withoutRefusals(known) : known;
  const { id } = await openRemoteRun(to, head, before.remoteRun);
  // Another run than the one that was known: of that one nothing has arrived.
  const state: SyncState = before.remoteRun === id ? before : { ...before, remoteRun: id, offsets: {}, artifacts: {}, refused: [] };
  const keep = (): void => writeState(store, head.place, state);
  keep();
  const remote = await client.run(id);
  if (!remote || remote.deleted) throw wasDeleted(to, head);

  const unsure = remote.metricKeys.filter((key) => !dropsDoubles || state.offsets[key] === undefined);
  const sender = itemSender(client, id, dropsDoubles, unsure);
  const held: Held = {
    params: new Map(Object.entries(remote.params)),
    tags: new Map(Object.entries(remote.tags)),
    datasets: new Set(remote.datasets.map(datasetIdentity)),
    status: `${remote.status} ${remote.endTime}`,
    hasModel: remote.models.length > 0,
  };

  return {
    remote,
    state,
    async pass({ files, onPoints }) {
      const now = refreshed(store, head);
      const points = await sendAll(to, now, sender, held, state, keep, onPoints);
      await sendDatasets(to, now, held, state);
      const artifacts = files ? await sendArtifacts(client, store, head.place, remote, state, keep) : [];
      if (files && now.status === 'FINISHED' && !held.hasModel) {
        await sendLoggedModel(client, store, now, remote);
        held.hasModel = true;
      }
      // The last word comes last: who sees a finished run there sees all of it.
      const status = `${now.status} ${now.endTime}`;
      if (status !== held.status) {
        await client.updateRun(remote.id, { status: now.status, endTime: now.endTime });
        held.status = status;
      }
      keep();
      return { points, artifacts };
    },
    heartbeat: () => void lease.heartbeat(),
    close: () => lease.release(),
  };
}

/** What the server is known to have. */
interface Held {
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly datasets: Set<string>;
  status: string;
  hasModel: boolean;
}

/** Parameters, tags and points, in as few batches as they fit in. Gives the number of points. */
async function sendAll(
  to: Destination,
  head: RunHead,
  sender: ItemSender,
  held: Held,
  state: SyncState,
  keep: () => void,
  onPoints: (count: number) => void = () => {},
): Promise<number> {
  const entries: Item[] = [];
  for (const [key, value] of Object.entries(outgoingParameters(to.store, head.place))) {
    const there = held.params.get(key);
    if (there === value || isRefused(state, 'param', key)) continue;
    if (there === undefined) entries.push({ kind: 'param', entry: { key, value } });
    else putAside(state, { kind: 'param', key, reason: `the server holds "${there}", and a parameter can't change` });
  }
  for (const [key, value] of Object.entries(await remoteTags(to, head))) {
    if (held.tags.get(key) !== value && !isRefused(state, 'tag', key)) entries.push({ kind: 'tag', entry: { key, value } });
  }
  let points = 0;
  for (const batch of inBatches<Item | TailItem>(chain(entries, newPoints(to.store, head.place, state.offsets)))) {
    for (const refusal of await sender.send(batch)) putAside(state, refusal);
    const before = points;
    for (const item of batch) {
      if (item.kind === 'param') held.params.set(item.entry.key, item.entry.value);
      else if (item.kind === 'tag') held.tags.set(item.entry.key, item.entry.value);
      else if ('end' in item) {
        state.offsets[item.metric.key] = item.end;
        points++;
      }
    }
    keep();
    if (points > before) onPoints(points - before);
  }
  return points;
}

async function sendDatasets({ client, store }: Destination, head: RunHead, held: Held, state: SyncState): Promise<void> {
  const missing = outgoingDatasets(store, head.place).filter((dataset) => !held.datasets.has(datasetIdentity(dataset)));
  if (missing.length === 0) return;
  await client.logInputs(state.remoteRun, missing);
  for (const dataset of missing) held.datasets.add(datasetIdentity(dataset));
}

export const datasetIdentity = ({ name, digest }: { readonly name: string; readonly digest: string }): string =>
  JSON.stringify([name, digest]);

const isRefused = ({ refused }: SyncState, kind: Refusal['kind'], key: string): boolean =>
  refused.some((refusal) => refusal.kind === kind && refusal.key === key);

function putAside(state: SyncState, refusal: Refusal): void {
  state.refused = [...state.refused, refusal];
}

function* chain<T>(first: Iterable<T>, second: Iterable<T>): Generator<T> {
  yield* first;
  yield* second;
}

/** Sends batches to one run. */
interface ItemSender {
  /** When it returns, the server has every item but those that it gives back with the reason. */
  send(items: readonly Item[]): Promise<readonly Refusal[]>;
}

/**
 * A SQL store drops a point that it has already (`dropsDoubles`), so a batch whose answer was lost is sent again. A file store keeps it twice:
 * there, and where the store is unknown, what may have arrived is looked up before it is sent again. `unsure` are keys of which points may have
 * arrived before this sender; also a SQL store is asked for these, for it drops points four times slower than it takes new ones.
 */
function itemSender(client: TrackingClient, runId: string, dropsDoubles: boolean, unsure: readonly string[]): ItemSender {
  const looksUp = new Set(unsure);
  const arrived = new Map<string, ReadonlySet<string>>();

  /** Without the points that the server has. */
  const stillMissing = async (items: readonly Item[]): Promise<readonly Item[]> => {
    for (const item of items) {
      if (item.kind !== 'metric' || !looksUp.has(item.metric.key) || arrived.has(item.metric.key)) continue;
      const { key } = item.metric;
      arrived.set(key, new Set((await client.history(runId, key)).map((point) => identity({ key, ...point }))));
    }
    return items.filter((item) => item.kind !== 'metric' || !arrived.get(item.metric.key)?.has(identity(item.metric)));
  };

  const sendOnce = async (items: readonly Item[]): Promise<void> => {
    if (dropsDoubles) {
      const missing = await stillMissing(items);
      return missing.length === 0 ? undefined : client.logBatch(runId, batchOf(missing));
    }
    await retrying(client.retry, async () => {
      const missing = await stillMissing(items);
      if (missing.length === 0) return;
      try {
        await client.logBatch(runId, batchOf(missing), false);
      } catch (error) {
        for (const item of missing) if (item.kind === 'metric') looksUp.add(item.metric.key);
        arrived.clear();
        throw error;
      }
    });
  };

  /** Halves what was refused until the items stand alone that the server won't have. */
  const bisect = async (items: readonly Item[], error: TrackingError): Promise<readonly Refusal[]> => {
    const [only, another] = items;
    if (only && !another) return (await hasArrived(only)) ? [] : [refusalOf(only, saidIn(error))];
    const middle = Math.ceil(items.length / 2);
    return [...(await attempt(items.slice(0, middle))), ...(await attempt(items.slice(middle)))];
  };
  const attempt = async (items: readonly Item[]): Promise<readonly Refusal[]> => {
    try {
      await sendOnce(items);
      return [];
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      return bisect(items, error);
    }
  };

  /** Some servers answer 400 to a NaN that they have already. */
  const hasArrived = async (item: Item): Promise<boolean> => {
    if (item.kind !== 'metric') return false;
    const { key } = item.metric;
    return (await client.history(runId, key)).some((point) => identity({ key, ...point }) === identity(item.metric));
  };

  return {
    async send(items) {
      try {
        await sendOnce(items);
        return [];
      } catch (error) {
        if (!isAboutContent(error)) throw error;
        const run = await client.run(runId);
        if (!run || run.deleted) throw error;
        return bisect(items, error);
      }
    },
  };
}

/** -0 comes back as 0 from some stores. */
export const identity = ({ key, value, step, timestamp }: MetricItem): string => `${step} ${timestamp} ${value === 0 ? 0 : value} ${key}`;

const isAboutContent = (error: unknown): error is TrackingError =>
  error instanceof TrackingError && (error.kind === 'refused' || error.kind === 'invalid');

const refusalOf = (item: Item, reason: string): Refusal =>
  item.kind === 'metric'
    ? { kind: 'metric', key: item.metric.key, step: item.metric.step, reason }
    : { kind: item.kind, key: item.entry.key, reason };

/** A recorded point, and where its line ends in the metric's file. */
type TailItem = Item & { readonly kind: 'metric'; readonly end: number };

/** Read at a time; about a thousand lines. */
const CHUNK = 32_768;

/** The points that stand in the record behind the offsets (bytes by key), file by file. A line without its end isn't one yet. */
export function* newPoints(store: Store, run: RunPlace, offsets: Readonly<Record<string, number>>): Generator<TailItem> {
  for (const key of keysBelow(store, join(run.folder, 'metrics'))) {
    const path = keyFile(run, 'metrics', key);
    let offset = offsets[key] ?? 0;
    if ((store.files.stat(path)?.size ?? 0) <= offset) continue;
    for (;;) {
      const bytes = store.files.readFrom(path, offset, CHUNK);
      const lines = Buffer.from(bytes.subarray(0, wholeLines(bytes))).toString('latin1');
      if (lines === '') break;
      for (const line of lines.slice(0, -1).split('\n')) {
        offset += line.length + 1;
        const point = parsePoint(line);
        if (point) yield { kind: 'metric', metric: { key, ...point }, end: offset };
      }
      if (bytes.length < CHUNK) break;
    }
  }
}
