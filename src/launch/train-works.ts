import type { Trial, TrialOrder } from './protocol.js';
import type { Terminal } from '../host/terminal.js';
import { openProgress } from './progress.js';
import type { Launcher } from './launcher.js';
import { listenForStop } from './stop-works.js';

/** The works of a sweep or a table that are left. */
export interface Works {
  readonly trials: readonly Trial[];
  readonly orderOf: (trial: Trial) => TrialOrder;
  /** A configuration of the sweep, a row of the table. */
  readonly nameOf: (configuration: number) => string;
  /** The metric that is told of each when it ends. */
  readonly metric: string;
  /** Works of the whole document, and those of them that are done. */
  readonly all: number;
  readonly done: number;
  readonly workers: number;
  /** The first failure lets no other trial begin. */
  readonly failFast: boolean;
  /** False: hands the works over to a cluster, and leaves. */
  readonly wait: boolean;
  /** In this order, whatever programs a worker holds: what is timed against each other stands side by side. */
  readonly inOrder?: boolean;
}

interface Trained {
  readonly failed: readonly Trial[];
  /** The exit status of a person's or the system's request to stop. */
  readonly stopped?: number;
}

/** Has the works trained, shows how they get on, and listens for the request to stop. */
export async function trainWorks(works: Works, launch: Launcher, terminal: Terminal): Promise<Trained> {
  const { trials, orderOf, workers, failFast, wait, inOrder = false } = works;
  const display = openProgress(works, terminal);
  const failed: Trial[] = [];
  const launched = launch({
    trials,
    orderOf,
    workers: Math.min(trials.length, workers),
    inOrder,
    onProgress: display.progress,
    onEnd(worker, trial, result) {
      display.end(worker, trial, result);
      // Stopped by others than the person here: cancelled in the queue of a cluster, say.
      if (result.outcome !== 'failed' && !(result.outcome === 'stopped' && stop.stage === 'working')) return;
      failed.push(trial);
      if (failFast) launched.drain();
    },
  });
  const stop = listenForStop(launched, terminal);
  if (!wait) stop.leave();
  await launched.ended;
  stop.off();
  display.close();
  return { failed, ...(stop.stage !== 'working' && { stopped: stop.status }) };
}
