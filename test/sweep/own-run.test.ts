import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { machineHere } from '../../src/host/is-running.js';
import { experimentId, openStore, runPlace } from '../../src/record/layout.js';
import { readLivingHolder } from '../../src/record/lease.js';
import { sweepRunId } from '../../src/study/members.js';
import { openOwnRun } from '../../src/study/own-run.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-own-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a study whose record is damaged gives its lease back, so that this process can have it repaired', async () => {
  const store = openStore(join(folder, 'runs'));
  const start = {
    ...{ experiment: 'pairs', runId: sweepRunId('pairs', 'rates'), runName: 'rates', parameters: {}, tags: {} },
    ...{ file: join(folder, 'rates.yaml'), text: 'sweep: rates\n' },
  };
  const place = runPlace(store, experimentId('pairs'), start.runId);
  const machine = machineHere();
  (await openOwnRun(store, start, machine))?.finish('FINISHED');
  writeFileSync(join(place.folder, 'meta.yaml'), 'run_id: [');
  await expect(openOwnRun(store, start, machine)).rejects.toThrow(/meta\.yaml/);
  expect(readLivingHolder(store, place, machine, Date.now())).toBeFalsy();
});
