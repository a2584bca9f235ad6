import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoint, compareWithRecord, readCheckpoint, recorded, writeCheckpoint } from '../../src/record/checkpoint.js';
import { disk, type Files } from '../../src/record/files.js';
import { openStore, prepareStore, runId, type Store } from '../../src/record/layout.js';
import { listRuns } from '../../src/record/reader.js';
import { findByWork } from '../../src/record/works.js';
import { reopenRun, type RunStart, startRun } from '../../src/record/start.js';
import type { RunWriter } from '../../src/record/writer.js';
import { filesBelow } from './mlflow-rules.js';

export const epochs = 3;
export const workKey = 'c0ffee'.repeat(10) + 'abcd';
export const keys = ['train/loss', 'train/examples_per_second', 'test/loss', 'test/exact_match'] as const;

/** What training measures: a function of key and epoch, with numbers that are hard to write. */
export const measured = (key: string, epoch: number): number =>
  key === 'test/loss' && epoch === 2
    ? NaN
    : key === 'train/loss'
      ? 0.1 / 3 ** epoch
      : keys.indexOf(key as (typeof keys)[number]) + 1e-7 * epoch;

export const timeOf = (epoch: number): number => 1_700_000_000_000 + 1000 * epoch;

export const weights = (epoch: number): Checkpoint => ({
  header: { workKey, epoch, numerics: 'test/1' },
  tensors: new Map([
    ['w', { shape: [2, 3], values: Float32Array.from({ length: 6 }, (_, i) => i / 7 + epoch) }],
    ['steps', { shape: [], values: Int32Array.of(epoch * 10) }],
  ]),
});

export const startOf = (store: Store): RunStart => ({
  experiment: 'addition: yes',
  runId: runId(workKey, 1, prepareStore(store)),
  runName: 'addition seed 1',
  user: 'ada',
  startTime: timeOf(0),
  parameters: { 'model.hidden_size': '32', 'opt/lr': '0.001', note: 'two\nlines', empty: '' },
  tags: { 'retable.work': workKey, 'mlflow.source.name': 'addition.yaml' },
  datasets: [{ name: 'addition', digest: 'ab'.repeat(32), sourceType: 'code', source: '{"uri":"retable"}', context: 'training' }],
});

/** A little training, told like the real one: starts, or goes on from where the record ends. Says which metrics are recorded for sure. */
export function trainOnce(store: Store, told: (key: string, epoch: number) => void = () => {}): RunWriter['run'] {
  const [before] = findByWork(store, workKey);
  if (before?.status === 'FINISHED') return before.place;
  const writer = before ? reopenRun(store, before.place) : startRun(store, startOf(store));
  const record = recorded(store, writer.run);
  const done = readCheckpoint(store, writer.run, workKey).checkpoint?.header.epoch ?? 0;
  writer.artifact('config.resolved.yaml', 'experiment: addition\n');
  for (let epoch = done + 1; epoch <= epochs; epoch++) {
    for (const key of keys) {
      const agreement = compareWithRecord(record, key, epoch, measured(key, epoch));
      if (agreement === 'new') writer.metric(key, measured(key, epoch), epoch, timeOf(epoch));
      else if (agreement !== 'equal') throw new Error(`${key} at epoch ${epoch} is ${agreement}`);
      told(key, epoch);
    }
    writer.sync();
    writeCheckpoint(store, writer.run, weights(epoch));
  }
  writer.tag('retable.outcome', 'finished');
  writer.artifact('plots/loss.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writer.finish('FINISHED', timeOf(epochs + 1));
  return writer.run;
}

/** Everything that others read of the only run, as it ends up whatever happened before; ids differ between stores. */
export function finalContent({ root }: Store): Readonly<Record<string, string>> {
  const [run] = listRuns(openStore(root));
  if (!run) throw new Error('no run');
  const content = (path: string) =>
    fs.readFileSync(join(run.place.folder, path), 'utf8').replaceAll(run.id, 'RUN').replaceAll(root, 'ROOT');
  const recorded = filesBelow(run.place.folder).filter((path) => !path.startsWith('.retable/'));
  return Object.fromEntries(recorded.map((path) => [path.replace(/inputs\/\w+/, 'inputs/INPUT'), content(path)]));
}

/** Where there is a disk in memory, thousands of small stores wear no other out. */
export const scratch = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A store in a folder of its own, gone afterwards. */
export function withStore<T>(use: (store: Store) => T, files: Files = disk): T {
  const root = fs.mkdtempSync(join(scratch, 'retable-record-'));
  try {
    return use(openStore(join(root, 'runs'), files));
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}
