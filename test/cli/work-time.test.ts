import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLive } from '../../src/study/progress.js';
import { readReport } from '../../src/run/read-report.js';
import { recordEpochs } from '../../src/run/recorder.js';
import { workClock } from '../../src/host/work-clock.js';
import type { Plan } from '../../src/planning/plan.js';
import { recorded } from '../../src/record/checkpoint.js';
import { openStore, prepareStore, type Store } from '../../src/record/layout.js';
import { thisMachine } from '../../src/record/lease.js';
import { findRun, workTag } from '../../src/record/reader.js';
import { reopenRun, startRun } from '../../src/record/start.js';
import { workSeconds } from '../../src/record/works.js';
import type { RunWriter } from '../../src/record/writer.js';
import { runPage } from '../../src/report/run/run-page.js';
import { describeRun } from '../../src/report/run/summary.js';

/** What a run took is the work that it took, however long it lay still between. */

const folder = mkdtempSync(join(tmpdir(), 'retable-time-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const machine = thisMachine(process.pid, () => true);
const WORK = '1'.repeat(64);
const DAY = 86_400_000;
const BEGAN = 1_700_000_000_000;

let stores = 0;
function started(): { readonly store: Store; readonly writer: RunWriter } {
  const store = openStore(join(folder, `runs${++stores}`));
  prepareStore(store);
  const writer = startRun(store, {
    experiment: 'slow',
    runName: 'slow',
    user: 'someone',
    runId: `${stores}`.repeat(32).slice(0, 32),
    startTime: BEGAN,
    owner: machine.self,
    parameters: { seed: '1', 'training.epochs': '6' },
    tags: { [workTag]: WORK },
    datasets: [
      { name: 'd', digest: 'x', sourceType: 'code', source: '{}', profile: JSON.stringify({ num_rows: 100 }), context: 'training' },
    ],
    artifacts: new Map(),
  });
  return { store, writer };
}

const plan = { name: 'slow', seed: 1, metrics: [] } as unknown as Plan;

/** A process that works at these epochs: `begins` seconds until the first, each of so many seconds. */
function work(store: Store, writer: RunWriter, epochs: readonly number[], { begins = 1, each = 2 } = {}): void {
  let now = begins;
  const recorder = recordEpochs(plan, writer, recorded(store, writer.run), true, { clock: () => now });
  for (const epoch of epochs) {
    now += each;
    recorder.record(
      epoch,
      new Map([
        ['train/loss', 1 / epoch],
        ['test/loss', 2 / epoch],
        ['train/examples_per_second', 100 / (each - 0.5)],
      ]),
    );
  }
}

const head = (store: Store, writer: RunWriter) => {
  const found = findRun(store, writer.run.runId);
  if (!found) throw new Error('no run');
  return found;
};

describe('a run that went on the next day, twice, and computed an epoch again', () => {
  const { store, writer } = started();
  work(store, writer, [1, 2]);
  writer.finish('KILLED', BEGAN + 5000);
  const second = reopenRun(store, writer.run);
  work(store, second, [2, 3, 4], { begins: 3 });
  second.finish('KILLED', BEGAN + DAY);
  const third = reopenRun(store, writer.run);
  work(store, third, [5, 6]);
  third.finish('FINISHED', BEGAN + 2 * DAY);
  // Begun three times, in 1 + 3 + 1 seconds, and seven epochs of 2 seconds.
  const took = 5 + 7 * 2;

  it('took the sum of its work', () => expect(workSeconds(store, writer.run)).toBeCloseTo(took, 9));

  it('in its summary, its JSON and its page', () => {
    const report = readReport(store, head(store, writer));
    expect(report.seconds).toBeCloseTo(took, 9);
    expect(describeRun(report)).toContain('finished: 6 epochs in 19 s');
    expect(runPage(report, [])).toContain('</span> in 19 s;');
  });

  it('in the status of a sweep or table, from which is told how long the others take', () =>
    expect(readLive(store, [{ name: 'slow', seed: 1, work: WORK }], machine)).toMatchObject([
      { state: 'done', seconds: expect.closeTo(took, 9) },
    ]));
});

it('of a run at work, its usual epoch tells how long it still takes, not the night in between', () => {
  const { store, writer } = started();
  work(store, writer, [1, 2]);
  work(store, writer, [3, 4], { begins: 4 });
  expect(readLive(store, [{ name: 'slow', seed: 1, work: WORK }], machine)).toMatchObject([
    // Two of 3 and 6 seconds with what came before, two of 2.
    { state: 'at work', epoch: 4, epochs: 6, seconds: expect.closeTo(2 * 2.5, 9) },
  ]);
  writer.close();
});

it('of a record of an earlier version, training tells, which recorded its speed', () => {
  const { store, writer } = started();
  for (const epoch of [1, 2, 3]) {
    writer.metric('train/loss', 1 / epoch, epoch, BEGAN + epoch * DAY);
    writer.metric('train/examples_per_second', 25, epoch, BEGAN + epoch * DAY);
  }
  writer.finish('FINISHED', BEGAN + 3 * DAY);
  expect(workSeconds(store, writer.run)).toBe(3 * (100 / 25));
  expect(describeRun(readReport(store, head(store, writer)))).toContain('finished: 3 epochs in 12 s');
});

it('without an epoch no time is told', () => {
  const { store, writer } = started();
  writer.finish('FINISHED', BEGAN + DAY);
  expect(describeRun(readReport(store, head(store, writer)))).toContain('finished: 0 epochs; run');
});

it('values of short epochs are written together a tenth of a second after those before, by whoever holds the run', () => {
  const { store, writer } = started();
  let now = 0;
  let asked = 0;
  const recorder = recordEpochs(plan, writer, recorded(store, writer.run), true, { clock: () => now, onWrite: () => (asked += 1) });
  const after = (seconds: number, epoch?: number): number => {
    now += seconds;
    if (epoch === undefined) recorder.goOn();
    else recorder.record(epoch, new Map([['train/loss', 1 / epoch]]));
    return recorded(store, writer.run).get('train/loss')?.size ?? 0;
  };
  expect([after(1, 1), after(0.04, 2), after(0.04), after(0.04, 3), after(0.06, 4), after(0.02), after(0.06)]).toEqual([
    1, 1, 1, 3, 3, 3, 4,
  ]);
  expect(asked).toBe(3);
  expect(after(0.01, 5)).toBe(4);
  recorder.flush();
  recorder.flush();
  expect(after(0)).toBe(5);
  expect(asked).toBe(4);
});

it('a value that is not that of the record lets nothing of its epoch be written', () => {
  const { store, writer } = started();
  writer.metric('test/loss', 7, 1, 1);
  const recorder = recordEpochs({ ...plan, data: { splits: {} }, loss: {} } as unknown as Plan, writer, recorded(store, writer.run), true, {
    clock: () => 1,
  });
  expect(() =>
    recorder.record(
      1,
      new Map([
        ['train/loss', 1],
        ['test/loss', 8],
      ]),
    ),
  ).toThrow('now gives 8');
  recorder.flush();
  expect([...recorded(store, writer.run).keys()]).toEqual(['test/loss']);
});

describe('the clock of work', () => {
  /** Looks of so many seconds each, in which the processor was used for so many. */
  const after = (...looks: readonly (readonly [seconds: number, used: number])[]): number => {
    let [time, processor] = [1000, 50];
    const clock = workClock(
      () => time,
      () => processor,
    );
    let worked = clock();
    for (const [seconds, used] of looks) {
      time += seconds;
      processor += used;
      worked = clock();
    }
    return worked;
  };

  it.each<[string, number, number]>([
    ['of short looks, whatever the processor did', after([0.1, 0.1], [0.1, 0], [3, 0]), 3.2],
    ['of a long call that computes, on one thread and on four', after([60, 59], [60, 200]), 120],
    [
      'of many looks that follow one another at once, before such a night too',
      after(...Array.from({ length: 30 }, () => [0.01, 0.01] as const), [30_000, 0], [0.01, 0.01]),
      0.31,
    ],
    ['of a machine that eight share', after([30, 4]), 30],
    ['but not of a night, in the middle of an epoch', after([0.1, 0.1], [30_000, 0.2], [0.1, 0.1]), 0.4],
  ])('%s', (_, worked, expected) => expect(worked).toBeCloseTo(expected, 9));

  it('runs as time does', async () => {
    const clock = workClock();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(clock()).toBeGreaterThan(0.04);
    expect(clock()).toBeLessThan(5);
  });
});
