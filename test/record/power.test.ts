import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskFiles, type Files } from '../../src/record/files.js';
import { openStore, type Store } from '../../src/record/layout.js';
import type { Machine } from '../../src/record/lease.js';
import { listRuns, readMetrics } from '../../src/record/reader.js';
import { repairStore } from '../../src/record/repair.js';
import { verifyStore } from '../../src/record/verify.js';
import { faultsForMlflow, filesBelow } from './mlflow-rules.js';
import { finalContent, keys, measured, trainOnce, withStore } from './scenario.js';

const machine: Machine = { self: { host: 'here', boot: 'b', pid: 1, started: 's' }, startOf: () => 's' };

/** Names survive, and of every file as many bytes as were flushed: what most file systems keep when the power goes. */
function powerLoss(at: number) {
  const flushed = new Map<string, number>();
  let calls = 0;
  const disk = diskFiles(
    () => {
      if (calls++ >= at) throw new Error('the power went');
    },
    () => {},
  );
  const move = (from: string, to: string): void => {
    for (const [path, size] of [...flushed]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      flushed.delete(path);
      flushed.set(to + path.slice(from.length), size);
    }
  };
  const files: Files = {
    ...disk,
    open(path, mode) {
      const file = disk.open(path, mode);
      if (mode === 'replace') flushed.delete(path);
      return file;
    },
    sync(file) {
      disk.sync(file);
      flushed.set(file.path, fs.fstatSync(file.descriptor).size);
    },
    rename(from, to) {
      disk.rename(from, to);
      flushed.delete(to);
      move(from, to);
    },
    link(from, to) {
      disk.link(from, to);
      flushed.set(to, flushed.get(from) ?? 0);
    },
  };
  const loseTheRest = (root: string): void => {
    if (!fs.existsSync(root)) return;
    for (const path of filesBelow(root).map((name) => join(root, name))) {
      const kept = flushed.get(path) ?? 0;
      if (fs.statSync(path).size > kept) fs.truncateSync(path, kept);
    }
  };
  return { files, loseTheRest, calls: () => calls };
}

const { expected, total } = withStore((store) => {
  const { files, calls } = powerLoss(Infinity);
  trainOnce(openStore(store.root, files));
  return { expected: finalContent(store), total: calls() };
});

/** Trains until the power goes at call number `at`; gives the epochs that were flushed by then. */
function trainUntil(store: Store, at: number): number {
  const { files, loseTheRest } = powerLoss(at);
  const told = new Map<number, number>();
  let flushed = 0;
  try {
    trainOnce(openStore(store.root, files), (_, epoch) => {
      told.set(epoch, (told.get(epoch) ?? 0) + 1);
      // An epoch is begun when the one before it was flushed.
      flushed = epoch - 1;
    });
  } catch {
    // what the power failure left is looked at
  }
  loseTheRest(store.root);
  return flushed;
}

test('a power failure at any call costs at most the last epoch, and the run goes on to the same end', () => {
  for (let at = 0; at <= total; at++) {
    withStore((store) => {
      const flushed = trainUntil(store, at);
      const [run] = listRuns(store);
      const metrics = run ? readMetrics(store, run.place) : {};
      for (const key of keys) {
        for (let epoch = 1; epoch <= flushed; epoch++) {
          expect(metrics[key]?.find(({ step }) => step === epoch)?.value).toBe(measured(key, epoch));
        }
      }
      if (run?.status === 'FINISHED') expect(repairStore(store, machine, Date.now()).every(({ mended }) => mended)).toBe(true);
      trainOnce(store);
      expect(faultsForMlflow(store.root)).toEqual([]);
      expect(verifyStore(store)).toEqual([]);
      expect(finalContent(store)).toEqual(expected);
    });
  }
});

test('what a power failure took of a finished run is found, and put back', () =>
  withStore((store) => {
    trainUntil(store, total);
    expect(new Set(verifyStore(store).map(({ kind }) => kind))).toEqual(new Set(['start-lost']));
    expect(repairStore(store, machine, Date.now())).not.toEqual([]);
    expect(verifyStore(store)).toEqual([]);
    expect(finalContent(store)).toEqual(expected);
  }));
