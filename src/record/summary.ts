import { join } from 'node:path';
import { makeFolders, quietly, readIfThere, replaceWhole } from './files.js';
import { sharedTemporaryFile, type Store } from './layout.js';
import { listRuns, readMetrics, readParameters, readTags, type RunHead } from './reader.js';
import { latestPoint, type MetricPoint } from './series.js';

/** What a list of runs shows, sorts and filters by. */
export interface RunSummary extends RunHead {
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The latest point of each metric. */
  readonly latest: Readonly<Record<string, MetricPoint>>;
}

/**
 * All runs, the newest first. What was read of runs that have ended stands in `.retable-index` of the store: it can be made again at any
 * time, isn't trusted for a run whose files changed since, and is written only where that is allowed.
 */
export function summarizeRuns(store: Store): readonly RunSummary[] {
  const before = readIndex(store);
  const after = new Map<string, IndexEntry>();
  let isNews = false;
  const summaries = listRuns(store).map((head) => {
    const stamp = stampOf(store, head);
    const known = before.get(head.id);
    if (known && stamp !== null && known.stamp === stamp) {
      after.set(head.id, known);
      return { ...head, parameters: known.parameters, tags: known.tags, latest: pointsOf(known) };
    }
    const summary = summarize(store, head);
    if (stamp !== null) {
      isNews = true;
      after.set(head.id, { stamp, parameters: summary.parameters, tags: summary.tags, latest: rowsOf(summary) });
    }
    return summary;
  });
  if (isNews) quietly(() => writeIndex(store, after));
  return summaries;
}

export function summarize(store: Store, head: RunHead): RunSummary {
  const latest = Object.entries(readMetrics(store, head.place)).flatMap(([key, points]) => {
    const point = latestPoint(points);
    return point ? [[key, point] as const] : [];
  });
  return { ...head, parameters: readParameters(store, head.place), tags: readTags(store, head.place), latest: Object.fromEntries(latest) };
}

interface IndexEntry {
  readonly stamp: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Key, value, step, timestamp; a value without digits as text. */
  readonly latest: readonly (readonly [key: string, value: number | string, step: number, timestamp: number])[];
}

const indexFile = (store: Store): string => join(store.root, '.retable-index');
const version = 1;

/** Changes with the run's own fields and with its tags; null while it may change in other ways, too. */
function stampOf({ files }: Store, { status, place }: RunHead): string | null {
  if (status === 'RUNNING' || status === 'SCHEDULED') return null;
  const meta = files.stat(join(place.folder, 'meta.yaml'));
  const tags = files.stat(join(place.folder, 'tags'));
  return meta && tags ? `${meta.modified} ${meta.size} ${tags.modified}` : null;
}

function readIndex(store: Store): ReadonlyMap<string, IndexEntry> {
  const text = readIfThere(store.files, indexFile(store));
  try {
    const index = JSON.parse(text ?? '{}') as { readonly version?: number; readonly runs?: Readonly<Record<string, IndexEntry>> };
    return new Map(index.version === version ? Object.entries(index.runs ?? {}) : []);
  } catch {
    return new Map();
  }
}

function writeIndex(store: Store, entries: ReadonlyMap<string, IndexEntry>): void {
  makeFolders(store.files, store.root);
  const text = `${JSON.stringify({ version, runs: Object.fromEntries(entries) })}\n`;
  replaceWhole(store.files, indexFile(store), text, sharedTemporaryFile(store.root));
}

const pointsOf = ({ latest }: IndexEntry): Readonly<Record<string, MetricPoint>> =>
  Object.fromEntries(latest.map(([key, value, step, timestamp]) => [key, { value: Number(value), step, timestamp }]));

const rowsOf = ({ latest }: RunSummary): IndexEntry['latest'] =>
  Object.entries(latest).map(([key, { value, step, timestamp }]) => [
    key,
    Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value),
    step,
    timestamp,
  ]);
