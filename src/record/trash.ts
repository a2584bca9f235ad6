import { takeLease, type Holder } from './lease.js';
import type { RunPlace, Store } from './layout.js';
import type { Machine } from './machine.js';
import { changeMeta } from './writer.js';

/**
 * Puts a run into the trash, as MLflow's page does with "Delete": it is hidden, counts nowhere, and all of it stays until `store gc`. Gives who
 * works on it where somebody does; then nothing is changed. `now` is milliseconds since 1970.
 */
export function removeRun(store: Store, run: RunPlace, machine: Machine, now: number): Holder | undefined {
  const taken = takeLease(store, run, machine, now);
  if (taken.kind === 'held') return taken.by;
  try {
    changeMeta(store, run, { deleted: true, deletedTime: now });
  } finally {
    taken.lease.release();
  }
  return undefined;
}

/** Takes a run out of the trash: it counts again as it did. */
export const restoreRun = (store: Store, run: RunPlace): void => changeMeta(store, run, { deleted: false, deletedTime: undefined });
