/**
 * Writes the records of a sweep of TRIALS trials, half of them done and one at work, and of RUNS runs besides, as training would leave them:
 *
 *     node test/watch/many.mjs FOLDER TRIALS RUNS
 *
 * Nothing waits for the disk. As long as it runs, every line on its stdin records one more epoch of the trial at work; it says `epoch N` then.
 */

import { createInterface } from 'node:readline';
import { diskFiles } from '../../dist/record/files.js';
import { machineHere } from '../../dist/host/is-running.js';
import { openStore, prepareStore, runId } from '../../dist/record/layout.js';
import { startRun } from '../../dist/record/start.js';
import { sweepRunId } from '../../dist/study/members.js';

const [folder, trials, runs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const EPOCHS = 50;
const store = openStore(
  folder,
  diskFiles(undefined, () => {}),
);
const nonce = prepareStore(store);
const { self } = machineHere();
const began = Date.now() - 3_600_000;

function begin(experiment, work, seed, parameters, tags = {}, id = runId(work, 1, nonce)) {
  return startRun(store, {
    experiment,
    runId: id,
    runName: work,
    user: 'ada',
    startTime: began,
    parameters: { seed: String(seed), 'training.epochs': String(EPOCHS), 'optimizer.kind': 'adam', 'model.kind': 'lstm', ...parameters },
    tags: { 'retable.work': work, ...tags },
    datasets: [],
    owner: self,
  });
}

function epoch(run, number, size, seed) {
  const loss = 0.5 * Math.exp((-number * size) / 400) + 0.01 * Math.sin(number + 3 * seed) ** 2;
  run.metric('train/loss', loss, number, began + 1000 * number);
  run.metric('test/loss', 1.1 * loss, number, began + 1000 * number);
  run.metric('test/accuracy', 1 - loss, number, began + 1000 * number);
  run.metric('system/epochs_per_second', 1 + 0.1 * Math.sin(number), number, began + 1000 * number);
}

const members = Array.from({ length: trials }, (_, index) => {
  const [size, rate, seed] = [8 * (1 + (index % 10)), 10 ** (-4 + (Math.floor(index / 10) % 10) / 3), 1 + Math.floor(index / 100)];
  const set = { 'model.hidden_size': size, 'optimizer.learning_rate': Number(rate.toPrecision(3)) };
  return { seed, work: `trial-${index}`, configuration: `hidden_size ${size}, learning_rate ${rate.toPrecision(3)}`, set };
});
const named = { 'select.metric': 'test/loss', 'select.at': 'last', sweep: 'many' };
const own = begin('many', 'none', 1, named, { 'retable.sweep': 'many' }, sweepRunId('many', 'many'));
own.artifact('members.json', JSON.stringify(members));
for (const { work, seed, set } of members.slice(0, Math.floor(trials / 2))) {
  const run = begin('many', work, seed, { 'model.hidden_size': String(set['model.hidden_size']) });
  for (let number = 1; number <= EPOCHS; number++) epoch(run, number, set['model.hidden_size'], seed);
  run.finish('FINISHED', began + 100_000);
}
for (let other = 0; other < runs; other++) {
  const run = begin(`others ${other % 20}`, `other-${other}`, 1 + (other % 5), {});
  for (let number = 1; number <= 3; number++) epoch(run, number, 16, other);
  run.finish('FINISHED', began + 5000);
}
const last = members.at(-1);
const live = begin('many', last.work, last.seed, {});
let done = 1;
epoch(live, done, 32, 1);
console.log(`ready ${own.run.runId} ${live.run.runId}`);
for await (const _ of createInterface({ input: process.stdin })) {
  done += 1;
  epoch(live, done, 32, 1);
  console.log(`epoch ${done} ${Date.now()}`);
}
