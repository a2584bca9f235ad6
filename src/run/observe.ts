import type { Plan } from '../planning/plan.js';
import { epochLine, progressLine } from '../report/run/progress.js';
import { factsOfMetric } from '../planning/recorded.js';
import { splitKey } from '../report/run/run-record.js';
import type { EpochMetrics } from '../train/run.js';
import type { Terminal } from '../host/terminal.js';
import { onOneLine } from './samples.js';
import { workClock } from './work-clock.js';
import type { Observer } from './work.js';

/** Seconds between two drawings of the live line. */
const REDRAW = 0.1;

/** A live line on a terminal; one plain line an epoch elsewhere. */
export function observeRun(plan: Plan, terminal: Terminal): Observer {
  const { epochs, stepsPerEpoch } = plan.training;
  let latest: EpochMetrics = new Map();
  let first = 0;
  const clock = workClock();
  let began = 0;
  let epochBegan = 0;
  let drawn = 0;
  return {
    onOpen({ runId, from, attempt }) {
      const what = from > 0 ? `goes on after epoch ${from}` : attempt > 1 ? `starts, attempt ${attempt}` : 'starts';
      terminal.err(`run ${runId.slice(0, 8)} ${what}`);
      first = from;
    },
    onReady() {
      began = clock();
      epochBegan = began;
    },
    onProgress({ epoch, step, loss, examplesPerSecond }) {
      const now = clock();
      if (!terminal.isLive || now - drawn < REDRAW) return;
      drawn = now;
      const share = step / stepsPerEpoch;
      const done = epoch - 1 - first + share;
      const secondsLeft = ((now - began) / done) * (epochs - first - done);
      terminal.live(
        progressLine({ epoch, epochs, share, loss, metrics: measured(latest), examplesPerSecond, secondsLeft }, terminal.width),
      );
    },
    onEpoch(epoch, metrics) {
      const now = clock();
      const shown = Object.fromEntries([...metrics].filter(([key]) => !factsOfMetric(plan, key).isSpeed));
      const examplesPerSecond = metrics.get('train/examples_per_second');
      const speed = examplesPerSecond === undefined ? {} : { examplesPerSecond };
      if (!terminal.isLive) terminal.err(epochLine({ epoch, epochs, metrics: shown, seconds: now - epochBegan, ...speed }));
      latest = metrics;
      epochBegan = now;
    },
    onSamples(epoch, samples) {
      for (const { text } of samples) terminal.err(`${terminal.color.dim(`epoch ${epoch} writes:`)} ${onOneLine(text)}`);
    },
    onNote: (note) => terminal.err(`${terminal.color.yellow('note')}: ${note}`),
  };
}

/** What the live line has room for: the metrics of the splits that are measured at an epoch's end. */
const measured = (metrics: EpochMetrics): Readonly<Record<string, number>> =>
  Object.fromEntries([...metrics].filter(([key]) => splitKey(key).split !== 'train' && splitKey(key).metric !== 'loss'));
