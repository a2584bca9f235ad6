import { join } from 'node:path';
import { restoreHeader } from './header.js';
import { checkpointFolder } from './checkpoint.js';
import { makeFolders, type Files } from './files.js';
import { isTemporary, keyFile, ownFolder, type RunPlace, type Store } from './layout.js';
import { keysBelow } from './reader.js';
import { wholeLines } from './series.js';
import { changeMeta, openWriter, type RunWriter } from './writer.js';

/** Goes on with a run that was interrupted, after its lease was taken: what a power failure took of its beginning is put back, torn lines are cut off, and it is RUNNING again. */
export function reopenRun(store: Store, run: RunPlace): RunWriter {
  for (const name of ['metrics', 'params', 'tags', 'artifacts']) makeFolders(store.files, join(run.folder, name));
  makeFolders(store.files, ownFolder(run));
  removeUnfinished(store.files, ownFolder(run));
  removeUnfinished(store.files, checkpointFolder(run));
  restoreHeader(store, run);
  for (const key of keysBelow(store, join(run.folder, 'metrics'))) cutTornLine(store.files, keyFile(run, 'metrics', key));
  changeMeta(store, run, { status: 'RUNNING', endTime: null });
  return openWriter(store, run);
}

/** MLflow reads a torn line as a point at step 0, or not at all, and then nothing of the experiment. */
export function cutTornLine(files: Files, path: string): void {
  const bytes = files.read(path);
  const whole = wholeLines(bytes);
  if (whole === bytes.length && whole > 0) return;
  if (whole === 0) files.remove(path);
  else files.truncate(path, whole);
}

/** What a killed process was writing. */
function removeUnfinished(files: Files, folder: string): void {
  if (!files.stat(folder)) return;
  for (const { name } of files.list(folder)) if (isTemporary(name)) files.remove(join(folder, name));
}
