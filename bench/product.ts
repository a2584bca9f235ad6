import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The product as its users start it: `node dist/cli/bin/retable.js`. `npm run bench` builds it first. */
export const retable = fileURLToPath(new URL('../dist/cli/bin/retable.js', import.meta.url));
/** Runs a TypeScript file of this folder. */
export const runner = fileURLToPath(new URL('run.mjs', import.meta.url));
export const experiment = (name: string): string => fileURLToPath(new URL(`../experiments/${name}.yaml`, import.meta.url));
export const addition = experiment('lstm_addition');

/** The Python that has the peers; undefined where bench/peers.sh hasn't installed them. */
export function peersPython(): string | undefined {
  const python = fileURLToPath(new URL('.peers/bin/python', import.meta.url));
  return existsSync(python) ? python : undefined;
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Seconds from before the start to the end. */
  readonly seconds: number;
  /** Seconds from before the start until stderr or stdout first held `until`. */
  readonly secondsUntil?: number;
}

export interface Start {
  readonly environment?: Readonly<Record<string, string>>;
  readonly until?: RegExp;
}

/** Runs a command to its end. Throws what it said when it fails. */
export function run(command: string, args: readonly string[], { environment = {}, until }: Start = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const seconds = (): number => (performance.now() - began) / 1000;
    const said = { stdout: '', stderr: '' };
    let secondsUntil: number | undefined;
    const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const hear = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
      said[stream] += chunk.toString();
      if (until && secondsUntil === undefined && until.test(said[stream])) secondsUntil = seconds();
    };
    child.stdout.on('data', hear('stdout'));
    child.stderr.on('data', hear('stderr'));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ ...said, seconds: seconds(), ...(secondsUntil !== undefined && { secondsUntil }) });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said.stderr || said.stdout}`));
    });
  });
}

/** A folder for the time of some work. */
export async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'retable-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Point {
  readonly step: number;
  readonly value: number;
  readonly timestamp: number;
}

/** Every recorded point of the newest run below a folder, by key. */
export async function readMetrics(runs: string): Promise<Readonly<Record<string, readonly Point[]>>> {
  const { stdout } = await run(process.execPath, [retable, 'show', 'latest', '--runs', runs, '--json']);
  return (JSON.parse(stdout) as { metrics: Record<string, readonly Point[]> }).metrics;
}

/** As many cores as threads, helper threads included, for both sides of a comparison, where the system can say so. */
export const onCores = (cores: number, command: string, args: readonly string[]): readonly [string, readonly string[]] =>
  pinned(`0-${cores - 1}`, command, args);

export const onCore = (core: number, command: string, args: readonly string[]): readonly [string, readonly string[]] =>
  pinned(String(core), command, args);

const pinned = (cores: string, command: string, args: readonly string[]): readonly [string, readonly string[]] =>
  process.platform === 'linux' ? ['taskset', ['--cpu-list', cores, command, ...args]] : [command, args];
