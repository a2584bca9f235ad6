import type { Store } from '../record/layout.js';
import { type Holder, type Machine, readLivingHolder } from '../record/lease.js';
import { listRuns, readTag, type RunHead } from '../record/reader.js';

/** A run that a process works on. */
export interface RunAtWork {
  readonly run: RunHead;
  readonly by: Holder;
}

/** What trains now, on any machine that shares the records. */
export interface AllAtWork {
  /** Experiments, and sweeps and tables as a whole. */
  readonly own: readonly RunAtWork[];
  /** Trials at work, with the sweep or the table that each belongs to. */
  readonly members: ReadonlyMap<RunAtWork, RunAtWork>;
}

/** Who works on what, by the leases of all runs that have not ended. */
export function allAtWork(store: Store, machine: Machine): AllAtWork {
  const all = listRuns(store).flatMap((run): readonly RunAtWork[] => {
    const by = run.status === 'RUNNING' ? readLivingHolder(store, run.place, machine, Date.now()) : null;
    return by ? [{ run, by }] : [];
  });
  const byId = new Map(all.map((each) => [each.run.id, each]));
  const members = new Map(
    all.flatMap((each): readonly (readonly [RunAtWork, RunAtWork])[] => {
      const parent = byId.get(readTag(store, each.run.place, 'mlflow.parentRunId') ?? '');
      return parent ? [[each, parent]] : [];
    }),
  );
  return { own: all.filter((each) => !members.has(each)), members };
}
