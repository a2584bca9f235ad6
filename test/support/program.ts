import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import { bin } from './build.js';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test makes and starts is gone after it. */
export function workplace(): {
  readonly folder: string;
  start(args: readonly string[], more?: Readonly<Record<string, string>>, folder?: string): Started;
  /** A process of its own: for what trains with workers, runs a person's code, or is about processes. */
  run(...args: readonly string[]): Promise<Ended>;
  /** The same words, status and files without a process, in a fifth of the time; of several calls one after the other. */
  call(...args: readonly string[]): Promise<Ended>;
  callIn(folder: string, ...args: readonly string[]): Promise<Ended>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'retable-test-'));
  const children = new Set<ChildProcess>();
  const environment = { PATH: process.env['PATH'], HOME: folder, RETABLE_CACHE: join(folder, 'cache') };
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}, from = process.cwd()): Started => {
    const child = spawn(process.execPath, [resolve(bin('retable')), ...args], {
      cwd: from,
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    const waiting = new Set<() => void>();
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
      for (const look of waiting) look();
    });
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (status) => {
        children.delete(child);
        resolve({ status, stdout, stderr });
        for (const look of waiting) look();
      });
    });
    return {
      child,
      ended,
      said: (pattern) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (pattern.test(stderr)) resolve();
            else if (child.exitCode !== null) reject(new Error(`ended without saying ${String(pattern)}:\n${stderr}`));
          };
          waiting.add(look);
          look();
        }),
    };
  };
  const callIn = (from: string, ...args: readonly string[]): Promise<Ended> => {
    const ended = called.then(() => call(args, environment, from));
    called = ended.catch(() => undefined);
    return ended;
  };
  return {
    folder,
    start,
    run: (...args) => start(args).ended,
    call: (...args) => callIn(process.cwd(), ...args),
    callIn,
  };
}

let called: Promise<unknown> = Promise.resolve();

/** The command line as a function: what it writes is kept, and this process has the command's environment and folder meanwhile. */
async function call(args: readonly string[], environment: Readonly<Record<string, string | undefined>>, folder: string): Promise<Ended> {
  const main = pathToFileURL(resolve(dirname(bin('retable')), '..', 'main.js')).href;
  const { main: command } = (await import(/* @vite-ignore */ main)) as { main(args: readonly string[]): Promise<number> };
  const said = { stdout: '', stderr: '' };
  const before = {
    folder: process.cwd(),
    env: { ...process.env },
    stdout: process.stdout.write,
    stderr: process.stderr.write,
    listeners: signalListeners(),
  };
  const kept =
    (name: 'stdout' | 'stderr'): typeof process.stdout.write =>
    (text: string | Uint8Array, ...rest: readonly unknown[]) => {
      said[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      for (const done of rest) if (typeof done === 'function') done();
      return true;
    };
  try {
    process.chdir(folder);
    setEnvironment(environment);
    const stdout = kept('stdout');
    process.stdout.write = stdout;
    process.stderr.write = kept('stderr');
    const status = await command(args);
    if (process.stdout.write !== stdout)
      throw new Error(`${args.join(' ')} imports a person's module, which this process would never be rid of: \`run\` it`);
    return { status, ...said };
  } finally {
    process.chdir(before.folder);
    setEnvironment(before.env);
    for (const [signal, listener] of signalListeners())
      if (!before.listeners.some(([, known]) => known === listener)) process.off(signal, listener);
    process.stdout.write = before.stdout;
    process.stderr.write = before.stderr;
  }
}

/** A command listens until its process ends. */
const signalListeners = (): readonly (readonly [NodeJS.Signals, NodeJS.SignalsListener])[] =>
  (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).flatMap((signal) => process.listeners(signal).map((listener) => [signal, listener] as const));

function setEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const name in process.env) if (variables[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stderr matches. */
  said(pattern: RegExp): Promise<void>;
}
