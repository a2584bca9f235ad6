import { join } from 'node:path';
import { isObject, makeFolders, quietly, readIfThere, replaceWhole } from './files.js';
import { identityProblem, type RunPlace, sharedTemporaryFile, type Store } from './layout.js';
import type { RunInfo } from './meta.js';
import {
  headOf,
  latestPoint,
  listPlaces,
  type MetricPoint,
  newestFirst,
  readMetrics,
  readParameters,
  readTags,
  type RunHead,
} from './reader.js';

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
  const summaries = listPlaces(store).flatMap(({ experiment, place }): readonly RunSummary[] => {
    const stamp = stampOf(store, place);
    const known = before.get(place.runId);
    if (known && known.stamp === stamp) {
      after.set(place.runId, known);
      const { info, parameters, tags, latest } = known;
      return [{ ...info, experiment: experiment.name, place, parameters, tags, latest: pointsOf(latest) }];
    }
    const head = headOf(store, experiment, place);
    if (!head) return [];
    const summary = summarize(store, head);
    if (hasEnded(head)) {
      isNews = true;
      after.set(place.runId, entryOf(summary, stamp));
    }
    return [summary];
  });
  if (isNews) quietly(() => writeIndex(store, after));
  return summaries.toSorted(newestFirst);
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
  readonly info: RunInfo;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly latest: readonly LatestRow[];
}

/** A value without digits as text. */
type LatestRow = readonly [key: string, value: number | string, step: number, timestamp: number];

const indexFile = (store: Store): string => join(store.root, '.retable-index');
const version = 2;

/** Changes with the run's own fields and with its tags. */
function stampOf({ files }: Store, { folder }: RunPlace): string {
  const meta = files.stat(`${folder}/meta.yaml`);
  return `${meta?.modified} ${meta?.size} ${files.stat(`${folder}/tags`)?.modified}`;
}

/** Of one that is still going on, metrics change without a change of its own fields. */
const hasEnded = ({ status }: RunInfo): boolean => status !== 'RUNNING' && status !== 'SCHEDULED';

function readIndex(store: Store): ReadonlyMap<string, IndexEntry> {
  try {
    const index = JSON.parse(readIfThere(store.files, indexFile(store)) ?? '{}') as {
      readonly version?: number;
      readonly runs?: Readonly<Record<string, IndexEntry>>;
    };
    return new Map(index.version === version ? Object.entries(index.runs ?? {}).filter(([, entry]) => isEntry(entry)) : []);
  } catch {
    return new Map();
  }
}

const isEntry = (entry: unknown): boolean =>
  isObject(entry) && isObject(entry['info']) && isObject(entry['parameters']) && isObject(entry['tags']) && Array.isArray(entry['latest']);

function writeIndex(store: Store, entries: ReadonlyMap<string, IndexEntry>): void {
  if (identityProblem(store) === 'newer') return;
  makeFolders(store.files, store.root);
  const text = `${JSON.stringify({ version, runs: Object.fromEntries(entries) })}\n`;
  replaceWhole(store.files, indexFile(store), text, sharedTemporaryFile(store.root));
}

function entryOf({ parameters, tags, latest, ...run }: RunSummary, stamp: string): IndexEntry {
  const { place: _, experiment: __, ...info } = run;
  return { stamp, info, parameters, tags, latest: Object.entries(latest).map(rowOf) };
}

function pointsOf(rows: readonly LatestRow[]): RunSummary['latest'] {
  const points: Record<string, MetricPoint> = {};
  for (const [key, value, step, timestamp] of rows) points[key] = { value: Number(value), step, timestamp };
  return points;
}

const rowOf = ([key, { value, step, timestamp }]: readonly [string, MetricPoint]): LatestRow => [
  key,
  Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value),
  step,
  timestamp,
];

/**
 * Metrics that stand beside the results, for MLflow's page: what the machine did (`system/...`), and for a series with a value that is not
 * finite the last one that was, because the page neither shows nor sorts by NaN.
 */
export const isDerived = (key: string): boolean => key.startsWith('system/') || key.endsWith(LAST_FINITE);

export const lastFiniteKey = (key: string): string => `${key}${LAST_FINITE}`;

const LAST_FINITE = '.last_finite';
