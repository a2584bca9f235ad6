import { InputError } from '../../diagnostics/diagnostic.js';
import { forShell, nearest, quote, withArticle } from '../../diagnostics/words.js';
import { Refusal, EXIT } from '../../host/exit.js';
import { writeFile } from '../../host/output.js';
import { emitSchema } from '../../language/experiment.js';
import { readDocument, readWhole } from '../../language/read.js';
import { DOCUMENT_KINDS, type DocumentKind, type Invalid, readSource } from '../../language/source.js';
import { emitDocument, type JsonSchema } from '../../language/type.js';
import { useModules } from '../../modules/use-modules.js';
import { stages as ourStages } from '../../stages/registry.js';
import type { Stage } from '../../stages/stage.js';
import { schemaOfSweep, schemaOver } from '../../study/schema-over.js';
import { tableSchema } from '../../study/claims/document.js';
import { sweepSchema } from '../../study/proposals/document.js';
import type { Run } from '../command.js';
import { lineFor } from '../schema-line.js';

/**
 * The schema of documents for editors: of a kind, or of what a file needs: an experiment's knows its own stages, a sweep's the paths and the metrics of
 * its base. On stdout, or to a file; with `--check` nothing is written.
 */
export const run: Run = async ([of = 'experiment', base], { output, check }, terminal) => {
  const kind = DOCUMENT_KINDS.find((each) => each === of);
  const schema = kind === undefined ? schemaOfFile(of, base) : base === undefined ? EMIT[kind](ourStages) : schemaOfKind(kind, base);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (output === undefined) {
    terminal.data(text.trimEnd());
    return EXIT.done;
  }
  if (!check) {
    writeFile(output, text);
    terminal.err(`wrote ${output}`);
    if (kind === undefined) terminal.err(`the first line of ${of} for it:\n${lineFor(of, output).trimEnd()}`);
    return EXIT.done;
  }
  const words = [of, ...(base === undefined ? [] : [base])].map(forShell).join(' ');
  const same = readIfThere(output) === text;
  terminal.err(
    same ? `${output} is up to date` : `${output} is out of date: write it with retable schema ${words} --output ${forShell(output)}`,
  );
  return same ? EXIT.done : EXIT.failed;
};

const EMIT = {
  experiment: (stages: readonly Stage[]) => emitSchema(stages),
  sweep: () => emitDocument('sweep', sweepSchema),
  table: () => emitDocument('table', tableSchema),
} as const;

/** An experiment's own modules are used, so that an editor knows their stages. */
function schemaOfFile(file: string, base: string | undefined): JsonSchema {
  if (base !== undefined)
    throw new Refusal(`${file} says itself what it is`, { help: `for a sweep over ${base}: retable schema sweep ${base}` });
  const read = readDocument(file);
  const meant = nearest(file, DOCUMENT_KINDS);
  if ('diagnostics' in read && meant !== undefined)
    throw new Refusal(`there is no file ${file}, and no kind of document of that name`, { help: `did you mean ${quote(meant)}?` });
  const source = 'bytes' in read ? readSource(file, read.bytes) : read;
  if ('diagnostics' in source) throw new InputError(source.diagnostics);
  const { doc } = source;
  if (doc.kind === 'sweep') return ofSweep(schemaOfSweep(doc));
  const used = useModules(doc, ourStages);
  if ('diagnostics' in used) throw new InputError(used.diagnostics);
  return EMIT[doc.kind](used.stages);
}

/** Of a kind of document about an experiment. */
function schemaOfKind(kind: DocumentKind, base: string): JsonSchema {
  if (kind !== 'sweep')
    throw new Refusal(`only a sweep varies an experiment, and ${withArticle(kind)} takes none here`, { help: `retable schema ${kind}` });
  return ofSweep(schemaOver(base));
}

function ofSweep(schema: JsonSchema | Invalid<never>): JsonSchema {
  if ('diagnostics' in schema) throw new InputError(schema.diagnostics);
  return emitDocument('sweep', schema);
}

function readIfThere(file: string): string | undefined {
  try {
    return readWhole(file).toString('utf8');
  } catch {
    return undefined;
  }
}
