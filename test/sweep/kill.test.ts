import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { sweepToJson } from '../../src/report/study/sweep-table.js';
import { type Started, workplace } from '../support/program.js';
import { BASE } from './documents.js';
import { childrenOf, kill, pause, readTag, runsIn } from './store.js';

/** RETABLE_KILLS=50 for the long form. */
const KILLS = Number(process.env['RETABLE_KILLS'] ?? 5);

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
writeFileSync(join(folder, 'tiny.yaml'), BASE);
const sweep = join(folder, 'sizes.yaml');
writeFileSync(
  sweep,
  `sweep: sizes
base: tiny.yaml
vary: [{model.hidden_size: [4, 5, 6, 7]}, {training.epochs: [40]}]
seeds: 2
select: {metric: test/bit_accuracy}
prune: {kind: successive_halving, first: 20, factor: 2}
`,
);

/** A game that can be played again. */
let dice = 20260101;
const chance = (): number => (dice = (dice * 48271) % 2147483647) / 2147483647;

describe('a sweep that two processes run with two workers each', () => {
  it('loses no trial and publishes none twice, whatever is killed when', async () => {
    const command = (runs: string): readonly string[] => ['run', sweep, '--runs', runs, '--workers', '2'];
    const stores = [join(place.folder, 'killed-1')];
    const start = () => place.start([...command(stores.at(-1) ?? ''), '--quiet']);
    let drivers: readonly Started[] = [start(), start()];
    for (let killed = 0; killed < KILLS;) {
      await pause(200 + 1300 * chance());
      if (drivers.some(({ child }) => child.exitCode === 0)) {
        // All is done before all kills are: the same once more.
        await Promise.all(drivers.map(({ ended }) => ended));
        stores.push(join(place.folder, `killed-${stores.length + 1}`));
        drivers = [start(), start()];
        continue;
      }
      drivers = drivers.map((driver) => (driver.child.signalCode === null && driver.child.exitCode === null ? driver : start()));
      const pids = drivers.flatMap(({ child: { pid = 0 } }) => [pid, ...childrenOf(pid)]);
      const victim = pids[Math.floor(chance() * pids.length)];
      if (victim !== undefined && kill(victim)) killed += 1;
    }
    await Promise.all(drivers.map(({ ended }) => ended));

    const untouched = await place.run(...command(join(place.folder, 'untouched')), '--json');
    for (const runs of stores) {
      const last = await Promise.all([0, 1].map(() => place.run(...command(runs), '--json')));
      for (const { status, stdout, stderr } of last) {
        expect(status, stderr).toBe(0);
        expect(told(stdout)).toEqual(told(untouched.stdout));
      }
      const trials = runsIn(runs).filter((run) => readTag(run, 'retable.work'));
      expect(trials.length).toBe(8);
      expect(new Set(trials.map((run) => readTag(run, 'retable.work'))).size).toBe(8);
      for (const run of trials) expect(stepsOf(run)).toEqual(upTo(stepsOf(run).length));
      expect(trials.map((run) => stepsOf(run).length).toSorted((a, b) => a - b)).toEqual([20, 20, 20, 20, 40, 40, 40, 40]);
    }
  }, 900_000);
});

/** Every trial with its state and value; runs have other ids in another store. */
const told = (stdout: string): readonly object[] =>
  (JSON.parse(stdout) as ReturnType<typeof sweepToJson>).trials.map(({ run: _, ...rest }) => rest);

describe('a process that stood still until another one took its run over', () => {
  it('publishes nothing when it wakes up', async () => {
    const runs = join(place.folder, 'stalled');
    const command = ['run', join(folder, 'tiny.yaml'), '--runs', runs, '--set', 'training.epochs=200'];
    const stalled = place.start(command);
    await stalled.said(/^epoch +2\//m);
    stalled.child.kill('SIGSTOP');
    const [run = ''] = runsIn(runs);

    // As it looks after the machine was started again: its holder is gone. That of another machine would be watched for 45 s first.
    const claim = join(run, '.retable', 'claims', '000001.json');
    writeFileSync(claim, JSON.stringify({ ...(JSON.parse(readFileSync(claim, 'utf8')) as object), boot: 'an earlier start' }));
    const second = place.start(command);
    await second.said(/^epoch +\d/m);

    stalled.child.kill('SIGCONT');
    const woken = await stalled.ended;
    expect(woken.status).toBe(1);
    expect(woken.stderr).toContain('another process took the run over while this one stood still');
    expect((await second.ended).status).toBe(0);
    expect(stepsOf(run)).toEqual(upTo(200));
    expect(readTag(run, 'retable.outcome')).toBe('finished');
    expect(readdirSync(join(run, 'artifacts'))).not.toContain('error.txt');
    expect(runsIn(runs).length).toBe(1);
  }, 120_000);
});

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** The epochs on record, in their order. */
const stepsOf = (run: string): readonly number[] =>
  readFileSync(join(run, 'metrics', 'train', 'loss'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split(' ')[2]));
