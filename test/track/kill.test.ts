import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { listRuns, readMetrics } from '../../src/record/reader.js';
import { compileSources } from '../record/compile.js';
import { beginning, killAfter } from '../record/killed.js';
import { startFakeMlflow } from './fake-mlflow.js';
import { startProxy, type WayFault } from './proxy.js';
import { expectEqual, makeStore, quick, sync } from './recording.js';

/** RETABLE_KILLS=200 for the long form. */
const kills = Number(process.env['RETABLE_KILLS'] ?? 8);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Records and sends for ever; tells each step that is recorded. Going on, it never repeats a step. */
const training = (built: (module: string) => string, root: string, uri: string): string => `
  import { setTimeout as wait } from 'node:timers/promises';
  import { disk } from ${built('record/files')};
  import { readMetrics } from ${built('record/reader')};
  import { connectionTo } from ${built('track/connection')};
  import { startShipper } from ${built('track/shipper')};
  ${beginning((module) => built(`record/${module}`), root)}
  const connection = connectionTo(${JSON.stringify(uri)}, { variables: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.01' }, home: '/nowhere', files: disk });
  startShipper({ store, run: writer.run, connection, machine, onNote: () => {} });
  const done = readMetrics(store, writer.run);
  const last = (key) => done[key]?.at(-1)?.step ?? 0;
  for (let step = Math.min(last('train/loss'), last('test/loss')) + 1; ; step++) {
    for (const key of ['train/loss', 'test/loss']) if (step > last(key)) writer.metric(key, step % 5 === 0 ? NaN : 1 / step, step, step);
    writeSync(1, step + '\\n');
    await wait(1);
  }`;

test.each(['SqlStore', 'FileStore'] as const)(
  `after ${kills} kills of a run that is followed to a %s over a bad way, the server holds the record: no point lost, none twice`,
  { timeout: 60_000 + 3000 * kills },
  async (kind) => {
    const { store, remove } = makeStore();
    const fake = await startFakeMlflow({ store: kind });
    const proxy = await startProxy(fake.uri);
    closing.push(remove, fake.close, proxy.close);
    const faults: readonly WayFault[] = ['ok', 'ok', 'lost-answer', 'ok', 'error-500', 'ok', 'half', 'ok', 'reset', 'ok', 'html'];
    let request = 0;
    proxy.fault = () => faults[request++ % faults.length] ?? 'ok';

    const folder = join(store.root, '..', 'program');
    fs.mkdirSync(folder);
    const built = compileSources(folder, ['record/start', 'record/works', 'record/lease', 'track/shipper']);
    fs.writeFileSync(join(folder, 'training.js'), training(built, store.root, proxy.uri));
    let told = 0;
    for (let kill = 0; kill < kills; kill++) {
      const isCut = kill % 5 === 2;
      told = Math.max(told, await killAfter(join(folder, 'training.js'), (kill * 37) % 170, () => isCut && proxy.stop()));
      if (isCut) await proxy.start();
    }
    proxy.fault = () => 'ok';
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ problems: [], refused: [] }]);
    const [run] = listRuns(store);
    for (const points of Object.values(run ? readMetrics(store, run.place) : {})) expect(points.length).toBeGreaterThanOrEqual(told);
    expectEqual(store, fake);
  },
);
