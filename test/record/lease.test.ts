import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  heartbeatSeconds,
  type Machine,
  readLivingHolder,
  silenceSeconds,
  startersLease,
  takeLease,
  thisMachine,
  watchAndTakeLease,
  watchSeconds,
} from '../../src/record/lease.js';
import { disk, diskFiles, makeFolders } from '../../src/record/files.js';
import { openStore, runPlace, type RunPlace, type Store } from '../../src/record/layout.js';
import { startRun } from '../../src/record/start.js';
import { compileRecord } from './compile.js';
import { startOf, withStore } from './scenario.js';

const living = new Map([
  [1, 'at 1'],
  [2, 'at 2'],
]);
const processOn = (host: string, pid: number, boot = 'boot', started = living.get(pid) ?? ''): Machine => ({
  self: { host, boot, pid, started },
  startOf: (other) => living.get(other) ?? null,
});
const [first, second] = [processOn('here', 1), processOn('here', 2)];
const elsewhere = processOn('there', 1);

const place = (store: Store): RunPlace => {
  const run = runPlace(store, '1'.repeat(18), 'a'.repeat(32));
  makeFolders(disk, join(run.folder, '.retable'));
  return run;
};

/** As `withStore`, for what takes time. */
async function inStore(use: (store: Store) => Promise<void>): Promise<void> {
  const root = fs.mkdtempSync(join(tmpdir(), 'retable-claim-'));
  try {
    await use(openStore(join(root, 'runs')));
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}

describe('a lease', () => {
  test('keeps others out until it is released', () =>
    withStore((store) => {
      const run = place(store);
      const taken = takeLease(store, run, first, Date.now());
      if (taken.kind !== 'taken') throw new Error('not taken');
      expect(takeLease(store, run, second, Date.now())).toMatchObject({ kind: 'held', by: { pid: 1, host: 'here' } });
      expect(readLivingHolder(store, run, second, Date.now())).toMatchObject({ pid: 1 });
      expect(taken.lease.heartbeat()).toBe(true);
      taken.lease.release();
      expect(readLivingHolder(store, run, second, Date.now())).toBeNull();
      expect(takeLease(store, run, second, Date.now()).kind).toBe('taken');
      expect(taken.lease.heartbeat()).toBe(false);
    }));

  test('stands in the record as soon as the run does', () =>
    withStore((store) => {
      const { run } = startRun(store, { ...startOf(store), owner: first.self });
      expect(takeLease(store, run, second, Date.now()).kind).toBe('held');
      startersLease(store, run, first).release();
      expect(takeLease(store, run, second, Date.now()).kind).toBe('taken');
    }));

  test.each([
    ['a process that is gone', processOn('here', 3)],
    ['a process whose number is used again', processOn('here', 2, 'boot', 'earlier')],
    ['a process from before the machine was started again', processOn('here', 2, 'earlier boot')],
  ])('of %s is taken over', (_, dead) =>
    withStore((store) => {
      const run = place(store);
      takeLease(store, run, dead, Date.now());
      expect(takeLease(store, run, first, Date.now()).kind).toBe('taken');
    }),
  );

  describe('of another machine', () => {
    const later = (seconds: number) => Date.now() + 1000 * seconds;
    const leaseFile = (run: RunPlace): string => join(run.folder, '.retable', 'claims', '000001.json');
    const jumped = [
      ['a long time ago', -86_400],
      ['just before it is doubted', -silenceSeconds - 1],
      ['after today', 86_400],
      ['in 1970', -Date.now() / 1000 + 10],
    ] as const;

    test('is believed as long as its date is of the last minutes', () =>
      withStore((store) => {
        const run = place(store);
        takeLease(store, run, elsewhere, Date.now());
        expect(takeLease(store, run, first, later(2 * heartbeatSeconds))).toMatchObject({ kind: 'held', doubtful: false });
        expect(takeLease(store, run, first, later(silenceSeconds + 10))).toMatchObject({ kind: 'held', doubtful: true });
      }));

    test.each(jumped)('that bears a date %s is taken over when it is not renewed while it is watched', (_, seconds) =>
      inStore(async (store) => {
        const run = place(store);
        takeLease(store, run, elsewhere, Date.now());
        fs.utimesSync(leaseFile(run), later(seconds) / 1000, later(seconds) / 1000);
        let watched = 0;
        const taken = await watchAndTakeLease(store, run, first, { now: Date.now, wait: async () => void (watched += 1) });
        expect([taken.kind, watched]).toEqual(['taken', watchSeconds]);
      }),
    );

    test.each(jumped)('that bears a date %s is left to whoever renews it', (_, seconds) =>
      inStore(async (store) => {
        const run = place(store);
        takeLease(store, run, elsewhere, Date.now());
        const renew = (by: number): void => fs.utimesSync(leaseFile(run), later(seconds + by) / 1000, later(seconds + by) / 1000);
        renew(0);
        let watched = 0;
        const wait = async (): Promise<void> => {
          watched += 1;
          if (watched % heartbeatSeconds === 0) renew(watched);
        };
        expect((await watchAndTakeLease(store, run, first, { now: Date.now, wait })).kind).toBe('held');
        expect(watched).toBeLessThanOrEqual(heartbeatSeconds);
      }),
    );

    test('is left to its holder when the clock of this machine jumps', () =>
      inStore(async (store) => {
        const run = place(store);
        takeLease(store, run, elsewhere, Date.now());
        const wait = async (): Promise<void> => fs.utimesSync(leaseFile(run), new Date(), new Date());
        expect((await watchAndTakeLease(store, run, first, { now: () => later(86_400), wait })).kind).toBe('held');
      }));
  });

  test('is given to one of two, wherever the second comes between', () => {
    let moments = 0;
    for (let moment = 0, came = true; came; moment++) {
      came = false;
      withStore((plain) => {
        const run = place(plain);
        takeLease(plain, run, processOn('here', 3), Date.now());
        const results: string[] = [];
        const crowded = openStore(
          plain.root,
          diskFiles(() => {
            if (results.length > 0 || moments++ !== moment) return;
            came = true;
            results.push(takeLease(plain, run, second, Date.now()).kind);
          }),
        );
        moments = 0;
        results.push(takeLease(crowded, run, first, Date.now()).kind);
        if (came) expect(results.toSorted()).toEqual(['held', 'taken']);
      });
    }
    expect(moments).toBeGreaterThan(8);
  });

  test('names this process for real', () => {
    const machine = thisMachine(process.pid, () => true);
    expect(machine.self.pid).toBe(process.pid);
    expect(machine.startOf(process.pid)).toBe(machine.self.started);
    expect(machine.startOf(2 ** 30)).toBeNull();
  });
});

/** Processes that try for the same twenty dead runs at the same moment, and stay alive until all have told. */
test('of several processes one gets each run', async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'retable-claims-'));
  try {
    const built = compileRecord(folder);
    const store = openStore(join(folder, 'runs'));
    const runs = Array.from({ length: 20 }, (_, i) => runPlace(store, '1'.repeat(18), String(i).padStart(32, '0')));
    for (const run of runs) {
      makeFolders(disk, join(run.folder, '.retable'));
      takeLease(store, run, { ...first, self: { ...thisMachine(process.pid, () => true).self, started: 'long ago' } }, Date.now());
    }
    const script = `
      import { takeLease } from ${built('lease')};
      import { thisMachine } from ${built('lease')};
      import { openStore, runPlace } from ${built('layout')};
      const store = openStore(${JSON.stringify(store.root)});
      const machine = thisMachine(process.pid, () => true);
      const at = Number(process.argv[2]);
      while (Date.now() < at);
      const kinds = ${JSON.stringify(runs.map((run) => run.runId))}.map((id) => takeLease(store, runPlace(store, '${'1'.repeat(18)}', id), machine, Date.now()).kind);
      console.log(JSON.stringify(kinds));
      process.stdin.resume();`;
    fs.writeFileSync(join(folder, 'contender.js'), script);
    const at = String(Date.now() + 500);
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, [join(folder, 'contender.js'), at], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const told = await Promise.all(children.map(async (child) => JSON.parse(String((await once(child.stdout, 'data'))[0])) as string[]));
    for (const child of children) child.stdin.end();
    runs.forEach((_, i) => expect(told.filter((kinds) => kinds[i] === 'taken')).toHaveLength(1));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
