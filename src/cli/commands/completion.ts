import { fileURLToPath } from 'node:url';
import { scriptFor, SHELLS } from '../completion/scripts.js';
import type { Run } from '../command.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { packageRoot } from '../../version.js';

/** The script of a shell, on stdout; what it calls at a Tab is this installation. */
export const run: Run = async ([asked], _options, terminal) => {
  const shell = SHELLS.find((each) => each === asked);
  if (!shell) throw new Refusal(`completion is for ${SHELLS.join(', ')}`, { help: 'source <(npx retable completion bash)' });
  terminal.data(scriptFor(shell, [process.execPath, fileURLToPath(new URL('bin/retable.js', packageRoot))]).trimEnd());
  return EXIT.done;
};
