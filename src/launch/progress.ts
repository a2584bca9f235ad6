import type { Trial, TrialResult } from './protocol.js';
import { formatCount, formatDuration, formatMeasure } from '../diagnostics/numbers.js';
import { progressBar } from '../report/run/progress.js';
import { cut } from '../report/kit/text-table.js';
import type { Terminal } from '../host/terminal.js';

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

export function openProgress({ metric, nameOf: configurationName, all, done }: Work, terminal: Terminal): ProgressDisplay {
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
