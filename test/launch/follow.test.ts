import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { launchOn } from '../../src/launch/cluster/follow.js';
import { type Job, say, writeOrders } from '../../src/launch/cluster/job.js';
import type { Ending, JobState, Scheduler } from '../../src/launch/cluster/scheduler.js';
import type { Trial, TrialResult } from '../../src/launch/launcher.js';
import { ordersOf, worksOf } from './orders.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-follow-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PACE = { read: 5, ask: 10, askAtMost: 20, late: 30, silent: 30, silentAtMost: 300 };
const finished: TrialResult = { outcome: 'finished', seconds: 1, value: 0.5 };
const ended = (how: Ending): JobState => ({ kind: 'ended', how, reason: `the job ${how}` });

/** A cluster that does what a test says of the n-th job that it was given. */
function cluster(fate: (job: Job, number: number) => JobState, { most = Infinity, perJob = 1 } = {}) {
  const handed: Job[] = [];
  const cancelled = new Set<Job>();
  const scheduler: Scheduler = {
    most,
    perJob,
    ensure: (orders) => {
      const jobs = orders.map((order, index) => {
        const [job] = writeOrders(join(folder, `${number}-${handed.length + index}`), [[order]]);
        if (!job) throw new Error('no job');
        return job;
      });
      handed.push(...jobs);
      return Promise.resolve(jobs);
    },
    look: (jobs) =>
      Promise.resolve(new Map(jobs.map((job) => [job, cancelled.has(job) ? ended('cancelled') : fate(job, handed.indexOf(job))]))),
    cancel: (jobs) => {
      for (const job of jobs) cancelled.add(job);
      return Promise.resolve();
    },
    howToCancel: 'scancel --name=x',
  };
  return { scheduler, handed };
}

let number = 0;
beforeEach(() => void number++);

const trialsOf = (works: string): readonly Trial[] => works.split('').map((work, index) => ({ configuration: index, seed: 1, work }));
function launch(scheduler: Scheduler, works: string) {
  const ends: string[] = [];
  const notes: string[] = [];
  const epochs: number[] = [];
  const launched = launchOn(
    scheduler,
    (line) => notes.push(line),
    PACE,
  )({
    trials: trialsOf(works),
    orderOf: ({ work }) => ordersOf(work)[0] ?? { base: '', sets: [], seed: 1, work, runs: '', metric: '', parent: '', threads: '1' },
    workers: 1,
    onProgress: (_, __, { epoch }) => epochs.push(epoch),
    onEnd: (_, { work }, { outcome, reason }) => ends.push([work, outcome, reason].filter(Boolean).join(' ')),
  });
  return { launched, ends, notes, epochs };
}

/** Says once what its worker would say. */
const told = new Set<Job>();
function finish(job: Job): void {
  if (told.has(job)) return;
  told.add(job);
  say(job, { kind: 'progress', order: 0, runId: 'r', epoch: 1, epochs: 2, share: 0.5 });
  say(job, { kind: 'ended', order: 0, result: finished });
}

describe('trials on a cluster', () => {
  it('end as their journals say', async () => {
    const { scheduler } = cluster((job) => {
      finish(job);
      return { kind: 'running' };
    });
    const { launched, ends, epochs } = launch(scheduler, 'abc');
    await launched.ended;
    expect(ends).toEqual(['a finished', 'b finished', 'c finished']);
    expect(epochs).toEqual([1, 1, 1]);
  });

  it.each(['node failed', 'failed', 'gone', 'timed out', 'done', 'preempted'] as const)(
    'get another job when theirs ends without a word: %s',
    async (how) => {
      const { scheduler, handed } = cluster((job, index) => {
        if (index === 0) return ended(how);
        finish(job);
        return { kind: 'running' };
      });
      const { launched, ends, notes } = launch(scheduler, 'a');
      await launched.ended;
      expect(ends).toEqual(['a finished']);
      expect(worksOf(handed)).toEqual(['a', 'a']);
      expect(notes).toEqual([`the job ${how}: submitted again`]);
    },
  );

  it('that get further each time go on however often their jobs have to give way', async () => {
    const { scheduler, handed } = cluster((job, index) => {
      if (index === 5) finish(job);
      else if (!told.has(job)) {
        told.add(job);
        say(job, { kind: 'progress', order: 0, runId: 'r', epoch: index + 1, epochs: 9, share: 0 });
      }
      return index === 5 ? { kind: 'running' } : ended('preempted');
    });
    const { launched, ends } = launch(scheduler, 'a');
    await launched.ended;
    expect(ends).toEqual(['a finished']);
    expect(handed.length).toBe(6);
  });

  it('that get no further fail at the second loss', async () => {
    const { scheduler, handed } = cluster((job) => {
      if (!told.has(job)) say(job, { kind: 'progress', order: 0, runId: 'r', epoch: 3, epochs: 9, share: 0 });
      told.add(job);
      return ended('preempted');
    });
    const { launched, ends } = launch(scheduler, 'a');
    await launched.ended;
    expect(ends).toEqual(['a failed the job preempted']);
    expect(handed.length).toBe(2);
  });

  it('for which the cluster never has a place are given up', async () => {
    const { scheduler } = cluster(() => ended('never began'));
    const { launched, ends } = launch(scheduler, 'a');
    await launched.ended;
    expect(ends).toEqual([
      'a failed the job never began, 5 times in a row with no job at work: does the cluster have what run_on asks for?',
    ]);
  });

  it('are watched no longer on a cluster that has not answered for long, and this is told', async () => {
    const { scheduler } = cluster(() => ({ kind: 'running' }));
    const { launched, notes } = launch({ ...scheduler, look: () => Promise.resolve(new Map()) }, 'a');
    await expect(launched.ended).rejects.toThrow(/^the cluster has not answered for .*; its jobs stay$/);
    expect(notes).toEqual(['the cluster does not answer: its jobs go on, and it is asked again']);
  });

  it('go on when the cluster answers again', async () => {
    const { scheduler } = cluster((job) => {
      finish(job);
      return { kind: 'running' };
    });
    const began = performance.now();
    const look: Scheduler['look'] = (jobs) => (performance.now() - began > 150 ? scheduler.look(jobs) : Promise.resolve(new Map()));
    const { launched, ends, notes } = launch({ ...scheduler, look }, 'a');
    await launched.ended;
    expect(ends).toEqual(['a finished']);
    expect(notes.at(-1)).toBe('the cluster answers again');
  });

  it('that somebody else holds are asked for again, however often', async () => {
    const { scheduler, handed } = cluster((job, index) => {
      if (index > 2) finish(job);
      else if (!told.has(job)) {
        told.add(job);
        say(job, { kind: 'ended', order: 0, result: { outcome: 'held', seconds: 0 } });
      }
      return ended('done');
    });
    const { launched, ends } = launch(scheduler, 'a');
    await launched.ended;
    expect(ends).toEqual(['a finished']);
    expect(handed.length).toBe(4);
  });

  it('have failed when a second one ends so too', async () => {
    const { scheduler, handed } = cluster(() => ended('node failed'));
    const { launched, ends } = launch(scheduler, 'a');
    await launched.ended;
    expect(ends).toEqual(['a failed the job node failed']);
    expect(handed.length).toBe(2);
  });

  it.each([
    ['cancelled', 'stopped'],
    ['out of memory', 'failed'],
  ] as const)('that were %s get no other job', async (how, outcome) => {
    const { scheduler, handed } = cluster(() => ended(how));
    const { launched, ends } = launch(scheduler, 'a');
    await launched.ended;
    expect(ends).toEqual([`a ${outcome} the job ${how}`]);
    expect(handed.length).toBe(1);
  });

  it('are handed in anew as often as their jobs were not begun', async () => {
    const { scheduler, handed } = cluster((job, index) => {
      if (index < 4) return ended('never began');
      finish(job);
      return { kind: 'running' };
    });
    await launch(scheduler, 'a').launched.ended;
    expect(handed.length).toBe(5);
  });

  it('whose last line comes late are waited for', async () => {
    let looks = 0;
    const { scheduler, handed } = cluster((job) => {
      if (++looks > 1) finish(job);
      return ended('done');
    });
    const { launched, ends } = launch(scheduler, 'a');
    await launched.ended;
    expect(ends).toEqual(['a finished']);
    expect(handed.length).toBe(1);
  });

  it('are with the cluster no more than a few at a time where it wants so', async () => {
    let atOnce = 0;
    const open = new Set<Job>();
    const { scheduler } = cluster(
      (job) => {
        open.add(job);
        atOnce = Math.max(atOnce, open.size);
        finish(job);
        open.delete(job);
        return { kind: 'running' };
      },
      { most: 2 },
    );
    const { launched, ends } = launch(scheduler, 'abcde');
    await launched.ended;
    expect(ends.length).toBe(5);
    expect(atOnce).toBeLessThanOrEqual(2);
  });
});

describe('a person', () => {
  it('leaves, and the jobs stay', async () => {
    const { scheduler, handed } = cluster((_, index) => (index === 0 ? { kind: 'running' } : { kind: 'waiting' }));
    const { launched, ends } = launch(scheduler, 'ab');
    const lines = await launched.leave?.();
    await launched.ended;
    expect(lines?.[0]).toContain('2 jobs left with the cluster');
    expect(lines?.[1]).toBe('to end them: scancel --name=x');
    expect(ends).toEqual([]);
    expect(handed.length).toBe(2);
  });

  it('who wants no other trial to begin gets the end of those that are at work', async () => {
    let looks = 0;
    const { scheduler } = cluster((job, index) => {
      if (index > 0) return { kind: 'waiting' };
      looks += 1;
      if (looks === 2) launched.drain();
      if (looks === 4) finish(job);
      return { kind: 'running' };
    });
    const { launched, ends } = launch(scheduler, 'ab');
    await launched.ended;
    expect(ends).toEqual(['a finished']);
  });

  it('is told why a job does not begin, once', async () => {
    let looks = 0;
    const { scheduler } = cluster((job) => {
      if (++looks < 4) return { kind: 'waiting', reason: 'job 1_0 waits for a person' };
      finish(job);
      return { kind: 'running' };
    });
    const { launched, notes } = launch(scheduler, 'a');
    await launched.ended;
    expect(notes).toEqual(['job 1_0 waits for a person']);
  });
});
