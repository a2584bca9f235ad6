import { basename, dirname, join, relative } from 'node:path';
import { listIfThere, makeFolders, type Files } from './files.js';
import { ownFolder, type RunPlace, type Store } from './layout.js';

/** Puts what stands in a run where no reader looks; gives its new path. Nothing that was put aside before is lost. */
export function setAside(store: Store, run: RunPlace, path: string): string {
  const aside = freeAside(store, run, path);
  store.files.rename(path, aside);
  return aside;
}

/** A path for it, in a folder that is there. */
export function freeAside({ files }: Store, run: RunPlace, path: string): string {
  const first = join(ownFolder(run), 'aside', relative(run.folder, path));
  makeFolders(files, dirname(first));
  const taken = new Set(listIfThere(files, dirname(first)).map(({ name }) => name));
  let name = basename(first);
  for (let number = 2; taken.has(name); number++) name = `${basename(first)}.${number}`;
  return join(dirname(first), name);
}

/** Whether anything has this name, be it a pipe or a link that leads nowhere. */
export const isNameTaken = (files: Files, path: string): boolean =>
  listIfThere(files, dirname(path)).some(({ name }) => name === basename(path));
