import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

/** Where records are kept: what `--runs` says, else `runs/` beside the nearest package.json above the current folder, else in that folder. */
export function runsFolder(option: string | undefined): string {
  if (option !== undefined) return resolve(option);
  return join(projectFolder(process.cwd()) ?? process.cwd(), 'runs');
}

/** What files are called that no person named. */
const called = new Map<string, string>();
export const callIt = (path: string, name: string): void => void called.set(path, name);

/** As a person would type it from here. */
export function shown(path: string): string {
  const name = called.get(path);
  if (name !== undefined) return name;
  const way = relative(process.cwd(), path);
  return way === '' ? '.' : way.startsWith('..') ? path : way;
}

/** A folder of the user's own for what can be made again; RETABLE_CACHE names another one, or `off`. */
export function cacheFolder(what: 'programs' | 'facts'): string | null {
  if (process.env['RETABLE_CACHE'] === 'off') return null;
  return join(process.env['RETABLE_CACHE'] || userCache(), what);
}

function userCache(): string {
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'retable');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'retable');
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'retable');
}

function projectFolder(from: string): string | undefined {
  if (existsSync(join(from, 'package.json'))) return from;
  const above = dirname(from);
  return above === from ? undefined : projectFolder(above);
}
