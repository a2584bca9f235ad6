import { formatDuration } from '../diagnostics/numbers.js';
import { printDiagnostics } from '../diagnostics/print.js';
import { shown } from '../host/folders.js';
import type { Terminal } from '../host/terminal.js';
import { workClock } from '../host/work-clock.js';
import type { Plan } from '../planning/plan.js';
import { factsOfMetric, recordedKeys } from '../planning/recorded.js';
import { epochLine, progressLine, type Speed } from '../report/run/summary.js';
import { splitKey } from '../run/run-record.js';
import { onOneLine } from '../run/kept-files.js';
import type { ObservedEvent, Observer } from '../run/observer.js';

/** Tells a person what happens; of a run in training `observeRun` tells more, of a study `observeStudy`. */
export const observeOn =
  (terminal: Terminal): Observer =>
  (event) => {
    switch (event.kind) {
      case 'warnings':
        return terminal.err(printDiagnostics(event.diagnostics, { color: terminal.color.isColorSupported }));
      case 'begins':
        return begin(event, `, seed ${event.seed}`, terminal);
      case 'note':
        return terminal.err(`${terminal.color.yellow('note')}: ${event.text}`);
      case 'message':
        return terminal.err(event.text);
      default:
    }
  };

/** `how`: what goes on, in words behind the name. */
export const begin = ({ name, records }: Extract<ObservedEvent, { kind: 'begins' }>, how: string, terminal: Terminal): void =>
  terminal.err(`${terminal.color.bold(name)}${how}; records in ${shown(records)}`);

/** Seconds between two drawings. */
export const REDRAW = 0.1;

/** Seconds of compiling below which a log has no line for it. */
const WORTH_TELLING = 1;

/** A run in training: a live line on a terminal; one plain line an epoch elsewhere, or where it is asked for. `ended` is called once it is trained no more. */
export function observeRun(plan: Plan, terminal: Terminal, ended: () => void): Observer {
  const { epochs, stepsPerEpoch } = plan.training;
  const observe = observeOn(terminal);
  let latest: Readonly<Record<string, number>> = {};
  let first = 0;
  const clock = workClock();
  let began = 0;
  let epochBegan = 0;
  let drawn = 0;
  let compileBegan: number | undefined;
  let isConcluding = false;
  return (event) => {
    switch (event.kind) {
      case 'opened': {
        const { run, from, attempt } = event;
        const what = from > 0 ? `goes on after epoch ${from}` : attempt > 1 ? `starts, run ${attempt} of the same settings` : 'starts';
        first = from;
        return terminal.err(`run ${run.slice(0, 8)} ${what}`);
      }
      case 'compiling':
        if (isConcluding) return;
        compileBegan ??= clock();
        return terminal.busy('compiling the training step');
      case 'ready':
        began = clock();
        epochBegan = began;
        if (compileBegan !== undefined && began - compileBegan >= WORTH_TELLING && terminal.leavesLines)
          terminal.err(`compiled in ${formatDuration(began - compileBegan)}`);
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
          progressLine(
            { epoch, epochs, share, loss, metrics: measured(plan, latest), speed: speedOf(plan, examplesPerSecond), secondsLeft },
            terminal.width,
          ),
        );
      }
      case 'epoch': {
        const { epoch, metrics } = event;
        const now = clock();
        const told = Object.fromEntries(Object.entries(metrics).filter(([key]) => !factsOfMetric(plan, key).isSpeed));
        const examplesPerSecond = metrics['train/examples_per_second'];
        if (terminal.leavesLines)
          terminal.err(
            epochLine({
              epoch,
              epochs,
              metrics: told,
              seconds: now - epochBegan,
              ...(examplesPerSecond !== undefined && { speed: speedOf(plan, examplesPerSecond) }),
            }),
          );
        latest = metrics;
        epochBegan = now;
        return;
      }
      case 'concluding':
        isConcluding = true;
        return terminal.busy('keeping the model and its pictures');
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

/** In tokens, where the data are text. */
function speedOf({ data }: Plan, examplesPerSecond: number): Speed {
  const { examples = 0, tokens } = data.splits['train'] ?? {};
  return tokens === undefined
    ? { perSecond: examplesPerSecond, of: 'examples' }
    : { perSecond: (examplesPerSecond * tokens) / examples, of: 'tokens' };
}

/** What the live line has room for: the metrics of the splits that are measured at an epoch's end, as far as they are known. */
const measured = (plan: Plan, latest: Readonly<Record<string, number>>): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(
    recordedKeys(plan)
      .filter((key) => splitKey(key).split !== 'train' && splitKey(key).metric !== 'loss' && !factsOfMetric(plan, key).isSpeed)
      .map((key) => [key, latest[key]]),
  );
