import { join } from 'node:path';
import { readIfThere, replaceWhole } from './files.js';
import { ownFolder, type RunPlace, type Store, temporaryFile } from './layout.js';

/**
 * What computed the values of a run, in `.retable/computed-with.jsonl`: one text each, in the order in which they came. Equal texts promise
 * equal digits. Null where the record doesn't say, as in runs of earlier versions.
 */
export function readComputedWith(store: Store, run: RunPlace): readonly string[] | null {
  const text = readIfThere(store.files, fileOf(run));
  return text === null ? null : text.split('\n').filter((line) => line !== '');
}

/** Takes the place of what was said before. On the disk when it returns, so that no value stands in the record before what computed it. */
export function writeComputedWith(store: Store, run: RunPlace, texts: readonly string[]): void {
  replaceWhole(store.files, fileOf(run), texts.map((text) => `${text}\n`).join(''), temporaryFile(run));
  store.files.syncFolder(ownFolder(run));
}

const fileOf = (run: RunPlace): string => join(ownFolder(run), 'computed-with.jsonl');
