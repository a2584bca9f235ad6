import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../src/record/checkpoint.js';
import { disk, diskFiles, type Files, type OpenFile } from '../../src/record/files.js';
import { openStore, type Store } from '../../src/record/layout.js';
import { listRuns, readMetrics } from '../../src/record/reader.js';
import { reopenRun } from '../../src/record/start.js';
import { faultsForMlflow } from './mlflow-rules.js';
import { epochs, finalContent, keys, measured, trainOnce, weights, withStore, workKey } from './scenario.js';

/** What stands in place of the process's death: nothing that comes after it reaches the disk. */
class Killed extends Error {}

/** Ends at call number `at` and all that follow; a write may have happened in part before. */
function failing(at: number, fail: (call: keyof Files) => void, torn: boolean): { files: Files; calls: () => number; letGo: () => void } {
  let calls = 0;
  const open = new Map<number, OpenFile>();
  const files = diskFiles(
    (call) => {
      if (calls++ >= at) fail(call);
    },
    () => {},
  );
  const counted: Files = {
    ...files,
    open(path, mode) {
      const file = files.open(path, mode);
      open.set(file.descriptor, file);
      return file;
    },
    write(file, content) {
      if (torn && calls === at) disk.write(file, Buffer.from(content).subarray(0, Math.ceil(content.length / 2)));
      files.write(file, content);
    },
    close(file) {
      files.close(file);
      open.delete(file.descriptor);
    },
  };
  return { files: counted, calls: () => calls, letGo: () => open.forEach((file) => disk.close(file)) };
}

/** A disk for what comes after: nothing fails there, and nobody waits for it. */
const unsynced = diskFiles(undefined, () => {});

const { expected, total } = withStore((store) => {
  const { files, calls } = failing(Infinity, () => {}, false);
  trainOnce(openStore(store.root, files));
  return { expected: finalContent(store), total: calls() };
});

/** Trains until call number `at`, looks at what is left, trains to the end. `look` gets the error, and what was told as recorded. */
function failAt(at: number, fail: (call: keyof Files) => void, torn: boolean, look: (store: Store, error: unknown) => void): void {
  withStore((store) => {
    const told: [string, number][] = [];
    const { files, letGo } = failing(at, fail, torn);
    let error: unknown;
    try {
      trainOnce(openStore(store.root, files), (key, epoch) => told.push([key, epoch]));
    } catch (caught) {
      error = caught;
    }
    letGo();
    look(store, error);
    const [run] = listRuns(store);
    const metrics = run ? readMetrics(store, run.place) : {};
    for (const [key, epoch] of told) expect(metrics[key]?.find((point) => point.step === epoch)?.value).toBe(measured(key, epoch));
    const place = trainOnce(openStore(store.root, unsynced));
    expect(faultsForMlflow(store.root)).toEqual([]);
    expect(finalContent(store)).toEqual(expected);
    expect(readCheckpoint(store, place, workKey).checkpoint).toEqual(weights(epochs));
  });
}

const moments = Array.from({ length: total }, (_, at) => at);

test('the scenario is worth it: hundreds of calls, and no fault at its end', () => {
  expect(total).toBeGreaterThan(150);
  withStore((store) => {
    trainOnce(store);
    expect(faultsForMlflow(store.root)).toEqual([]);
  });
});

describe('killed at any call', () => {
  const kill = () => {
    throw new Killed();
  };

  test('MLflow reads the store, what was recorded is there, and the run goes on to the same end', () => {
    let survived = 0;
    for (const at of moments) {
      failAt(at, kill, false, (store, error) => {
        if (error) expect(error).toBeInstanceOf(Killed);
        survived += error ? 0 : 1;
        expect(faultsForMlflow(store.root)).toEqual([]);
      });
    }
    expect(survived).toBeLessThan(keys.length + 2);
  });

  test('within a write: a torn line is cut off when the run is opened again', () => {
    let tornLines = 0;
    for (const at of moments) {
      failAt(at, kill, true, (store) => {
        const faults = faultsForMlflow(store.root);
        tornLines += faults.length;
        expect(faults.every((fault) => fault.endsWith('ends within a line'))).toBe(true);
        const [run] = listRuns(store);
        if (run) reopenRun(store, run.place).close();
        expect(faultsForMlflow(store.root)).toEqual([]);
      });
    }
    expect(tornLines).toBeGreaterThan(5);
  });
});

const changing: readonly (keyof Files)[] = ['open', 'write', 'truncate', 'touch', 'rename', 'link', 'makeFolder', 'remove', 'removeTree'];

test.each([
  ['ENOSPC', 'the disk is full', true, ['open', 'write', 'rename', 'link', 'makeFolder']],
  ['EROFS', 'the disk is read-only', false, changing],
  ['EIO', 'the disk fails', false, ['sync', 'write', 'syncFolder']],
] as const)('%s from any call on is told as "%s", and what was recorded stays (writes happen in part: %s)', (code, words, torn, calls) => {
  const refuse = (call: keyof Files) => {
    if ((calls as readonly string[]).includes(call)) throw Object.assign(new Error(code), { code, syscall: call });
  };

  for (const at of moments) {
    failAt(at, refuse, torn, (store, error) => {
      if (error) expect(error).toMatchObject({ name: 'RecordError', code, message: expect.stringContaining(words) as unknown });
      expect(faultsForMlflow(store.root)).toEqual([]);
    });
  }
});
