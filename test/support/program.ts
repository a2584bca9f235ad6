import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';

/** The program as people start it, built from the sources as they are. */
export function bin(name: 'run' | 'retable'): string {
  if (newest('src', '.ts') > newest('dist', '.js')) {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  }
  return join('dist', 'cli', 'bin', `${name}.js`);
}

const newest = (folder: string, ending: string): number =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith(ending))
        .reduce((latest, file) => Math.max(latest, statSync(join(folder, file)).mtimeMs), 0)
    : 0;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test makes and starts is gone after it. */
export function workplace(): {
  readonly folder: string;
  start(args: readonly string[], more?: Readonly<Record<string, string>>, folder?: string): Started;
  run(...args: readonly string[]): Promise<Ended>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'retable-test-'));
  const children = new Set<ChildProcess>();
  const environment = { PATH: process.env['PATH'], HOME: folder, RETABLE_CACHE: join(folder, 'cache') };
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
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
  return { folder, start, run: (...args) => start(args).ended };
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stderr matches. */
  said(pattern: RegExp): Promise<void>;
}
