import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diskFiles } from '../../src/record/files.js';
import { openStore } from '../../src/record/layout.js';
import { follow } from '../../src/watch/follow.js';
import { begin, dead, machine, newStore } from './records.js';

it('reads of a metric what was appended and nothing twice, a torn line when it is whole, and again what became shorter', () => {
  const store = newStore();
  const run = begin(store, { work: 'w' });
  run.metric('train/loss', 4, 1, 1);
  const read: (readonly [string, string])[] = [];
  const watched = openStore(
    store.root,
    diskFiles((call, path) => void (path.endsWith('loss') && call !== 'stat' && read.push([call, path]))),
  );
  const followed = follow(watched, machine);
  followed.look();
  const { runId, folder } = run.run;
  const series = followed.series(runId, 'train/loss');
  const file = join(folder, 'metrics', 'train', 'loss');
  expect(series).toMatchObject({ steps: [1], values: [4] });
  expect([...followed.look()]).toEqual([]);
  expect(read).toHaveLength(1);
  appendFileSync(file, '2 3 2\n3 2');
  expect([...followed.look()]).toEqual([runId]);
  expect(series).toMatchObject({ steps: [1, 2], values: [4, 3] });
  appendFileSync(file, '.5 3\n');
  followed.look();
  expect(series).toMatchObject({ steps: [1, 2, 3], values: [4, 3, 2.5] });
  // Gone on with from its first epoch.
  writeFileSync(file, '1 4 1\n5 1 2\n');
  followed.look();
  expect(series).toMatchObject({ steps: [1, 2], values: [4, 1] });
  expect(read.every(([call]) => call === 'readFrom')).toBe(true);
});

it('a process that dies leaves an interrupted run, though no file changed', () => {
  const store = newStore();
  const run = begin(store, { work: 'w', pid: 77 });
  const followed = follow(store, machine);
  followed.look();
  expect(followed.get(run.run.runId)?.isAlive).toBe(true);
  dead.add(77);
  expect([...followed.look()]).toEqual([run.run.runId]);
  expect(followed.get(run.run.runId)?.isAlive).toBe(false);
  expect([...followed.look()]).toEqual([]);
});

it('a look costs little where nothing happens: of runs that have ended a few are asked whether they changed, in turn', () => {
  const store = newStore();
  for (let work = 0; work < 400; work++) begin(store, { work: `w${work}` }).finish('FINISHED', 1);
  let calls = 0;
  let clock = Date.now() + 60_000;
  const followed = follow(
    openStore(
      store.root,
      diskFiles(() => void calls++),
    ),
    machine,
    () => clock,
  );
  followed.look();
  calls = 0;
  followed.look();
  expect(calls).toBeLessThan(5);
  clock += 1000;
  followed.look();
  expect(calls).toBeLessThan(70);
  // The one that is looked at last is put into the trash on MLflow's page.
  const [last] = followed.all();
  if (!last) throw new Error('no run');
  const meta = join(last.run.place.folder, 'meta.yaml');
  writeFileSync(meta, readFileSync(meta, 'utf8').replace(/lifecycle_stage: .*/, 'lifecycle_stage: deleted'));
  const seen = new Set<string>();
  for (let round = 0; round < 7; round++) {
    clock += 1000;
    for (const id of followed.look()) seen.add(id);
  }
  expect([...seen]).toEqual([last.run.id]);
  expect(followed.get(last.run.id)).toBeUndefined();
});

it('a store that is not there yet, and an experiment that goes', () => {
  const store = newStore();
  const followed = follow(store, machine);
  expect([...followed.look()]).toEqual([]);
  const run = begin(store, { work: 'w' });
  expect([...followed.look()]).toEqual([run.run.runId]);
  expect(followed.attempts('w').map(({ id }) => id)).toEqual([run.run.runId]);
  rmSync(join(store.root, run.run.experimentId), { recursive: true });
  expect([...followed.look()]).toEqual([run.run.runId]);
  expect(followed.all()).toEqual([]);
  expect(followed.attempts('w')).toEqual([]);
});
