import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { diskFiles } from '../../src/record/files.js';
import { openStore, type Store } from '../../src/record/layout.js';
import { faultsForMlflow } from '../record/mlflow-rules.js';
import { type FakeMlflow, startFakeMlflow } from './fake-mlflow.js';
import { begin, expectEqual, finish, Killed, killedAt, makeStore, quick, record, syncAs } from './recording.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** RETABLE_KILLS tries every call, else every sixth. */
const stride = process.env['RETABLE_KILLS'] === undefined ? 6 : 1;

/** A disk for what comes after: nothing fails there, and nobody waits for it. */
const unsynced = diskFiles(undefined, () => {});

/** A parent and its child, which share a data set. */
function recordTwo(store: Store): void {
  const parent = begin(store, 'a0');
  const child = begin(store, 'a1', parent.run.runId);
  record(child, 1, 9);
  for (const writer of [child, parent]) finish(writer);
}

function forget(fake: FakeMlflow): void {
  for (const map of [fake.runs, fake.experiments, fake.files, fake.models]) map.clear();
}

describe.each(['SqlStore', 'FileStore'] as const)('a sync to a %s that is killed at any call on the disk', (kind) => {
  it('is gone on with by the next one, which ends with the record, each point once', { timeout: 300_000 }, async () => {
    const { store, remove } = makeStore();
    const fake = await startFakeMlflow({ store: kind });
    closing.push(remove, fake.close);
    recordTwo(store);
    const clean = `${store.root} clean`;
    fs.cpSync(store.root, clean, { recursive: true });

    const { files, calls } = killedAt(Infinity);
    await syncAs(1, openStore(store.root, files), quick(fake.uri));
    const total = calls();
    expect(total).toBeGreaterThan(100);
    for (let at = 0; at < total; at += stride) {
      fs.rmSync(store.root, { recursive: true });
      fs.cpSync(clean, store.root, { recursive: true });
      forget(fake);
      await syncAs(1, openStore(store.root, killedAt(at).files), quick(fake.uri)).catch((error: unknown) =>
        expect(error).toBeInstanceOf(Killed),
      );
      const results = await syncAs(2, openStore(store.root, unsynced), quick(fake.uri));
      expect(results.map(({ problems, refused }) => [...problems, ...refused])).toEqual([[], []]);
      expectEqual(store, fake);
      expect(fake.models.size).toBe(2);
    }
    expect(faultsForMlflow(store.root)).toEqual([]);
    expect(fs.readdirSync(join(store.root)).length).toBeGreaterThan(0);
  });
});

it('goes on between several servers, whichever was interrupted', async () => {
  const { store, remove } = makeStore();
  const servers = [await startFakeMlflow(), await startFakeMlflow({ store: 'FileStore' })];
  closing.push(remove, ...servers.map((fake) => fake.close));
  const writer = begin(store, 'a1');
  record(writer, 1, 700);
  for (const [index, at] of [150, 90, 200, 120].entries()) {
    const uri = servers[index % 2]?.uri ?? '';
    await syncAs(index, openStore(store.root, killedAt(at).files), quick(uri)).catch(() => undefined);
    record(writer, 701 + index, 701 + index);
  }
  finish(writer);
  for (const [index, fake] of servers.entries()) {
    expect(await syncAs(10 + index, store, quick(fake.uri))).toMatchObject([{ problems: [], refused: [] }]);
    expectEqual(store, fake);
  }
});
