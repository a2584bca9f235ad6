import { emitSchema } from '../../language/experiment.js';
import { emitDocument } from '../../language/type.js';
import { DOCUMENT_KINDS, readSource } from '../../language/source.js';
import { InputError } from '../../diagnostics/diagnostic.js';
import { documentKind, readDocument, readWhole } from '../../language/read.js';
import { stages as ourStages } from '../../stages/registry.js';
import type { Stage } from '../../stages/stage.js';
import { sweepSchema } from '../../study/proposals/document.js';
import { tableSchema } from '../../study/claims/document.js';
import type { Run } from '../command.js';
import { EXIT } from '../../host/exit.js';
import { writeFile } from '../../host/output.js';
import { useModules } from '../../modules/use-modules.js';

/** The schema of documents of one kind, for editors: of experiments, or of the kind that is named or that a file is of. On stdout, or to a file; with `--check` nothing is written. */
export const run: Run = async ([of = 'experiment'], { output, check }, terminal) => {
  const kind = DOCUMENT_KINDS.find((each) => each === of);
  const schema = kind === undefined ? EMIT[documentKind(of)](stagesOf(of)) : EMIT[kind](ourStages);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (output === undefined) {
    terminal.data(text.trimEnd());
    return EXIT.done;
  }
  if (!check) {
    writeFile(output, text);
    terminal.err(`wrote ${output}`);
    return EXIT.done;
  }
  const same = readIfThere(output) === text;
  terminal.err(same ? `${output} is up to date` : `${output} is out of date: write it with retable schema --output ${output}`);
  return same ? EXIT.done : EXIT.failed;
};

const EMIT = {
  experiment: (stages: readonly Stage[]) => emitSchema(stages),
  sweep: () => emitDocument('sweep', sweepSchema),
  table: () => emitDocument('table', tableSchema),
} as const;

/** Of a file: also the stages of its own modules, so that an editor knows them. */
function stagesOf(file: string): readonly Stage[] {
  const read = readDocument(file);
  const source = 'bytes' in read ? readSource(file, read.bytes) : read;
  const used = 'doc' in source ? useModules(source.doc, ourStages) : source;
  if ('diagnostics' in used) throw new InputError(used.diagnostics);
  return used.stages;
}

function readIfThere(file: string): string | undefined {
  try {
    return readWhole(file).toString('utf8');
  } catch {
    return undefined;
  }
}
