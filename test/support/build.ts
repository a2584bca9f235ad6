import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Before all tests, so that no two of them build at once. What can't be built is told by the tests that need it. */
export default function setup(): void {
  try {
    bin('retable');
  } catch {
    // the compiler has said why
  }
}

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
