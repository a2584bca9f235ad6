import { formatCount, formatDuration, formatMeasure } from '../diagnostics/numbers.js';
import type { Terminal } from '../host/terminal.js';
import { cut } from '../report/kit/tables.js';
import { progressBar, timeLeft } from '../report/run/summary.js';
import { countLine, rungLine } from '../report/study/sweep-table.js';
import { stageLine, worksLine } from '../report/study/table-plan.js';
import { describeReplicate } from '../language/replicate.js';
import type { ObservedEvent, ObservedStanding, Observer } from '../run/observer.js';
import { begin, observeOn, REDRAW } from './observe.js';

const BAR = 12;

/** A sweep or a table in training: on a terminal a line a worker and one for all; elsewhere a line for each trial that ended. */
export function observeStudy(terminal: Terminal): Observer {
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
    lines.push(left === undefined ? total : `${total}  ${timeLeft(left)} left`);
    terminal.live(lines.map((line) => cut(line, terminal.width - 1)).join('\n'));
  }

  return (event) => {
    switch (event.kind) {
      case 'begins':
        return begin(event, event.standing ? `; ${standingLine(event.standing)}` : '', terminal);
      case 'rung':
        return terminal.err(rungLine(event));
      case 'stage':
        return terminal.err(stageLine(event));
      case 'training':
        batch = event;
        began = performance.now() / 1000;
        ended = 0;
        return;
      case 'trial progress': {
        const { worker, name, epoch, epochs } = event;
        const share = Math.max(0, epoch - 1 + event.share) / epochs;
        atWork.set(worker, { share, text: `  ${progressBar(share, BAR)} epoch ${epoch}/${epochs}  ${name}, ${describeReplicate(event)}` });
        return draw();
      }
      case 'trial': {
        const { worker, name, outcome, reason, value, seconds } = event;
        atWork.delete(worker);
        ended += 1;
        const number = `${batch.done + ended}/${batch.all}`;
        const told = value === undefined ? '' : `  ${batch.metric} ${formatMeasure(value)}`;
        const why = reason === undefined ? '' : `: ${reason}`;
        const word = outcome === 'failed' ? terminal.color.red(outcome) : outcome;
        if (terminal.leavesLines || terminal.isLive)
          terminal.err(`trial ${number}  ${name}, ${describeReplicate(event)}  ${word}${why}${told}  ${formatDuration(seconds)}`);
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

const standingLine = (standing: ObservedStanding): string => (standing.kind === 'sweep' ? countLine(standing) : worksLine(standing));
