import { createHash } from 'node:crypto';
import type { Files } from '../stages/stage.js';
import { EXIT, Refusal } from '../host/exit.js';

/**
 * What a plan was made from is what is trained on: a file that holds something else when it is read again (data, weights to begin with) is
 * refused. By SHA-256, so that nothing is kept in memory.
 */
export function steady(files: Files): Files {
  const digests = new Map<string, string>();
  return {
    read(path) {
      const bytes = files.read(path);
      const digest = createHash('sha256').update(bytes).digest('hex');
      const before = digests.get(path);
      if (before !== undefined && before !== digest) {
        throw new Refusal(`${path} was changed after the plan was made from it`, {
          status: EXIT.failed,
          help: 'run the command again: the file as it is now is another work',
        });
      }
      digests.set(path, digest);
      return bytes;
    },
  };
}
