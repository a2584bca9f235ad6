import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Entry, readerOf, writeOrders } from '../../src/launch/cluster/job.js';
import { trainJob } from '../../src/launch/cluster/train-job.js';
import type { TrialOrder } from '../../src/launch/launcher.js';
import { examine } from '../../src/run/prepare.js';
import { BASE } from '../sweep/documents.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-job-'));
const base = join(folder, 'tiny.yaml');
beforeAll(() => {
  vi.stubEnv('RETABLE_CACHE', 'off');
  vi.spyOn(console, 'log').mockImplementation(() => {});
  writeFileSync(base, BASE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function orderOf(seed: number, ...sets: readonly string[]): TrialOrder {
  const more = { threads: '1' };
  const prepared = examine(base, { set: sets, seed: String(seed), ...more });
  if ('diagnostics' in prepared) throw new Error(prepared.diagnostics.map(({ message }) => message).join('\n'));
  const { key: work } = prepared.plan.work;
  return { base, sets, seed, work, runs: join(folder, 'runs'), metric: 'test/loss', parent: 'p'.repeat(32), ...more };
}

function hand(name: string, orders: readonly TrialOrder[]) {
  const at = join(folder, name);
  mkdirSync(at);
  writeOrders(at, [orders]);
  return { at, entries: (): readonly Entry[] => readerOf({ folder: at, index: 0 })() };
}

/** As Slurm does before the time limit. */
async function interrupt(begun: () => boolean): Promise<void> {
  while (!begun()) await wait(5);
  process.emit('SIGTERM');
}

describe('the worker of a job', () => {
  it('trains its orders one after the other, and tells how each ended', async () => {
    const { at, entries } = hand('short', [orderOf(1), orderOf(2)]);
    expect(await trainJob(at, 0)).toBe('done');
    const ends = entries().flatMap((entry) => (entry.kind === 'ended' ? [[entry.order, entry.result.outcome]] : []));
    expect(ends).toEqual([
      [0, 'finished'],
      [1, 'finished'],
    ]);
    // A life that comes second, after the records but before the journal were written, finds it done.
    expect(await trainJob(at, 0)).toBe('done');
  });

  it('that is interrupted goes on later; where no checkpoint fits into its time, a second time says so', async () => {
    const { at, entries } = hand('long', [orderOf(1, 'training.epochs=100000', 'training.checkpoint_every=100000')]);
    const progress = (): number => entries().filter(({ kind }) => kind === 'progress').length;
    const [first] = await Promise.all([trainJob(at, 0), interrupt(() => progress() > 0)]);
    expect(first).toBe('interrupted');
    expect(entries().at(-1)).toMatchObject({ kind: 'interrupted', order: 0, from: 0 });
    const before = progress();
    const [second] = await Promise.all([trainJob(at, 0), interrupt(() => progress() > before)]);
    expect(second).toBe('stuck');
    expect(entries().at(-1)).toMatchObject({
      kind: 'ended',
      result: { outcome: 'stopped', reason: expect.stringContaining('run_on.time') },
    });
  });
});
