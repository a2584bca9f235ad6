import { join } from 'node:path';
import { Refusal } from '../host/exit.js';
import { shown } from '../host/folders.js';
import type { Store } from '../record/layout.js';
import { readTag, type RunHead } from '../record/reader.js';

/** The artifact that holds the document of a run with every value in full. */
export const RESOLVED = 'config.resolved.yaml';

/** The document that a run keeps, with every value in full: it is the same work, wherever the file that it was written in has gone. */
export function recordedDocument(store: Store, { id, name, place }: RunHead): string {
  const file = join(place.folder, 'artifacts', RESOLVED);
  if (store.files.stat(file)?.file) return file;
  const source = readTag(store, place, 'mlflow.source.name');
  throw new Refusal(`run ${id.slice(0, 8)}, ${name}, keeps no document of an experiment`, {
    help: source === null ? 'name the file of one instead' : `npx retable run ${shown(source)}, if it is a sweep or a table`,
  });
}
