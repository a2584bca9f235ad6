import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/record/layout.js';
import { listRuns, readMetrics } from '../../src/record/reader.js';
import { compileRecord } from './compile.js';
import { beginning, killAfter } from './killed.js';
import { faultsForMlflow } from './mlflow-rules.js';

/** RETABLE_KILLS=200 for the long form. */
const kills = Number(process.env['RETABLE_KILLS'] ?? 12);

/** Never comes to its end by itself; tells each epoch that is recorded. */
const training = (built: (module: string) => string, root: string): string => `
  import { readCheckpoint, writeCheckpoint } from ${built('checkpoint')};
  import { compareWithRecord, recorded } from ${built('checkpoint')};
  ${beginning(built, root)}
  const record = recorded(store, writer.run);
  const done = readCheckpoint(store, writer.run, 'work').checkpoint?.header.epoch ?? 0;
  for (let epoch = done + 1; ; epoch++) {
    for (const key of ['train/loss', 'test/loss']) {
      const agreement = compareWithRecord(record, key, epoch, 1 / epoch);
      if (agreement === 'new') writer.metric(key, 1 / epoch, epoch, epoch);
      else if (agreement !== 'equal') throw new Error(key + ' is ' + agreement);
    }
    writeSync(1, epoch + '\\n');
    if (epoch % 5 === 0) writeCheckpoint(store, writer.run, { header: { workKey: 'work', epoch, numerics: 'n' }, tensors: new Map() });
  }`;

test(
  `after ${kills} kills the store is whole, nothing recorded is lost or doubled, and the run goes on`,
  { timeout: 20_000 + 2000 * kills },
  async () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'retable-kill-'));
    try {
      const store = openStore(join(folder, 'runs'));
      fs.writeFileSync(join(folder, 'training.js'), training(compileRecord(folder), store.root));
      let told = 0;
      for (let kill = 0; kill < kills; kill++) {
        told = Math.max(told, await killAfter(join(folder, 'training.js'), (kill * 37) % 60));
        expect(faultsForMlflow(store.root)).toEqual([]);
        const [run] = listRuns(store);
        for (const points of Object.values(run ? readMetrics(store, run.place) : {})) {
          expect(points.length).toBeGreaterThanOrEqual(told);
          points.forEach((point, i) => expect(point).toEqual({ step: i + 1, timestamp: i + 1, value: 1 / (i + 1) }));
        }
      }
      expect(listRuns(store)).toHaveLength(1);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
);
