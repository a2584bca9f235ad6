import { InputError } from '../../diagnostics/diagnostic.js';
import { printDiagnostics } from '../../diagnostics/print.js';
import type { Run } from '../command.js';
import { documentKind } from '../../language/read.js';
import { EXIT } from '../../host/exit.js';
import { examine } from '../../run/prepare.js';
import { examineSweep } from '../../study/prepare-sweep.js';
import { examineTable } from '../../study/prepare-table.js';
import { write } from '../../host/terminal.js';
import { changesOf } from './requests.js';

/** All mistakes of all files; nothing is trained and nothing is written. */
export const run: Run = async (files, options, terminal) => {
  const changes = changesOf(options);
  let wrong = 0;
  for (const file of files) {
    const found = attempt(() => EXAMINE[documentKind(file)](file, changes));
    const failed = 'diagnostics' in found;
    const diagnostics = failed ? found.diagnostics : found.warnings;
    if (diagnostics.length > 0) write(process.stderr, `${printDiagnostics(diagnostics, { color: terminal.color.isColorSupported })}\n`);
    if (failed) wrong += 1;
    else terminal.err(`${terminal.color.green('ok')} ${file}`);
  }
  return wrong === 0 ? EXIT.done : EXIT.input;
};

/** A stage of a person's own that fails while it plans ends the check of its file, and the next one is checked all the same. */
function attempt<T>(examine: () => T): T | Pick<InputError, 'diagnostics'> {
  try {
    return examine();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

const EXAMINE = { experiment: examine, sweep: examineSweep, table: examineTable } as const;
