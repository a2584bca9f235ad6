import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { run } from '../../src/cli/commands/doctor.js';
import { tryEngineApart } from '../../src/cli/doctor/try-engine.js';
import { openTerminal, type Terminal } from '../../src/host/terminal.js';

async function told(options: { readonly json?: boolean }): Promise<{ readonly status: number; readonly text: string }> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const terminal: Terminal = { ...openTerminal({ quiet: true }), out: say, data: say };
  return { status: await run([], options, terminal), text: said.join('\n') };
}

interface Told {
  readonly part: string;
  readonly present: boolean;
  readonly usable: boolean;
  readonly version: string;
  readonly advice: string;
}

it('retable doctor tries what is there, and says what to do about the rest', async () => {
  const { status, text } = await told({ json: true });
  const findings = JSON.parse(text) as readonly Told[];
  const of = (part: string) => findings.find((each) => each.part === part);
  expect(status).toBe(0);
  expect(of('Node')).toMatchObject({ usable: true, version: process.versions.node });
  for (const engine of ['compiled', 'eager-wasm', 'eager-js']) {
    expect(of(`engine ${engine}, cpu`)).toMatchObject({ present: true, usable: true, version: expect.stringMatching(/^\d+\./) as string });
  }
  expect(of('engine compiled, cuda')).toMatchObject({ usable: false, advice: expect.stringContaining('engine.device: cpu') as string });
  for (const part of ['npm', 'threads', 'GPU of NVIDIA', 'MLflow', 'Slurm', 'Ray']) {
    expect(of(part), part).toBeDefined();
  }
  for (const { usable, advice, part } of findings) if (!usable) expect(advice, part).not.toBe('');
});

it('as a table, a line for each part', async () => {
  const { text } = await told({});
  expect(text.split('\n')[0]).toMatch(/part +present +usable +version +what to do/);
  expect(text).toMatch(/engine compiled, cpu +yes +yes/);
});

it.runIf(process.platform !== 'win32').each([
  ['answers', 'echo all', { usable: true, advice: '' }],
  ['gets no answer', 'exit 1', { usable: false, advice: expect.stringContaining('slurmctld') as string }],
])('Slurm that is there and %s', async (_, otherwise, wanted) => {
  const folder = await mkdtemp(join(tmpdir(), 'retable-doctor-'));
  try {
    await writeFile(join(folder, 'sinfo'), `#!/bin/sh\nif [ "$1" = --version ]; then echo slurm-wlm 22.05.8; else ${otherwise}; fi\n`);
    await chmod(join(folder, 'sinfo'), 0o755);
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`);
    const found = (JSON.parse((await told({ json: true })).text) as readonly Told[]).find(({ part }) => part === 'Slurm');
    expect(found).toMatchObject({ present: true, version: '22.05.8', ...wanted });
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  }
});

it('a driver that ends the process which loads it ends nothing else, and is told', async () => {
  vi.stubEnv('NODE_OPTIONS', `--import "data:text/javascript,process.kill(process.pid, 'SIGKILL')"`);
  try {
    expect(await tryEngineApart('compiled', 'webgpu')).toMatchObject({
      part: 'engine compiled, webgpu',
      usable: false,
      advice: expect.stringContaining('SIGKILL') as string,
    });
  } finally {
    vi.unstubAllEnvs();
  }
});
