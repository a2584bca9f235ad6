import { type Diagnostic, InputError } from '../diagnostics/diagnostic.js';
import { EngineError } from '../engine/engine.js';
import { RecordError } from '../record/files.js';
import { StageFault } from '../stages/stage-fault.js';
import { EXIT, Refusal } from './exit.js';
import { write } from './terminal.js';

/** What somebody foresaw: mistakes of a document, or what can't be done in a sentence; `status` is that of a command that ends with it. */
type Foreseen = { readonly status: number } & (
  { readonly diagnostics: readonly Diagnostic[] } | { readonly code: string; readonly message: string; readonly help: string | undefined }
);

/** An error in words for a person; undefined of a fault of the program. */
export function foreseen(error: unknown): Foreseen | undefined {
  if (error instanceof InputError) return { diagnostics: error.diagnostics, status: EXIT.input };
  if (error instanceof Refusal) return { code: 'refused', message: error.message, help: error.help, status: error.status };
  if (error instanceof EngineError) {
    const { part, message, help } = error;
    return { code: 'engine', message: part ? `${part}: ${message}` : message, help, status: EXIT.input };
  }
  if (error instanceof StageFault)
    return { code: error.problem.code, message: error.message, help: error.problem.help, status: EXIT.input };
  if (error instanceof RecordError) return { code: 'record', message: error.message, help: undefined, status: EXIT.failed };
  return undefined;
}

/** The one place from which a stack reaches a person: of what nobody foresaw, where it happened; of all else the sentence alone. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return foreseen(error) ? error.message : (error.stack ?? error.message);
}

export const FAULT_HELP =
  'this is a fault of retable, not of your document: please report it to those you have retable from, with these lines, the command and the document';

/** Tells what came to the end of the program without having been caught. */
export const tellFault = (error: unknown): void =>
  write(process.stderr, `error: ${traceOf(error)}\n${foreseen(error) ? '' : `  help: ${FAULT_HELP}\n`}`);
