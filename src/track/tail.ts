import { join } from 'node:path';
import { keyFile, type RunPlace, type Store } from '../record/layout.js';
import { keysBelow, parsePoint, wholeLines } from '../record/reader.js';
import type { Item } from './limits.js';

/** A recorded point, and where its line ends in the metric's file. */
export type TailItem = Item & { readonly kind: 'metric'; readonly end: number };

/** Read at a time; about a thousand lines. */
const CHUNK = 32_768;

/** The points that stand in the record behind the offsets (bytes by key), file by file. A line without its end isn't one yet. */
export function* newPoints(store: Store, run: RunPlace, offsets: Readonly<Record<string, number>>): Generator<TailItem> {
  for (const key of keysBelow(store, join(run.folder, 'metrics'))) {
    const path = keyFile(run, 'metrics', key);
    let offset = offsets[key] ?? 0;
    if ((store.files.stat(path)?.size ?? 0) <= offset) continue;
    for (;;) {
      const bytes = store.files.readFrom(path, offset, CHUNK);
      const lines = Buffer.from(bytes.subarray(0, wholeLines(bytes))).toString('latin1');
      if (lines === '') break;
      for (const line of lines.slice(0, -1).split('\n')) {
        offset += line.length + 1;
        const point = parsePoint(line);
        if (point) yield { kind: 'metric', metric: { key, ...point }, end: offset };
      }
      if (bytes.length < CHUNK) break;
    }
  }
}
