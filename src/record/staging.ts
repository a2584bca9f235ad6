import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { makeFolders, quietly, writeNew, type Files } from './files.js';
import { stagingFolder, type Store } from './layout.js';

/** A folder to come: files by their path in it (`params/model/kind`), and the folders that stand even when empty. */
export interface FolderContent {
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

/**
 * A folder appears whole or not at all: built where no reader looks, brought to the disk, renamed into place.
 * False when there is such a folder already, which stays as it is: of several processes that try, one gets true.
 */
export function publishFolder(store: Store, experimentId: string, folder: string, content: FolderContent): boolean {
  const { files } = store;
  const staged = join(stagingFolder(store, experimentId), randomUUID());
  try {
    build(files, staged, content);
    files.rename(staged, folder);
  } catch (error) {
    quietly(() => files.removeTree(staged));
    if (files.stat(folder)) return false;
    throw error;
  }
  files.syncFolder(dirname(folder));
  return true;
}

function build(files: Files, staged: string, content: FolderContent): void {
  const folders = new Set<string>([staged]);
  for (const folder of content.folders) folders.add(join(staged, folder));
  for (const path of content.files.keys()) folders.add(dirname(join(staged, path)));
  for (const folder of folders) makeFolders(files, folder);
  for (const [path, text] of content.files) writeNew(files, join(staged, path), text);
  for (const folder of folders) files.syncFolder(folder);
}
