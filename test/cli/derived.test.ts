import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onFinish } from '../../src/run/on-finish.js';
import { recordEpochs } from '../../src/run/recorder.js';
import { sampleSystem } from '../../src/run/system-metrics.js';
import type { Plan } from '../../src/planning/plan.js';
import { isDerived } from '../../src/record/summary.js';
import { recorded } from '../../src/record/checkpoint.js';
import { openStore, type Store } from '../../src/record/layout.js';
import { readMetrics } from '../../src/record/reader.js';
import { reopenRun, startRun } from '../../src/record/start.js';
import { startOf } from '../record/scenario.js';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'retable-beside-'));
  store = openStore(join(folder, 'runs'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** As much of a plan as is looked at. */
const plan = (values: object = {}): Plan =>
  ({ name: 'addition', seed: 3, metrics: [], config: { file: join(folder, 'addition.yaml'), values } }) as unknown as Plan;

const losses = [0.5, 0.25, NaN, Infinity, 0.125, NaN];
const record = (writer: ReturnType<typeof startRun>, from: number, to: number): void => {
  const recorder = recordEpochs(plan(), writer, recorded(store, writer.run), true);
  for (let epoch = from; epoch <= to; epoch++) {
    recorder.record(
      epoch,
      new Map([
        ['train/loss', losses[epoch - 1] ?? 0],
        ['test/loss', epoch],
      ]),
    );
  }
  recorder.flush();
};
const valuesOf = (writer: ReturnType<typeof startRun>, key: string) =>
  readMetrics(store, writer.run)[key]?.map(({ step, value }) => [step, value]);

it.each([1, 2, 3, 4, 5, 6])(
  'beside a series that is not finite stands the last value that was, whenever the run went on (epoch %i)',
  (again) => {
    const writer = startRun(store, startOf(store));
    record(writer, 1, 5);
    writer.close();
    const reopened = reopenRun(store, writer.run);
    record(reopened, again, 6);
    expect(valuesOf(reopened, 'train/loss.last_finite')).toEqual([
      [3, 0.25],
      [4, 0.25],
      [5, 0.125],
      [6, 0.125],
    ]);
    expect(valuesOf(reopened, 'test/loss.last_finite')).toBeUndefined();
  },
);

it('samples of the machine count on when the run does, and are no results', () => {
  const writer = startRun(store, startOf(store));
  for (const _ of ['first', 'second']) sampleSystem(store, writer.run, 1000)();
  const metrics = readMetrics(store, writer.run);
  expect(Object.keys(metrics)).toHaveLength(6);
  for (const [key, points] of Object.entries(metrics)) {
    expect(isDerived(key)).toBe(true);
    expect(points.map(({ step }) => step)).toEqual([1, 2]);
    if (key.endsWith('percentage')) for (const { value } of points) expect(value >= 0 && value <= 100).toBe(true);
  }
});

it('a command at the end is told of which run, and what becomes of it changes nothing', async () => {
  const finish = { run: 'abc', status: 'finished', record: folder };
  await onFinish(plan({ on_finish: 'echo "$RETABLE_RUN $RETABLE_STATUS $RETABLE_EXPERIMENT $RETABLE_SEED" > said' }), finish, () => {});
  expect(fs.readFileSync(join(folder, 'said'), 'utf8')).toBe('abc finished addition 3\n');
  const events: unknown[] = [];
  await onFinish(plan({ on_finish: 'exit 3' }), finish, (event) => events.push(event));
  expect(events).toEqual([{ kind: 'message', text: 'on_finish ended with status 3: exit 3' }]);
});
