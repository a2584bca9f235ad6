import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { diskFiles, type Files } from '../../src/record/files.js';
import { openStore, prepareStore, runId, type Store } from '../../src/record/layout.js';
import { thisMachine } from '../../src/record/lease.js';
import { startRun } from '../../src/record/start.js';
import type { RunWriter } from '../../src/record/writer.js';

/** Every process is one that lives, so that each run is at work until it is finished, or `dead` is told so. */
export const dead = new Set<number>();
export const machine = { ...thisMachine(process.pid, () => true), startOf: (pid: number) => (dead.has(pid) ? null : `start of ${pid}`) };

/** Tests needn't wait until a file is on the disk. */
const withoutWaiting = diskFiles(undefined, () => {});

/** A store in a folder of its own, gone after all tests of a file. */
export function newStore(files: Files = withoutWaiting): Store {
  const root = mkdtempSync(join(tmpdir(), 'retable-watch-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return openStore(join(root, 'runs'), files);
}

interface Begun {
  readonly work: string;
  readonly experiment?: string;
  readonly seed?: number;
  readonly epochs?: number;
  readonly pid?: number;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly id?: string;
}

/** A run that a process of this machine works on. */
export function begin(
  store: Store,
  { work, experiment = 'addition', seed = 1, epochs = 5, pid = 4711, parameters, tags, id }: Begun,
): RunWriter {
  const { self } = machine;
  return startRun(store, {
    experiment,
    runId: id ?? runId(work, 1, prepareStore(store)),
    runName: `${experiment} seed ${seed}`,
    user: 'ada',
    startTime: Date.now(),
    parameters: { seed: String(seed), 'training.epochs': String(epochs), ...parameters },
    tags: { 'retable.work': work, ...tags },
    datasets: [],
    owner: { ...self, pid, started: `start of ${pid}` },
  });
}
