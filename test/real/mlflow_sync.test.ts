import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/record/layout.js';
import { listRuns, readRun } from '../../src/record/reader.js';
import { startShipper } from '../../src/track/shipper.js';
import { startProxy } from '../track/proxy.js';
import { type MlflowServer, startMlflow } from './mlflow-server.js';
import { begin, finish, machine, makeStore, quick, record, sync } from '../track/recording.js';

/** RETABLE_MLFLOW names a Python that has MLflow: the one that .ci/checks/mlflow-venv makes, or another. */
const python = process.env['RETABLE_MLFLOW'] ?? '';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const opened = async (backend: 'sqlite:///mlflow.db' | './files'): Promise<MlflowServer> => {
  const server = await startMlflow(python, backend);
  closing.push(server.remove);
  return server;
};

interface ReadRun {
  readonly status: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly parameters: object;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, readonly { value: number | string; step: number; timestamp: number }[]>>;
  readonly datasets: readonly object[];
  readonly artifacts: readonly { readonly path: string; readonly size: number }[];
}

const askPython = async (script: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(python, [join('test/real', script), ...args], { maxBuffer: 2 ** 28 })).stdout;

/** What Python reads from the server is what stands in the record, each run once. */
async function expectPythonReads(store: Store, uri: string): Promise<void> {
  const theirs = JSON.parse(await askPython('mlflow_read.py', uri)) as Readonly<Record<string, readonly ReadRun[]>>;
  const runs = listRuns(store).map((head) => readRun(store, head));
  expect(Object.keys(theirs).toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
  for (const run of runs) {
    const [there, another] = theirs[run.id] ?? [];
    expect(another).toBeUndefined();
    expect(there).toMatchObject({ status: run.status, startTime: run.startTime, endTime: run.endTime, parameters: run.parameters });
    for (const [key, points] of Object.entries(run.metrics)) {
      const line = (value: number | string, step: number, timestamp: number): string => `${step} ${timestamp} ${numberOf(value)}`;
      expect(there?.metrics[key]?.map(({ value, step, timestamp }) => line(value, step, timestamp)).toSorted()).toEqual(
        points.map(({ value, step, timestamp }) => line(value, step, timestamp)).toSorted(),
      );
    }
    expect(there?.datasets).toMatchObject(run.datasets);
    const artifacts = new Map(there?.artifacts.map(({ path, size }) => [path, size]));
    for (const { path, size } of run.artifacts) expect(artifacts.get(path)).toBe(size);
  }
}

/** A SQL store keeps an infinity as the largest number, and no -0. */
const numberOf = (value: number | string): number | string => {
  const number = Number(value);
  return Math.abs(number) === Number.MAX_VALUE ? Math.sign(number) * Infinity : number === 0 ? 0 : number;
};

describe.skipIf(python === '')('a real server', { timeout: 300_000 }, () => {
  it.each(['sqlite:///mlflow.db', './files'] as const)(
    '%s, killed and started again under a live run, ends with the record',
    async (backend) => {
      const { store, remove } = makeStore();
      closing.push(remove);
      const server = await opened(backend);
      const proxy = await startProxy(server.uri);
      closing.push(proxy.close);
      let request = 0;
      proxy.fault = () => (request++ % 7 === 6 ? 'lost-answer' : 'ok');
      const parent = begin(store, 'a0');
      const writer = begin(store, 'a1', parent.run.runId);
      const shipper = startShipper({ store, run: writer.run, connection: quick(proxy.uri), machine, onNote: () => {} });
      for (let part = 0; part < 6; part++) {
        record(writer, part * 200 + 1, part * 200 + 200);
        if (part === 2) await server.kill();
        await wait(700);
        if (part === 3) await server.start();
      }
      finish(writer);
      finish(parent);
      expect(await shipper.finish(30)).toMatchObject({ kind: 'delivered' });
      const results = await sync(store, quick(proxy.uri));
      expect(results.map(({ problems, refused }) => [...problems, ...refused])).toEqual([[], []]);
      await expectPythonReads(store, server.uri);
    },
  );

  it('takes ten thousand points in at most twelve requests', async () => {
    const { store, remove } = makeStore();
    closing.push(remove);
    const server = await opened('sqlite:///mlflow.db');
    const proxy = await startProxy(server.uri);
    closing.push(proxy.close);
    const writer = begin(store, 'a1');
    record(writer, 1, 5000);
    writer.finish('FINISHED', 1_700_000_100_000);
    const batches: string[] = [];
    proxy.fault = (path) => (batches.push(path), 'ok');
    const [result] = await sync(store, quick(proxy.uri));
    expect(result).toMatchObject({ outcome: 'sent', points: 10_000, problems: [] });
    expect(batches.filter((path) => path.endsWith('log-batch')).length).toBeLessThanOrEqual(12);
  });
});
