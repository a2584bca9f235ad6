import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskFiles } from '../../src/record/files.js';
import { openStore, type Store } from '../../src/record/layout.js';
import { startRun } from '../../src/record/start.js';
import { findByWork, findByWorks } from '../../src/record/works.js';
import { startOf, timeOf, withStore } from './scenario.js';

const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
const workOf = (index: number): string => `work${index % 2}`;

function startAll(store: Store): void {
  for (const [index, id] of ids.entries()) {
    startRun(store, { ...startOf(store), runId: id, startTime: timeOf(index), tags: { 'retable.work': workOf(index) } }).close();
  }
}

/** The store on a disk that tells which files are read. */
function watched({ root }: Store): { readonly store: Store; readonly read: string[] } {
  const read: string[] = [];
  const files = diskFiles((call, path) => {
    if (call === 'read') read.push(path);
  });
  return { store: openStore(root, files), read };
}

test('attempts are found by work, the newest first', () =>
  withStore((store) => {
    startAll(store);
    expect(findByWork(store, 'work0').map(({ id }) => id)).toEqual([ids[2], ids[0]]);
    const both = findByWorks(store, new Set(['work0', 'work1']));
    expect([...both].map(([work, runs]) => [work, runs.length] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['work0', 2],
      ['work1', 1],
    ]);
    expect(findByWork(store, 'other')).toEqual([]);
  }));

test('of runs at other works nothing is read the second time', () =>
  withStore((store) => {
    startAll(store);
    findByWork(store, 'work1');
    const { store: again, read } = watched(store);
    expect(findByWork(again, 'work1').map(({ id }) => id)).toEqual([ids[1]]);
    expect(read.filter((path) => path.includes(ids[0] ?? '') || path.includes(ids[2] ?? ''))).toEqual([]);
  }));

test.each(['', 'no lines', `${'a'.repeat(32)} wor`, '\0\0\0'])('an index that reads %j is as good as none', (text) =>
  withStore((store) => {
    startAll(store);
    fs.writeFileSync(join(store.root, '.retable-works'), text);
    for (const _ of ['first', 'second']) expect(findByWork(store, 'work0').map(({ id }) => id)).toEqual([ids[2], ids[0]]);
  }),
);

test('a run that is gone is not found', () =>
  withStore((store) => {
    startAll(store);
    const [run] = findByWork(store, 'work1');
    if (run) fs.rmSync(run.place.folder, { recursive: true });
    expect(findByWork(store, 'work1')).toEqual([]);
  }));
