import { formatCount, formatDuration, formatMeasure } from '../diagnostics/numbers.js';
import { endNow, EXIT } from '../host/exit.js';
import { outliveTerminal, type Terminal } from '../host/terminal.js';
import { cut } from '../report/kit/tables.js';
import { progressBar } from '../report/run/progress.js';
import type { Launched, Launcher, Trial, TrialOrder, TrialResult } from './launcher.js';

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

/** `draining`: what is at work comes to its end. `stopping`: it stops after its last step. `leaving`: it goes on without this process. */
type Stage = 'working' | 'draining' | 'stopping' | 'leaving';

interface StopListener {
  readonly stage: Stage;
  /** The exit status of whoever asked. */
  readonly status: number;
  /** What Ctrl-C does where trials go on without this process, as somebody wishes who doesn't wait at all. */
  leave(): void;
  off(): void;
}

/**
 * The first Ctrl-C lets the running trials finish, the second stops them at their last epoch, the third ends everything at once. A scheduler's
 * SIGTERM doesn't wait; a second one ends everything. Jobs of a cluster are left alone by either.
 */
function listenForStop(launched: Launched, terminal: Terminal): StopListener {
  outliveTerminal();
  let stage: Stage = 'working';
  let status: number = EXIT.done;
  const onInterrupt = (): void => {
    status = EXIT.interrupted;
    if (stage === 'working') {
      if (launched.leave) return leave();
      stage = 'draining';
      terminal.err('finishing the trials that are at work; once more to stop them at their last epoch');
      launched.drain();
    } else if (stage === 'draining') stopNow();
    else killAll();
  };
  const killAll = (): void => {
    launched.kill();
    endNow(status);
  };
  const stopNow = (): void => {
    stage = 'stopping';
    terminal.err('stopping; once more to end at once');
    launched.stop();
  };
  const leave = (): void => {
    stage = 'leaving';
    void launched.leave?.().then((lines) => {
      for (const line of lines) terminal.err(line);
    });
  };
  const onTerminate = (): void => {
    status = EXIT.terminated;
    if (launched.leave) leave();
    else if (stage === 'stopping') killAll();
    else stopNow();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    get stage() {
      return stage;
    },
    get status() {
      return status;
    },
    leave,
    off() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}

/** Milliseconds between two drawings. */
const REDRAW = 100;
const BAR = 12;

/** What a person sees of trials at work: on a terminal a line a worker and one for all; elsewhere a line for each trial that ended. */
interface ProgressDisplay {
  progress(worker: number, trial: Trial, at: { readonly epoch: number; readonly epochs: number; readonly share: number }): void;
  end(worker: number, trial: Trial, result: TrialResult): void;
  close(): void;
}

interface Work {
  /** The metric that is told of each. */
  readonly metric: string;
  readonly nameOf: (configuration: number) => string;
  readonly all: number;
  readonly done: number;
}

function openProgress({ metric, nameOf: configurationName, all, done }: Work, terminal: Terminal): ProgressDisplay {
  const nameOf = ({ configuration, seed }: Trial): string => `${configurationName(configuration)}, seed ${seed}`;
  const began = performance.now();
  const atWork = new Map<number, { readonly trial: Trial; readonly text: string; readonly share: number }>();
  let ended = 0;
  let drawn = 0;

  function draw(): void {
    const now = performance.now();
    if (!terminal.isLive || now - drawn < REDRAW) return;
    drawn = now;
    const partly = [...atWork.values()].reduce((sum, { share }) => sum + share, 0);
    const left = ended + partly > 0 ? ((now - began) / 1000 / (ended + partly)) * (all - done - ended - partly) : undefined;
    const lines = [...atWork].toSorted(([a], [b]) => a - b).map(([, { text }]) => text);
    const total = `trials ${formatCount(done + ended)}/${formatCount(all)}  ${progressBar((done + ended + partly) / all, BAR)}`;
    lines.push(left === undefined ? total : `${total}  ${formatDuration(left)} left`);
    terminal.live(lines.map((line) => cut(line, terminal.width - 1)).join('\n'));
  }

  return {
    progress(worker, trial, { epoch, epochs, share }) {
      const trained = Math.max(0, epoch - 1 + share) / epochs;
      atWork.set(worker, { trial, share: trained, text: `  ${progressBar(trained, BAR)} epoch ${epoch}/${epochs}  ${nameOf(trial)}` });
      draw();
    },
    end(worker, trial, { outcome, reason, seconds, value }) {
      atWork.delete(worker);
      ended += 1;
      const measured = value === undefined ? '' : `  ${metric} ${formatMeasure(value)}`;
      const why = reason === undefined ? '' : `: ${reason}`;
      const word = outcome === 'failed' ? terminal.color.red(outcome) : outcome;
      terminal.err(`trial ${done + ended}/${all}  ${nameOf(trial)}  ${word}${why}${measured}  ${formatDuration(seconds)}`);
      draw();
    },
    close: () => terminal.live(null),
  };
}
