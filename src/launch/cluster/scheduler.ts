import { InputError } from '../../diagnostics/diagnostic.js';
import { Refusal } from '../../host/exit.js';
import type { SourceDoc } from '../../language/source.js';
import type { TrialOrder } from '../launcher.js';
import type { Job } from './job.js';

/** How a cluster says that a job ended. */
export type Ending = 'done' | 'cancelled' | 'timed out' | 'node failed' | 'out of memory' | 'preempted' | 'failed' | 'never began' | 'gone';

export type JobState =
  | { readonly kind: 'waiting'; readonly reason?: string }
  | { readonly kind: 'running' }
  /** `reason`: in one sentence, for a person. */
  | { readonly kind: 'ended'; readonly how: Ending; readonly reason: string };

/** A cluster, as far as trials need it. Queues, priorities and machines are its own affair. */
export interface Scheduler {
  /** Jobs that may be with the cluster at the same time. */
  readonly most: number;
  /** Orders of one job. */
  readonly perJob: number;
  /** Sees to it that each order has a job: those that are queued or at work already are found, whoever handed them in; the rest is handed in. */
  ensure(orders: readonly TrialOrder[]): Promise<readonly Job[]>;
  /** What became of these jobs; without those about which nothing can be learnt now. */
  look(jobs: readonly Job[]): Promise<ReadonlyMap<Job, JobState>>;
  /** Workers get a SIGTERM: they stop after their step. */
  cancel(jobs: readonly Job[]): Promise<void>;
  /** What a person types to end all jobs of this sweep. */
  readonly howToCancel: string;
}

/** What a cluster does not grant. */
export interface Rejection {
  readonly message: string;
  /** Of `run_on`, which says it. */
  readonly key?: string;
  readonly help?: string;
}

/** What was rejected, as an error that is shown where the document says it. */
export const refuseAt =
  (doc: SourceDoc) =>
  ({ message, key, help }: Rejection): Error => {
    const said = doc.value['run_on'];
    if (key === undefined || typeof said !== 'object' || said === null || !Object.hasOwn(said, key))
      return new Refusal(message, help === undefined ? {} : { help });
    const place = doc.place(['run_on', key]);
    return new InputError([{ code: 'cluster-refuses', severity: 'error', message, place, ...(help !== undefined && { help }) }]);
  };
