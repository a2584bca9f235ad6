import type { Problem } from '../../diagnostics/diagnostic.js';
import * as messages from './sequences/messages.js';

/**
 * Which examples trained: the least of their hashes, so that those of other data are looked up without the file. `all`: they are all of them; else
 * examples up to the largest of them are a sample, the same one in any file.
 */
export interface Sketch {
  readonly hashes: readonly number[];
  readonly all: boolean;
}

const MOST_HASHES = 1024;

/** From what `hashExample` gives of each example that trains. */
export function sketchOf(trained: Float64Array): Sketch {
  const hashes = tellable(trained).toSorted();
  return { hashes: [...hashes.subarray(0, MOST_HASHES)], all: hashes.length <= MOST_HASHES };
}

/** Of examples that are long enough to be told apart. */
const tellable = (hashes: Float64Array): Float64Array => hashes.filter((hash) => hash >= 0);

/** How many of other examples trained too, where some did. */
export function trainedOn(all: Float64Array, { hashes, all: areAll }: Sketch): readonly Problem[] {
  const known = new Set(hashes);
  const largest = areAll ? Infinity : (hashes.at(-1) ?? 0);
  const looked = tellable(all).filter((hash) => hash <= largest);
  const count = looked.reduce((total, hash) => total + (known.has(hash) ? 1 : 0), 0);
  if (count === 0) return [];
  return [messages.trainedOn(areAll ? count : Math.max(1, Math.round((count / looked.length) * all.length)), all.length, areAll)];
}
