import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweepRunId } from '../../src/study/members.js';
import type { sweepToJson } from '../../src/report/study/sweep-table.js';
import { workplace } from '../support/program.js';
import { BASE } from './documents.js';
import { pause, readTag, runsIn } from './store.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
writeFileSync(join(folder, 'tiny.yaml'), BASE);

function write(name: string, lines: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `sweep: ${name}\nbase: tiny.yaml\nselect: {metric: test/bit_accuracy}\n${lines}\n`);
  return file;
}

const rates = write('rates', 'vary: [{optimizer.learning_rate: [0.001, 0.01, 0.1]}]\nseeds: 2');
const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as ReturnType<typeof sweepToJson>;

describe('run SWEEP', () => {
  const runs = join(place.folder, 'runs');

  it('says before how long it would take, in what room', async () => {
    const { stdout } = await place.call('plan', rates, '--runs', runs, '--measure', '--workers', '2', '--json');
    const { measured } = JSON.parse(stdout) as { readonly measured: Readonly<Record<string, number>> };
    expect(measured).toMatchObject({ works: 6, workers: 2, programs: 1, programs_tried: 1 });
    for (const quantity of ['seconds', 'memory_bytes', 'disk_bytes']) expect(measured[quantity]).toBeGreaterThan(0);
    expect(runsIn(runs)).toEqual([]);
  });

  it('trains every trial, once', async () => {
    const first = await place.call('run', rates, '--runs', runs, '--json', '--workers', '2');
    expect(first.status, first.stderr).toBe(0);
    expect(first.stderr.match(/^trial \d\/6 .* finished {2}test\/bit_accuracy/gm)?.length).toBe(6);
    const result = json(first);
    expect(result.counts).toEqual({ finished: 6, diverged: 0, failed: 0, unfinished: 0, needed: 0, pruned: 0 });
    expect(result.configurations.map(({ set, seeds }) => [set['optimizer.learning_rate'], seeds])).toEqual([
      [0.001, 2],
      [0.01, 2],
      [0.1, 2],
    ]);
    const again = await place.call('run', rates, '--runs', runs, '--json');
    expect(again.status).toBe(0);
    expect(again.stderr).toContain('6 done; records');
    expect(json(again)).toEqual(result);
    expect(runsIn(runs).length).toBe(7);
  });

  it('gives the digits that its base gives when it is run alone, which then is done before', async () => {
    const alone = ['run', join(folder, 'tiny.yaml'), '--set', 'optimizer.learning_rate=0.01', '--seed', '2'];
    const elsewhere = await place.call(...alone, '--runs', join(place.folder, 'alone'), '--json');
    const { metrics } = JSON.parse(elsewhere.stdout) as { readonly metrics: Readonly<Record<string, { readonly value: number }>> };
    const trial = json(await place.call('status', rates, '--runs', runs, '--json')).trials.find(
      ({ configuration, seed }) => configuration === 1 && seed === 2,
    );
    expect(trial?.value).toBe(metrics['test/bit_accuracy']?.value);
    expect((await place.call(...alone, '--runs', runs)).stderr).toContain('done before');
  });

  it('trains only what is new when a value or a seed is added, also in another sweep', async () => {
    const more = await place.call('run', rates, '--runs', runs, '--set', 'seeds=3');
    expect(more.stderr).toContain('9 trials of 3 configurations: 6 done, 3 left');
    expect(more.stderr.match(/^trial .* finished/gm)?.length).toBe(3);
    const other = write('other', 'vary: [{optimizer.learning_rate: [0.01, 0.02]}]\nseeds: 3');
    const plan = await place.call('plan', other, '--runs', runs);
    expect(plan.stdout.match(/ done /g)?.length).toBe(3);
    expect(plan.stdout).toContain('6 trials of 2 configurations: 3 done, 3 left');
  });

  it('keeps the list of its members, and is their parent in MLflow', () => {
    const [experiment = ''] = readdirSync(runs).filter((name) => /^\d+$/.test(name));
    const parent = sweepRunId('tiny', 'rates');
    const members = JSON.parse(readFileSync(join(runs, experiment, parent, 'artifacts', 'members.json'), 'utf8')) as readonly {
      readonly run: string;
    }[];
    expect(members.length).toBe(9);
    for (const { run } of members) expect(readFileSync(join(runs, experiment, run, 'tags', 'mlflow.parentRunId'), 'utf8')).toBe(parent);
    expect(readFileSync(join(runs, experiment, parent, 'meta.yaml'), 'utf8')).toContain('status: 3');
  });

  it('runs the command of its base once, when no trial is left', async () => {
    writeFileSync(
      join(folder, 'told.yaml'),
      `${BASE}\non_finish: echo "$RETABLE_SWEEP $RETABLE_STATUS $RETABLE_RUN $RETABLE_SUMMARY" >> said\n`,
    );
    const told = join(folder, 'told_sweep.yaml');
    writeFileSync(told, 'sweep: told\nbase: told.yaml\nselect: {metric: test/bit_accuracy}\nvary: [{model.hidden_size: [2, 3]}]\n');
    for (const _ of ['trained', 'shown'])
      expect(await place.call('run', told, '--runs', join(place.folder, 'told'))).toMatchObject({ status: 0 });
    const summary = 'best hidden_size [23]: test/bit_accuracy 0\\.\\d+; 2 trials of 2 configurations: 2 done';
    expect(readFileSync(join(folder, 'said'), 'utf8')).toMatch(new RegExp(`^told finished ${sweepRunId('tiny', 'told')} ${summary}\n$`));
  });
});

describe('a trial that goes wrong', () => {
  it('that diverges is a result and counted', async () => {
    const wild = write('wild', 'vary: [{optimizer: [{kind: sgd, learning_rate: 1e30}, {kind: sgd, learning_rate: 0.1}]}]');
    const ended = await place.call('run', wild, '--runs', join(place.folder, 'wild'), '--json');
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/diverged: the loss became/);
    expect(json(ended).counts).toMatchObject({ finished: 1, diverged: 1 });
    expect(json(ended).best).toBe(1);
  });

  it('is refused what a sweep can’t do', async () => {
    expect(await place.call('run', rates, '--seed', '3')).toMatchObject({ status: 2, stdout: '' });
    expect(await place.call('run', rates, '--workers', 'many')).toMatchObject({ status: 2, stdout: '' });
    expect(await place.call('plan', rates, '--graph')).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('interrupted', () => {
  const long = write('long', 'vary: [{model.hidden_size: [4, 5]}, {training.epochs: [40]}]\nseeds: 2');
  const whole = join(place.folder, 'whole');

  it('the first Ctrl-C lets the running trials finish, the same command does the rest', async () => {
    const started = place.start(['run', long, '--runs', whole, '--workers', '1', '--json']);
    await started.said(/^trial 1\/4/m);
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.status).toBe(130);
    const { counts } = json(ended);
    expect(counts.unfinished).toBe(0);
    expect(counts.needed).toBeGreaterThan(0);
    expect(json(await place.call('run', long, '--runs', whole, '--json')).counts.finished).toBe(4);
  });

  it('the second one stops them at their last epoch', async () => {
    const runs = join(place.folder, 'stopped');
    const started = place.start(['run', long, '--runs', runs, '--workers', '1', '--json', '--set', 'vary.1={training.epochs: [4000]}']);
    await started.said(/4 left/);
    while (runsIn(runs).length < 2) await pause(50);
    const live = await place.call('status', 'long', '--runs', runs);
    expect(live.stdout).toMatch(
      /^long; 4 trials: 1 at work, 3 left\nat work .*hidden_size 4, .*seed 1 {2}epoch [\d,]+\/4,000 {2}process \d+ on \S+, run /,
    );
    expect(await place.call('status', 'lnog', '--runs', runs)).toMatchObject({ status: 2, stdout: '' });
    started.child.kill('SIGINT');
    await started.said(/letting the trials that are running finish/);
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.status).toBe(130);
    expect(json(ended).counts).toMatchObject({ finished: 0, unfinished: 1, needed: 3 });
  });
});

describe('prune', () => {
  const halving = write(
    'halving',
    'vary: [{model.hidden_size: [4, 6, 8]}, {optimizer.learning_rate: [0.001, 0.01, 0.1]}, {training.epochs: [9]}]\nseeds: 2\nprune: {kind: successive_halving, first: 1, factor: 3}',
  );
  const runs = join(place.folder, 'halving');

  it('stops the worse configurations at each rung, with one worker or two, and does nothing twice', async () => {
    const plan = await place.call('plan', halving, '--runs', runs);
    expect(plan.stdout).toContain('rungs  9 configurations to epoch 1, 3 to 3, 1 to 9: 42 epochs over all seeds in place of 162');
    const two = await place.call('run', halving, '--runs', runs, '--json', '--workers', '2');
    expect(two.status, two.stderr).toBe(0);
    expect(two.stderr.match(/^rung \d of 3: .*$/gm)).toEqual([
      'rung 1 of 3: 9 configurations to epoch 1',
      'rung 2 of 3: 3 configurations to epoch 3',
      'rung 3 of 3: 1 configuration to epoch 9',
    ]);
    expect(json(two).counts).toEqual({ finished: 2, diverged: 0, failed: 0, pruned: 16, unfinished: 0, needed: 0 });
    expect(epochsIn(runs)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 9, 9]);

    const other = join(place.folder, 'halving-alone');
    const one = await place.call('run', halving, '--runs', other, '--json', '--workers', '1');
    const told = (result: typeof one) => json(result).trials.map(({ run: _run, ...rest }) => rest);
    expect(told(one)).toEqual(told(two));

    const again = await place.call('run', halving, '--runs', runs, '--json');
    expect(again.stderr).not.toContain('rung');
    expect(json(again)).toEqual(json(two));
  });

  it('leaves what anyone can finish, with the digits of a run that was never pruned', async () => {
    const pruned = json(await place.call('status', halving, '--runs', runs, '--json')).trials.find(({ state }) => state === 'pruned');
    const set = json(await place.call('status', halving, '--runs', runs, '--json')).configurations.find(
      ({ number }) => number === pruned?.configuration,
    )?.set;
    const sets = Object.entries(set ?? {}).flatMap(([path, value]) => ['--set', `${path}=${JSON.stringify(value)}`]);
    const arguments_ = ['run', join(folder, 'tiny.yaml'), ...sets, '--seed', String(pruned?.seed), '--json', '--runs'];
    const finished = await place.call(...arguments_, runs);
    expect(finished.stderr).toContain('goes on after epoch');
    const whole = await place.call(...arguments_, join(place.folder, 'never-pruned'));
    const metrics = (text: string): object =>
      Object.fromEntries(Object.entries((JSON.parse(text) as { metrics: object }).metrics).filter(([key]) => !key.endsWith('_per_second')));
    expect(metrics(finished.stdout)).toEqual(metrics(whole.stdout));
  });

  it('trains only what is new when a seed is added', async () => {
    const before = epochsIn(runs).length;
    const more = await place.call('run', halving, '--runs', runs, '--set', 'seeds=3', '--json');
    expect(more.status, more.stderr).toBe(0);
    expect(epochsIn(runs).length).toBe(before + 9);
    expect(more.stderr.match(/^trial .*seed 3 {2}paused/gm)?.length).toBeGreaterThanOrEqual(9);
  });
});

/** How far each trial came, in order of size. */
const epochsIn = (store: string): readonly number[] =>
  runsIn(store)
    .filter((run) => readTag(run, 'retable.work'))
    .map(
      (run) =>
        readFileSync(join(run, 'metrics', 'train', 'loss'), 'utf8')
          .trimEnd()
          .split('\n').length,
    )
    .toSorted((a, b) => a - b);
