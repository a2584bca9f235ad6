import { setTimeout as wait } from 'node:timers/promises';
import { silenceSeconds } from '../../record/lease.js';
import type { FromWorker, Shares, TrialOrder } from '../launcher.js';
import { createTrainer } from '../train-trial.js';
import { readerOf, readJobs, say } from './job.js';

/** Milliseconds until a trial that another process holds is asked for again. */
const PATIENCE = 2000;
/** Milliseconds between two signs of progress: a hundred jobs may write to one disk. */
const REPORT = 2000;

/** `interrupted`: asked to stop, with orders left. `stuck`: so it was the last time, at the same checkpoint. */
type Trained = 'done' | 'interrupted' | 'stuck';

/**
 * Trains the orders of one job, and tells its event log. SIGTERM, from a cluster before the time limit or at the request of a person, stops after
 * the step; the run can go on in a later job. A trial that another process holds is waited for, as long as it takes until the silence of a
 * machine that is gone counts as its death.
 */
export async function trainJob(folder: string, index: number): Promise<Trained> {
  const job = { folder, index };
  const { orders } = readJobs(folder)[index] ?? { orders: [] };
  const interruptedBefore = readerOf(job)().filter((entry) => entry.kind === 'interrupted');
  let stopped = false;
  process.on('SIGTERM', () => (stopped = true));
  process.on('SIGINT', () => (stopped = true));

  let current = 0;
  /** The epoch that the current trial began after, when its run is open. */
  let from: number | undefined;
  let told = 0;
  const trainer = createTrainer(() => stopped);
  const hear = (message: FromWorker | Shares): void => {
    if (message.kind !== 'progress' || (from !== undefined && Date.now() - told < REPORT)) return;
    from ??= message.epoch;
    told = Date.now();
    tell(message);
  };
  const tell = (message: FromWorker): void => {
    say(job, { order: current, ...message });
    if (message.kind === 'ended') console.log(`${describe(orders[current])}: ${message.result.outcome} ${message.result.reason ?? ''}`);
  };

  const until = performance.now() + 1000 * (silenceSeconds + 30);
  const left = new Set(orders.keys());
  while (left.size > 0) {
    for (const order of orders.keys()) {
      const asked = orders[order];
      if (!asked || !left.has(order)) continue;
      if (stopped) return 'interrupted';
      current = order;
      from = undefined;
      const result = await trainer.train(asked, hear);
      if (result.outcome === 'stopped' && stopped) return interrupted(order);
      if (result.outcome === 'held' && performance.now() < until) continue;
      left.delete(order);
      tell({ kind: 'ended', result });
    }
    if (left.size > 0 && !stopped) await wait(PATIENCE);
  }
  await trainer.close();
  return 'done';

  function interrupted(order: number): Trained {
    const at = from ?? 0;
    const isStuck = interruptedBefore.some((entry) => entry.order === order && entry.from === at);
    if (isStuck) {
      const reason = 'the time limit of its job comes before its next checkpoint: give run_on.time more';
      tell({ kind: 'ended', result: { outcome: 'stopped', reason, seconds: 0 } });
      return 'stuck';
    }
    say(job, { kind: 'interrupted', order, from: at });
    console.log(`${describe(orders[order])}: interrupted; it goes on in a later job`);
    return 'interrupted';
  }
}

const describe = (order: TrialOrder | undefined): string => (order ? [order.base, ...order.sets, `seed ${order.seed}`].join(' ') : '');
