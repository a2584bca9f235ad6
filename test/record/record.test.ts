import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  compareWithRecord,
  decodeCheckpoint,
  encodeCheckpoint,
  readCheckpoint,
  recorded,
  writeCheckpoint,
} from '../../src/record/checkpoint.js';
import { disk, diskFiles, readText } from '../../src/record/files.js';
import { experimentId, openStore, prepareStore, runId } from '../../src/record/layout.js';
import { findRuns, listRuns, readRun } from '../../src/record/reader.js';
import { findByWork } from '../../src/record/works.js';
import { reopenRun, startRun } from '../../src/record/start.js';
import { epochs, keys, measured, startOf, timeOf, trainOnce, weights, withStore, workKey } from './scenario.js';

describe('a run', () => {
  test('reads back as it was written', () =>
    withStore((store) => {
      trainOnce(store);
      const [run] = listRuns(store);
      if (!run) throw new Error('no run');
      const { parameters, tags, metrics, datasets, artifacts } = readRun(store, run);
      const start = startOf(store);
      expect(run).toMatchObject({ experiment: start.experiment, name: start.runName, status: 'FINISHED', endTime: timeOf(epochs + 1) });
      expect(parameters).toEqual(start.parameters);
      expect(tags).toEqual({ ...start.tags, 'mlflow.runName': start.runName, 'retable.outcome': 'finished' });
      for (const key of keys) expect(metrics[key]?.map((p) => p.value)).toEqual([1, 2, 3].map((epoch) => measured(key, epoch)));
      expect(datasets).toEqual([{ ...start.datasets[0], digest: 'ab'.repeat(18) }]);
      expect(artifacts.map((artifact) => artifact.path)).toEqual(['config.resolved.yaml', 'plots/loss.svg']);
    }));

  test('is started once', () =>
    withStore((store) => {
      startRun(store, startOf(store)).close();
      expect(() => startRun(store, startOf(store))).toThrow(/EEXIST/);
    }));

  test('is found by its work, the beginning of its id, its experiment and as the latest', () =>
    withStore((store) => {
      const { runId: id } = trainOnce(store);
      expect(findByWork(store, workKey).map((run) => run.id)).toEqual([id]);
      expect(findByWork(store, 'other')).toEqual([]);
      for (const reference of [id, id.slice(0, 4), 'latest', 'addition: yes']) {
        expect(findRuns(store, reference).map((run) => run.id)).toEqual([id]);
      }
      expect(findRuns(store, id.slice(0, 3))).toEqual([]);
    }));

  test('does not write a step of a metric twice', () =>
    withStore((store) => {
      const writer = startRun(store, startOf(store));
      writer.metric('train/loss', 1, 1, 1);
      expect(() => writer.metric('train/loss', 2, 1, 1)).toThrow("can't follow");
      writer.finish('KILLED', 2);
      const again = reopenRun(store, writer.run);
      expect(() => again.metric('train/loss', 1, 1, 1)).toThrow("can't follow");
      again.metric('train/loss', 0.5, 2, 2);
      again.close();
      expect(readText(disk, join(writer.run.folder, 'metrics/train/loss'))).toBe('1 1 1\n2 0.5 2\n');
    }));

  test("takes several values of a key in one write, and none of them where one can't follow", () =>
    withStore((plain) => {
      const writes: string[] = [];
      const store = { ...plain, files: diskFiles((call, path) => void (call === 'write' && writes.push(path))) };
      const writer = startRun(store, startOf(store));
      const at = (key: string, step: number) => ({ key, value: step / 2, step, timestamp: step });
      writer.metrics([at('train/loss', 1), at('test/loss', 1), at('train/loss', 2)]);
      writes.length = 0;
      writer.metrics([3, 4].flatMap((step) => [at('train/loss', step), at('test/loss', step)]));
      expect(writes.map((path) => path.slice(path.indexOf('metrics')))).toEqual(['metrics/train/loss', 'metrics/test/loss']);
      expect(() => writer.metrics([at('train/loss', 5), at('train/loss', 5)])).toThrow("can't follow");
      writer.close();
      expect(readText(disk, join(writer.run.folder, 'metrics/train/loss'))).toBe('1 0.5 1\n2 1 2\n3 1.5 3\n4 2 4\n');
      expect(readText(disk, join(writer.run.folder, 'metrics/test/loss'))).toBe('1 0.5 1\n3 1.5 3\n4 2 4\n');
    }));

  test('that another process went on with takes nothing more from who stood still between asking and writing', () =>
    withStore((store) => {
      const stalled = startRun(store, startOf(store));
      stalled.metric('train/loss', 0.5, 1, 1);
      const next = reopenRun(store, stalled.run);
      stalled.metric('train/loss', 0.25, 2, 2);
      next.metric('train/loss', 0.25, 2, 3);
      stalled.metric('train/loss', 0.125, 3, 4);
      for (const writer of [stalled, next]) writer.close();
      expect(readText(disk, join(next.run.folder, 'metrics/train/loss'))).toBe('1 0.5 1\n3 0.25 2\n');
    }));

  test('keeps every double and refuses steps that are not whole', () =>
    withStore((store) => {
      const values = [0.1, -0, 5e-324, 1.7976931348623157e308, 1e21, 1e-7, NaN, Infinity, -Infinity, 1 / 3];
      const writer = startRun(store, startOf(store));
      values.forEach((value, step) => writer.metric('value', value, step, 1));
      expect(() => writer.metric('value', 1, 99.5, 1)).toThrow('whole');
      writer.close();
      const record = recorded(store, writer.run);
      values.forEach((value, step) => expect(compareWithRecord(record, 'value', step, value)).toBe('equal'));
    }));

  test.each([
    [['loss', 'loss/train'], 'folder of the other'],
    [['loss/train', 'loss'], 'folder of the other'],
    [['Loss', 'loss'], 'upper and lower case'],
    [['Train/loss', 'train/accuracy'], 'upper and lower case'],
    [['a//b'], 'empty or dotted'],
    [['../b'], 'empty or dotted'],
    [['a(b)'], 'may hold only'],
    [['x'.repeat(251)], 'longer than 250'],
    [[''], 'empty'],
  ])('refuses the metric keys %j', (names, message) =>
    withStore((store) => {
      const writer = startRun(store, startOf(store));
      expect(() => names.forEach((name) => writer.metric(name, 1, 1, 1))).toThrow(message);
      writer.close();
    }),
  );

  test('keeps a parameter as it was first recorded', () =>
    withStore((store) => {
      const writer = startRun(store, startOf(store));
      writer.parameter('empty', '');
      expect(() => writer.parameter('empty', '1')).toThrow('is recorded as ""');
      writer.parameter('late', '7');
      writer.close();
    }));

  test.each(['../x', '/x', 'a//b', '', 'a/./b', 'a#b'])('refuses the artifact path "%s"', (path) =>
    withStore((store) => {
      const writer = startRun(store, startOf(store));
      expect(() => writer.artifact(path, '')).toThrow('no path');
      writer.close();
    }),
  );
});

test('a disk without second names gives the store its identity and a run its lease all the same', () =>
  withStore(({ root }) => {
    const plain = diskFiles((call) => {
      if (call === 'link') throw Object.assign(new Error('no links'), { code: 'EPERM', syscall: 'link' });
    });
    const store = openStore(root, plain);
    expect(prepareStore(store)).toBe(prepareStore(store));
    expect(trainOnce(store).runId).toMatch(/^[0-9a-f]{32}$/);
  }));

describe('ids', () => {
  test('of an experiment are 18 digits of its name alone', () => {
    expect(experimentId('lstm_addition')).toMatch(/^[1-9]\d{17}$/);
    expect(experimentId('lstm_addition')).toBe(experimentId('lstm_addition'));
    expect(experimentId('lstm_addition')).not.toBe(experimentId('lstm_addition2'));
  });

  test('of a run change with work, attempt and store', () => {
    const ids = [runId('a', 1, 'n'), runId('b', 1, 'n'), runId('a', 2, 'n'), runId('a', 1, 'm')];
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a checkpoint', () => {
  test('reads back bit for bit', () => {
    expect(decodeCheckpoint(encodeCheckpoint(weights(7)))).toEqual(weights(7));
  });

  test('is refused when any byte of it changed, or an end is missing', () => {
    const bytes = encodeCheckpoint(weights(1));
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i] = (damaged[i] ?? 0) ^ 1;
      expect(typeof decodeCheckpoint(damaged)).toBe('string');
      expect(typeof decodeCheckpoint(bytes.subarray(0, i))).toBe('string');
    }
  });

  test('falls back to the one before, and keeps two', () =>
    withStore((store) => {
      const { run } = startRun(store, startOf(store));
      for (const epoch of [1, 2, 3]) writeCheckpoint(store, run, weights(epoch));
      const folder = join(run.folder, '.retable/checkpoints');
      expect(disk.list(folder).map((entry) => entry.name)).toEqual(['epoch-000000002.checkpoint', 'epoch-000000003.checkpoint']);
      disk.truncate(join(folder, 'epoch-000000003.checkpoint'), 40);
      const { checkpoint, damaged } = readCheckpoint(store, run, workKey);
      expect(checkpoint).toEqual(weights(2));
      expect(damaged).toMatchObject([{ reason: 'its content is damaged' }]);
      expect(readCheckpoint(store, run, 'other work').checkpoint).toBeNull();
    }));
});
