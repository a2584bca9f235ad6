import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskFiles } from '../../src/record/files.js';
import { openStore, type Store } from '../../src/record/layout.js';
import { thisMachine } from '../../src/record/lease.js';
import { relocateStore } from '../../src/record/repair.js';
import { reopenRun } from '../../src/record/start.js';
import { summarizeRuns } from '../../src/record/summary.js';
import { verifyStore } from '../../src/record/verify.js';
import { findGarbage, removeGarbage } from '../../src/record/garbage.js';
import { writeCheckpoint } from '../../src/record/checkpoint.js';
import { faultsForMlflow } from './mlflow-rules.js';
import { epochs, measured, trainOnce, weights, withStore } from './scenario.js';

const machine = thisMachine(process.pid, () => true);
const index = (store: Store): string => join(store.root, '.retable-index');

test('a list shows of each run what its files say, first without and then with the index', () =>
  withStore((store) => {
    const run = trainOnce(store);
    const first = summarizeRuns(store);
    expect(first).toMatchObject([
      {
        id: run.runId,
        experiment: 'addition: yes',
        status: 'FINISHED',
        parameters: { 'model.hidden_size': '32', empty: '' },
        tags: { 'retable.outcome': 'finished' },
        latest: { 'train/loss': { step: epochs, value: measured('train/loss', epochs) } },
      },
    ]);
    expect(fs.existsSync(index(store))).toBe(true);
    const reads: string[] = [];
    const watched = openStore(
      store.root,
      diskFiles((call, path) => void (call === 'read' && reads.push(path))),
    );
    expect(summarizeRuns(watched)).toEqual(first);
    expect(reads.filter((path) => path.includes(run.runId))).toEqual([]);
    expect(faultsForMlflow(store.root)).toEqual([]);
  }));

test('what changed since is read again: a run that goes on, a tag of the page of MLflow', () =>
  withStore((store) => {
    const run = trainOnce(store);
    summarizeRuns(store);
    const writer = reopenRun(store, run);
    writer.metric('train/loss', NaN, epochs + 1, 5);
    expect(summarizeRuns(store)).toMatchObject([{ status: 'RUNNING', latest: { 'train/loss': { value: NaN } } }]);
    writer.finish('KILLED', 7);
    expect(summarizeRuns(store)).toMatchObject([{ status: 'KILLED' }]);
    expect(summarizeRuns(store)[0]?.latest['train/loss']?.value).toBeNaN();
    fs.writeFileSync(join(run.folder, 'tags', 'seen'), 'yes');
    expect(summarizeRuns(store)).toMatchObject([{ tags: { seen: 'yes' } }]);
  }));

test.each(['', '{"version":2', '{"version":99,"runs":{}}', 'null'])('an index that holds %j is made again', (text) =>
  withStore((store) => {
    trainOnce(store);
    const before = summarizeRuns(store);
    fs.writeFileSync(index(store), text);
    expect(summarizeRuns(store)).toEqual(before);
  }),
);

test('a store that may not be written is listed all the same', () =>
  withStore((store) => {
    trainOnce(store);
    const refusing = diskFiles((call) => {
      if (call === 'open') throw Object.assign(new Error('read-only'), { code: 'EROFS', syscall: 'open' });
    });
    expect(summarizeRuns(openStore(store.root, refusing))).toHaveLength(1);
    expect(fs.existsSync(index(store))).toBe(false);
  }));

test('a store that was moved is whole again after relocate, and nothing else was touched', () =>
  withStore((store) => {
    const run = trainOnce(store);
    const moved = openStore(`${store.root}-moved`);
    fs.renameSync(store.root, moved.root);
    expect(verifyStore(moved).map(({ kind }) => kind)).toEqual(['experiment-moved', 'run-moved']);
    fs.writeFileSync(join(moved.root, run.experimentId, run.runId, 'metrics', 'torn'), '1 2');
    expect(relocateStore(moved, machine, Date.now()).map(({ mended }) => mended)).toEqual([true, true]);
    expect(verifyStore(moved).map(({ kind }) => kind)).toEqual(['line-torn']);
  }));

test('what takes space for nothing is found and removed, and what is of use stays', () =>
  withStore((store) => {
    const run = trainOnce(store);
    writeCheckpoint(store, run, weights(1));
    const staged = join(store.root, run.experimentId, 'datasets', '.staging', 'left');
    fs.mkdirSync(staged, { recursive: true });
    fs.writeFileSync(join(staged, 'x'), 'x'.repeat(100));
    const now = Date.now();
    expect(findGarbage(store, machine, now).map(({ kind }) => kind)).toEqual(['checkpoints']);
    const later = now + 2 * 3_600_000;
    const found = findGarbage(store, machine, later);
    expect(found.map(({ kind, bytes }) => [kind, bytes > 50])).toEqual([
      ['checkpoints', true],
      ['unfinished', true],
    ]);
    const before = summarizeRuns(store);
    expect(removeGarbage(store, found, machine, later)).toHaveLength(2);
    expect(findGarbage(store, machine, later)).toEqual([]);
    expect(summarizeRuns(store)).toEqual(before);
    expect(faultsForMlflow(store.root)).toEqual([]);
  }));
