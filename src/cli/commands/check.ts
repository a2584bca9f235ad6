import { printDiagnostics } from '../../diagnostics/print.js';
import { EXIT } from '../../host/exit.js';
import { tell } from '../../host/terminal.js';
import { checkDocument } from '../../study/prepare-study.js';
import type { Run } from '../command.js';
import { changesOf } from './requests.js';

/** All mistakes of all files; nothing is trained and nothing is written. */
export const run: Run = async (files, options, terminal) => {
  const changes = changesOf(options);
  let wrong = 0;
  for (const file of files) {
    const { valid, diagnostics } = checkDocument(file, changes);
    if (diagnostics.length > 0) tell(process.stderr, `${printDiagnostics(diagnostics, { color: terminal.color.isColorSupported })}\n`);
    if (valid) terminal.err(`${terminal.color.green('ok')} ${file}`);
    else wrong += 1;
  }
  return wrong === 0 ? EXIT.done : EXIT.input;
};
