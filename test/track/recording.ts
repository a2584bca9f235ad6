import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { disk, diskFiles, type Files } from '../../src/record/files.js';
import { openStore, prepareStore, runId, type Store } from '../../src/record/layout.js';
import { type Machine, thisMachine } from '../../src/record/lease.js';
import { listRuns, readDatasets, readMetrics, readParameters, readTags, type RunHead } from '../../src/record/reader.js';
import { startRun } from '../../src/record/start.js';
import type { RunWriter } from '../../src/record/writer.js';
import { openClient } from '../../src/track/client.js';
import { type Connection, connectionTo, type Variables } from '../../src/track/connection.js';
import { syncRuns, type RunSync } from '../../src/track/sync.js';
import { scratch } from '../record/scenario.js';
import { type FakeMlflow, identity } from './fake-mlflow.js';

export const machine = thisMachine(process.pid, () => true);

export const quick = (uri: string, variables: Variables = {}): Connection =>
  connectionTo(uri, { variables: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.005', ...variables }, home: '/nowhere', files: disk });

/** A store in a folder of its own, and how to be rid of it. */
export function makeStore(): { readonly store: Store; readonly remove: () => void } {
  const root = fs.mkdtempSync(join(scratch, 'retable-track-'));
  return { store: openStore(join(root, 'runs')), remove: () => fs.rmSync(root, { recursive: true, force: true }) };
}

/** A run that has begun. */
export function begin(store: Store, work: string, parent?: string): RunWriter {
  return startRun(store, {
    experiment: 'addition',
    runId: runId(work, 1, prepareStore(store)),
    runName: `addition ${work}`,
    user: 'ada',
    startTime: 1_700_000_000_000,
    parameters: { 'model.hidden_size': '32', note: 'two\nlines', empty: '' },
    tags: { 'retable.work': work },
    datasets: [{ name: 'addition', digest: 'ab'.repeat(32), sourceType: 'code', source: '{}', context: 'training' }],
    ...(parent && { parent }),
  });
}

/** Numbers that are hard to send. */
export const measured = (key: string, step: number): number =>
  step % 7 === 0 ? ([NaN, Infinity, -Infinity, -0][(step / 7) % 4] ?? NaN) : (key.length + step) / 3;

export const keys = ['train/loss', 'test/loss'] as const;

export function record(writer: RunWriter, from: number, to: number): void {
  for (let step = from; step <= to; step++) for (const key of keys) writer.metric(key, measured(key, step), step, 1_700_000_000_000 + step);
}

export function finish(writer: RunWriter): void {
  writer.artifact('plots/loss.svg', '<svg/>');
  writer.artifact('model/model.onnx', Buffer.from([1, 2, 3]));
  writer.artifact('model/MLmodel', `artifact_path: model\nrun_id: "${writer.run.runId}"\n`);
  writer.finish('FINISHED', 1_700_000_100_000);
}

export async function sync(
  store: Store,
  connection: Connection,
  runs?: readonly RunHead[],
  retryRefused = false,
): Promise<readonly RunSync[]> {
  const client = openClient(connection);
  try {
    const all = listRuns(store);
    return await syncRuns({ store, client, machine, runs: runs ?? all, all, retryRefused, onProgress: () => {} });
  } finally {
    client.close();
  }
}

/** What stands in place of the death of a process: no later call reaches the disk. */
export class Killed extends Error {}

/** A disk that is out of reach from call number `at` on. */
export function killedAt(at: number): { readonly files: Files; readonly calls: () => number } {
  let calls = 0;
  const files = diskFiles(
    () => {
      if (calls++ >= at) throw new Killed();
    },
    () => {},
  );
  return { files, calls: () => calls };
}

/** Each process is dead for the next one. */
const machineOf = (pid: number): Machine => ({
  self: { host: 'here', boot: 'b', pid, started: 's' },
  startOf: (other) => (other === pid ? 's' : null),
});

/** A sync by a process of its own. */
export async function syncAs(pid: number, store: Store, connection: Connection): Promise<readonly RunSync[]> {
  const client = openClient(connection);
  try {
    const all = listRuns(store);
    return await syncRuns({ store, client, machine: machineOf(pid), runs: all, all, onProgress: () => {} });
  } finally {
    client.close();
  }
}

/** The server holds what the record holds, each run and each point once. Read from the server's memory, not by the code under test. */
export function expectEqual(store: Store, fake: FakeMlflow): void {
  const runs = listRuns(store);
  const there = [...fake.runs.values()].filter((run) => !run.deleted);
  expect(there.map((run) => run.tags.get('retable.run') ?? '').toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
  for (const run of runs) {
    const remote = there.find((one) => one.tags.get('retable.run') === run.id);
    if (!remote) throw new Error('not there');
    expect([remote.status, remote.endTime, remote.startTime]).toEqual([run.status, run.endTime, run.startTime]);
    expect(Object.fromEntries(remote.params)).toEqual(readParameters(store, run.place));
    const { 'mlflow.parentRunId': parent, ...tags } = readTags(store, run.place);
    expect(Object.fromEntries(remote.tags)).toMatchObject(tags);
    expect(remote.tags.get('mlflow.parentRunId')).toBe(parent && there.find((one) => one.tags.get('retable.run') === parent)?.id);
    const points = Object.entries(readMetrics(store, run.place)).flatMap(([key, series]) => series.map((point) => ({ key, ...point })));
    expect(remote.points.map(identity).toSorted()).toEqual(points.map(identity).toSorted());
    expect(remote.datasets.size).toBe(readDatasets(store, run.place).length);
    const artifacts = join(run.place.folder, 'artifacts');
    for (const path of fs.readdirSync(artifacts, { recursive: true, encoding: 'utf8' })) {
      if (fs.statSync(join(artifacts, path)).isDirectory()) continue;
      expect(fake.files.get(`${remote.experimentId}/${remote.id}/artifacts/${path}`)).toEqual(fs.readFileSync(join(artifacts, path)));
    }
  }
}
