import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin } from '../support/build.js';
import { workplace } from '../support/program.js';
import { sweepOfRates } from '../support/sweep-of-rates.js';
import { childrenOf, pause } from '../sweep/store.js';

const place = workplace();
const { tiny, sweep, list, trials } = sweepOfRates(place, [0.001, 0.002, 0.003, 0.004]);
const epochs = (count: number): readonly string[] => ['--set', `training.epochs=${count}`];

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let looks = 0; looks < 400; looks++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(50);
  }
  throw new Error('it did not come');
}

/** Runs in a terminal that is closed while it trains: `setsid` gives the program a terminal of its own, and Python holds the other end. */
const CLOSED = `
import os, pty, sys, time
pid, end = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
seen = b''
while b'epoch' not in seen: seen += os.read(end, 1000)
os.close(end)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const inClosedTerminal = (...args: readonly string[]): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn('python3', ['-c', CLOSED, process.execPath, bin('retable'), ...args], {
      env: { PATH: process.env['PATH'], HOME: place.folder, RETABLE_CACHE: join(place.folder, 'cache'), TERM: 'xterm' },
      stdio: 'ignore',
    });
    child.on('close', resolve);
  });

describe.runIf(process.platform === 'linux')('a terminal that is closed', () => {
  it('does not stop an experiment, which ends as well as ever', async () => {
    const runs = join(place.folder, 'closed');
    expect(await inClosedTerminal('run', tiny, ...epochs(200), '--runs', runs)).toBe(0);
    expect((await list(runs)).map(({ status }) => status)).toEqual(['finished']);
  });

  it('does not stop a sweep', async () => {
    const runs = join(place.folder, 'closed-sweep');
    expect(await inClosedTerminal('run', sweep, '--set', 'seeds=1', '--runs', runs, '--workers', '2')).toBe(0);
    expect((await trials(runs)).map(({ status }) => status)).toEqual(['finished', 'finished', 'finished', 'finished']);
  });
});

describe.runIf(process.platform === 'linux')('a log on a disk that is full', () => {
  const full = (...args: readonly string[]): Promise<number | null> =>
    new Promise((resolve) => {
      const device = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [bin('retable'), ...args], {
        env: { PATH: process.env['PATH'], HOME: place.folder, RETABLE_CACHE: join(place.folder, 'cache') },
        stdio: ['ignore', device, device],
      });
      child.on('close', resolve);
    });

  it('does not stop what trains', async () => {
    const runs = join(place.folder, 'full');
    expect(await full('run', tiny, '--runs', runs)).toBe(0);
    expect((await list(runs)).map(({ status }) => status)).toEqual(['finished']);
  });

  it('is told by the status of a command that only looks', async () => {
    expect(await full('list', '--runs', join(place.folder, 'full'))).toBe(1);
  });
});

describe('stop', () => {
  const runs = join(place.folder, 'stop');

  it('says when nothing trains', async () => {
    const refused = await place.run('stop', '--runs', runs);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('nothing trains') as string });
  });

  it('ends the one thing that trains, whose record stays', async () => {
    const started = place.start(['run', tiny, ...epochs(30_000), '--runs', runs]);
    await started.said(/epoch {2,}3\//);
    expect((await place.run('stop', '--runs', runs)).status).toBe(0);
    expect((await started.ended).status).toBe(143);
  });

  it('ends a sweep by its name, by its file, and not one trial of it', async () => {
    const started = place.start([
      'run',
      sweep,
      '--runs',
      runs,
      '--workers',
      '2',
      '--set',
      'vary=[{training.epochs: [40000, 40001, 40002]}]',
    ]);
    const running = await until(async () => {
      const found = (await trials(runs)).filter(({ status }) => status === 'running');
      return found.length === 2 ? found : undefined;
    });
    const refused = await place.run('stop', running[0]?.run ?? '', '--runs', runs);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('a part of rates') as string });
    expect((await place.run('stop', sweep, '--runs', runs)).status).toBe(0);
    expect((await started.ended).status).toBe(143);
  });
});

describe.runIf(process.platform === 'linux')('SIGTERM to one worker', () => {
  it('ends that worker; its trial is given to another, and all trials come to their end', async () => {
    const runs = join(place.folder, 'one-worker');
    const started = place.start([
      'run',
      sweep,
      '--runs',
      runs,
      '--workers',
      '2',
      ...['--set', 'vary=[{training.epochs: [150, 151, 152]}]'],
    ]);
    await until(async () => ((await trials(runs)).filter(({ status }) => status === 'running').length === 2 ? true : undefined));
    const [worker = 0] = childrenOf(started.child.pid ?? 0);
    process.kill(worker, 'SIGTERM');
    await until(() => (childrenOf(started.child.pid ?? 0).includes(worker) ? undefined : true));
    const ended = await started.ended;
    expect(ended.status, ended.stderr).toBe(0);
    expect((await trials(runs)).map(({ status }) => status)).toEqual(['finished', 'finished', 'finished']);
    expect(ended.stderr).not.toMatch(/failed|stopped/);
  });
});
