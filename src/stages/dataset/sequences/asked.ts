import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { Fitted } from '../../stage.js';
import { hashExample } from '../duplicates.js';
import { rangeOf, reportOutside } from '../ranges.js';
import type { Sequence } from './gather.js';
import * as messages from './messages.js';
import type { Options } from './options.js';

/**
 * Which sequences trained: the least of their hashes, so that those of other data are looked up without the file. `all`: they are all of them;
 * else sequences up to the largest of them are a sample, the same one in any file.
 */
export interface Sketch {
  readonly hashes: readonly number[];
  readonly all: boolean;
}

const MOST_HASHES = 1024;

export function sketchOf(trained: readonly Sequence[]): Sketch {
  const hashes = hashesOf(trained).toSorted();
  return { hashes: [...hashes.subarray(0, MOST_HASHES)], all: hashes.length <= MOST_HASHES };
}

/** Of sequences that are long enough to be told apart. */
const hashesOf = (all: readonly Sequence[]): Float64Array =>
  Float64Array.from(all, ({ features }) => hashExample(features)).filter((hash) => hash >= 0);

/** The least and the most of each feature over the steps that train. */
export const rangesOf = (trained: readonly Sequence[], { features }: Options): NonNullable<Fitted['ranges']> =>
  Object.fromEntries(features.map((name, at) => [String(name), rangeOf(valuesOf(trained, at, features.length))]));

function valuesOf(all: readonly Sequence[], feature: number, width: number): Float64Array {
  const values = new Float64Array(all.reduce((steps, { length }) => steps + length, 0));
  let count = 0;
  for (const { features, length } of all)
    for (let step = 0; step < length; step++) values[count++] = features[step * width + feature] ?? Number.NaN;
  return values;
}

/** What is odd about sequences that a trained model is asked about. */
export function oddOf(all: readonly Sequence[], { features }: Options, { ranges, own }: Fitted): readonly Problem[] {
  const seen = own?.['seen'] as Sketch | undefined;
  return [
    ...(seen ? trainedOn(all, seen) : []),
    ...features.flatMap((name, at) => reportOutside(String(name), valuesOf(all, at, features.length), ranges?.[String(name)], false)),
  ];
}

function trainedOn(all: readonly Sequence[], { hashes, all: areAll }: Sketch): readonly Problem[] {
  const known = new Set(hashes);
  const largest = areAll ? Infinity : (hashes.at(-1) ?? 0);
  const looked = hashesOf(all).filter((hash) => hash <= largest);
  const count = looked.reduce((total, hash) => total + (known.has(hash) ? 1 : 0), 0);
  if (count === 0) return [];
  return [messages.trainedOn(areAll ? count : Math.max(1, Math.round((count / looked.length) * all.length)), all.length, areAll)];
}

/** Answers of a file that are classes which nobody trained, each with the place of its first sequence. */
export function unknownClasses(all: readonly Sequence[], classes: readonly string[]): readonly (readonly [name: string, place: string])[] {
  const found = new Map<string, string>();
  for (const { targets, place } of all)
    for (const target of targets) {
      const name = String(target);
      if (typeof target === 'string' && !classes.includes(name) && !found.has(name)) found.set(name, place);
    }
  return [...found];
}
