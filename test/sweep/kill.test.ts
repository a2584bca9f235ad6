import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { sweepToJson } from '../../src/sweep/results-json.js';
import { type Started, workplace } from '../support/program.js';
import { BASE } from './documents.js';
import { childrenOf, kill, pause, readTag, runsIn } from './store.js';

/** RETABLE_KILLS=50 for the long form. */
const KILLS = Number(process.env['RETABLE_KILLS'] ?? 5);
const EPOCHS = 40;

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
writeFileSync(join(folder, 'tiny.yaml'), BASE);
const sweep = join(folder, 'sizes.yaml');
writeFileSync(
  sweep,
  `sweep: sizes\nbase: tiny.yaml\nvary: [{model.hidden_size: [4, 5, 6, 7]}, {training.epochs: [${EPOCHS}]}]\nselect: {metric: test/bit_accuracy}\n`,
);

/** A game that can be played again. */
let dice = 20260101;
const chance = (): number => (dice = (dice * 48271) % 2147483647) / 2147483647;

describe('a sweep that two processes run with two workers each', () => {
  it('loses no trial and publishes none twice, whatever is killed when', async () => {
    const runs = join(place.folder, 'killed');
    let seeds = 2;
    const command = (): readonly string[] => ['run', sweep, '--runs', runs, '--workers', '2', '--set', `seeds=${seeds}`];
    const start = () => place.start([...command(), '--quiet']);
    const drivers: Started[] = [start(), start()];
    for (let killed = 0; killed < KILLS;) {
      await pause(200 + 1300 * chance());
      for (const [index, { child }] of drivers.entries()) {
        if (child.exitCode === null && child.signalCode === null) continue;
        // All is done before all kills are: there is more to do from now on.
        if (child.exitCode === 0) seeds += 1;
        drivers[index] = start();
      }
      const pids = drivers.flatMap(({ child: { pid = 0 } }) => [pid, ...childrenOf(pid)]);
      const victim = pids[Math.floor(chance() * pids.length)];
      if (victim !== undefined && kill(victim)) killed += 1;
    }
    await Promise.all(drivers.map(({ ended }) => ended));

    const last = await Promise.all([0, 1].map(() => place.run(...command(), '--json')));
    for (const { status, stderr } of last) expect(status, stderr).toBe(0);
    const trialsOf = (text = '') => (JSON.parse(text) as ReturnType<typeof sweepToJson>).trials;
    const trials = trialsOf(last[0]?.stdout);
    expect(trials.map(({ state }) => state)).toEqual(Array.from({ length: 4 * seeds }, () => 'finished'));

    const untouched = await place.run('run', sweep, '--runs', join(place.folder, 'untouched'), '--set', `seeds=${seeds}`, '--json');
    expect(trials.map(({ value }) => value)).toEqual(trialsOf(untouched.stdout).map(({ value }) => value));

    const works = runsIn(runs).flatMap((run) => readTag(run, 'retable.work') ?? []);
    expect(works.length).toBe(4 * seeds);
    expect(new Set(works).size).toBe(4 * seeds);
    for (const run of runsIn(runs).filter((each) => readTag(each, 'retable.work'))) expect(stepsOf(run)).toEqual(upTo(EPOCHS));
  }, 900_000);
});

describe('a process that stood still until another one took its run over', () => {
  it('publishes nothing when it wakes up', async () => {
    const runs = join(place.folder, 'stalled');
    const command = ['run', join(folder, 'tiny.yaml'), '--runs', runs, '--set', 'training.epochs=400'];
    const stalled = place.start(command);
    await stalled.said(/^epoch +2\//m);
    stalled.child.kill('SIGSTOP');
    const [run = ''] = runsIn(runs);

    // As another machine sees it: no sign of life for an hour.
    const claim = join(run, '.retable', 'claims', '000001.json');
    writeFileSync(claim, JSON.stringify({ ...(JSON.parse(readFileSync(claim, 'utf8')) as object), host: 'elsewhere' }));
    utimesSync(claim, new Date(Date.now() - 3_600_000), new Date(Date.now() - 3_600_000));
    const second = place.start(command);
    await second.said(/^epoch +\d/m);

    stalled.child.kill('SIGCONT');
    const woken = await stalled.ended;
    expect(woken.status).toBe(1);
    expect(woken.stderr).toContain('another process took the run over while this one stood still');
    expect((await second.ended).status).toBe(0);
    expect(stepsOf(run)).toEqual(upTo(400));
    expect(readTag(run, 'retable.outcome')).toBe('finished');
    expect(readdirSync(join(run, 'artifacts'))).not.toContain('error.txt');
    expect(runsIn(runs).length).toBe(1);
  }, 60_000);
});

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** The epochs on record, in their order. */
const stepsOf = (run: string): readonly number[] =>
  readFileSync(join(run, 'metrics', 'train', 'loss'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split(' ')[2]));
