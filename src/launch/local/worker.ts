import { Worker as Thread } from 'node:worker_threads';
import { listenForFaults } from '../../modules/foreign-code.js';
import type { Told, ToWorker } from '../launcher.js';
import { listenForTerminate } from '../../host/stop.js';
import { createTrainer } from '../train-trial.js';

/**
 * A process that trains what it is told over the channel to its parent. Ctrl-C reaches the whole group of processes: what to do about it is
 * the parent's decision. SIGTERM to this process alone ends it, at once inside of a person's own code, and its trial is given to another. A parent
 * that is gone asks to stop too, and a thread sees to it (`orphan.ts`), so that no worker is left behind.
 */
new Thread(new URL('./orphan.js', import.meta.url)).unref();

let stopped = false;
let leaves = false;
const say = (told: Told): void => {
  if (process.connected) process.send?.(told);
};
const trainer = createTrainer(() => stopped);
/** Of all that were told. */
let last: Promise<unknown> = Promise.resolve();

listenForFaults();
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
listenForTerminate(() => {
  stopped = true;
  leaves = true;
  void last.then(() => process.disconnect?.());
});
process.on('disconnect', () => {
  stopped = true;
  void last.then(() => process.exit());
});
process.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') {
    stopped = true;
    return;
  }
  const { order } = message;
  const { work } = order;
  const trained = trainer.train(order, (said) => say({ work, message: said }));
  const ended = trained.then((result) => say({ work, message: { kind: 'ended', result, leaves } }));
  last = Promise.all([last, ended]);
});
