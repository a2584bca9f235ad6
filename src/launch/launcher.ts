import type { Trial, FromWorker, TrialOrder, TrialResult } from './protocol.js';

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
