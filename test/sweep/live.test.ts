import { describe, expect, it } from 'vitest';
import { type LiveWork, type Progress, secondsLeft } from '../../src/study/progress.js';
import { describeLive, liveLine } from '../../src/study/status.js';

const works = (...progress: readonly Progress[]): readonly LiveWork[] =>
  progress.map((each, index) => ({ name: `hidden_size ${index}`, seed: 1, work: String(index), ...each }));
const done = (seconds: number): Progress => ({ state: 'done', run: 'd', seconds });
const atWork = (seconds?: number): Progress => ({
  ...{ state: 'at work', run: '0123456789ab', host: 'node-1', pid: 77, epoch: 1200, epochs: 3000 },
  ...(seconds !== undefined && { seconds }),
});
const left: Progress = { state: 'left' };

describe('what is left', () => {
  it.each<[string, readonly Progress[], number | undefined]>([
    ['nobody is at work', [done(10), left], undefined],
    ['nothing tells how long one takes', [atWork(), left], undefined],
    ['the pace of one at work tells', [atWork(6), left], 6 + 10],
    ['all that is left is at work', [atWork(5), atWork(20)], 20],
    ['the rest takes as long as others do', [done(10), done(20), atWork(6), atWork(12), left, left, left], (18 + 3 * 15) / 2],
    ['one has no epoch yet', [done(10), atWork()], 10],
  ])('when %s', (_, progress, seconds) => expect(secondsLeft(works(...progress))).toBe(seconds));

  it('a work takes as long as those of its name, however long others take', () => {
    const named = works(done(10), done(100), atWork(12), left, { state: 'interrupted', run: 's', epoch: 1500, epochs: 3000 });
    const names = ['small', 'large', 'small', 'large', 'large'];
    expect(secondsLeft(named.map((work, index) => ({ ...work, name: names[index] ?? '' })))).toBe(12 + 100 + 50);
  });
});

it('is told line by line, with who is at it and what went wrong', () => {
  const all = works(done(10), atWork(90), { state: 'failed', run: 'feedfacebeef', reason: 'no mood' }, left);
  expect(liveLine(all)).toBe('4 trials: 1 done, 1 failed, 1 at work, 1 left');
  expect(describeLive(all)).toEqual([
    'at work   hidden_size 1, seed 1  epoch 1,200/3,000  process 77 on node-1, run 01234567  1 min 30 s left',
    'failed    hidden_size 2, seed 1  run feedface: no mood',
    'about 4 min 10 s left, at the pace of what is at work',
  ]);
});
