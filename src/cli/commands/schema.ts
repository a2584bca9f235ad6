import { readFileSync, writeFileSync } from 'node:fs';
import { emitSchema } from '../../language/schema.js';
import { stages } from '../../stages/registry.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';

/** The schema of experiment documents, for editors; on stdout, or to a file. With `--check` nothing is written. */
export const run: Run = async (_, { output, check }, terminal) => {
  const text = `${JSON.stringify(emitSchema(stages), null, 2)}\n`;
  if (output === undefined) {
    terminal.out(text.trimEnd());
    return EXIT.done;
  }
  if (!check) {
    writeFileSync(output, text);
    terminal.err(`wrote ${output}`);
    return EXIT.done;
  }
  const same = readIfThere(output) === text;
  terminal.err(same ? `${output} is up to date` : `${output} is out of date: write it with retable schema --output ${output}`);
  return same ? EXIT.done : EXIT.failed;
};

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
