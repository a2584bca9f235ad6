import { type Lease, type Holder, watchAndTakeLeaseIn } from '../record/lease.js';
import type { RunHead } from '../record/reader.js';
import { sendArtifacts } from './artifacts.js';
import { outgoingDatasets, outgoingParameters } from './outgoing.js';
import { inBatches, type Item } from './limits.js';
import { sendLoggedModel } from './logged-model.js';
import { type Destination, openRemoteRun, refreshed, remoteTags, wasDeleted } from './remote-run.js';
import { itemSender, type ItemSender } from './send-items.js';
import { readState, type Refusal, syncLeases, type SyncState, withoutRefusals, writeState } from './sync-state.js';
import { newPoints, type TailItem } from './tail.js';
import type { RemoteRun } from './types.js';

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
