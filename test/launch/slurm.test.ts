import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { journalOf, say } from '../../src/launch/cluster/job.js';
import { refuseAt } from '../../src/launch/cluster/scheduler.js';
import { requeueThis } from '../../src/launch/slurm/programs.js';
import { slurmScheduler } from '../../src/launch/slurm/slurm.js';
import type { SlurmOptions } from '../../src/launch/slurm/script.js';
import { machineHere } from '../../src/host/is-running.js';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import { InputError } from '../../src/diagnostics/diagnostic.js';
import { openStore } from '../../src/record/layout.js';
import { loaded, sweepText } from '../sweep/documents.js';
import { ordersOf, worksOf } from './orders.js';

const folder = mkdtempSync(join(tmpdir(), 'retable slurm '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let fake = '';
let notes: string[] = [];
let number = 0;
beforeEach(() => {
  fake = join(folder, String(++number));
  mkdirSync(join(fake, 'jobs'), { recursive: true });
  notes = [];
  vi.stubEnv('FAKE_SLURM', fake);
  vi.stubEnv('PATH', [resolve('test/launch/fake'), process.env['PATH']].join(delimiter));
  return () => vi.unstubAllEnvs();
});

const { doc } = loaded(
  sweepText('vary: [{model.hidden_size: [4]}]\nrun_on:\n  kind: slurm\n  partition: nights\n  time: 3d\n  prologue: []'),
);
const scheduler = (options: Partial<SlurmOptions> = {}, file = doc) =>
  slurmScheduler({
    options: { prologue: [], trials_per_job: 1, ...options },
    name: 'retable-1',
    threads: '1',
    directory: folder,
    store: openStore(fake),
    machine: machineHere(),
    jobs: join(fake, 'jobs'),
    title: 'a sweep',
    note: (line) => notes.push(line),
    refuse: refuseAt(file),
  });
const calls = (name: string): readonly string[] =>
  readFileSync(join(fake, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(name));
const inQueue = (...lines: readonly string[]): void => writeFileSync(join(fake, 'queue'), lines.map((line) => `${line}\n`).join(''));

async function report(options: Partial<SlurmOptions> = {}, file = doc): Promise<string> {
  const error: unknown = await scheduler(options, file)
    .ensure(ordersOf('a'))
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  if (error instanceof InputError) return printDiagnostics(error.diagnostics, { color: false });
  return error instanceof Error ? error.message : '';
}

describe('orders get jobs', () => {
  it('as many as are told to each', async () => {
    expect(worksOf(await scheduler({ trials_per_job: 2 }).ensure(ordersOf('abcde')))).toEqual(['ab', 'cd', 'e']);
    expect(calls('sbatch')).toEqual([expect.stringContaining('--array=0-2 ')]);
    expect(notes).toEqual(['submitted to Slurm: 3 jobs, as array 101']);
  });

  it('once: who asks again finds them, and hands in only what is new', async () => {
    await scheduler().ensure(ordersOf('ab'));
    expect(worksOf(await scheduler().ensure(ordersOf('abc')))).toEqual(['a', 'b', 'c']);
    expect(calls('sbatch').length).toBe(2);
    expect(calls('sbatch')[1]).toContain('--array=0-0 ');
    expect(notes.at(-2)).toBe('with Slurm already: 2 jobs');
  });

  it('once, also when two ask in the same moment', async () => {
    const both = await Promise.all([scheduler().ensure(ordersOf('abc')), scheduler().ensure(ordersOf('abc'))]);
    expect(both.map(worksOf)).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect(calls('sbatch').length).toBe(1);
  });

  it('again, when the one they had has ended, or has told their end', async () => {
    const [first] = await scheduler().ensure(ordersOf('ab'));
    inQueue('101|0|FAILED|NonZeroExitCode|retable 000001 a sweep', '101|1|RUNNING|None|retable 000001 a sweep');
    expect(worksOf(await scheduler().ensure(ordersOf('ab')))).toEqual(['b', 'a']);
    inQueue('101|0|RUNNING|None|retable 000001 a sweep');
    if (first) say(first, { kind: 'ended', order: 0, result: { outcome: 'failed', seconds: 1 } });
    await scheduler().ensure(ordersOf('a'));
    expect(calls('sbatch').length).toBe(3);
  });

  it('of their own for each epoch that a trial is trained to', async () => {
    await scheduler().ensure(ordersOf('a', { until: 2 }));
    await scheduler().ensure(ordersOf('a', { until: 4 }));
    await scheduler().ensure(ordersOf('a'));
    expect(calls('sbatch').length).toBe(3);
  });

  it('in several arrays, none larger than the cluster takes', async () => {
    vi.stubEnv('FAKE_MAX_ARRAY', '3');
    expect(worksOf(await scheduler().ensure(ordersOf('abcdefgh'))).join('')).toBe('abcdefgh');
    expect(calls('sbatch').map((call) => /--array=\S+/.exec(call)?.[0])).toEqual(['--array=0-2', '--array=0-2', '--array=0-1']);
  });
});

describe('what becomes of jobs', () => {
  it('is asked of the queue, then of the accounts, then of what the job left', async () => {
    const { ensure, look } = scheduler();
    const jobs = await ensure(ordersOf('abcde'));
    inQueue('101|0|RUNNING|None|retable 000001 a sweep', '101|1|TIMEOUT|TimeLimit|retable 000001 a sweep');
    writeFileSync(join(fake, 'accounts'), '101_2|OUT_OF_MEMORY\n');
    for (const job of jobs.slice(3, 4)) writeFileSync(journalOf(job), '');
    const states = await look(jobs);
    expect(jobs.map((job) => states.get(job)).map((state) => (state?.kind === 'ended' ? state.how : state?.kind))).toEqual([
      'running',
      'timed out',
      'out of memory',
      'gone',
      'cancelled',
    ]);
  });

  it('is not known while the controller is down', async () => {
    const { ensure, look } = scheduler();
    const jobs = await ensure(ordersOf('a'));
    writeFileSync(join(fake, 'down'), '');
    expect((await look(jobs)).size).toBe(0);
  });

  it('is asked of others too by what a person types', async () => {
    const { ensure, cancel, howToCancel } = scheduler();
    await cancel(await ensure(ordersOf('ab')));
    expect(calls('scancel')).toEqual(['scancel 101_0 101_1']);
    expect(howToCancel).toBe('scancel --name=retable-1');
  });
});

describe('a worker that is asked to stop', () => {
  const variables = { SLURM_ARRAY_JOB_ID: '17', SLURM_ARRAY_TASK_ID: '3' };
  it('before the time limit begins again later', async () => {
    await requeueThis(variables);
    expect(calls('scontrol')).toEqual(['scontrol show job -o 17_3', 'scontrol requeue 17_3']);
  });
  it('by a person does not', async () => {
    vi.stubEnv('FAKE_STATE', 'CANCELLED');
    await requeueThis(variables);
    expect(calls('scontrol')).toEqual(['scontrol show job -o 17_3']);
  });
});

describe('what a cluster refuses is shown where it is said', () => {
  it('a partition', async () => {
    writeFileSync(
      join(fake, 'refuses'),
      'sbatch: error: invalid partition specified: nights\nsbatch: error: Batch job submission failed: Invalid partition name specified\n',
    );
    expect(await report()).toMatchInlineSnapshot(`
      "sweep.yaml:6:14: error[cluster-refuses]: sbatch: invalid partition specified: nights; Batch job submission failed: Invalid partition name specified
          6 |   partition: nights
            |              ^^^^^^
            = help: sinfo lists the partitions of this cluster

      1 error in sweep.yaml"
    `);
  });
  it('a time', async () => {
    writeFileSync(
      join(fake, 'refuses'),
      'sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)\n',
    );
    expect(await report()).toContain('sweep.yaml:7:9: error[cluster-refuses]: sbatch: Batch job submission failed: Requested time limit');
  });
  it('what the document does not say is told without a place', async () => {
    writeFileSync(
      join(fake, 'refuses'),
      'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n',
    );
    expect(await report()).toBe('sbatch: Batch job submission failed: Invalid account or account/partition combination specified');
  });
  it('a controller that is down, and a machine without Slurm', async () => {
    writeFileSync(join(fake, 'down'), '');
    expect(await report()).toContain('Slurm does not answer: slurm_load_jobs error: Unable to contact slurm controller');
    vi.stubEnv('PATH', join(fake, 'nothing'));
    expect(await report()).toContain('Slurm is not on this machine: there is no squeue');
  });
});
