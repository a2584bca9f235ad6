import type { Observer } from '../run/observer.js';
import type { Launched, Launcher, Trial, TrialOrder } from './launcher.js';

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
  /** Once trials have taken so much time together, no other one begins. */
  readonly seconds?: number;
}

interface Trained {
  readonly failed: readonly Trial[];
  /** The exit status of a person's or the system's request to stop. */
  readonly stopped?: number;
}

/** Who asks trials to stop, and how far that has come. */
interface StopListener {
  /** `draining`: what is at work comes to its end. `stopping`: it stops after its last step. `leaving`: it goes on without this process. */
  readonly stage: 'working' | 'draining' | 'stopping' | 'leaving';
  /** The exit status of whoever asked. */
  readonly status: number;
  /** Where trials go on without this process, leaves them, as somebody wishes who doesn't wait at all. */
  leave(): void;
  off(): void;
}

/** Begins to listen for the wish that trials stop. */
export type ListenForStop = (launched: Launched) => StopListener;

/** Has the works trained, tells how they get on, and hears the request to stop. */
export async function trainWorks(works: Works, launch: Launcher, observe: Observer, listen: ListenForStop): Promise<Trained> {
  const { trials, orderOf, nameOf, metric, all, done, workers, failFast, wait, inOrder = false, seconds: most = Infinity } = works;
  observe({ kind: 'training', all, done, metric });
  const failed: Trial[] = [];
  let spent = 0;
  const launched = launch({
    trials,
    orderOf,
    workers: Math.min(trials.length, workers),
    inOrder,
    onProgress(worker, { configuration, work: _, ...replicate }, { epoch, epochs, share }) {
      observe({ kind: 'trial progress', worker, name: nameOf(configuration), ...replicate, epoch, epochs, share });
    },
    onEnd(worker, trial, { outcome, reason, seconds, value }) {
      const { configuration, work: _, ...replicate } = trial;
      const why = { ...(reason !== undefined && { reason }), ...(value !== undefined && { value }) };
      observe({ kind: 'trial', worker, name: nameOf(configuration), ...replicate, outcome, seconds, ...why });
      spent += seconds;
      if (spent >= most) launched.drain();
      // Stopped by others than the person here: cancelled in the queue of a cluster, say.
      if (outcome !== 'failed' && !(outcome === 'stopped' && stop.stage === 'working')) return;
      failed.push(trial);
      if (failFast) launched.drain();
    },
  });
  const stop = listen(launched);
  if (!wait) stop.leave();
  await launched.ended;
  stop.off();
  observe({ kind: 'trained' });
  return { failed, ...(stop.stage !== 'working' && { stopped: stop.status }) };
}
