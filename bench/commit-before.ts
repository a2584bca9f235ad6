import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './product.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Calls `work` with a folder that holds the program of an earlier commit, built, with the packages of today: both then start on the same machine in
 * the same minutes. Undefined where there is no such commit, as in a copy without its history.
 */
export async function withCommit<T>(commit: string, scratch: string, work: (folder: string | undefined) => Promise<T>): Promise<T> {
  const git = (...args: readonly string[]) => run('git', ['-C', root, ...args]);
  const isKnown = await git('cat-file', '-e', `${commit}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isKnown) return work(undefined);
  const folder = join(scratch, commit);
  await git('worktree', 'add', '--quiet', '--detach', folder, commit);
  try {
    if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(folder, 'tsconfig.build.json')]);
    return await work(folder);
  } finally {
    await git('worktree', 'remove', '--force', folder);
  }
}
