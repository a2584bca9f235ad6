import { dirname, join } from 'node:path';
import { makeFolders, quietly, type Files, type OpenFile } from './files.js';
import { keySpace } from './keys.js';
import { keyFile, temporaryFile, type RunPlace, type Store } from './layout.js';
import { keysBelow } from './reader.js';
import { formatPoint, parsePoints } from './series.js';

/** The metric files of a run, one a key, kept open: a point costs one write. */
interface MetricFiles {
  readonly append: (key: string, value: number, step: number, timestamp: number) => void;
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

export function openMetricFiles(store: Store, run: RunPlace): MetricFiles {
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
    append(key, value, step, timestamp) {
      const line = formatPoint(value, step, timestamp);
      const known = find(key);
      if (known) {
        if (step <= known.lastStep) throw new Error(`"${key}" is recorded up to step ${known.lastStep}: step ${step} can't follow`);
        appendLine(files, known, line, step);
      } else {
        keys.add(key);
        const path = keyFile(run, 'metrics', key);
        open.set(key, create(files, path, line, step, temporaryFile(run)));
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

/** Born with its first line, beside and renamed: MLflow can't read an experiment that has an empty metric file. */
function create(files: Files, path: string, line: string, step: number, beside: string): MetricFile {
  makeFolders(files, dirname(path));
  const file = files.open(beside, 'replace');
  try {
    files.write(file, line);
    files.sync(file);
    files.rename(beside, path);
  } catch (error) {
    quietly(() => files.close(file));
    throw error;
  }
  return { file: { ...file, path }, size: line.length, lastStep: step, unsynced: false };
}

function resume(files: Files, path: string): MetricFile {
  const bytes = files.read(path);
  const lastStep = parsePoints(Buffer.from(bytes).toString()).reduce((last, point) => Math.max(last, point.step), -Infinity);
  return { file: files.open(path, 'append'), size: bytes.length, lastStep, unsynced: false };
}

/** A line that didn't fit on the disk is taken back as far as it did. */
function appendLine(files: Files, metric: MetricFile, line: string, step: number): void {
  try {
    files.write(metric.file, line);
  } catch (error) {
    quietly(() => files.truncate(metric.file.path, metric.size));
    throw error;
  }
  metric.size += line.length;
  metric.lastStep = step;
  metric.unsynced = true;
}
