import type { Finding } from '../host/finding.js';
import type { SourceDoc } from '../language/source.js';
import { type ObjectSchema, type Static, Type } from '../language/type.js';
import type { Store } from '../record/layout.js';
import { silenceSeconds } from '../record/lease.js';
import type { RunOutcome } from '../run/attempt.js';
import type { Replicate } from '../language/replicate.js';
import type { Observer } from '../run/observer.js';

/** Trials to be trained somewhere. `orderOf` gives what a worker is told of one. */
export interface Launch {
  readonly trials: readonly Trial[];
  readonly orderOf: (trial: Trial) => TrialOrder;
  readonly workers: number;
  /** In this order, and not so that a worker stays with a configuration. */
  readonly inOrder?: boolean;
  readonly onProgress: (worker: number, trial: Trial, progress: Extract<FromWorker, { kind: 'progress' }>) => void;
  readonly onEnd: (worker: number, trial: Trial, result: TrialResult) => void;
}

export interface Launched {
  /** Settles when no trial is left, or none is at work any more. */
  readonly ended: Promise<void>;
  /** Trials that are at work come to their end; no other one begins. */
  drain(): void;
  /** Trials that are at work stop after the step they are in; their last epoch stays. */
  stop(): void;
  /** Ends all processes at once. */
  kill(): void;
  /** Where trials go on without this process: watches them no longer, and gives the lines that a person reads who leaves. */
  leave?(): Promise<readonly string[]>;
}

/** Where trials are trained: processes of this machine, or a cluster. Every trial of the launch ends in one call of `onEnd`. */
export type Launcher = (launch: Launch) => Launched;

/** A configuration with a seed and, where a study names some, a fold or a split: what `run BASE --set … --seed …` would do. */
export interface Trial extends Replicate {
  /** Of its configuration. */
  readonly configuration: number;
  /** The work key. */
  readonly work: string;
}

/** All that a worker is told of a trial: it is `run BASE --set … --seed …`. */
export interface TrialOrder {
  /** As typed from the folder that the sweep was started in. */
  readonly base: string;
  /** The arguments of `--set`. */
  readonly sets: readonly string[];
  readonly seed: number;
  /** The work key that the plan of the sweep gave it. */
  readonly work: string;
  /** Folder of the records. */
  readonly runs: string;
  /** The last epoch to train, where that is before the plan's. */
  readonly until?: number;
  /** The metric whose last value is told. */
  readonly metric: string;
  /** The sweep's run. */
  readonly parent: string;
  readonly engine?: string;
  readonly device?: string;
  readonly threads: string;
  /** What `--track` says. */
  readonly track?: string;
}

/** What a process that starts sweeps says to its workers. */
export type ToWorker = { readonly kind: 'train'; readonly order: TrialOrder } | { readonly kind: 'stop' };

/** What they answer: any number of `progress`, then one `ended`. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly runId: string; readonly epoch: number; readonly epochs: number; readonly share: number }
  /** `leaves`: somebody asked this process alone to end. */
  | { readonly kind: 'ended'; readonly result: TrialResult; readonly leaves?: boolean };

/** What a process of this machine says, of which trial. */
export interface Told {
  readonly work: string;
  readonly message: FromWorker | Shares;
}

/** Up to `runs` trials may be trained by one process at the same time, for they compute together. They may differ in the arguments of `--set` for these paths. */
export interface Shares {
  readonly kind: 'shares';
  readonly runs: number;
  readonly paths: readonly string[];
}

/** `paused`: it came to the order's `until`. `held`: another process trains it. */
export interface TrialResult {
  readonly outcome: RunOutcome | 'paused' | 'held';
  readonly runId?: string;
  /** Why it did not finish, in one sentence. */
  readonly reason?: string;
  /** Of a trial that is held: differs whenever something changed about who holds it. */
  readonly sign?: string;
  readonly seconds: number;
  /** Of the metric that is compared, after the last epoch. */
  readonly value?: number;
}

/** A sweep or a table whose trials are to be trained. */
export interface Site {
  readonly store: Store;
  /** The id of its own run, which is on record. */
  readonly run: string;
  readonly title: string;
  readonly doc: SourceDoc;
  readonly launch: LaunchRequest;
  readonly observe: Observer;
}

/** A place where trials are trained. A new one is a folder that exports one of these, and a line in `run-on.ts`. */
export interface LauncherKind<O extends ObjectSchema = ObjectSchema> {
  /** What `run_on` of a document says of it beside its kind. */
  readonly options: O;
  /** Trials go on there when this process leaves (`--no-wait`). */
  readonly outlives: boolean;
  readonly launch: (options: Static<O>, site: Site) => Launcher;
  /** What of a study is queued or at work there, line by line; `run` is the id of the study's own run. */
  readonly describeJobs?: (store: Store, run: string) => Promise<readonly string[]>;
  /** What this machine has of it. */
  readonly doctor?: () => Promise<Finding>;
}

/** How the trials of a sweep or a table are to be trained, and where. */
export interface LaunchRequest {
  /** Of each trial, as text of the command line: it stands in for what its document says. */
  readonly threads: string;
  readonly engine?: string;
  readonly device?: string;
  /** The address of an MLflow server, or `off`. */
  readonly track?: string;
  /** Trials at a time; left out: as many as the document says, or as this machine has cores. */
  readonly workers?: number;
  /** The kind of `run_on` that stands in for the document's. */
  readonly on?: string;
  /** False: hands the trials over to a cluster, and leaves. */
  readonly wait: boolean;
  /** The first failure lets no other trial begin. */
  readonly failFast: boolean;
}

export const trialsPerJob = Type.Integer({
  minimum: 1,
  default: 1,
  description: 'Trials that one job trains, one after the other: more than one where a trial is short beside the wait in the queue.',
});

export const workers = (description: string, otherwise: string) =>
  Type.Optional(Type.Integer({ minimum: 1, otherwise, examples: [4], description }));

/**
 * The law of drivers: between two looks at a trial that somebody else holds, something must have changed within `silenceSeconds`, else waiting
 * for it ends. Gives what a trial that was found held comes to: undefined while it is worth asking again.
 */
export function createPatience(
  now: () => number = () => performance.now() / 1000,
): (trial: Trial, held: TrialResult) => TrialResult | undefined {
  const seen = new Map<Trial, { readonly sign: string; readonly since: number }>();
  return (trial, held) => {
    const sign = held.sign ?? '';
    const before = seen.get(trial);
    if (before?.sign !== sign) {
      seen.set(trial, { sign, since: now() });
      return undefined;
    }
    const silent = now() - before.since;
    if (silent < silenceSeconds) return undefined;
    const reason = `${held.reason ?? 'another process holds the run'}, which has given no sign of life for ${Math.round(silent / 60)} min: end that process, and run this command again`;
    return { outcome: 'failed', reason, seconds: 0 };
  };
}
