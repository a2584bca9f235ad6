import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { Fitted } from '../../stage.js';
import { hashExample } from '../duplicates.js';
import { trainedOn, type Sketch } from '../seen.js';
import { rangeOf, reportOutside } from '../ranges.js';
import type { Sequence } from './gather.js';
import type { Options } from './options.js';

/** By which sequences are known again. */
export const hashesOf = (all: readonly Sequence[]): Float64Array => Float64Array.from(all, ({ features }) => hashExample(features));

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
    ...(seen ? trainedOn(hashesOf(all), seen) : []),
    ...features.flatMap((name, at) => reportOutside(String(name), valuesOf(all, at, features.length), ranges?.[String(name)], false)),
  ];
}

/** Answers of a file that are classes which nobody trained, each with the place of its first sequence. */
export function unknownClasses(
  all: readonly Pick<Sequence, 'targets' | 'place'>[],
  classes: readonly string[],
): readonly (readonly [name: string, place: string])[] {
  const found = new Map<string, string>();
  for (const { targets, place } of all)
    for (const target of targets) {
      const name = String(target);
      if (typeof target === 'string' && !classes.includes(name) && !found.has(name)) found.set(name, place);
    }
  return [...found];
}
