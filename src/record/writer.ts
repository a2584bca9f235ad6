import { dirname, join } from 'node:path';
import { withoutPasswords } from '../diagnostics/secrets.js';
import { RecordError } from './error.js';
import { makeFolders, readIfThere, readText, replaceWhole } from './files.js';
import { checkLength, keySpace, limits } from './keys.js';
import { keyFile, ownFolder, temporaryFile, type RunPlace, type Store } from './layout.js';
import { parseRunMeta, runMeta, type RunInfo, type Status } from './meta.js';
import { openMetricFiles } from './metric-files.js';
import { keysBelow } from './reader.js';
import { formatMeta } from './yaml.js';

/**
 * Writes the record of one run, never with a password that stands in a URI; there is one writer of a run at a time, who holds its lease. What a call wrote stands in the record when
 * it returns: it survives the death of this process, and after `sync` a power failure. Refusals of the disk are RecordErrors; what was
 * recorded before stays whole.
 */
export interface RunWriter {
  readonly run: RunPlace;
  /** Steps of a key only grow: nothing recorded is written twice. */
  metric(key: string, value: number, step: number, timestamp: number): void;
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
    metric: metrics.append,
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
  changes: Partial<Pick<RunInfo, 'status' | 'endTime' | 'artifactUri' | 'deleted' | 'deletedTime'>>,
): void {
  const path = join(run.folder, 'meta.yaml');
  const info = { ...readInfo(store, path), ...changes };
  makeFolders(store.files, ownFolder(run));
  replaceWhole(store.files, path, formatMeta(runMeta(info)), temporaryFile(run));
  store.files.syncFolder(run.folder);
}

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
