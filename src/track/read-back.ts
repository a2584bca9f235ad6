import { readMetrics, type RunHead } from '../record/reader.js';
import { artifactsBeside, hashOf } from './artifacts.js';
import { datasetIdentity } from './delivery.js';
import { outgoingDatasets, outgoingParameters } from './outgoing.js';
import { type Destination, openRemoteRun, remoteTags } from './remote-run.js';
import { identity } from './send-items.js';
import type { SyncState } from './sync-state.js';

/**
 * Reads a run back from the server and compares it with the record, point for point. Gives what differs, in words; what the server refused
 * is known, and no difference. The content of the artifacts in `sent` is compared by hash, that of the others by size.
 */
export async function readBack(to: Destination, head: RunHead, state: SyncState, sent: readonly string[]): Promise<readonly string[]> {
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
