import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from 'vitest';
import { openStore, type Store } from '../../src/record/layout.js';
import { listRuns } from '../../src/record/reader.js';
import { reopenRun } from '../../src/record/start.js';
import { takeLeaseIn } from '../../src/record/lease.js';
import { TrackingError } from '../../src/track/errors.js';
import { planSync, type RunSync } from '../../src/track/sync.js';
import { syncLeases } from '../../src/track/remote-run.js';
import fc, { cases, times } from '../support/properties.js';
import { type FakeMlflow, type FakeOptions, startFakeMlflow } from './fake-mlflow.js';
import { startProxy, type FaultyProxy, type WayFault } from './proxy.js';
import { begin, expectEqual, finish, Killed, killedAt, machine, makeStore, quick, record, sync, syncAs } from './recording.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function place(options: FakeOptions = {}): Promise<{ store: Store; fake: FakeMlflow; proxy: FaultyProxy }> {
  const { store, remove } = makeStore();
  const fake = await startFakeMlflow(options);
  const proxy = await startProxy(fake.uri);
  closing.push(remove, fake.close, proxy.close);
  return { store, fake, proxy };
}

describe.each(['SqlStore', 'FileStore'] as const)('sync to a %s', (kind) => {
  it('brings everything, and a second time sends nothing', async () => {
    const { store, fake, proxy } = await place({ store: kind });
    const writer = begin(store, 'a1');
    record(writer, 1, 1200);
    finish(writer);
    const [first] = await sync(store, quick(proxy.uri));
    expect(first).toMatchObject({ outcome: 'sent', points: 2400, artifacts: 3, refused: [], problems: [] });
    expectEqual(store, fake);
    const before = proxy.requests;
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'same', points: 0 }]);
    expect(proxy.requests).toBe(before + 1);
  });

  it('goes on with a run that grew, under the same id there', async () => {
    const { store, fake, proxy } = await place({ store: kind });
    const writer = begin(store, 'a1');
    record(writer, 1, 10);
    writer.close();
    const [first] = await sync(store, quick(proxy.uri));
    const again = reopenRun(store, writer.run);
    record(again, 11, 20);
    finish(again);
    const [second] = await sync(store, quick(proxy.uri));
    expect(second).toMatchObject({ outcome: 'sent', points: 20, remoteRun: first?.remoteRun });
    expectEqual(store, fake);
  });

  it('doubles nothing when what it knows of the server is lost', async () => {
    const { store, fake, proxy } = await place({ store: kind });
    const writer = begin(store, 'a1');
    record(writer, 1, 700);
    finish(writer);
    await sync(store, quick(proxy.uri));
    fs.rmSync(join(writer.run.folder, '.retable', 'sync'), { recursive: true });
    fake.calls.length = 0;
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'sent', problems: [] }]);
    expectEqual(store, fake);
    expect(fake.calls).not.toContain('runs/log-batch');
    expect(fake.models.size).toBe(1);
  });

  test.each<WayFault>(['lost-answer', 'reset', 'error-500', 'error-503', 'half', 'slow'])('gets through %s', async (fault) => {
    const { store, fake, proxy } = await place({ store: kind });
    const writer = begin(store, 'a1');
    record(writer, 1, 600);
    finish(writer);
    let request = 0;
    proxy.fault = () => (request++ % 4 === 0 ? fault : 'ok');
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'sent', problems: [] }]);
    expectEqual(store, fake);
  });
});

describe('copies of a store that are sent at once', () => {
  /** Processes of different machines: leases of one are not those of the other. */
  const sentAtOnce = async (copies: readonly Store[], uri: string): Promise<readonly RunSync[]> =>
    (await Promise.all(copies.map((copy, index) => syncAs(index + 1, copy, quick(uri))))).flat();
  const copied = (store: Store, count: number): readonly Store[] =>
    Array.from({ length: count }, (_, index) => {
      const folder = `${store.root} ${index}`;
      fs.cpSync(store.root, folder, { recursive: true });
      return openStore(folder);
    });

  /** Of every run one model, filled, and told as its output. */
  const expectOneModelEach = (fake: FakeMlflow): void => {
    const there = [...fake.runs.values()].filter((run) => !run.deleted);
    expect(there.map(({ outputs }) => outputs.join()).toSorted()).toEqual([...fake.models.keys()].toSorted());
    for (const { id, experimentId, runId, status } of fake.models.values()) {
      expect([status, there.some((run) => run.id === runId)]).toEqual(['LOGGED_MODEL_READY', true]);
      expect(fake.files.has(`${experimentId}/models/${id}/artifacts/model.onnx`)).toBe(true);
    }
  };

  it.each([
    [2, false],
    [3, false],
    [5, false],
    [2, true],
    [4, true],
  ])('give one run there, of %i copies; ids of later runs are smaller: %s', async (count, descending) => {
    const { store, fake } = await place({ descending });
    const parent = begin(store, 'a1');
    for (const writer of [begin(store, 'b1', parent.run.runId), begin(store, 'c1'), parent]) {
      record(writer, 1, 30);
      finish(writer);
    }
    const results = await sentAtOnce([store, ...copied(store, count - 1)], fake.uri);
    expect(results.map(({ outcome, problems }) => [outcome, problems]).filter(([outcome]) => outcome !== 'sent')).toEqual([]);
    expectEqual(store, fake);
    expectOneModelEach(fake);
    expect((await sentAtOnce([store], fake.uri)).map(({ outcome }) => outcome)).toEqual(['same', 'same', 'same']);
  });

  it('go on with the run that is left when the one that is being filled is taken away', async () => {
    const { store, fake, proxy } = await place();
    const writer = begin(store, 'a1');
    record(writer, 1, 30);
    finish(writer);
    const left = 'e'.repeat(32);
    // Another copy takes the run for an empty double of its own, at the moment when the first points are on their way.
    proxy.fault = () => {
      const [made] = fake.runs.values();
      if (made && fake.calls.at(-1) === 'runs/get' && fake.runs.size === 1) {
        const empty = { points: [], seen: new Set<string>(), params: new Map(), datasets: new Map(), outputs: [] };
        fake.runs.set(left, { ...made, ...empty, id: left, tags: new Map(made.tags) });
        made.deleted = true;
      }
      return 'ok';
    };
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'sent', remoteRun: left, problems: [] }]);
    expectEqual(store, fake);
  });
});

it('sends parents first, and each child names its parent by its id there', async () => {
  const { store, fake, proxy } = await place();
  const parent = begin(store, 'a1');
  const children = ['b1', 'b2'].map((work) => begin(store, work, parent.run.runId));
  for (const writer of [...children, parent]) finish(writer);
  await sync(store, quick(proxy.uri));
  expectEqual(store, fake);
  expect([...fake.runs.values()][0]?.tags.get('retable.run')).toBe(parent.run.runId);
});

it('makes the parent of a run that is sent alone', async () => {
  const { store, fake, proxy } = await place();
  const parent = begin(store, 'a1');
  const child = begin(store, 'b1', parent.run.runId);
  finish(child);
  finish(parent);
  await sync(
    store,
    quick(proxy.uri),
    listRuns(store).filter(({ id }) => id === child.run.runId),
  );
  expect([...fake.runs.values()].map((run) => run.tags.get('retable.run'))).toEqual([parent.run.runId, child.run.runId]);
  await sync(store, quick(proxy.uri));
  expectEqual(store, fake);
});

it('makes the model one of the logged ones, with the ids that it has there', async () => {
  const { store, fake, proxy } = await place();
  finish(begin(store, 'a1'));
  await sync(store, quick(proxy.uri));
  const [model] = fake.models.values();
  const [run] = fake.runs.values();
  expect([model?.status, run?.outputs]).toEqual(['LOGGED_MODEL_READY', [model?.id]]);
  expect(fake.files.get(`1/models/${model?.id}/artifacts/MLmodel`)?.toString()).toBe(
    `artifact_path: model\nrun_id: "${run?.id}"\nmodel_id: "${model?.id}"\n`,
  );
});

describe('what a server will not take', () => {
  it('is put aside with the reason, and the rest goes through', async () => {
    const { store, fake, proxy } = await place();
    fake.forbidden.add('odd key');
    const writer = begin(store, 'a1');
    record(writer, 1, 400);
    writer.metric('odd key', 1, 3, 3);
    writer.artifact('plots/loss.svg', '<svg/>');
    writer.finish('FINISHED', 1_700_000_100_000);
    const [result] = await sync(store, quick(proxy.uri));
    expect(result).toMatchObject({ outcome: 'sent', problems: [], refused: [{ kind: 'metric', key: 'odd key', step: 3 }] });
    expect(result?.refused[0]?.reason).toContain('Invalid value for odd key');
    expect([...fake.runs.values()][0]?.points).toHaveLength(800);
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'same', refused: [{ key: 'odd key' }] }]);
  });

  it('is tried once more when that is wanted', async () => {
    const { store, fake, proxy } = await place();
    fake.forbidden.add('odd key');
    const writer = begin(store, 'a1');
    record(writer, 1, 400);
    for (const step of [3, 4]) writer.metric('odd key', 1, step, step);
    writer.finish('FINISHED', 1_700_000_100_000);
    await sync(store, quick(proxy.uri));
    const again = (): Promise<readonly RunSync[]> => sync(store, quick(proxy.uri), undefined, true);
    expect(await again()).toMatchObject([{ outcome: 'sent', points: 2, refused: [{ step: 3 }, { step: 4 }] }]);
    fake.forbidden.clear();
    expect(await again()).toMatchObject([{ outcome: 'sent', points: 2, problems: [], refused: [] }]);
    expectEqual(store, fake);
    expect(await again()).toMatchObject([{ outcome: 'same', points: 0 }]);
  });

  it('is told of a parameter that has another value there', async () => {
    const { store, fake, proxy } = await place();
    const writer = begin(store, 'a1');
    await sync(store, quick(proxy.uri));
    [...fake.runs.values()][0]?.params.set('later', '1');
    writer.parameter('later', '2');
    finish(writer);
    const [result] = await sync(store, quick(proxy.uri));
    expect(result?.refused).toEqual([{ kind: 'param', key: 'later', reason: 'the server holds "1", and a parameter can\'t change' }]);
  });
});

describe('a run that somebody deleted on the server', () => {
  it('is not made again, and the others are sent', async () => {
    const { store, fake, proxy } = await place();
    finish(begin(store, 'a1'));
    await sync(store, quick(proxy.uri));
    for (const run of fake.runs.values()) run.deleted = true;
    for (const work of ['a2', 'a3']) finish(begin(store, work));
    const results = await sync(store, quick(proxy.uri));
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['failed', 'sent', 'sent']);
    expect(results.find(({ outcome }) => outcome === 'failed')?.problems[0]).toMatch(/was deleted on .*restore it there/);
  });

  it('is sent whole to a server that was set up anew', async () => {
    const { store, fake, proxy } = await place();
    const writer = begin(store, 'a1');
    record(writer, 1, 5);
    finish(writer);
    await sync(store, quick(proxy.uri));
    for (const map of [fake.runs, fake.experiments, fake.files, fake.models]) map.clear();
    expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'sent', points: 10 }]);
    expectEqual(store, fake);
  });
});

it('finds out when the server holds something else', async () => {
  const { store, fake, proxy } = await place();
  const writer = begin(store, 'a1');
  record(writer, 1, 5);
  finish(writer);
  await sync(store, quick(proxy.uri));
  const [run] = fake.runs.values();
  run?.points.splice(0, 1);
  run?.points.push({ key: 'test/loss', value: 9, step: 9, timestamp: 9 });
  fs.rmSync(join(writer.run.folder, '.retable', 'sync'), { recursive: true });
  writer.close();
  fs.writeFileSync(join(writer.run.folder, 'tags', 'more'), 'x');
  const [result] = await sync(store, quick(proxy.uri));
  expect(result).toMatchObject({ outcome: 'differs' });
  expect(result?.problems.join()).toMatch(/1 points of test\/loss are there that aren't in the record/);
});

it('leaves a run alone that another process is sending', async () => {
  const { store, proxy } = await place();
  const writer = begin(store, 'a1');
  finish(writer);
  const { server } = quick(proxy.uri);
  const taken = takeLeaseIn(store, syncLeases(writer.run, server), machine, Date.now());
  expect(await sync(store, quick(proxy.uri))).toMatchObject([
    { outcome: 'held', problems: [`process ${process.pid} on ${machine.self.host} is sending it`] },
  ]);
  if (taken.kind === 'taken') taken.lease.release();
  expect(await sync(store, quick(proxy.uri))).toMatchObject([{ outcome: 'sent' }]);
});

it('says what it would send, without a word to the server', async () => {
  const { store, proxy } = await place();
  const writer = begin(store, 'a1');
  record(writer, 1, 5);
  const { server } = quick(proxy.uri);
  expect(planSync(store, server, listRuns(store))).toMatchObject([{ isNew: true, points: 10, artifacts: 0 }]);
  expect(proxy.requests).toBe(0);
  await sync(store, quick(proxy.uri));
  record(writer, 6, 6);
  finish(writer);
  expect(planSync(store, server, listRuns(store))).toMatchObject([{ isNew: false, points: 2, artifacts: 3 }]);
});

it('needs at most 12 requests for the points when there are 10,000', async () => {
  const { store, fake, proxy } = await place();
  const writer = begin(store, 'a1');
  record(writer, 1, 5000);
  writer.finish('FINISHED', 1_700_000_100_000);
  await sync(store, quick(proxy.uri));
  expect(fake.calls.filter((call) => call === 'runs/log-batch').length).toBeLessThanOrEqual(11);
});

/**
 * Any interleaving: recording, interrupted training, stops of the server, syncs over a way with any faults or killed at any call, lost states. In the end, one
 * sync over a good way, and the server holds the record.
 */
describe.each(['SqlStore', 'FileStore'] as const)('whatever happens, a %s', (kind) => {
  const faults: readonly WayFault[] = ['ok', 'ok', 'ok', 'lost-answer', 'error-500', 'error-503', 'reset', 'half', 'html'];
  // A late copy of a batch can't be told from a new one where doubles are kept.
  const allFaults = kind === 'SqlStore' ? [...faults, 'late' as const] : faults;
  const step = fc.oneof(
    fc.record({ do: fc.constant('record' as const), points: fc.integer({ min: 1, max: 400 }), run: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ do: fc.constant('sync' as const), faults: fc.array(fc.constantFrom(...allFaults), { minLength: 1, maxLength: 20 }) }),
    fc.record({ do: fc.constant('down' as const) }),
    fc.record({ do: fc.constant('killed' as const), at: fc.integer({ min: 0, max: 400 }) }),
    fc.record({ do: fc.constant('reopen' as const), run: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ do: fc.constant('forget' as const), run: fc.integer({ min: 0, max: 2 }) }),
  );

  it('ends with the record, point for point', { timeout: 120_000 * times }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { store, fake, proxy } = await place({ store: kind });
        const impatient = quick(proxy.uri, { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' });
        const parent = begin(store, 'a0');
        const writers = [parent, begin(store, 'a1', parent.run.runId), begin(store, 'a2', parent.run.runId)];
        const done = [0, 0, 0];
        let pid = 0;
        for (const each of steps) {
          const writer = 'run' in each ? writers[each.run] : undefined;
          proxy.fault = () => 'ok';
          if (each.do === 'record' && writer) {
            const before = done[each.run] ?? 0;
            record(writer, before + 1, before + each.points);
            done[each.run] = before + each.points;
          } else if (each.do === 'sync') {
            let request = 0;
            proxy.fault = () => each.faults[request++ % each.faults.length] ?? 'ok';
            await syncAs(++pid, store, impatient).catch((error: unknown) => expect(error).toBeInstanceOf(TrackingError));
          } else if (each.do === 'killed') {
            const killed = openStore(store.root, killedAt(each.at).files);
            await syncAs(++pid, killed, impatient).catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
          } else if (each.do === 'down') {
            await proxy.stop();
            await expect(syncAs(++pid, store, impatient)).rejects.toThrow(/can't be reached/);
            await proxy.start();
          } else if (each.do === 'reopen' && writer) {
            writer.close();
            writers[each.run] = reopenRun(store, writer.run);
          } else if (writer) fs.rmSync(join(writer.run.folder, '.retable', 'sync'), { recursive: true, force: true });
        }
        for (const writer of writers) finish(writer);
        proxy.fault = () => 'ok';
        await new Promise((resolve) => setTimeout(resolve, kind === 'SqlStore' ? 100 : 0));
        expect(await syncAs(++pid, store, quick(proxy.uri))).toMatchObject(writers.map(() => ({ problems: [] })));
        expectEqual(store, fake);
        for (const close of closing.splice(0).toReversed()) await close();
      }),
      cases(12),
    );
  });
});
