import { formatCount, formatDuration, formatMeasure } from '../diagnostics/numbers.js';
import { printDiagnostics } from '../diagnostics/print.js';
import { shown } from '../host/folders.js';
import type { Terminal } from '../host/terminal.js';
import { workClock } from '../host/work-clock.js';
import type { Plan } from '../planning/plan.js';
import { factsOfMetric } from '../planning/recorded.js';
import { cut } from '../report/kit/tables.js';
import { epochLine, progressBar, progressLine } from '../report/run/summary.js';
import { splitKey } from '../report/run/run-record.js';
import { onOneLine } from '../run/kept-files.js';
import type { ObservedEvent, Observer } from '../run/observer.js';

/** Tells a person what happens; of runs and trials in training, `observeRun` and `observeTrials` tell more. */
export const observeOn =
  (terminal: Terminal): Observer =>
  (event) => {
    switch (event.kind) {
      case 'warnings':
        return terminal.err(printDiagnostics(event.diagnostics, { color: terminal.color.isColorSupported }));
      case 'begins': {
        const how = event.seed === undefined ? `; ${event.standing}` : `, seed ${event.seed}`;
        return terminal.err(`${terminal.color.bold(event.name)}${how}; records in ${shown(event.records)}`);
      }
      case 'note':
        return terminal.err(`${terminal.color.yellow('note')}: ${event.text}`);
      case 'message':
        return terminal.err(event.text);
      default:
    }
  };

/** Seconds between two drawings. */
const REDRAW = 0.1;

/** A run in training: a live line on a terminal; one plain line an epoch elsewhere. `ended` is called once it is trained no more. */
export function observeRun(plan: Plan, terminal: Terminal, ended: () => void): Observer {
  const { epochs, stepsPerEpoch } = plan.training;
  const observe = observeOn(terminal);
  let latest: Readonly<Record<string, number>> = {};
  let first = 0;
  const clock = workClock();
  let began = 0;
  let epochBegan = 0;
  let drawn = 0;
  return (event) => {
    switch (event.kind) {
      case 'opened': {
        const { run, from, attempt } = event;
        const what = from > 0 ? `goes on after epoch ${from}` : attempt > 1 ? `starts, attempt ${attempt}` : 'starts';
        first = from;
        return terminal.err(`run ${run.slice(0, 8)} ${what}`);
      }
      case 'ready':
        began = clock();
        epochBegan = began;
        return;
      case 'progress': {
        const { epoch, step, loss, examplesPerSecond } = event;
        const now = clock();
        if (!terminal.isLive || now - drawn < REDRAW) return;
        drawn = now;
        const share = step / stepsPerEpoch;
        const done = epoch - 1 - first + share;
        const secondsLeft = ((now - began) / done) * (epochs - first - done);
        return terminal.live(
          progressLine({ epoch, epochs, share, loss, metrics: measured(latest), examplesPerSecond, secondsLeft }, terminal.width),
        );
      }
      case 'epoch': {
        const { epoch, metrics } = event;
        const now = clock();
        const told = Object.fromEntries(Object.entries(metrics).filter(([key]) => !factsOfMetric(plan, key).isSpeed));
        const examplesPerSecond = metrics['train/examples_per_second'];
        const speed = examplesPerSecond === undefined ? {} : { examplesPerSecond };
        if (!terminal.isLive) terminal.err(epochLine({ epoch, epochs, metrics: told, seconds: now - epochBegan, ...speed }));
        latest = metrics;
        epochBegan = now;
        return;
      }
      case 'trained':
        ended();
        return terminal.live(null);
      case 'samples':
        for (const text of event.texts) terminal.err(`${terminal.color.dim(`epoch ${event.epoch} writes:`)} ${onOneLine(text)}`);
        return;
      default:
        observe(event);
    }
  };
}

/** What the live line has room for: the metrics of the splits that are measured at an epoch's end. */
const measured = (metrics: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(metrics).filter(([key]) => splitKey(key).split !== 'train' && splitKey(key).metric !== 'loss'));

const BAR = 12;

/** Trials in training: on a terminal a line a worker and one for all; elsewhere a line for each trial that ended. */
export function observeTrials(terminal: Terminal): Observer {
  const observe = observeOn(terminal);
  let batch: Extract<ObservedEvent, { kind: 'training' }> = { kind: 'training', all: 0, done: 0, metric: '' };
  const atWork = new Map<number, { readonly text: string; readonly share: number }>();
  let began = 0;
  let ended = 0;
  let drawn = 0;

  function draw(): void {
    const now = performance.now() / 1000;
    if (!terminal.isLive || now - drawn < REDRAW) return;
    drawn = now;
    const { all, done } = batch;
    const partly = [...atWork.values()].reduce((sum, { share }) => sum + share, 0);
    const left = ended + partly > 0 ? ((now - began) / (ended + partly)) * (all - done - ended - partly) : undefined;
    const lines = [...atWork].toSorted(([a], [b]) => a - b).map(([, { text }]) => text);
    const total = `trials ${formatCount(done + ended)}/${formatCount(all)}  ${progressBar((done + ended + partly) / all, BAR)}`;
    lines.push(left === undefined ? total : `${total}  ${formatDuration(left)} left`);
    terminal.live(lines.map((line) => cut(line, terminal.width - 1)).join('\n'));
  }

  return (event) => {
    switch (event.kind) {
      case 'training':
        batch = event;
        began = performance.now() / 1000;
        ended = 0;
        return;
      case 'trial progress': {
        const { worker, name, seed, epoch, epochs } = event;
        const share = Math.max(0, epoch - 1 + event.share) / epochs;
        atWork.set(worker, { share, text: `  ${progressBar(share, BAR)} epoch ${epoch}/${epochs}  ${name}, seed ${seed}` });
        return draw();
      }
      case 'trial': {
        const { worker, name, seed, outcome, reason, value, seconds } = event;
        atWork.delete(worker);
        ended += 1;
        const number = `${batch.done + ended}/${batch.all}`;
        const told = value === undefined ? '' : `  ${batch.metric} ${formatMeasure(value)}`;
        const why = reason === undefined ? '' : `: ${reason}`;
        const word = outcome === 'failed' ? terminal.color.red(outcome) : outcome;
        terminal.err(`trial ${number}  ${name}, seed ${seed}  ${word}${why}${told}  ${formatDuration(seconds)}`);
        return draw();
      }
      case 'trained':
        atWork.clear();
        return terminal.live(null);
      default:
        observe(event);
    }
  };
}
