import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it, test } from 'vitest';
import { keyFile, type Store } from '../../src/record/layout.js';
import { startShipper } from '../../src/track/shipper.js';
import { type FakeMlflow, type FakeOptions, startFakeMlflow } from './fake-mlflow.js';
import { startProxy, type FaultyProxy, type WayFault } from './proxy.js';
import { begin, expectEqual, finish, keys, machine, makeStore, quick, record, sync } from './recording.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function place(options: FakeOptions = {}): Promise<{ store: Store; fake: FakeMlflow; proxy: FaultyProxy; notes: string[] }> {
  const { store, remove } = makeStore();
  const fake = await startFakeMlflow(options);
  const proxy = await startProxy(fake.uri);
  closing.push(remove, fake.close, proxy.close);
  return { store, fake, proxy, notes: [] };
}

/** Asks again and again; a test that waits in vain runs into its own time limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(20);
}

const points = (fake: FakeMlflow): number => [...fake.runs.values()].reduce((sum, run) => sum + run.points.length, 0);

describe.each(['SqlStore', 'FileStore'] as const)('a run that is followed to a %s', (kind) => {
  it('is there while it is made, and whole when it is over', async () => {
    const { store, fake, proxy, notes } = await place({ store: kind });
    const writer = begin(store, 'a1');
    const shipper = startShipper({ store, run: writer.run, connection: quick(proxy.uri), machine, onNote: (note) => notes.push(note) });
    record(writer, 1, 5);
    await until(() => points(fake) === 10);
    expect([...fake.runs.values()][0]?.status).toBe('RUNNING');
    record(writer, 6, 1500);
    finish(writer);
    expect(await shipper.finish(10)).toMatchObject({
      kind: 'delivered',
      link: expect.stringContaining('workflowType=machine_learning') as string,
    });
    expectEqual(store, fake);
    expect(notes).toEqual([expect.stringContaining('followed at http') as string]);
  });

  it('arrives whole although the server dies, comes back and loses answers', async () => {
    const { store, fake, proxy, notes } = await place({ store: kind });
    const writer = begin(store, 'a1');
    const connection = quick(proxy.uri);
    let request = 0;
    proxy.fault = () => (request++ % 4 === 3 ? 'lost-answer' : 'ok');
    const shipper = startShipper({ store, run: writer.run, connection, machine, onNote: (note) => notes.push(note) });
    record(writer, 1, 50);
    await until(() => points(fake) === 100);
    await proxy.stop();
    record(writer, 51, 100);
    await until(() => notes.some((note) => note.includes("can't be reached")));
    await proxy.start();
    finish(writer);
    expect((await shipper.finish(20)).kind).toBe('delivered');
    expectEqual(store, fake);
  });
});

test.each<WayFault>(['hang', 'reset', 'html', 'error-500'])(
  'a server that answers with %s changes nothing, and a later sync brings all',
  async (fault) => {
    const { store, fake, proxy, notes } = await place();
    proxy.fault = () => fault;
    const other = makeStore();
    closing.push(other.remove);
    const writer = begin(store, 'a1');
    const alone = begin(other.store, 'a1');
    const shipper = startShipper({ store, run: writer.run, connection: quick(proxy.uri), machine, onNote: (note) => notes.push(note) });
    for (const each of [writer, alone]) record(each, 1, 500);
    await wait(50);
    for (const each of [writer, alone]) finish(each);
    const began = performance.now();
    expect(await shipper.finish(0.3)).toMatchObject({ kind: 'behind' });
    expect(performance.now() - began).toBeLessThan(5000);
    for (const key of keys)
      expect(readFileSync(keyFile(writer.run, 'metrics', key))).toEqual(readFileSync(keyFile(alone.run, 'metrics', key)));
    proxy.fault = () => 'ok';
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'sent', points: 1000, problems: [] }]);
    expectEqual(store, fake);
  },
);

it('begins anew on a server that was set up anew while the run goes on', async () => {
  const { store, fake, proxy, notes } = await place();
  const writer = begin(store, 'a1');
  const shipper = startShipper({ store, run: writer.run, connection: quick(proxy.uri), machine, onNote: (note) => notes.push(note) });
  record(writer, 1, 5);
  await until(() => points(fake) === 10);
  for (const map of [fake.runs, fake.experiments, fake.files]) map.clear();
  record(writer, 6, 10);
  await until(() => points(fake) === 20);
  finish(writer);
  expect((await shipper.finish(10)).kind).toBe('delivered');
  expectEqual(store, fake);
});

it('leaves nothing of its own in what MLflow reads', async () => {
  const { store, proxy } = await place();
  const writer = begin(store, 'a1');
  const shipper = startShipper({ store, run: writer.run, connection: quick(proxy.uri), machine, onNote: () => {} });
  finish(writer);
  await shipper.finish(10);
  const { faultsForMlflow } = await import('../record/mlflow-rules.js');
  expect(faultsForMlflow(store.root)).toEqual([]);
});
