import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPatience, type Trial } from '../../src/launch/launcher.js';
import { workplace } from '../support/program.js';
import { type Listed, sweepOfRates } from '../support/sweep-of-rates.js';

const place = workplace();
const { tiny, sweep, list, trials } = sweepOfRates(place, [0.001, 0.01]);

/** What MLflow's page does. */
const deleteOnThePage = ({ record }: Listed): void => {
  const meta = join(record, 'meta.yaml');
  writeFileSync(meta, readFileSync(meta, 'utf8').replace(/lifecycle_stage: .*/, 'lifecycle_stage: deleted'));
};
const damage = ({ record }: Listed): void => writeFileSync(join(record, 'meta.yaml'), 'artifact_uri: [\n');

describe.each([
  ['deleted on the page of MLflow', deleteOnThePage],
  ['whose meta.yaml makes no sense', damage],
])('a run %s', (what, harm) => {
  const runs = join(place.folder, what.replaceAll(' ', '-'));

  it('is gone: an experiment trains again, as a new attempt', async () => {
    const first = JSON.parse((await place.call('run', tiny, '--runs', runs, '--json')).stdout) as Listed;
    harm(first);
    const again = await place.call('run', tiny, '--runs', runs, '--json');
    expect(again.status, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ repeated: false });
    expect((JSON.parse(again.stdout) as Listed).run).not.toBe(first.run);
    expect((await place.call('run', tiny, '--runs', runs)).stderr).toContain('done before');
  });

  it('is trained again by its sweep, which comes to an end', async () => {
    await place.call('run', sweep, '--runs', runs, '--workers', '1');
    const [one] = await trials(runs);
    if (!one) throw new Error('no trial');
    harm(one);
    const again = await place.call('run', sweep, '--runs', runs, '--workers', '1');
    expect(again.status, again.stderr).toBe(0);
    expect((await place.call('run', sweep, '--runs', runs)).stderr).toContain('2 done; records');
  });
});

/** What of a run is damaged, and with which options its work is asked for then. */
describe.each<[string, (run: Listed) => void, readonly string[]]>([
  ['does not say which work it is at', ({ record }) => rmSync(join(record, 'tags', 'retable.work')), []],
  ['says another work', ({ record }) => writeFileSync(join(record, 'tags', 'retable.work'), 'f'.repeat(64)), []],
  ['says no number of its attempt', ({ record }) => writeFileSync(join(record, 'tags', 'retable.attempt'), 'x'), ['--fresh']],
])('a run that %s', (what, harm, more) => {
  it('is no obstacle: the work is trained again, as often as it is asked for', async () => {
    const runs = join(place.folder, what.replaceAll(' ', '-'));
    await place.call('run', tiny, '--runs', runs);
    for (const run of await list(runs)) harm(run);
    rmSync(join(runs, '.retable-works'), { force: true });
    const again = await place.call('run', tiny, '--runs', runs, ...more);
    expect(again.status, again.stderr).toBe(0);
    const once = await place.call('run', tiny, '--runs', runs, ...more);
    expect(once.status, once.stderr).toBe(0);
    expect((await list(runs)).length).toBe(more.length > 0 ? 3 : 2);
  });
});

it('a file where a folder of the store should be ends in a sentence', async () => {
  const runs = join(place.folder, 'file-for-folder');
  await place.call('run', tiny, '--runs', runs);
  const [run] = await list(runs);
  if (!run) throw new Error('no run');
  const experiment = dirname(run.record);
  rmSync(experiment, { recursive: true });
  writeFileSync(experiment, '');
  const refused = await place.call('run', tiny, '--runs', runs);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(experiment);
  expect(refused.stderr).not.toMatch(/^ {4}at |fault of retable/m);
});

describe('the trash', () => {
  const runs = join(place.folder, 'trash');

  it('takes runs and gives them back', async () => {
    await place.call('run', tiny, '--runs', runs);
    const [{ run: id } = { run: '' }] = await list(runs);
    const short = id.slice(0, 8);
    expect((await place.call('remove', short, '--runs', runs)).status).toBe(0);
    expect(await list(runs)).toEqual([]);
    expect((await list(runs, '--deleted')).map(({ run }) => run)).toEqual([id]);
    expect((await place.call('store', 'verify', '--runs', runs)).status).toBe(0);
    const shown = await place.call('show', short, '--runs', runs);
    expect([shown.status, shown.stderr]).toEqual([2, expect.stringContaining(`retable restore ${short}`)]);
    expect((await place.call('store', 'gc', '--dry-run', '--runs', runs)).stdout).toContain('deleted-run');
    expect((await place.call('restore', short, '--runs', runs)).status).toBe(0);
    expect((await list(runs)).map(({ run }) => run)).toEqual([id]);
    expect(await list(runs, '--deleted')).toEqual([]);
    expect((await place.call('run', tiny, '--runs', runs)).stderr).toContain('done before');
  });

  it('gives the run of a sweep back when the sweep is run again', async () => {
    await place.call('run', sweep, '--runs', runs);
    const parent = (await list(runs)).find(({ parameters }) => parameters['sweep'] === 'rates');
    if (!parent) throw new Error('no run of the sweep');
    deleteOnThePage(parent);
    expect((await place.call('run', sweep, '--runs', runs, '--set', 'seeds=2')).status).toBe(0);
    expect((await list(runs)).map(({ run }) => run)).toContain(parent.run);
  });
});

describe('the run of a sweep whose meta.yaml makes no sense', () => {
  const runs = join(place.folder, 'parent');

  it('is told in one sentence with what mends it', async () => {
    await place.call('run', sweep, '--runs', runs);
    const parent = (await list(runs)).find(({ parameters }) => parameters['sweep'] === 'rates');
    if (!parent) throw new Error('no run of the sweep');
    damage(parent);
    const refused = await place.run('run', sweep, '--runs', runs, '--set', 'seeds=2');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('store repair') as string });
    expect(refused.stderr).not.toMatch(/\n {4}at /);
    expect((await place.call('store', 'repair', '--runs', runs)).status).toBe(0);
    expect((await place.call('run', sweep, '--runs', runs, '--set', 'seeds=2')).status).toBe(0);
  });
});

describe.each([[[]], [['--fresh']]])('six processes that begin the same work at one instant (%s)', (more) => {
  const runs = join(place.folder, `at-once${more.join('')}`);

  it('one trains, the others say who does', async () => {
    const long = ['run', tiny, '--set', 'training.epochs=3000', '--runs', runs, ...more];
    const started = Array.from({ length: 6 }, () => place.start(long));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const running = (): typeof started => started.filter(({ child }) => child.exitCode === null);
    for (let looks = 0; running().length > 1 && looks < 300; looks++) await new Promise((resolve) => setTimeout(resolve, 100));
    const [trainer] = running();
    expect(running().length).toBe(1);
    const others = await Promise.all(started.filter((each) => each !== trainer).map(({ ended }) => ended));
    for (const { status, stderr } of others) {
      expect(status, stderr).toBe(1);
      expect(stderr).toContain(`is being trained by process ${trainer?.child.pid} of this machine`);
    }
    trainer?.child.kill('SIGINT');
    expect((await trainer?.ended)?.status).toBe(130);
    expect((await list(runs)).length).toBe(1);
  });
});

describe('waiting for what another process holds', () => {
  const trial: Trial = { configuration: 0, seed: 1, work: 'w' };
  const held = (sign: string) =>
    ({ outcome: 'held', reason: 'tiny is being trained by process 7 of this machine', sign, seconds: 0 }) as const;

  it('goes on as long as something changes', () => {
    let now = 0;
    const patience = createPatience(() => now);
    for (let look = 0; look < 100; look++) {
      now += 250;
      expect(patience(trial, held(`sign ${look}`))).toBeUndefined();
    }
  });

  it('ends with who holds it when nothing changed for five minutes', () => {
    let now = 0;
    const patience = createPatience(() => now);
    expect(patience(trial, held('the same'))).toBeUndefined();
    now = 299;
    expect(patience(trial, held('the same'))).toBeUndefined();
    now = 301;
    expect(patience(trial, held('the same'))).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('process 7') as string });
  });
});
