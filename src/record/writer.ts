import { dirname, join } from 'node:path';
import { withoutPasswords } from '../diagnostics/secrets.js';
import { type Files, makeFolders, type OpenFile, quietly, readIfThere, readText, RecordError, replaceWhole } from './files.js';
import { checkLength, keySpace, limits } from './keys.js';
import { keyFile, ownFolder, type RunPlace, type Store, temporaryFile } from './layout.js';
import { formatMeta, parseRunMeta, type RunInfo, runMeta, type Status } from './meta.js';
import { formatPoint, keysBelow, parsePoints } from './reader.js';

/**
 * Writes the record of one run, never with a password that stands in a URI; there is one writer of a run at a time, who holds its lease. What a call wrote stands in the record when
 * it returns: it survives the death of this process, and after `sync` a power failure. Refusals of the disk are RecordErrors; what was
 * recorded before stays whole.
 */
export interface RunWriter {
  readonly run: RunPlace;
  /** Steps of a key only grow: nothing recorded is written twice. */
  metric(key: string, value: number, step: number, timestamp: number): void;
  /** Several at once, as one by one: those of one key, in the order of their steps, are one write. */
  metrics(points: readonly KeyedPoint[]): void;
  /** Writing a parameter's own value again does nothing; another value is refused. */
  parameter(key: string, value: string): void;
  /** Takes the place of the tag's last value. */
  tag(key: string, value: string): void;
  /** `path` below `artifacts`: `plots/loss.svg`. An artifact is a view of the run; a later one of the same path takes its place. */
  artifact(path: string, content: string | Uint8Array): void;
  /** Brings what was recorded to the disk. */
  sync(): void;
  /** The run's last word: brings all to the disk, and closes. */
  finish(status: Exclude<Status, 'RUNNING' | 'SCHEDULED'>, endTime: number): void;
  /** Lets go of the files without a word; the run stays as it is. */
  close(): void;
}

/** A value of a metric and when it was measured: in which step, and in milliseconds since 1970. */
export interface KeyedPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/** A writer on a run that is there and whole: fresh from `startRun`, or mended by `reopenRun`. */
export function openWriter(store: Store, run: RunPlace): RunWriter {
  const { files } = store;
  const metrics = openMetricFiles(store, run);
  const unsynced = new Set<string>();

  const replace = (path: string, content: string | Uint8Array): void => {
    makeFolders(files, dirname(path));
    replaceWhole(files, path, content, temporaryFile(run));
    unsynced.add(dirname(path));
  };
  const sync = (): void => {
    metrics.sync();
    for (const folder of unsynced) files.syncFolder(folder);
    unsynced.clear();
  };

  return {
    run,
    metric: (key, value, step, timestamp) => metrics.append(key, [{ value, step, timestamp }]),
    metrics(points) {
      const byKey = new Map<string, KeyedPoint[]>();
      for (const point of points) {
        const known = byKey.get(point.key);
        if (known) known.push(point);
        else byKey.set(point.key, [point]);
      }
      for (const [key, ofKey] of byKey) metrics.append(key, ofKey);
    },
    parameter(key, text) {
      const value = withoutPasswords(text);
      const path = keyFile(run, 'params', key);
      const recorded = readIfThere(files, path);
      if (recorded === value) return;
      if (recorded !== null) throw new Error(`the parameter "${key}" is recorded as "${recorded}", and can't become "${value}"`);
      admit(store, run, 'params', key, value, limits.parameter);
      replace(path, value);
    },
    tag(key, text) {
      const value = withoutPasswords(text);
      admit(store, run, 'tags', key, value, limits.tag);
      replace(keyFile(run, 'tags', key), value);
    },
    artifact(path, content) {
      replace(join(run.folder, 'artifacts', ...artifactSegments(path)), typeof content === 'string' ? withoutPasswords(content) : content);
    },
    sync,
    finish(status, endTime) {
      sync();
      changeMeta(store, run, { status, endTime });
      metrics.close();
    },
    close: metrics.close,
  };
}

/** Changes the run's own fields; those that MLflow's page may have changed meanwhile stay. */
export function changeMeta(
  store: Store,
  run: RunPlace,
  changes: Partial<Pick<RunInfo, 'name' | 'status' | 'endTime' | 'artifactUri' | 'deleted' | 'deletedTime'>>,
): void {
  const path = join(run.folder, 'meta.yaml');
  const info = { ...readInfo(store, path), ...changes };
  makeFolders(store.files, ownFolder(run));
  replaceWhole(store.files, path, formatMeta(runMeta(info)), temporaryFile(run));
  store.files.syncFolder(run.folder);
}

/** What people say of a run. A tag that is undefined is taken away. */
interface Words {
  readonly name?: string;
  readonly tags: ReadonlyMap<string, string | undefined>;
}

/**
 * Gives a run another name, a note, tags: the one thing of a record that people may change, at any time, also while it trains. These are MLflow's own
 * tags, so that its page shows and changes the same. Throws on a key or a value that MLflow would not take, before anything is changed.
 */
export function annotate(store: Store, run: RunPlace, { name, tags }: Words): void {
  const all = new Map([...tags, ...(name === undefined ? [] : [[NAME_TAG, name] as const])]);
  for (const [key, value = ''] of all) admit(store, run, 'tags', key, value, limits.tag);
  for (const [key, value] of all) {
    const path = keyFile(run, 'tags', key);
    makeFolders(store.files, dirname(path));
    if (value !== undefined) replaceWhole(store.files, path, withoutPasswords(value), temporaryFile(run));
    else if (store.files.stat(path)) store.files.remove(path);
    store.files.syncFolder(dirname(path));
  }
  if (name !== undefined) changeMeta(store, run, { name: withoutPasswords(name) });
}

const NAME_TAG = 'mlflow.runName';

function readInfo(store: Store, path: string): RunInfo {
  const text = readText(store.files, path);
  try {
    return parseRunMeta(text);
  } catch (error) {
    throw new RecordError(path, 'read', 'EBADMSG', error);
  }
}

/** Throws when the key can't stand beside those that are there, or the value is too long. */
function admit(store: Store, run: RunPlace, kind: 'params' | 'tags', key: string, value: string, longest: number): void {
  checkLength(key, value, longest);
  keySpace(keysBelow(store, join(run.folder, kind))).add(key);
}

function artifactSegments(path: string): readonly string[] {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..') || /[#\\:]/.test(path)) {
    throw new Error(`"${path}" is no path of an artifact`);
  }
  return segments;
}

/** A value of one key. */
type Point = Omit<KeyedPoint, 'key'>;

/** The metric files of a run, one a key, kept open: points of a key, at least one, cost one write. */
interface MetricFiles {
  readonly append: (key: string, points: readonly Point[]) => void;
  readonly sync: () => void;
  readonly close: () => void;
}

interface MetricFile {
  readonly file: OpenFile;
  /** Bytes, all of them whole lines. */
  size: number;
  lastStep: number;
  unsynced: boolean;
}

function openMetricFiles(store: Store, run: RunPlace): MetricFiles {
  const { files } = store;
  const present = new Set(keysBelow(store, join(run.folder, 'metrics')));
  const keys = keySpace(present);
  const open = new Map<string, MetricFile>();
  const unsyncedFolders = new Set<string>();

  /** Null for a key without a point. */
  const find = (key: string): MetricFile | null => {
    const known = open.get(key);
    if (known || !present.has(key)) return known ?? null;
    const resumed = resume(files, keyFile(run, 'metrics', key));
    open.set(key, resumed);
    return resumed;
  };

  return {
    append(key, points) {
      const known = find(key);
      let last = known?.lastStep ?? -Infinity;
      let lines = '';
      for (const { value, step, timestamp } of points) {
        if (step <= last) throw new Error(`"${key}" is recorded up to step ${last}: step ${step} can't follow`);
        last = step;
        lines += formatPoint(value, step, timestamp);
      }
      if (known) appendLines(files, known, lines, last);
      else {
        keys.add(key);
        const path = keyFile(run, 'metrics', key);
        open.set(key, create(files, path, lines, last, temporaryFile(run)));
        unsyncedFolders.add(dirname(path));
      }
    },
    sync() {
      for (const each of open.values()) {
        if (!each.unsynced) continue;
        files.sync(each.file);
        each.unsynced = false;
      }
      for (const folder of unsyncedFolders) files.syncFolder(folder);
      unsyncedFolders.clear();
    },
    close() {
      for (const { file } of open.values()) quietly(() => files.close(file));
      open.clear();
    },
  };
}

/** Born with its first lines, beside and renamed: MLflow can't read an experiment that has an empty metric file. */
function create(files: Files, path: string, lines: string, lastStep: number, beside: string): MetricFile {
  makeFolders(files, dirname(path));
  const file = files.open(beside, 'replace');
  try {
    files.write(file, lines);
    files.sync(file);
    files.rename(beside, path);
  } catch (error) {
    quietly(() => files.close(file));
    throw error;
  }
  return { file: { ...file, path }, size: lines.length, lastStep, unsynced: false };
}

function resume(files: Files, path: string): MetricFile {
  const bytes = files.read(path);
  const lastStep = parsePoints(Buffer.from(bytes).toString()).reduce((last, point) => Math.max(last, point.step), -Infinity);
  return { file: files.open(path, 'append'), size: bytes.length, lastStep, unsynced: false };
}

/** Lines that didn't fit on the disk are taken back as far as they did. */
function appendLines(files: Files, metric: MetricFile, lines: string, lastStep: number): void {
  try {
    files.write(metric.file, lines);
  } catch (error) {
    quietly(() => files.truncate(metric.file.path, metric.size));
    throw error;
  }
  metric.size += lines.length;
  metric.lastStep = lastStep;
  metric.unsynced = true;
}
