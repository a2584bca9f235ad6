import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parentId } from '../../src/cli/sweep/parent.js';
import type { sweepToJson } from '../../src/sweep/results-json.js';
import { workplace } from '../support/program.js';
import { BASE } from './documents.js';

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

  it('trains every trial, once', async () => {
    const first = await place.run('run', rates, '--runs', runs, '--json', '--workers', '2');
    expect(first.status, first.stderr).toBe(0);
    expect(first.stderr.match(/^trial \d\/6 .* finished {2}test\/bit_accuracy/gm)?.length).toBe(6);
    const result = json(first);
    expect(result.counts).toEqual({ finished: 6, diverged: 0, failed: 0, unfinished: 0, needed: 0 });
    expect(result.configurations.map(({ set, seeds }) => [set['optimizer.learning_rate'], seeds])).toEqual([
      [0.001, 2],
      [0.01, 2],
      [0.1, 2],
    ]);
    const again = await place.run('run', rates, '--runs', runs, '--json');
    expect(again.status).toBe(0);
    expect(again.stderr).toContain('6 done; records');
    expect(json(again)).toEqual(result);
    expect(runsIn(runs).length).toBe(7);
  });

  it('gives the digits that its base gives when it is run alone, which then is done before', async () => {
    const alone = ['run', join(folder, 'tiny.yaml'), '--set', 'optimizer.learning_rate=0.01', '--seed', '2'];
    const elsewhere = await place.run(...alone, '--runs', join(place.folder, 'alone'), '--json');
    const { metrics } = JSON.parse(elsewhere.stdout) as { readonly metrics: Readonly<Record<string, { readonly value: number }>> };
    const trial = json(await place.run('status', rates, '--runs', runs, '--json')).trials.find(
      ({ configuration, seed }) => configuration === 1 && seed === 2,
    );
    expect(trial?.value).toBe(metrics['test/bit_accuracy']?.value);
    expect((await place.run(...alone, '--runs', runs)).stderr).toContain('done before');
  });

  it('trains only what is new when a value or a seed is added, also in another sweep', async () => {
    const more = await place.run('run', rates, '--runs', runs, '--set', 'seeds=3');
    expect(more.stderr).toContain('9 trials of 3 configurations: 6 done, 3 left');
    expect(more.stderr.match(/^trial .* finished/gm)?.length).toBe(3);
    const other = write('other', 'vary: [{optimizer.learning_rate: [0.01, 0.02]}]\nseeds: 3');
    const plan = await place.run('plan', other, '--runs', runs);
    expect(plan.stdout.match(/ done /g)?.length).toBe(3);
    expect(plan.stdout).toContain('6 trials of 2 configurations: 3 done, 3 left');
  });

  it('keeps the list of its members, and is their parent in MLflow', () => {
    const [experiment = ''] = readdirSync(runs).filter((name) => /^\d+$/.test(name));
    const parent = parentId('tiny', 'rates');
    const members = JSON.parse(readFileSync(join(runs, experiment, parent, 'artifacts', 'members.json'), 'utf8')) as readonly {
      readonly run: string;
    }[];
    expect(members.length).toBe(9);
    for (const { run } of members) expect(readFileSync(join(runs, experiment, run, 'tags', 'mlflow.parentRunId'), 'utf8')).toBe(parent);
    expect(readFileSync(join(runs, experiment, parent, 'meta.yaml'), 'utf8')).toContain('status: 3');
  });
});

describe('a trial that goes wrong', () => {
  it('that diverges is a result and counted', async () => {
    const wild = write('wild', 'vary: [{optimizer: [{kind: sgd, learning_rate: 1e30}, {kind: sgd, learning_rate: 0.1}]}]');
    const ended = await place.run('run', wild, '--runs', join(place.folder, 'wild'), '--json');
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/diverged: the loss became/);
    expect(json(ended).counts).toMatchObject({ finished: 1, diverged: 1 });
    expect(json(ended).best).toBe(1);
  });

  it('is refused what a sweep can’t do', async () => {
    expect(await place.run('run', rates, '--seed', '3')).toMatchObject({ status: 2, stdout: '' });
    expect(await place.run('run', rates, '--workers', 'many')).toMatchObject({ status: 2, stdout: '' });
    expect(await place.run('plan', rates, '--graph')).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('interrupted', () => {
  const long = write('long', 'vary: [{model.hidden_size: [4, 5, 6, 7]}, {training.epochs: [40]}]\nseeds: 2');
  const whole = join(place.folder, 'whole');

  it('the first Ctrl-C lets the running trials finish, the same command does the rest', async () => {
    const started = place.start(['run', long, '--runs', whole, '--workers', '1', '--json']);
    await started.said(/^trial 1\/8/m);
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.status).toBe(130);
    const { counts } = json(ended);
    expect(counts.unfinished).toBe(0);
    expect(counts.needed).toBeGreaterThan(0);
    expect(json(await place.run('run', long, '--runs', whole, '--json')).counts.finished).toBe(8);
  });

  it('the second one stops them at their last epoch', async () => {
    const runs = join(place.folder, 'stopped');
    const started = place.start(['run', long, '--runs', runs, '--workers', '1', '--json', '--set', 'vary.1={training.epochs: [4000]}']);
    await started.said(/8 left/);
    while (runsIn(runs).length < 2) await pause(50);
    started.child.kill('SIGINT');
    await started.said(/finishing/);
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.status).toBe(130);
    expect(json(ended).counts).toMatchObject({ finished: 0, unfinished: 1, needed: 7 });
  });

  it('loses no trial and publishes none twice, whatever is killed and however many run it', async () => {
    const runs = join(place.folder, 'killed');
    for (let round = 0; round < 5; round++) {
      const two = [0, 1].map(() => place.start(['run', long, '--runs', runs, '--workers', '2', '--quiet']));
      await pause(600 + 350 * round);
      for (const { child } of two) {
        if (round % 2 === 1) for (const worker of childrenOf(child.pid ?? 0)) kill(worker);
        child.kill('SIGKILL');
      }
      await Promise.all(two.map(({ ended }) => ended));
      await pause(300);
    }
    const last = await Promise.all([0, 1].map(() => place.run('run', long, '--runs', runs, '--json')));
    for (const { status, stderr } of last) expect(status, stderr).toBe(0);
    const trials = json(last[0] ?? { stdout: '' }).trials;
    expect(trials.map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'finished'));
    expect(trials.map(({ value }) => value)).toEqual(
      json(await place.run('status', long, '--runs', whole, '--json')).trials.map(({ value }) => value),
    );
    const works = runsIn(runs).flatMap((run) => readTag(run, 'retable.work') ?? []);
    expect(new Set(works).size).toBe(8);
    expect(works.length).toBe(8);
    for (const run of runsIn(runs).filter((each) => readTag(each, 'retable.work'))) {
      const steps = readFileSync(join(run, 'metrics', 'train', 'loss'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => Number(line.split(' ')[2]));
      expect(steps).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    }
  }, 120_000);
});

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Folders of all runs of a store. */
function runsIn(runs: string): readonly string[] {
  const below = (path: string, pattern: RegExp): readonly string[] => {
    try {
      return readdirSync(path)
        .filter((name) => pattern.test(name))
        .map((name) => join(path, name));
    } catch {
      return [];
    }
  };
  return below(runs, /^\d{18}$/).flatMap((experiment) => below(experiment, /^[0-9a-f]{32}$/));
}

function readTag(run: string, key: string): string | undefined {
  try {
    return readFileSync(join(run, 'tags', key), 'utf8');
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}
