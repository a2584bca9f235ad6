import type { RunOutcome } from '../run/attempt.js';

/** A configuration with a seed: what `run BASE --set … --seed …` would do. */
export interface Trial {
  /** Of its configuration. */
  readonly configuration: number;
  readonly seed: number;
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
