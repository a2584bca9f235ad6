import type { RunPlace, Store } from './layout.js';
import { readMetrics } from './reader.js';

/** Values of a run by metric key and step. */
export type Recorded = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** What stands in the record, to compare recomputed epochs with. */
export const recorded = (store: Store, run: RunPlace): Recorded =>
  new Map(Object.entries(readMetrics(store, run)).map(([key, points]) => [key, new Map(points.map(({ step, value }) => [step, value]))]));

/** `new`: not in the record. `equal`: the same double. `close`: within 1e-5 relative, or 1e-8. */
export type Agreement = 'new' | 'equal' | 'close' | 'different';

/** How a value computed again agrees with the record. Two NaN are equal; 0 and -0 aren't. */
export function compareWithRecord(record: Recorded, key: string, step: number, value: number): Agreement {
  const before = record.get(key)?.get(step);
  if (before === undefined) return 'new';
  if (Object.is(before, value)) return 'equal';
  const distance = Math.abs(before - value);
  return distance <= 1e-8 + 1e-5 * Math.abs(before) && Number.isFinite(distance) ? 'close' : 'different';
}
