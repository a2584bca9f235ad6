import { fileURLToPath } from 'node:url';
import { answer } from '../completion/answer.js';
import { scriptFor, SHELLS } from '../completion/scripts.js';
import { Refusal } from '../exit.js';
import { packageRoot } from '../version.js';

/** `complete SHELL` gives a shell's script; the script calls `complete -- WORDS`, a line an answer. */
export function complete([first = '', ...words]: readonly string[]): string {
  if (first === '--')
    return answer(words)
      .map(({ text, about }) => (about === undefined ? text : `${text}\t${about}`))
      .join('\n');
  const shell = SHELLS.find((each) => each === first);
  if (!shell) throw new Refusal(`completion is for ${SHELLS.join(', ')}`, { help: 'source <(npx retable complete bash)' });
  return scriptFor(shell, [process.execPath, fileURLToPath(new URL('bin/retable.js', packageRoot))]);
}
