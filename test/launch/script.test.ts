import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inGroups } from '../../src/launch/cluster/job.js';
import { quoted } from '../../src/diagnostics/words.js';
import { jobScript, sbatchParameters, secondsOf, type SlurmOptions } from '../../src/launch/slurm/script.js';

const folder = mkdtempSync(join(tmpdir(), "retable 'launch' "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options: SlurmOptions = { prologue: [], trials_per_job: 1 };
const parameters = (more: Partial<SlurmOptions>, jobs = 3): readonly string[] =>
  sbatchParameters({ options: { ...options, ...more }, name: 'retable-1', threads: '2', directory: '/home/me' }, '/runs/100%/1', jobs, 'c');

describe('the parameters of sbatch', () => {
  it('say nothing that the document leaves to the cluster', () => {
    expect(parameters({})).toEqual([
      '--parsable',
      '--array=0-2',
      '--job-name=retable-1',
      '--comment=c',
      '--chdir=/home/me',
      '--output=/runs/100%%/1/%a.txt',
      '--open-mode=append',
      '--requeue',
      '--signal=B:TERM@60',
      '--cpus-per-task=2',
      '/runs/100%/1/job.sh',
    ]);
  });
  it('say the rest', () => {
    const all = {
      partition: 'gpu',
      account: 'a',
      qos: 'q',
      time: '1h30m',
      memory: '4G',
      cpus: 8,
      gres: 'gpu:1',
      constraint: 'avx',
      workers: 2,
    };
    expect(parameters(all)).toEqual(
      expect.arrayContaining([
        '--array=0-2%2',
        '--partition=gpu',
        '--account=a',
        '--qos=q',
        '--time=90',
        '--mem=4G',
        '--cpus-per-task=8',
        '--gres=gpu:1',
        '--constraint=avx',
      ]),
    );
  });
  it.each([
    ['30m', '--time=30', '--signal=B:TERM@60'],
    ['90s', '--time=2', '--signal=B:TERM@9'],
    ['2m', '--time=2', '--signal=B:TERM@12'],
    ['1d', '--time=1440', '--signal=B:TERM@60'],
    ['1-12:00:00', '--time=2160', '--signal=B:TERM@60'],
  ])('%s: whole minutes, and a notice that leaves most of them', (time, limit, signal) => {
    expect(parameters({ time })).toEqual(expect.arrayContaining([limit, signal]));
  });
});

describe('a duration', () => {
  it.each([
    ['30m', 1800],
    ['2h', 7200],
    ['1h30m', 5400],
    ['1d', 86_400],
    ['1d12h', 129_600],
    ['45s', 45],
    ['30', 1800],
    ['01:30:00', 5400],
    ['1-00:00:01', 86_401],
  ])('%s: %d s', (text, seconds) => expect(secondsOf(text)).toBe(seconds));
});

describe('the script of a job', () => {
  it('becomes the worker, with words as they are and the lines of the prologue before it', () => {
    const script = jobScript(
      join(folder, 'a "b" $c'),
      { ...options, prologue: ['#SBATCH --reservation=r', 'export GREETING="a b"'] },
      'sweep',
    );
    expect(script.split('\n').slice(0, 3)).toEqual(['#!/bin/bash', '#SBATCH --reservation=r', 'export GREETING="a b"']);
    const file = join(folder, 'job.sh');
    writeFileSync(file, script.replace(/^exec \S+ \S+/m, `exec printf '%s|'`));
    const said = execFileSync('bash', [file], { env: { ...process.env, SLURM_ARRAY_TASK_ID: '7' }, encoding: 'utf8' });
    expect(said).toBe(`${join(folder, 'a "b" $c')}|7|`);
  });
  it('quotes what a shell would take apart', () => {
    const words = ['a b', "it's", '$HOME', '"', '\\', '*', 'ü\n'];
    expect(execFileSync('bash', ['-c', `printf '%s|' ${words.map(quoted).join(' ')}`], { encoding: 'utf8' })).toBe(`${words.join('|')}|`);
  });
});

describe('groups', () => {
  it.each([
    [0, 3, []],
    [3, 3, [3]],
    [7, 3, [3, 3, 1]],
  ])('%d by %d', (count, size, expected) => {
    expect(inGroups(Array.from({ length: count }), size).map(({ length }) => length)).toEqual(expected);
  });
});
