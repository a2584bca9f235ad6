import { readFileSync, writeFileSync } from 'node:fs';
import { emitDocument, emitSchema } from '../../language/schema.js';
import { stages } from '../../stages/registry.js';
import { sweepSchema } from '../../sweep/document.js';
import type { Run } from '../command.js';
import { documentKind } from '../document-kind.js';
import { EXIT } from '../exit.js';

/** The schema of documents of one kind, for editors: of experiments, or of the kind that is named or that a file is of. On stdout, or to a file; with `--check` nothing is written. */
export const run: Run = async ([of = 'experiment'], { output, check }, terminal) => {
  const isSweep = of === 'sweep' || (of !== 'experiment' && documentKind(of) === 'sweep');
  const text = `${JSON.stringify(isSweep ? emitDocument('A retable sweep', sweepSchema) : emitSchema(stages), null, 2)}\n`;
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
