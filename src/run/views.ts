import { join } from 'node:path';
import { listIfThere, readIfThere } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import type { RunWriter } from '../record/writer.js';
import { formatView, parseView, type RecordedView } from '../views/view.js';

/** Where a run keeps what its metrics show: `views/test/confusion_matrix.json`, of the weights that the run keeps. */
const FOLDER = 'views';

export const recordViews = (writer: RunWriter, views: readonly RecordedView[]): void => {
  for (const recorded of views) writer.artifact(`${FOLDER}/${fileName(recorded.key)}.json`, formatView(recorded));
};

/** A key may hold what a path may not. */
const fileName = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

/** In the order of `keys`, whatever else there is behind them. */
export function readViews(store: Store, run: RunPlace, keys: readonly string[]): readonly RecordedView[] {
  const found = filesBelow(store, join(run.folder, 'artifacts', FOLDER)).flatMap(
    (path) => parseView(readIfThere(store.files, path) ?? '') ?? [],
  );
  const rank = ({ key }: RecordedView): number => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return found.toSorted((a, b) => rank(a) - rank(b));
}

const filesBelow = (store: Store, folder: string): readonly string[] =>
  listIfThere(store.files, folder).flatMap(({ name, directory }) => {
    const path = join(folder, name);
    return directory ? filesBelow(store, path) : name.endsWith('.json') ? [path] : [];
  });
