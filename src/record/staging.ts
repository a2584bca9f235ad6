import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { makeFolders, quietly, writeNew, type Files } from './files.js';
import { stagingFolder, type Store } from './layout.js';

/** A folder to come: files by their path in it (`params/model/kind`), and the folders that stand even when empty. */
export interface FolderContent {
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, string>;
  /** Files that are on the disk before the folder appears. The others reach it with the system's next writing, and what they hold stands in one of these, too. */
  readonly flushed: ReadonlySet<string>;
}

/**
 * A folder appears whole or not at all: built where no reader looks, then renamed into place. That holds for every process that dies, at
 * whatever moment; a power failure may empty what isn't `flushed`. False when there is such a folder already, which stays as it is: of several processes that try, one gets true.
 */
export function publishFolder(store: Store, experimentId: string, folder: string, content: FolderContent): boolean {
  const { files } = store;
  const staging = stagingFolder(store, experimentId);
  const staged = join(staging, randomUUID());
  try {
    build(files, staged, content);
    files.rename(staged, folder);
  } catch (error) {
    quietly(() => files.removeTree(staged));
    if (files.stat(folder)) return false;
    throw error;
  }
  // MLflow's migration warns of every folder that it doesn't know.
  quietly(() => files.removeEmpty(staging));
  files.syncFolder(dirname(folder));
  return true;
}

function build(files: Files, staged: string, content: FolderContent): void {
  const paths = [...content.files.keys()];
  const folders = new Set([
    staged,
    ...content.folders.map((folder) => join(staged, folder)),
    ...paths.map((path) => dirname(join(staged, path))),
  ]);
  for (const folder of folders) makeFolders(files, folder);
  for (const [path, text] of content.files) writeNew(files, join(staged, path), text, !content.flushed.has(path));
  for (const folder of foldersTo(staged, content.flushed)) files.syncFolder(folder);
}

/** Every folder that leads to one of these files, the staged one first. */
function foldersTo(staged: string, paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set([staged]);
  for (const path of paths) {
    const names = path.split('/').slice(0, -1);
    names.forEach((_, i) => folders.add(join(staged, ...names.slice(0, i + 1))));
  }
  return folders;
}
