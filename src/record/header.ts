import { dirname, join } from 'node:path';
import { setAside } from './aside.js';
import { isNoFile, makeFolders, readIfThere, replaceWhole, type Files } from './files.js';
import { isObject } from './json.js';
import { temporaryFile, type RunPlace, type Store } from './layout.js';

/**
 * What a run begins with, in one file: parameters, tags and the first artifacts, by path in the run's folder.
 *
 * MLflow wants a file for each of some sixty texts, and to bring sixty files to the disk one by one takes longer than a short trial. So
 * only this file is brought there, with those without which the run isn't found: the others are written, and the system brings
 * them to the disk when it sees fit. The death of a process takes nothing away. A power failure within that half minute may leave them empty:
 * whoever goes on with the run, or repairs the store, puts them back from here.
 */
export const headerFile = '.retable/start.json';

export const formatHeader = (files: ReadonlyMap<string, string>): string => `${JSON.stringify(Object.fromEntries(files))}\n`;

/** Files of the beginning that a power failure took, by path in the run's folder. */
export function lostOfHeader(store: Store, run: RunPlace): ReadonlyMap<string, string> {
  const lost = Object.entries(readHeader(store, run)).filter(([path, text]) =>
    isLost(path, text, textIn(store.files, join(run.folder, path))),
  );
  return new Map(lost);
}

/** Puts back what was lost. */
export function restoreHeader(store: Store, run: RunPlace): void {
  for (const [path, text] of lostOfHeader(store, run)) {
    const file = join(run.folder, path);
    makeFolders(store.files, dirname(file));
    if (textIn(store.files, file) === NO_FILE) setAside(store, run, file);
    replaceWhole(store.files, file, text, temporaryFile(run));
    store.files.syncFolder(dirname(file));
  }
}

/** A pipe, a folder or the like stands where a text was. */
const NO_FILE = Symbol('no file');

function textIn(files: Files, path: string): string | typeof NO_FILE | null {
  try {
    return readIfThere(files, path);
  } catch (error) {
    if (isNoFile(error)) return NO_FILE;
    throw error;
  }
}

/** Some file systems leave zeros. A tag that isn't there may have been taken away on MLflow's page. */
function isLost(path: string, text: string, there: string | typeof NO_FILE | null): boolean {
  if (there === NO_FILE) return true;
  if (there === null) return !path.startsWith('tags/');
  return text !== '' && /^\0*$/.test(there);
}

/** Empty for runs of others, and where it can't be read. */
function readHeader(store: Store, run: RunPlace): Readonly<Record<string, string>> {
  const text = textIn(store.files, join(run.folder, headerFile));
  try {
    const kept: unknown = typeof text === 'string' ? JSON.parse(text) : null;
    return isObject(kept)
      ? Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
      : {};
  } catch {
    return {};
  }
}
