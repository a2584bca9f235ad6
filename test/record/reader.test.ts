import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareStore, runId, type Store } from '../../src/record/layout.js';
import { listRuns } from '../../src/record/reader.js';
import { findByWork } from '../../src/record/works.js';
import { startRun } from '../../src/record/start.js';
import { startOf, timeOf, withStore, workKey } from './scenario.js';

const attempt = (store: Store, number: number): string => {
  const id = runId(workKey, number, prepareStore(store));
  startRun(store, { ...startOf(store), runId: id, startTime: timeOf(number) }).close();
  return id;
};

test('attempts at a work come newest first', () =>
  withStore((store) => {
    const ids = [1, 2, 3].map((number) => attempt(store, number));
    expect(findByWork(store, workKey).map((run) => run.id)).toEqual(ids.toReversed());
  }));

test('nothing is there before the first run', () => withStore((store) => expect(listRuns(store)).toEqual([])));

test('what is no run, damaged or deleted hides no other run', () =>
  withStore((store) => {
    const [id = ''] = [attempt(store, 1), attempt(store, 2), attempt(store, 3)];
    const [first, second, third] = listRuns(store).toReversed();
    if (!first || !second || !third) throw new Error('no runs');
    const deleted = fs.readFileSync(join(second.place.folder, 'meta.yaml'), 'utf8').replace('"active"', '"deleted"');
    fs.writeFileSync(join(second.place.folder, 'meta.yaml'), deleted);
    fs.truncateSync(join(third.place.folder, 'meta.yaml'), 30);
    for (const folder of ['models', '.git', 'notes', `${first.experimentId}/models/m-1`, `${first.experimentId}/notes`]) {
      fs.mkdirSync(join(store.root, folder), { recursive: true });
    }
    fs.writeFileSync(join(store.root, 'README.md'), 'runs');
    fs.cpSync(first.place.folder, `${first.place.folder}-copy`, { recursive: true });
    fs.appendFileSync(join(store.root, first.experimentId, 'stray'), 'x');
    expect(listRuns(store).map((run) => run.id)).toEqual([id]);
  }));
